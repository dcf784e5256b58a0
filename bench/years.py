"""`python -m bench.years [YEARS [SIZE [URL]]]`: compares the costs of a database after a week with those after years.

Each page, list, job and command is measured on both databases in turns. The costs are SQL statements, rows read, steps
of the database, and the median of the processor time; the ratio of both times is shown too. A step is a hundred of
SQLite's own instructions, so that a scan of a whole table is visible. Jobs are rolled back. On PostgreSQL the processor
time of its processes is included, and steps are not counted.
"""

import gc
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from litestar.testing import TestClient
from sqlalchemy import event
from sqlmodel import col, select

from api.app import create_app
from bench.history import at
from bench.pages import signed_in
from bench.past_store import WEEK, YEAR, Past, clear, past_of
from matching import advise
from placement.audit import anomaly_review, row_check, verification
from placement.core.clock import day_of
from placement.core.codes import ProposalStatus, StayStatus
from placement.core.context import SYSTEM, Act
from placement.doctor.examination import findings
from placement.jobs.daily import dailies
from placement.jobs.periodic import JOBS
from placement.solver.snapshot import snapshot
from placement.storage import hash_chain
from placement.storage.database import Database
from placement.storage.watch import Reviewed
from placement.tables import Decision, Proposal, Registration, Stay

TIMES = 5
AREA = "amsterdam"
_NOT_ASKED = ("/static", "/schema", "/changes", "/health", "/metrics", "/sign-in", "/unsubscribe", "/invitation")
_BESIDE = ("/registrations?status=closed", "/registrations?status=open", "/api/v1/registrations?status=closed")
_ROLES = ("desk", "coordinator", "shelter_staff", "reader", "auditor", "admin")


@dataclass(slots=True)
class Cost:
    """The cost of an operation. `rows`: the rows read. `steps`: hundreds of SQLite's own instructions."""

    statements: int = 0
    rows: int = 0
    steps: int = 0
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """The cost of an operation on the database after a week (`before`) and on the database after years (`after`)."""

    name: str
    before: Cost
    after: Cost

    @property
    def ratio(self) -> float:
        return self.after.milliseconds / self.before.milliseconds

    def told(self) -> str:
        one, other = self.before, self.after
        counts = " | ".join(
            f"{getattr(one, name)} | {getattr(other, name)}" for name in ("statements", "rows", "steps")
        )
        return f"| {self.name} | {counts} | {one.milliseconds:.1f} | {other.milliseconds:.1f} | {self.ratio:.2f} |"


class _Undone(Exception):
    """Raised to roll an operation back."""


class Opened:
    """A copy of a store, served in this process. The clock shows the end of its last day."""

    def __init__(self, past: Past, folder: Path, stack: ExitStack) -> None:
        self.settings = past.copied(folder)
        stack.callback(clear, folder, self.settings.database_url)
        self.at = past.at
        self.cost = Cost()
        self.backends: set[int] = set()
        with at(self.at):
            self.database = self.watched()
            self.database.migrate()
        self._people = past.people
        stack.callback(self.database.close)
        self._app = create_app(self.settings, self.database)
        self._client = stack.enter_context(TestClient(self._app))
        self._cookies: dict[str, str] = {}
        for role in _ROLES:
            self._client.cookies.clear()
            with at(self.at):
                signed_in(self._client, self._person(role))
            self._cookies[role] = "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())
        self.ids = self._ids()

    def _person(self, role: str) -> dict[str, Any]:
        of_role = [one for one in self._people if one["role"] == role]
        return next((one for one in of_role if AREA in one["regions"]), of_role[0])

    # counting

    def watched(self) -> Database:
        """Opens the database, counts its SQL statements, and returns it."""
        database = Database.open(self.settings)
        event.listen(database.engine, "connect", self._watch if self.is_file else self._watch_backend)
        event.listen(database.engine, "after_cursor_execute", self._sent)
        return database

    @property
    def is_file(self) -> bool:
        return self.settings.database_url.startswith("sqlite")

    def _watch(self, connection: Any, _: Any) -> None:
        def row(_cursor: Any, values: tuple[Any, ...]) -> tuple[Any, ...]:
            self.cost.rows += 1
            return values

        def steps() -> int:
            self.cost.steps += 1
            return 0

        connection.row_factory = row
        connection.set_progress_handler(steps, 100)

    def _watch_backend(self, connection: Any, _: Any) -> None:
        self.backends.add(connection.info.backend_pid)

    def _sent(self, _connection: Any, cursor: Any, *_: Any) -> None:
        self.cost.statements += 1
        if not self.is_file and cursor.description:
            self.cost.rows += cursor.rowcount

    def _seconds(self) -> float:
        """Returns the processor time of this process and of the PostgreSQL processes that work for it, in seconds."""
        files = [Path(f"/proc/{number}/schedstat") for number in self.backends]
        return time.process_time() + sum(int(one.read_text().split()[0]) for one in files if one.exists()) / 1e9

    def counted(self, do: Callable[["Opened"], object]) -> Cost:
        """Returns the cost of an operation. First moves the clock forward by 0.2 seconds. Garbage collection is
        switched off, because it would be counted for whichever operation it interrupts.
        """
        self.at += timedelta(seconds=0.2)
        gc.disable()
        try:
            with at(self.at):
                self.cost = Cost()
                began = self._seconds()
                do(self)
                self.cost.milliseconds = 1000 * (self._seconds() - began)
        finally:
            gc.enable()
        return self.cost

    # acts

    def get(self, role: str, path: str) -> int:
        self._client.cookies.clear()
        told = {"Cookie": self._cookies[role]}
        return self._client.get(self.address(path), headers=told, follow_redirects=False).status_code

    def address(self, path: str) -> str:
        for name, value in self.ids.items():
            path = path.replace(f"{{{name}}}", value)
        return path

    def act(self, do: Callable[[Act], object]) -> None:
        """Carries out an operation in a transaction, and rolls it back."""
        try:
            with self.database.transaction() as session:
                do(Act(session, SYSTEM, self.at, self.settings))
                session.flush()
                raise _Undone
        except _Undone:
            pass

    def _ids(self) -> dict[str, str]:
        """Returns ids for the variables of a path. They belong to the case of the resident who arrived last, if
        possible in the area of the coordinator.
        """
        with self.database.transaction() as session:
            stays = session.exec(select(Stay).where(Stay.status == StayStatus.IN_HOUSE)).all()
            here = set(session.exec(select(Registration.id).where(Registration.region == AREA)))
            placed = [one for one in stays if one.hold_id is not None]
            stay = max(placed, key=lambda one: (one.registration_id in here, str(one.arrived_at), one.id))
            case = stay.registration_id
            decision = session.exec(select(Decision).where(Decision.registration_id == case)).all()[-1]
            open_ones = select(Proposal).where(Proposal.status == ProposalStatus.MADE)
            proposal = session.exec(open_ones.order_by(col(Proposal.made_at).desc())).first()
        return {
            "registration_id:str": case,
            "hold_id:str": str(stay.hold_id),
            "stay_id:str": stay.id,
            "unit_id:str": stay.unit_id,
            "decision_id:str": decision.id,
            "proposal_id:str": proposal.id if proposal else decision.proposal_id,
            "shelter_id:str": "S01",
            "location_id:str": "S01-L1",
            "room_id:str": "S01-L1-U1-R01",
            "place_id:str": "S01-L1-U1",
            "kind:str": "unit",
            "provider_id:str": "P01",
            "day:str": str(day_of(self.at)),
            "municipality:str": "GM0363",
            "area_code:str": AREA,
        }

    def paths(self) -> list[str]:
        """Returns the paths of all pages and lists whose variables the ids can fill."""
        found = []
        for template, methods in self._app.route_handler_method_map.items():
            if "GET" in methods and not template.startswith(_NOT_ASKED):
                wanted = [part.split("}")[0] for part in template.split("{")[1:]]
                if set(wanted) <= set(self.ids):
                    found.append(template)
        return sorted([*found, *_BESIDE])


@contextmanager
def opened(*pasts: Past) -> Iterator[list[Opened]]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        yield [Opened(past, Path(folder) / f"{past.days}", stack) for past in pasts]


def pages_of(one: Opened) -> list[tuple[str, str]]:
    """Returns each page that answers for a role, with the role."""
    return [(role, path) for role in _ROLES for path in one.paths() if _answers(one, role, path)]


def _answers(one: Opened, role: str, path: str) -> bool:
    found: list[int] = []
    one.counted(lambda here: found.append(here.get(role, path)))
    return found == [200]


def compared(stores: Sequence[Opened], name: str, do: Callable[[Opened], object], times: int = TIMES) -> Row:
    """Measures an operation on each store in turns. The first run does not count."""
    costs: list[list[Cost]] = [[], []]
    for _ in range(times + 1):
        for number, store in enumerate(stores):
            costs[number].append(store.counted(do))
    return Row(name, *(_middle(found[1:]) for found in costs))


def _middle(costs: Sequence[Cost]) -> Cost:
    fields = ("statements", "rows", "steps")
    counts = {name: round(median(getattr(one, name) for one in costs)) for name in fields}
    return Cost(**counts, milliseconds=median(one.milliseconds for one in costs))


def rows_of_pages(stores: Sequence[Opened], times: int = TIMES, only: Collection[str] | None = None) -> Iterator[Row]:
    """Yields the costs of the pages. `only`: the names of the pages to measure (default: all)."""
    seen = [set(pages_of(store)) for store in stores]
    for role, path in sorted(seen[0] & seen[1]):
        if only is None or f"{role} {path}" in only:
            yield compared(stores, f"{role} {path}", partial(Opened.get, role=role, path=path), times)


def rows_of_work(stores: Sequence[Opened], times: int = TIMES) -> Iterator[Row]:
    """Yields the costs of the jobs, of a snapshot, a proposal and the start, and of commands that read the whole audit
    log.
    """
    for job in JOBS:
        yield compared(stores, f"job {job.name}", partial(Opened.act, do=job.run), times)
    for daily in dailies(stores[0].settings):
        yield compared(stores, f"daily {daily.name}", partial(Opened.act, do=partial(_due, daily.run)), times)
    works: dict[str, Callable[[Opened], object]] = {
        "check of rows": lambda one: one.act(_check_rows),
        "search for anomalies": lambda one: one.act(_find_anomalies),
        "snapshot": lambda one: one.act(snapshot),
        "proposal": _propose,
        "start": _start,
        "doctor": lambda one: list(findings(one.settings)),
    }
    for name, do in works.items():
        yield compared(stores, name, do, times)
    once: dict[str, Callable[[Opened], object]] = {"audit verify": verify, "audit verify, rows": verify_rows}
    if stores[0].is_file:
        once["backup (copy)"] = _copy
    for name, do in once.items():
        yield compared(stores, name, do, 1)


def _check_rows(act: Act) -> None:
    row_check.note_broken(act, row_check.broken_rows(act.session))
    row_check.difference(act.session)


def _find_anomalies(act: Act) -> None:
    """Searches the events of the last hour, as the anomaly watcher does."""
    anomaly_review.find_anomalies(act, Reviewed((1 << 31) - 1, act.at.isoformat()))


def _due(run: Any, act: Act) -> None:
    """Runs a daily job as if it were the next morning."""
    morning = act.at + timedelta(hours=8)
    run(Act(act.session, SYSTEM, morning, act.settings), morning)


def _propose(one: Opened) -> None:
    def do(act: Act) -> None:
        found = snapshot(act)
        case = min(found.versions)
        advise(found.problem, case, solver_works=False)

    one.act(do)


def _start(one: Opened) -> None:
    database = one.watched()
    database.require_usable()
    create_app(one.settings, database)
    database.close()


def verify(one: Opened) -> verification.Verified:
    found = verification.verify(one.database, verification.read_heads(one.settings.audit_heads))
    assert found.first_bad is None, found  # noqa: S101 - a benchmark of a broken log is meaningless
    return found


def verify_rows(one: Opened) -> None:
    with one.database.transaction() as session:
        row_check.broken_rows(session)


def _copy(one: Opened) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(str(one.database.engine.url.database), Path(folder) / "copy")


def lines_of(one: Opened) -> int:
    with one.database.transaction() as session:
        return hash_chain.head(session)[0]


HEAD = """| act | statements | | rows | | steps / 100 | | ms | | ratio |
|---|---|---|---|---|---|---|---|---|---|
"""


def main(years: float = 5, size: str = "national", server: str = "") -> None:
    pasts = [past_of(WEEK, size, server=server), past_of(round(years * YEAR), size, server=server)]
    with opened(*pasts) as stores:
        sizes = Counter({f"{one.at:%Y-%m-%d}": lines_of(one) for one in stores})
        sys.stdout.write(f"Lines of the log: {dict(sizes)}\n\n{HEAD}")
        for rows in (rows_of_work(stores), rows_of_pages(stores)):
            for row in rows:
                sys.stdout.write(f"{row.told()}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main(float((sys.argv[1:2] or ["5"])[0]), *sys.argv[2:4])
