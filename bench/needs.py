"""`python -m bench.needs DAYS`: compares a prediction of the ledger of need with the truth: the effect of two more
rooms.

The past of `bench/history.py` is simulated several times. In the first simulation the engine is asked each morning.
From its ledger come the predictions: how many persons two more rooms in a unit would place, and how many days of
waiting they would save. In each other simulation, a unit really gets these rooms on the first day. Random numbers about
a client are the same in every simulation, so the difference between two simulations is the true effect.

With `--pages` the table is written into the guide, with a picture of each page of the letter of the last whole quarter.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import typer
import typst
from cryptography.fernet import Fernet
from PIL import Image
from sqlalchemy import event
from sqlmodel import col, select

import fixtures
from bench.history import BEGINS, History, at
from bench.tables import GUIDE, stamp, with_table
from placement.capacity import report as capacity_report
from placement.core import signals
from placement.core.clock import day_of, moment_of
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act, Actor
from placement.core.need_codes import LedgerSpan
from placement.core.periods import PeriodKind, period_of
from placement.core.settings import Settings
from placement.crypto import cipher
from placement.jobs.daily import dailies, make_report, run_due
from placement.jobs.periodic import JOBS, run
from placement.jobs.reactions import REACTIONS
from placement.needs.estimates import Gained, gained
from placement.needs.ledger import summed
from placement.needs.model import Estimate, NeedReport
from placement.needs.reading import needs_if_known, wait_days
from placement.reports.causes import blocking_causes
from placement.reports.render.letter import lay_out_letter
from placement.reports.render.pdf import typst_source
from placement.shelters import register
from placement.solver.snapshot import snapshot
from placement.storage.database import Database
from placement.tables import Location, NeedRecord, Room, Stay, Unit

Size = Literal["national", "small"]
_SECONDS = 20.0
_UNITS = 2
"""The number of units for which the prediction is compared with the truth."""
_ROOMS = 2
_PICTURES = GUIDE.parent / "pictures" / "letter"
_DOTS_PER_INCH = 80


@dataclass
class HistoryWithLedger(History):
    """A simulated past in which the daily reports ask the engine, in this process."""

    def _work_of_the_clock(self) -> None:
        for job in JOBS:
            run(self.database, self.settings, job, self._at)
        with self.database.transaction() as session:
            problem = snapshot(Act(session, SYSTEM, self._at, self.settings)).problem
        causes = blocking_causes(problem, _SECONDS)
        for daily in dailies(self.settings):
            with_causes = replace(daily, ahead=None)
            if daily.run is make_report:
                with_causes = replace(with_causes, run=lambda act, due: make_report(act, due, causes))
            run_due(self.database, self.settings, with_causes, self._at)


@dataclass
class HistoryWithRooms(History):
    """A simulated past in which a unit gets more rooms of one bed on the first day, before the shelters count."""

    unit: str = ""

    def _count(self) -> None:
        if not self._all(select(Room).where(Room.unit_id == self.unit, col(Room.name).like("More%"))):
            [shelter] = self._all(select(Location.shelter_id).join(Unit).where(Unit.id == self.unit))
            for number in range(_ROOMS):
                made = self._do(register.make_room, self.unit, f"More {number}", 1)
                given = shelter, made.id, lambda as_it_is: as_it_is
                self._do(capacity_report.report_room, *given, by=self._staff[shelter])
        super()._count()


class Outcome(NamedTuple):
    records: Sequence[NeedRecord]
    arrivals: int
    waited: int
    """The sum of the days that all households waited."""


@contextmanager
def past(days: int, unit: str | None, size: Size) -> Iterator[tuple[Database, Settings, Outcome]]:
    """Simulates a past of this number of days. `unit`: the unit that gets more rooms; `None` for the past with a
    ledger.
    """
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=f"sqlite:///{folder}/past.db",
            field_keys=(Fernet.generate_key().decode(),),
            key_store=Path(folder) / "keys",
            audit_key=cipher.new_key(),
        )
        database = Database.open(settings)
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        database.migrate()
        with at(BEGINS):
            fixtures.load(database, settings, size=size, seed=1, at=BEGINS)
        history = (
            HistoryWithLedger(database, settings) if unit is None else HistoryWithRooms(database, settings, unit=unit)
        )
        first = BEGINS.date() + timedelta(days=1)
        for number in range(days):
            history.live(first + timedelta(days=number))
        yield database, settings, _outcome(database, first)


def _outcome(database: Database, first: date) -> Outcome:
    with database.transaction() as session:
        days = select(NeedRecord).where(NeedRecord.span == LedgerSpan.DAY).order_by(col(NeedRecord.on))
        records = list(session.exec(days))
        stays = [stay for stay in session.exec(select(Stay)) if stay.arrived_at and day_of(stay.arrived_at) >= first]
        waited = sum(row.households for one in records for row in one.content.waiting)
        return Outcome(records, len(stays), waited)


def _letter(database: Database, settings: Settings, last: date) -> NeedReport | None:
    """Returns the report of the last whole quarter, as its readers see it; `None` without a whole quarter."""
    quarter = period_of(PeriodKind.QUARTER, last + timedelta(days=1)).previous
    with database.transaction() as session:
        reader = Actor("A-reader", Role.READER, session_id="-")
        act = Act(session, reader, moment_of(last + timedelta(days=1), time(12)), settings)
        return needs_if_known(act, PeriodKind.QUARTER, quarter.begins_on)


def predicted(records: Sequence[NeedRecord]) -> list[tuple[Gained, str, int]]:
    """Returns, for each unit, the predicted effect of two more rooms and the length of a stay, the largest effect
    first.
    """
    lengths = {row.scheme: row for row in records[-1].content.lengths}
    waits = wait_days(summed([one.content for one in records]))
    series: dict[str, list[int]] = {}
    schemes: dict[str, str] = {}
    for number, one in enumerate(records):
        for row in one.content.more:
            schemes[row.place] = row.scheme
            series.setdefault(row.place, [0] * len(records))[number] = row.with_two
    found = []
    for name, gains in series.items():
        length = lengths[schemes[name]]
        stay_days = round(length.lived / max(1, length.ended))
        if name.endswith(" room_1"):
            effect = gained(gains, _ROOMS, stay_days, waits.get(schemes[name], 1), with_interval=True)
            found.append((effect, name.split()[0], stay_days))
    return sorted(found, key=lambda one: (-one[0].placed.likely, -one[0].days_saved.likely, one[1]))


def _with_ends(one: Estimate) -> str:
    return str(one.likely) if one.low is None else f"{one.likely} ({one.low} to {one.high})"


def _table_of(letter: NeedReport) -> list[str]:
    between = f"{letter.begins_on} to {letter.ends_on}"
    rows = [f"| `{one.code}` | {one.household_days} | {one.percent}% |" for one in letter.waiting]
    return [f"| what stood in the way, {between} | household days | |", "|---|---|---|", *rows, ""]


def _draw(letter: NeedReport) -> None:
    """Writes a picture of each page of the letter into the guide."""
    template, inputs = typst_source(lay_out_letter(letter, "en"), letter.ends_on)
    made = typst.compile(template, sys_inputs=inputs, ignore_system_fonts=True, format="png", ppi=_DOTS_PER_INCH)
    for number, page in enumerate(made if isinstance(made, list) else [made], 1):
        drawn = Image.open(BytesIO(page)).convert("L")
        drawn.save(_PICTURES / f"{number:02}.jpg", quality=60, optimize=True)


def main(
    days: int,
    *,
    size: Size = "national",
    pages: Annotated[bool, typer.Option(help="Write the tables and pictures of the letter into docs.")] = False,
) -> None:
    """Compares predictions with the true effect of more rooms, in simulated pasts."""
    signals.react(REACTIONS)
    with past(days, None, size) as (database, settings, without):
        letter = _letter(database, settings, without.records[-1].on)
    if pages and letter:
        _draw(letter)
    lines = [
        stamp(
            f"{days} simulated days of the {size} country, {without.arrivals} arrivals, {without.waited} household "
            "days of waiting; 8 of 10 resampled periods lie in the brackets"
        ),
        "",
        *(_table_of(letter) if letter else []),
        "| two rooms more in | persons placed: predicted | true | days saved: predicted | true | length of a stay |",
        "|---|---|---|---|---|---|",
    ]
    for found, unit, stay_days in predicted(without.records)[:_UNITS]:
        with past(days, unit, size) as (_, _, more):
            true = more.arrivals - without.arrivals, without.waited - more.waited
        cells = _with_ends(found.placed), true[0], _with_ends(found.days_saved), true[1], stay_days
        lines.append(f"| {unit} | {' | '.join(map(str, cells))} |")
        text = "\n".join(lines)
        typer.echo(text)
        if pages:
            page = GUIDE / "needs.md"
            page.write_text(with_table(page.read_text(), text + "\n"))


if __name__ == "__main__":
    typer.run(main)
