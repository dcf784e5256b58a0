"""The figures of requested releases. The daily job reads the counts, protects them, and stores the figures once.

The figures agree with all releases of the calendar year, including releases that wait for a second person. Otherwise it
could become impossible to find figures for the year that agree with its quarters.

A release counts the register as it was at the end of the day of the request. A year is the sum of the newest releases
of its quarters, so that the figures of a year do not disclose later changes.
"""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlmodel import Session, col, select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of, moment_of
from placement.core.codes import Registrant
from placement.core.context import Act
from placement.core.count_codes import UNKNOWN, CountFile, CountList
from placement.core.need_codes import PartOfCountry
from placement.core.periods import Period, PeriodKind, period_of
from placement.counts.code_lists import code_lists
from placement.counts.facts import CountFacts
from placement.counts.register import facts_between
from placement.counts.releases.model import Figure, Release
from placement.counts.releases.protection import Made, NotProtectedError, Wanted, protect
from placement.counts.releases.tables import FLOOR, TOTAL, Codes, counted
from placement.tables.count_release import CountRelease, ReleaseContent

_NOON = time(12)
_DRAWS = 5
"""The number of times that the directions of rounding are drawn before a release is given up (assumed)."""
_LISTED = (CountList.EXPLOITATION, CountList.MEANS, CountList.RECRUITMENT, CountList.AGE, CountList.GENDER)
"""The lists whose codes a reader can know completely. The lists of sectors and of countries are too long for that."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The input from which the figures of a release are computed."""

    wanted: Wanted
    earlier: Sequence[Made]
    codes: Codes


def asked_until(session: Session, day: date) -> dict[str, Asked]:
    """Returns, by id, the releases requested before this day that have no figures yet; earliest period first."""
    query = select(CountRelease).where(col(CountRelease.made_at).is_(None), col(CountRelease.as_of) < day)
    rows = session.exec(query.order_by(col(CountRelease.begins_on), CountRelease.id)).all()
    return {row.id: _asked(session, row) for row in rows}


def contents_of(asked: Mapping[str, Asked]) -> dict[str, ReleaseContent]:
    """Returns, by id, the figures of each release, or the code of the problem that prevents them. A release agrees with
    the earlier releases of the same year in `asked`.
    """
    contents: dict[str, ReleaseContent] = {}
    made: defaultdict[int, list[Made]] = defaultdict(list)
    for name, one in asked.items():
        before = made[one.wanted.begins_on.year]
        found = _protected(replace(one, earlier=(*one.earlier, *before)))
        if isinstance(found, Release):
            before.append(Made(found, one.wanted.counts))
            figures = [(list(figure.key), figure.value) for figure in found.figures]
            contents[name] = ReleaseContent(quarters=found.quarters, within=found.within, figures=figures)
        else:
            contents[name] = ReleaseContent(problem=found)
    return contents


def _protected(asked: Asked) -> Release | str:
    """Returns the protected release, or the code of the problem that prevents it."""
    if asked.wanted.counts.get(TOTAL, 0) < FLOOR:
        return "release_too_few"
    for _ in range(_DRAWS):
        with suppress(NotProtectedError):
            return protect(asked.wanted, asked.earlier, asked.codes, secrets.SystemRandom())
    return "release_not_protected"


def make(act: Act, due: datetime, contents: Mapping[str, ReleaseContent] | None = None) -> None:
    """Stores the figures of requested releases. `contents`: the figures that were computed before the transaction."""
    if contents is None:
        contents = contents_of(asked_until(act.session, day_of(due)))
    for name, content in contents.items():
        row = act.session.get(CountRelease, name, with_for_update=True)
        if row is not None and row.made_at is None:
            row.content, row.made_at = content, act.at
            audit_log.write(act, Event.COUNT_RELEASE_MADE, subject=name)


def release_of(row: CountRelease) -> Release:
    """Returns the figures of a stored release."""
    return Release(
        kind=row.kind,
        begins_on=row.begins_on,
        version=row.version,
        quarters=tuple(row.content.quarters),
        within=row.content.within,
        figures=tuple(Figure(tuple(key), value) for key, value in row.content.figures),
    )


def released_in(session: Session, year: date) -> list[CountRelease]:
    """Returns the releases of the calendar year of this day, sorted by period and version; the year comes last."""
    return [row for row in _made_in(session, year) if row.released_at is not None]


def _made_in(session: Session, year: date) -> list[CountRelease]:
    """Returns the releases of a calendar year that have figures. Released figures come first, then figures that wait
    for a second person.
    """
    period = period_of(PeriodKind.YEAR, year)
    within = col(CountRelease.begins_on) >= period.begins_on, col(CountRelease.begins_on) <= period.ends_on
    rows = session.exec(select(CountRelease).where(*within, col(CountRelease.made_at).is_not(None))).all()
    figures = [row for row in rows if row.released_at is not None or row.content.problem is None]
    in_order = sorted(figures, key=lambda row: (row.kind is PeriodKind.YEAR, row.begins_on, row.version))
    return sorted(in_order, key=lambda row: row.released_at is None)


def newest_quarters(rows: Sequence[CountRelease], year: date) -> list[CountRelease | None]:
    """Returns the newest release of each quarter of a year; `None` for a quarter without a release."""
    newest = {row.begins_on: row for row in rows if row.kind is PeriodKind.QUARTER}
    return [newest.get(part.begins_on) for part in period_of(PeriodKind.YEAR, year).parts]


def facts_of(session: Session, row: CountRelease, released: Sequence[CountRelease]) -> list[CountFacts]:
    """Returns the facts that a release counts. `released`: the releases of the same calendar year. A release of the
    year takes the facts of its quarters from them.
    """
    if row.kind is PeriodKind.QUARTER:
        period = period_of(row.kind, row.begins_on)
        return facts_between(session, period.begins_on, period.ends_on, as_of=moment_of(row.as_of, _NOON))
    quarters = quarters_of(row, released)
    return [fact for quarter in quarters for fact in facts_of(session, quarter, released)]


def quarters_of(row: CountRelease, released: Sequence[CountRelease]) -> list[CountRelease]:
    """Returns the releases of the quarters of which a year is the sum. These are the releases that the year's row
    names, or else the newest releases.
    """
    newest = [one for one in newest_quarters(released, row.begins_on) if one is not None]
    if not row.content.quarters:
        return newest
    by_version = {(one.begins_on, one.version): one for one in released if one.kind is PeriodKind.QUARTER}
    return [by_version[one.begins_on, version] for one, version in zip(newest, row.content.quarters, strict=True)]


def _asked(session: Session, row: CountRelease) -> Asked:
    made = _made_in(session, row.begins_on)
    released = [one for one in made if one.released_at is not None]
    facts = {one.id: facts_of(session, one, released) for one in (*made, row)}
    places = {one.id: place for place, one in enumerate(released)}
    quarters = [] if row.kind is PeriodKind.QUARTER else quarters_of(row, released)
    before = [one for one in released if (one.kind, one.begins_on) == (row.kind, row.begins_on)]
    wanted = Wanted(
        row.kind,
        row.begins_on,
        row.version,
        counted(facts[row.id]),
        tuple(places[one.id] for one in quarters),
        places[before[-1].id] if before else None,
    )
    earlier = [Made(release_of(one), counted(facts[one.id])) for one in made]
    return Asked(wanted, earlier, _codes(period_of(PeriodKind.YEAR, row.begins_on)))


def _codes(year: Period) -> Codes:
    months = [date(year.begins_on.year, month, 1) for month in range(1, 13)]
    lists = code_lists()
    return {
        "reporter": [*Registrant],
        "region": [*PartOfCountry, UNKNOWN],
        "file": [*CountFile],
        **{
            str(name): sorted({code.code for month in months for code in lists[name].of_month(month)})
            for name in _LISTED
        },
    }
