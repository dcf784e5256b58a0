"""Counts of decisions, holds and stays by day. They include only rows that the actor may see, and contain no reference
to a case.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from sqlmodel import col, or_

from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of, start_of
from placement.core.codes import DecisionKind, DecisionStatus, HoldStatus
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Decision, Hold, Stay

Key = TypeVar("Key", bound=tuple[object, ...])


@dataclass(frozen=True, slots=True)
class StayCounts:
    """The stays of a unit on a day: households in house at the end of the day, and arrivals and
    departures on that day.
    """

    in_house: int = 0
    came: int = 0
    left: int = 0


def last_days(act: Act, days: int) -> list[date]:
    """Returns the last `days` days, oldest first. Today is the last of them."""
    return [act.day - timedelta(days=back) for back in reversed(range(days))]


def decisions(act: Act, days: int) -> Mapping[tuple[date, DecisionKind, DecisionStatus], int]:
    """Returns the number of decisions in the last days, by day, kind and present status."""
    since = start_of(last_days(act, days)[0])
    rows = act.session.exec(scoped_queries.decisions_of(act.actor).where(col(Decision.decided_at) >= since)).all()
    _log(act, Event.DECISIONS_LISTED, rows)
    return _sorted(Counter((day_of(row.decided_at), row.kind, row.status) for row in rows))


def holds(act: Act, days: int, status: HoldStatus | None) -> Mapping[tuple[date, str, HoldStatus], int]:
    """Returns the number of holds by day, unit and present status, for holds that were made in the last days."""
    since = start_of(last_days(act, days)[0])
    query = scoped_queries.listed_holds(act.session, act.actor, status, None).where(col(Hold.made_at) >= since)
    rows = [row for row in act.session.exec(query) if is_readable(row.unit_id)]
    _log(act, Event.HOLDS_LISTED, rows)
    return _sorted(Counter((day_of(row.made_at), row.unit_id, row.status) for row in rows))


def stays(act: Act, days: int) -> Mapping[tuple[date, str], StayCounts]:
    """Returns the stays of the last days by day and unit. Leaves out a unit on days on which no household
    lived there.
    """
    wanted = last_days(act, days)
    query = scoped_queries.stays_of(act.session, act.actor)
    query = query.where(or_(col(Stay.ended_on).is_(None), col(Stay.ended_on) >= wanted[0]))
    rows = [row for row in act.session.exec(query) if is_readable(row.unit_id, row.starts_on) and row.starts_on]
    _log(act, Event.STAYS_LISTED, rows)
    found: defaultdict[tuple[date, str], StayCounts] = defaultdict(StayCounts)
    for row in rows:
        for day in wanted:
            if row.starts_on <= day and (row.ended_on is None or day <= row.ended_on):
                left = row.ended_on == day
                key, now = (day, row.unit_id), found[day, row.unit_id]
                came = row.starts_on == day
                found[key] = replace(
                    now, in_house=now.in_house + (not left), came=now.came + came, left=now.left + left
                )
    return dict(sorted(found.items()))


def _log(act: Act, event: Event, rows: Sequence[Decision | Hold | Stay]) -> None:
    audit_log.write(act, event, shown=[row.registration_id for row in rows])


def _sorted(counter: Counter[Key]) -> dict[Key, int]:
    return dict(sorted(counter.items()))
