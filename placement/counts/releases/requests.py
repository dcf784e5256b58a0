"""Requests for a release: an analyst requests it, and a second analyst releases the figures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self

from sqlalchemy import select as select_columns
from sqlmodel import col, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.ids import new_id
from placement.core.periods import Period, PeriodKind, period_of
from placement.core.second_person_codes import SecondPersonKind
from placement.counts.code_lists import FIRST_MONTH
from placement.counts.facts import CountFacts
from placement.counts.register import facts_between
from placement.counts.releases import building
from placement.counts.releases.tables import FLOOR
from placement.second_person import requests
from placement.second_person.kinds import Answer, Kind
from placement.tables import SecondPersonRequest
from placement.tables.columns import expression
from placement.tables.count_release import CountRelease, ReleaseContent

WAITS_FOR = timedelta(days=30)
"""The time for which a release waits for a second analyst (assumed)."""


class ListedRelease(NamedTuple):
    """A release without its figures. `problem`: the reason why figures are impossible."""

    id: str
    kind: PeriodKind
    begins_on: date
    version: int
    as_of: date
    made_at: datetime | None
    released_at: datetime | None
    problem: str | None = None

    @classmethod
    def of(cls, row: CountRelease) -> Self:
        return cls(**{name: getattr(row, name) for name in _COLUMNS}, problem=row.content.problem)


_COLUMNS = tuple(name for name in ListedRelease._fields if name != "problem")


@needs(Permission.COUNT_RELEASES_READ)
def listed(act: Act) -> Sequence[ListedRelease]:
    """Returns all releases, the newest period first. Does not decrypt figures that are already released."""
    is_released = col(CountRelease.released_at).is_not(None)
    columns = [expression(getattr(CountRelease, name)) for name in _COLUMNS]
    found = [ListedRelease(*row) for row in act.session.execute(select_columns(*columns).where(is_released))]
    found += map(ListedRelease.of, act.session.exec(select(CountRelease).where(~is_released)))
    audit_log.write(act, Event.COUNT_RELEASE_READ, found=len(found))
    in_period = sorted(found, key=lambda one: (one.kind, -one.version))
    return sorted(in_period, key=lambda one: one.begins_on, reverse=True)


@needs(Permission.COUNT_RELEASES_READ)
def read(act: Act, release_id: str) -> CountRelease:
    """Returns a release. Raises `NotFound`, and `Conflict` if it has no figures."""
    found = act.session.get(CountRelease, release_id)
    if found is None:
        raise NotFound
    if found.made_at is None:
        raise Conflict("release_not_made")
    if found.content.problem is not None:
        raise Conflict(found.content.problem)
    audit_log.write(act, Event.COUNT_RELEASE_READ, subject=found.id)
    return found


@needs(Permission.COUNT_RELEASE_ASK)
def ask(act: Act, kind: PeriodKind, day: date) -> CountRelease:
    """Requests a release of the quarter or year that contains this day, which a second person must grant.

    Raises `Invalid` for a period that is not over. Raises `Conflict` if a release of the period waits, or if a year
    lacks a quarter. Raises `Conflict` too if fewer than ten records changed since the last release.
    """
    if kind not in (PeriodKind.QUARTER, PeriodKind.YEAR) or day < FIRST_MONTH:
        raise Invalid.at("day", "release_period_unknown")
    period = period_of(kind, day)
    if period.ends_on >= act.day:
        raise Invalid.at("day", "release_not_over", last=period.ends_on.isoformat())
    same = CountRelease.kind == kind, CountRelease.begins_on == period.begins_on
    versions = act.session.exec(select(CountRelease).where(*same)).all()
    if any(one.released_at is None for one in versions):
        raise Conflict("release_waits")
    released = building.released_in(act.session, period.begins_on)
    _require_change(act, period, released)
    row = CountRelease(
        id=new_id("Q"),
        kind=kind,
        begins_on=period.begins_on,
        version=1 + max((one.version for one in versions), default=0),
        as_of=act.day,
        asked_by=act.actor.id,
        content=ReleaseContent(),
    )
    act.session.add(row)
    act.session.flush()
    requests.ask(act, COUNTS, {"kind": kind.value, "begins_on": period.begins_on.isoformat()}, about=row.id)
    return row


def _require_change(act: Act, period: Period, released: Sequence[CountRelease]) -> None:
    """Raises `Conflict` if no new release is allowed yet.

    - For a quarter: fewer than ten records changed since its last release.
    - For a year: a quarter has no release, or has at least ten unreleased changes; or no quarter was released since the
      year's last release.
    """
    last = [one for one in released if (one.kind, one.begins_on) == (period.kind, period.begins_on)]
    if period.kind is PeriodKind.QUARTER:
        if last and _changed(act, last[-1]) < FLOOR:
            raise Conflict("release_unchanged")
        return
    parts = period.parts
    quarters = building.newest_quarters(released, period.begins_on)
    missing = [_name(part) for part, quarter in zip(parts, quarters, strict=True) if quarter is None]
    if missing:
        raise Conflict("release_needs_quarters", quarters=missing)
    known = [one for one in quarters if one is not None]
    changed = [_name(part) for part, one in zip(parts, known, strict=True) if _changed(act, one) >= FLOOR]
    if changed:
        raise Conflict("release_quarter_changed", quarters=changed)
    if last and [*last[-1].content.quarters] == [one.version for one in known]:
        raise Conflict("release_unchanged")


def _changed(act: Act, row: CountRelease) -> int:
    """Returns the larger of two numbers: the records that were added to a quarter since its release, and the records
    that were removed from it. A changed record is in both numbers.
    """
    period = period_of(row.kind, row.begins_on)
    then: Counter[CountFacts] = Counter(building.facts_of(act.session, row, ()))
    now: Counter[CountFacts] = Counter(facts_between(act.session, period.begins_on, period.ends_on))
    return max((then - now).total(), (now - then).total())


def _name(period: Period) -> str:
    return f"{period.begins_on.year}-Q{(period.begins_on.month + 2) // 3}"


def _row(act: Act, request: SecondPersonRequest) -> CountRelease:
    found = act.session.get(CountRelease, str(request.about), with_for_update=True)
    if found is None:
        raise NotFound
    return found


def _check(act: Act, request: SecondPersonRequest) -> None:
    row = _row(act, request)
    if row.made_at is None:
        raise Conflict("release_not_made")
    if row.content.problem is not None:
        raise Conflict(row.content.problem)


def _release(act: Act, request: SecondPersonRequest, _: Answer) -> None:
    row = _row(act, request)
    row.released_at, row.released_by = act.at, act.actor.id


def _forget(act: Act, request: SecondPersonRequest) -> None:
    """Deletes a release that was not granted, so that the period can be requested again."""
    act.session.delete(_row(act, request))


def _logged(request: SecondPersonRequest) -> Mapping[str, object]:
    return {"begins_on": request.facts["begins_on"], "period": request.facts["kind"]}


COUNTS = Kind(
    SecondPersonKind.COUNTS,
    ask=Permission.COUNT_RELEASE_ASK,
    grant=Permission.COUNT_RELEASE_ASK,
    read=Permission.COUNT_RELEASES_READ,
    waits_for=WAITS_FOR,
    carry_out=_release,
    check=_check,
    ended=_forget,
    logged=_logged,
    of_asker=True,
)
