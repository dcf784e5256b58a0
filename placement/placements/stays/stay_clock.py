"""The clock of a stay. It counts from the first place through all moves, and leaves out the days on which the client
was missing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from placement.access import scoped_queries
from placement.core.clock import day_of
from placement.core.codes import StayStatus
from placement.core.context import Act
from placement.core.reason_codes import MOVED_ON
from placement.crypto.encrypted_columns import is_readable
from placement.storage.bed_claims import STANDING
from placement.tables import Stay

When = TypeVar("When", int, date)


def is_past_limit(limit: When, day: When) -> bool:
    """Checks whether a stay is over its limit on `day`. `limit`: the first day after the days that a stay may last.
    Both parameters are dates, or both are numbers of days since the limit began to count, even if the client moved.
    """
    return limit <= day


@dataclass(frozen=True, slots=True)
class StayWithClock:
    """A stay, with the earlier stays whose clock continues in it, newest first."""

    stay: Stay
    before: tuple[Stay, ...]

    @property
    def began_on(self) -> Any:
        """The day from which the days of the stay are counted: the first day in the first place, plus the number of
        days on which the client was missing. `None` before the arrival.
        """
        chain = (self.stay, *self.before)
        away = (later.starts_on - left.ended_on for later, left in pairwise(chain) if later.goes_on_from == left.id)
        return chain[-1].starts_on and chain[-1].starts_on + sum(away, timedelta())


def began_on(session: Session, stays: Collection[Stay]) -> Mapping[str, Any]:
    """Returns, by stay id, the day from which the clock of the stay counts; `None` before the arrival."""
    cases = {stay.registration_id for stay in stays}
    ended = select(Stay).where(col(Stay.registration_id).in_(cases), Stay.status == StayStatus.ENDED)
    return {one.stay.id: one.began_on for one in _with_clocks(stays, session.exec(ended))}


def in_house(act: Act) -> list[StayWithClock]:
    """Returns the current stays that the actor may see, with a single SQL statement."""
    seen = scoped_queries.stays_of(act.session, act.actor, *STANDING).where(Stay.status == StayStatus.IN_HOUSE)
    cases = seen.with_only_columns(col(Stay.registration_id))
    lived = col(Stay.status).in_([StayStatus.IN_HOUSE, StayStatus.ENDED])
    found = act.session.exec(select(Stay).where(col(Stay.registration_id).in_(cases), lived)).all()
    stays = [stay for stay in found if stay.status is StayStatus.IN_HOUSE and stay.unit_id is not None]
    return _with_clocks(stays, (stay for stay in found if stay.status is StayStatus.ENDED))


def _with_clocks(stays: Iterable[Stay], ended: Iterable[Stay]) -> list[StayWithClock]:
    left: defaultdict[str, list[Stay]] = defaultdict(list)
    for one in ended:
        if one.starts_on is not None and is_readable(one.starts_on):
            left[one.registration_id].append(one)
    return [StayWithClock(stay, _before(stay, left[stay.registration_id])) for stay in stays]


def _before(stay: Stay, left: Collection[Stay]) -> tuple[Stay, ...]:
    """Returns the stays whose clock continues in this stay, newest first. `left`: ended stays of the case. The clock of
    a stay continues if the stay ended with a move on the day of the next arrival. It also continues if a missing client
    returned to the bed.
    """
    chain, rest = [stay], [one for one in left if one.id != stay.id]
    while (arrived_at := chain[-1].arrived_at) is not None and is_readable(arrived_at):
        before = [one for one in rest if _leads_to(one, chain[-1]) and one.arrived_at < arrived_at]
        if not before:
            break
        chain.append(max(before, key=lambda one: one.arrived_at))
        rest.remove(chain[-1])
    return tuple(chain[1:])


def _leads_to(left: Stay, stay: Stay) -> bool:
    """Checks whether the clock of `left` continues in `stay`."""
    if stay.goes_on_from is not None:
        return bool(stay.goes_on_from == left.id)
    return left.end_reason == MOVED_ON and bool(left.ended_on == day_of(stay.arrived_at))
