"""The clock of a stay goes on through moves: it began with the first place that was left for the next one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlmodel import Session, col, or_, select

from placement.access import scoped_queries
from placement.core.clock import day_of
from placement.core.codes import StayStatus
from placement.core.context import Act
from placement.core.reason_codes import MOVED_ON
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Stay


def began_on(session: Session, stays: Collection[Stay]) -> Mapping[str, date]:
    """The first day of the clock of each of these stays, by id."""
    cases = {stay.registration_id for stay in stays}
    moved = select(Stay).where(col(Stay.registration_id).in_(cases), Stay.end_reason == MOVED_ON)
    return _clocks(stays, session.exec(moved))


def in_house(act: Act) -> tuple[list[Stay], Mapping[str, date]]:
    """The stays in house that the actor sees, and the first day of the clock of each, by id: in one statement."""
    seen = scoped_queries.stays_of(act.session, act.actor).where(Stay.status == StayStatus.IN_HOUSE)
    cases = seen.with_only_columns(col(Stay.registration_id))
    of_clock = or_(Stay.status == StayStatus.IN_HOUSE, Stay.end_reason == MOVED_ON)
    found = act.session.exec(select(Stay).where(col(Stay.registration_id).in_(cases), of_clock)).all()
    stays = [stay for stay in found if stay.status is StayStatus.IN_HOUSE and stay.unit_id is not None]
    return stays, _clocks(stays, (stay for stay in found if stay.end_reason == MOVED_ON))


def _clocks(stays: Iterable[Stay], moved: Iterable[Stay]) -> Mapping[str, date]:
    left: defaultdict[str, list[Stay]] = defaultdict(list)
    for one in moved:
        if one.starts_on is not None and is_readable(one.starts_on):
            left[one.registration_id].append(one)
    return {stay.id: _began(stay, left[stay.registration_id]) for stay in stays}


def _began(stay: Stay, left: Collection[Stay]) -> date:
    """`left`: the stays of the case that ended with a move. Each ends on the day of the arrival at the next."""
    first, rest = stay, [one for one in left if one.id != stay.id]
    while first.arrived_at is not None and is_readable(first.arrived_at):
        arrived_on = day_of(first.arrived_at)
        before = [one for one in rest if one.ended_on == arrived_on and one.arrived_at < first.arrived_at]
        if not before:
            break
        first = max(before, key=lambda one: one.arrived_at)
        rest.remove(first)
    begins: date = first.starts_on
    return begins
