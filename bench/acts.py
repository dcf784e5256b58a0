"""`python -m bench.acts [DATABASE_URL]`: measures the processor time of the usual requests of a day. Each time is given
as a multiple of the time to read a bare row.

A bare row is a row that a route of the same framework reads from the same database, without admission, session or audit
event. The service runs in this process and is called without a network. The figures are the processor time of this
process. The time for sealing the audit log is included: each block of requests waits for it. The matching engine runs
in another process and is not included. Before each block of a request, bare rows are read, so that other work on the
machine affects both times. `DATABASE_URL`: an empty PostgreSQL database; by default the program starts a server.
"""

import asyncio
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from litestar import Litestar, get
from litestar.params import FromPath
from sqlmodel import Session, select

from api.app import create_app, spare_processor
from bench.pages import SOMEBODY, counted, loaded
from bench.served import postgresql
from bench.tables import GUIDE, stamp, with_table
from placement.accounts import totp as second_factor
from placement.core import clock
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.tables import Provider

TIMES, BLOCK = 11, 20
_SEALED_WITHIN_SECONDS = 0.2
_BARE = "one bare row"
_MANY = 1_000_000
MOST = {"session": 4, "list of 25": 10, "report of rooms": 25}
"""By request, the largest allowed time as a multiple of the time of a bare row."""


@dataclass(frozen=True)
class Request:
    """A request that an application in this process answers."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    async def answered_by(self, app: Litestar) -> tuple[dict[str, str], bytes]:
        """Returns the cookies and the body of the response. Raises `AssertionError` for an error status."""
        path, _, query = self.path.partition("?")
        sent = b"" if self.body is None else json.dumps(self.body).encode()
        named = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(sent))}
        scope: dict[str, Any] = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http"}
        scope |= {"method": self.method, "path": path, "raw_path": path.encode(), "query_string": query.encode()}
        scope |= {"root_path": "", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {}}
        scope["headers"] = [
            (name.lower().encode(), value.encode()) for name, value in {**named, **self.headers}.items()
        ]
        body = iter([{"type": "http.request", "body": sent, "more_body": False}])
        answered: list[Any] = []

        async def receive() -> Any:
            return next(body, None) or await asyncio.Event().wait()  # the client keeps the connection open

        async def send(message: Any) -> None:
            answered.append(message)

        await app(scope, receive, send)  # type: ignore[arg-type]  # messages of the protocol
        content = b"".join(one.get("body", b"") for one in answered)
        assert answered[0]["status"] < 300, content  # noqa: S101, PLR2004 - a benchmark of refusals is meaningless
        cookies = [value.decode().partition(";")[0] for name, value in answered[0]["headers"] if name == b"set-cookie"]
        return dict(one.split("=", 1) for one in cookies), content


def bare(database: Database) -> Litestar:
    """Returns an application with a single route, which only reads a row by its key."""

    @get("/providers/{provider_id:str}", sync_to_thread=True)
    def provider(provider_id: FromPath[str]) -> Provider:
        with Session(database.engine) as session:
            return session.get_one(Provider, provider_id)

    return Litestar([provider], openapi_config=None, logging_config=None)


async def signed_in(app: Litestar, person: dict[str, Any]) -> dict[str, str]:
    """Signs a person in, and returns the headers of the session."""
    facts = {"email": person["email"], "password": person["password"]}
    _, begun = await Request("POST", "/api/v1/session", body=facts).answered_by(app)
    code = second_factor.code_at(person["totp_secret"], clock.now())
    given = {"challenge": json.loads(begun)["challenge"], "code": code}
    cookies, body = await Request("POST", "/api/v1/session/code", body=given).answered_by(app)
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return {"Cookie": cookie, "X-CSRF-Token": json.loads(body)["csrf_token"]}


async def acts_of_a_day(app: Litestar, credentials: dict[str, Any]) -> dict[str, Request]:
    """Returns the requests to measure, by name. A person of the desk or the software of a shelter sends them."""
    desk = await signed_in(app, next(one for one in credentials["people"] if one["role"] == "desk"))
    shelter = credentials["shelters"][0]
    _, issued = await Request("POST", "/api/v1/token", body={"key": shelter["api_key"]}).answered_by(app)
    software = {"Authorization": f"Bearer {json.loads(issued)['token']}"}
    _, made = await Request("POST", "/api/v1/registrations", desk, SOMEBODY).answered_by(app)
    case = f"/api/v1/registrations/{json.loads(made)['id']}"
    capacity = f"/api/v1/shelters/{shelter['shelter_id']}/capacity"
    _, rooms = await Request("GET", capacity, software).answered_by(app)
    counted_rooms = [
        {name: room[name] for name in ("room", "out_of_service", "used_by_others", "free_from")}
        for room in json.loads(rooms)["rooms"]
    ]
    return {
        "session": Request("GET", "/api/v1/session", desk),
        "list of 25": Request("GET", "/api/v1/registrations?limit=25", desk),
        "case": Request("GET", case, desk),
        "report of rooms": Request("PUT", capacity, software, {"rooms": counted_rooms}),
        "rooms confirmed": Request("POST", f"{capacity}/confirm", software),
        "proposal, without the engine": Request("POST", f"{case}/proposals", desk),
        "page Today": Request("GET", "/", desk),
    }


async def _block(app: Litestar, request: Request, number: int) -> float:
    """Returns the mean processor time of a request in milliseconds, measured over a block of `number` requests."""
    began = time.process_time()
    for _ in range(number):
        await request.answered_by(app)
    await asyncio.sleep(_SEALED_WITHIN_SECONDS)
    return 1000 * (time.process_time() - began) / number


@dataclass(frozen=True)
class Cost:
    milliseconds: float
    bare_rows: float
    statements: int


def measured(url: str, times: int = TIMES, block: int = BLOCK, size: str = "national") -> dict[str, Cost]:
    """Returns the cost of each request: medians over `times` blocks, and the number of SQL statements. Fills the
    database first.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        loaded(Path(folder), size, url) as (settings, database, credentials),
        (Path(folder) / "log").open("w") as log,
        redirect_stderr(log),
    ):
        return measured_over(settings, database, credentials, times, block)


def measured_over(
    settings: Settings, database: Database, credentials: dict[str, Any], times: int, block: int
) -> dict[str, Cost]:
    """Returns the cost of each request, measured on a database that is already filled."""
    app = create_app(settings.model_copy(update={"proposals_a_minute": _MANY}), database)
    spare_processor()
    with database.transaction() as session:
        name = session.exec(select(Provider.id).limit(1)).one()
    one_row = bare(database), Request("GET", f"/providers/{name}")

    async def measure() -> dict[str, Cost]:
        async with app.lifespan():
            acts = await acts_of_a_day(app, credentials)
            asked = {_BARE: one_row} | {act: (app, request) for act, request in acts.items()}
            took: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
            for turn in range(times + 1):
                for act, request in asked.items():
                    spent = await _block(*one_row, block), await _block(*request, block)
                    if turn:  # the first turn fills caches
                        took[act].append(spent)
            return {act: await _cost(database, *request, took[act]) for act, request in asked.items()}

    return asyncio.run(measure())


async def _cost(database: Database, app: Litestar, request: Request, took: Sequence[tuple[float, float]]) -> Cost:
    with counted(database) as counts:
        await request.answered_by(app)
    return Cost(median(act for _, act in took), median(act / row for row, act in took), counts["statements"])


def main(
    database_url: str = "",
    times: int = TIMES,
    *,
    pages: Annotated[bool, typer.Option(help="Write the table into docs/guide/reliability.md.")] = False,
) -> None:
    """Measures the requests. `database_url`: an empty PostgreSQL database; by default the program starts a server."""
    with postgresql(database_url) as url:
        found = measured(url, times)
    lines = ["| act | bare rows | at most | statements |", "|---|---|---|---|"]
    lines += [
        f"| {act} | {cost.bare_rows:.1f} | {MOST.get(act, '')} | {cost.statements} |" for act, cost in found.items()
    ]
    row = f"one bare row took {found[_BARE].milliseconds:.2f} ms"
    said = stamp(f"processor time; medians of {times} blocks of {BLOCK} requests; {row}")
    text = f"{said}\n\n" + "\n".join(lines) + "\n"
    typer.echo(text)
    if pages:
        page = GUIDE / "reliability.md"
        page.write_text(with_table(page.read_text(), text))


if __name__ == "__main__":
    typer.run(main)
