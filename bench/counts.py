"""`python -m bench.counts [--years 20]`: measures a count register that contains many years of records and releases.

A year has 1,000 records, and releases of its four quarters and of the whole year. In the last two years, 100 persons
were reported twice. The program requests each page repeatedly, and prints the 95th percentile of its processor time,
the allowed time, and their ratio.

Then it makes the release of the last year again, as the daily job does, beside all earlier releases. The releases of
earlier years are copies of those of the last year, because the program computes only one year.
"""

import gc
import re
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Annotated, Any, NamedTuple

import typer
from litestar.testing import TestClient
from sqlmodel import col, delete, select

from api.app import create_app
from bench.count_years import year_of_counts
from bench.pages import counted, loaded, signed_in
from bench.tables import GUIDE, stamp, with_table
from placement.core import clock
from placement.core.context import SYSTEM, Act
from placement.core.ids import new_id
from placement.core.periods import Period, PeriodKind, period_of
from placement.core.settings import Settings
from placement.counts import register
from placement.counts.releases import building
from placement.storage.database import Database
from placement.tables import CountRelease
from placement.tables.count import InboxContent
from placement.tables.count_release import ReleaseContent

A_YEAR, TIMES, HUNDRED, TWICE = 1_000, 20, 100, 100
KEPT_YEARS = 2
"""The number of years after which the retention job deletes pseudonyms."""
PAGE, RELEASE = 200.0, 300_000.0
"""The allowed milliseconds of processor time for a page, and for a yearly release with its check."""


class Measured(NamedTuple):
    """The processor time of an operation in milliseconds, the allowed time (`bound`), the number of SQL statements."""

    name: str
    milliseconds: float
    bound: float
    statements: int

    def told(self) -> str:
        share = self.milliseconds / self.bound
        return f"| {self.name} | {self.milliseconds:,.0f} | {self.bound:,.0f} | {share:.2f} | {self.statements} |"


def filled(years: int, last: int) -> Iterator[InboxContent]:
    """Yields the records of this number of calendar years. `last`: the last year."""
    for year in range(last - years + 1, last + 1):
        for number, facts in enumerate(year_of_counts(year, A_YEAR)):
            at = (last - year) * A_YEAR + number
            person = f"{at % (KEPT_YEARS * A_YEAR - TWICE):064x}" if at < KEPT_YEARS * A_YEAR else None
            yield InboxContent(month=facts.month, facts=register.content_of(facts), person=person)


def released(database: Database, settings: Settings, period: Period, day: date) -> str:
    """Makes and publishes the release of a period, as the daily job and a second analyst do. Returns the id of the
    release.
    """
    row = CountRelease(
        id=new_id("Q"),
        kind=period.kind,
        begins_on=period.begins_on,
        version=1,
        as_of=day - timedelta(days=1),
        asked_by="-",
        content=ReleaseContent(),
    )
    with database.transaction() as session:
        session.add(row)
    with database.transaction() as session:
        asked = building.asked_until(session, day)
    contents = building.contents_of(asked)
    with database.transaction() as session:
        act = Act(session, SYSTEM, clock.now(), settings)
        building.make(act, act.at, contents)
        [made] = session.exec(select(CountRelease).where(col(CountRelease.released_at).is_(None))).all()
        assert made.content.problem is None, made.content.problem  # noqa: S101
        made.released_at, made.released_by = act.at, "-"
        return made.id


def copied(database: Database, years: range) -> None:
    """Adds a copy of each release to each of these years."""
    with database.transaction() as session:
        rows = list(session.exec(select(CountRelease)))
        for year in years:
            session.add_all(
                CountRelease(**{**row.model_dump(exclude={"content"}), **_of(row, year)}, content=row.content)
                for row in rows
            )


def _of(row: CountRelease, year: int) -> Mapping[str, Any]:
    return {"id": new_id("Q"), "begins_on": row.begins_on.replace(year=year)}


def measured(years: int, url: str) -> Iterator[Measured]:
    with (
        tempfile.TemporaryDirectory() as folder,
        loaded(Path(folder), "small", url) as (settings, database, credentials),
    ):
        today = clock.day_of(clock.now())
        last = today.year - 1
        with database.transaction() as session:
            references = register.add(session, today - timedelta(days=2), filled(years, last))
        whole = period_of(PeriodKind.YEAR, date(last, 1, 1))
        for quarter in whole.parts:
            released(database, settings, quarter, today)
        newest = released(database, settings, whole, today)
        copied(database, range(last - years + 1, last))
        gc.collect()
        gc.freeze()  # a process that serves pages does not have these objects, so they are not collected
        past = f"/counts?month={last - years + 1}-06"
        of_records = "/counts", past, f"{past}&day={today}", "/counts/new", "/counts/list", f"/counts/{references[-1]}"
        of_releases = "/counts/releases", f"/counts/releases/{newest}"
        with TestClient(create_app(settings, database)) as client:
            for role, paths in (("registrar", (f"/counts?month={last}-06", *of_records)), ("analyst", of_releases)):
                client.cookies.clear()
                signed_in(client, next(one for one in credentials["people"] if one["role"] == role))
                yield from _pages(client, database, paths)
        with database.transaction() as session:
            session.execute(delete(CountRelease).where(col(CountRelease.id) == newest))
        with counted(database) as counts:
            begun = time.process_time()
            released(database, settings, whole, today)
            spent = 1000 * (time.process_time() - begun)
        yield Measured(
            f"a yearly release with its check, beside {years - 1} years", spent, RELEASE, counts["statements"]
        )


def _pages(client: TestClient[Any], database: Database, paths: Sequence[str]) -> Iterator[Measured]:
    for path in paths:
        client.get(path)
        took = []
        for _ in range(TIMES):
            begun = time.process_time()
            assert client.get(path).is_success, path  # noqa: S101 - a benchmark of refusals is meaningless
            took.append(1000 * (time.process_time() - begun))
        with counted(database) as counts:
            client.get(path)
        name = re.sub(r"\b[BQ]-\w+-\w+-\w+", "{id}", path)
        yield Measured(name, quantiles(took, n=HUNDRED)[94], PAGE, counts["statements"])


def main(
    years: int = 20,
    url: str = "",
    *,
    pages: Annotated[bool, typer.Option(help="Write the table into docs/guide/counts.md.")] = False,
) -> None:
    """Measures a register with this number of years. `url`: an empty database; by default a SQLite file."""
    lines = ["| | ms of processor | bound | ratio | statements |", "|---|---|---|---|---|"]
    lines += [one.told() for one in measured(years, url)]
    said = stamp(
        f"{years} years of {A_YEAR:,} records; the 95th percentile of {TIMES} requests, in time of the processor"
    )
    text = f"{said}\n\n" + "\n".join(lines) + "\n"
    typer.echo(text)
    if pages:
        page = GUIDE / "counts.md"
        page.write_text(with_table(page.read_text(), text))


if __name__ == "__main__":
    typer.run(main)
