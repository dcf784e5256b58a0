"""`python -m bench.pages [DATABASE_URL]`: measures the cost of each page, with the national country in the database.

The cost is the number of transactions, SQL statements and audit events of a request, and its median time without the
engine. Two pages are also compared with their API route: page and route are requested in turns, after a first request
that is not counted. The service runs in this process. `DATABASE_URL`: an empty PostgreSQL database; by default a SQLite
file.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from cryptography.fernet import Fernet
from litestar.testing import TestClient
from sqlalchemy import event
from sqlmodel import func, select

import fixtures
from api.app import create_app
from placement.accounts import totp as second_factor
from placement.core import clock
from placement.core.settings import Settings
from placement.crypto import cipher
from placement.storage.database import Database
from placement.tables import AuditEvent

TIMES = 30
DAYS_BEFORE = 35
SOMEBODY: dict[str, Any] = {
    "region": "amsterdam",
    "registrant": "ZORGCOORDINATIE",
    "residence_basis": "reflection",
    "urgency": 1,
    "persons": [{"gender": "female", "age": 24}],
    "languages": [{"code": "en", "level": "fluent"}],
}


def measured(times: int = TIMES, size: str = "national", url: str = "") -> dict[str, float]:
    """Returns the cost of each page by name: the statements, and the median time in milliseconds. For two pages, also
    returns their time as a multiple of the API route's time.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        loaded(Path(folder), size, url) as (settings, database, credentials),
        TestClient(create_app(settings, database)) as client,
    ):
        return _asked(client, database, next(one for one in credentials["people"] if one["role"] == "desk"), times)


@contextmanager
def loaded(folder: Path, size: str, url: str) -> Iterator[tuple[Settings, Database, dict[str, Any]]]:
    """Yields a new database with a synthetic country of this size, and the credentials of its people and shelters."""
    settings = Settings(
        var=folder,
        key_store=folder / "keys",
        database_url=url or f"sqlite:///{folder}/bench.db",
        field_keys=(Fernet.generate_key().decode(),),
        audit_key=cipher.new_key(),
        plain_http=True,
    )
    database = Database.open(settings)
    database.migrate()
    made = fixtures.load(database, settings, size=size, seed=1, at=clock.now(), days_before=DAYS_BEFORE)
    yield settings, database, made.as_json()
    database.close()


def signed_in(client: TestClient[Any], person: dict[str, Any]) -> dict[str, str]:
    """Signs a person in, and returns the headers that a request which writes needs."""
    facts = {"email": person["email"], "password": person["password"]}
    challenge = client.post("/api/v1/session", json=facts).json()["challenge"]
    code = second_factor.code_at(person["totp_secret"], clock.now())
    begun = client.post("/api/v1/session/code", json={"challenge": challenge, "code": code}).json()
    return {"X-CSRF-Token": begun["csrf_token"]}


def _asked(client: TestClient[Any], database: Database, desk: dict[str, Any], times: int) -> dict[str, float]:
    headers = signed_in(client, desk)
    case = client.post("/api/v1/registrations", json=SOMEBODY, headers=headers).json()["id"]
    made = client.post(f"/api/v1/registrations/{case}/proposals", headers=headers).json()["id"]
    day = client.get("/api/v1/reports").json()["items"][0]["on"]
    proposal = _compared(client, f"/api/v1/proposals/{made}", f"/proposals/{made}", times)
    report = _compared(client, f"/api/v1/reports/{day}", f"/reports/{day}", times)
    named = {"proposal": proposal, "report": report}
    pages = {
        "first": "/",
        "registration": f"/registrations/{case}",
        "country": "/country",
        "registrations": "/registrations",
    }
    for name, path in pages.items():
        named[name] = {"page_ms": median(_took(client, path) for _ in range(times))}
    for name, path in (pages | {"proposal": f"/proposals/{made}"}).items():
        named[name] |= _cost(client, database, path)
    return {f"{page}_{figure}": value for page, figures in named.items() for figure, value in figures.items()}


def _took(client: TestClient[Any], path: str) -> float:
    started = time.perf_counter()
    answer = client.get(path)
    assert answer.status_code == 200, answer.text  # noqa: S101, PLR2004 - a benchmark of refusals is meaningless
    return 1000 * (time.perf_counter() - started)


def _cost(client: TestClient[Any], database: Database, path: str) -> dict[str, float]:
    """Returns the number of transactions, statements and audit events of a request, including the look-up of the
    session.
    """
    before = _events(database)
    with counted(database) as counts:
        _took(client, path)
    return {**counts, "audit_events": _events(database) - before}


def _events(database: Database) -> int:
    with database.transaction() as session:
        return session.exec(select(func.count()).select_from(AuditEvent)).one()


@contextmanager
def counted(database: Database) -> Iterator[Counter[str]]:
    """Counts the transactions and the SQL statements within the block."""
    found: Counter[str] = Counter(transactions=0, statements=0)

    def begins(*_: Any) -> None:
        found["transactions"] += 1

    def sent(*_: Any) -> None:
        found["statements"] += 1

    event.listen(database.engine, "begin", begins)
    event.listen(database.engine, "before_cursor_execute", sent)
    try:
        yield found
    finally:
        event.remove(database.engine, "begin", begins)
        event.remove(database.engine, "before_cursor_execute", sent)


def _compared(client: TestClient[Any], api: str, page: str, times: int) -> dict[str, float]:
    took: dict[str, list[float]] = {api: [], page: []}
    for _ in range(times + 1):
        for path, all_of_it in took.items():
            all_of_it.append(_took(client, path))
    told, shown = (median(took[path][1:]) for path in (api, page))
    return {"api_ms": told, "page_ms": shown, "ratio": shown / told}


if __name__ == "__main__":
    sys.stdout.write("".join(f"{name} {value:.4g}\n" for name, value in measured(url="".join(sys.argv[1:2])).items()))
