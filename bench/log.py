"""`python -m bench.log`: measures an audit log of a million events: writing, verification, and a query of the access to
a case.

The database is a SQLite file in a temporary folder, or with `--url` an empty PostgreSQL database.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from cryptography.fernet import Fernet

from placement.audit import search as log_view
from placement.audit.events import Event
from placement.audit.search import Search
from placement.audit.verification import Head, verify
from placement.core.codes import Action, Outcome, Protocol, Role
from placement.core.context import Act, Actor
from placement.core.settings import Settings
from placement.crypto import cipher
from placement.storage import hash_chain as chain
from placement.storage.database import Database
from placement.tables import AuditEvent
from placement.tables.audit import AuditContent

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_CASES, _PEOPLE, _AT_ONCE, _LIST_EVERY = 5_000, 200, 5_000, 10
_AUDITOR = Actor("A-auditor", Role.AUDITOR)


def main(lines: int = 1_000_000, url: Annotated[str, typer.Option(help="An empty PostgreSQL database.")] = "") -> None:
    """Measures the log."""
    with TemporaryDirectory() as folder:
        for name, seconds in measured(url or f"sqlite:///{folder}/log.db", Path(folder), lines):
            typer.echo(f"{name}: {seconds:.3g} s")


def measured(url: str, folder: Path, lines: int) -> Iterator[tuple[str, float]]:
    """Yields the name and the seconds of each operation on an audit log. `lines`: the number of its events."""
    settings = Settings(
        var=folder,
        database_url=url,
        field_keys=(Fernet.generate_key().decode(),),
        key_store=folder / "keys",
        audit_key=cipher.new_key(),
    )
    database = Database.open(settings)
    database.migrate()
    began = time.perf_counter()
    _fill(database, lines)
    yield f"made {lines:,} lines", time.perf_counter() - began
    with database.transaction() as session:
        number, link = chain.head(session)
    began, of_processor = time.perf_counter(), time.process_time()
    found = verify(database, [Head(number, link, "now")])
    if found.first_bad is not None or found.lines != lines:
        raise RuntimeError(found.why)
    took, of_processor = time.perf_counter() - began, time.process_time() - of_processor
    yield f"verified {found.lines:,} lines", took
    yield "the same, of the processor of this process", of_processor
    asked: dict[str, Any] = {
        "who looked at a case": lambda act: log_view.accesses(act, "R-17", before=None, limit=200),
        "the same, the last page": lambda act: log_view.accesses(act, "R-17", before=lines // 50, limit=200),
        "the log of one person": lambda act: log_view.search(act, Search(actor="A-7"), 200),
        "the log of one day, the oldest": lambda act: log_view.search(act, Search(until=_BEGIN.date()), 200),
    }
    for name, ask in asked.items():
        began = time.perf_counter()
        with database.transaction() as session:
            ask(Act(session, _AUDITOR, datetime.now(UTC), settings))
        yield name, time.perf_counter() - began
    database.close()


def _fill(database: Database, lines: int) -> None:
    for first in range(0, lines, _AT_ONCE):
        with database.transaction() as session:
            for number in range(first + 1, min(first + _AT_ONCE, lines) + 1):
                at, content = _content(number)
                chain.gather(session, AuditEvent(at=at).show(content))


def _content(number: int) -> tuple[datetime, AuditContent]:
    listed = number % _LIST_EVERY == 0
    content = AuditContent(
        event=Event.REGISTRATIONS_LISTED.value if listed else Event.REGISTRATION_READ.value,
        action=Action.SEARCH if listed else Action.READ,
        outcome=Outcome.DONE,
        actor=f"A-{number % _PEOPLE}",
        on_behalf_of=None,
        role=Role.COORDINATOR,
        registration_id=None if listed else f"R-{number % _CASES}",
        object_id=None,
        address="192.0.2.1",
        protocol=Protocol.API_KEY,
        request_id=f"Q-{number}",
        facts={"shown": sorted(f"R-{(number + one) % _CASES}" for one in range(10))} if listed else {},
    )
    return _BEGIN + timedelta(seconds=30 * number), content


if __name__ == "__main__":
    typer.run(main)
