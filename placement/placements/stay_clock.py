"""The clock of a stay goes on through moves: it began with the first place that was left for the next one."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from sqlmodel import Session, col, select

from placement.core.clock import day_of
from placement.core.reason_codes import MOVED_ON
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Stay


def began_on(session: Session, stays: Collection[Stay]) -> Mapping[str, date]:
    """The first day of the clock of each of these stays, by id."""
    cases = {stay.registration_id for stay in stays}
    moved = select(Stay).where(col(Stay.registration_id).in_(cases), Stay.end_reason == MOVED_ON)
    left: defaultdict[str, list[Stay]] = defaultdict(list)
    for one in session.exec(moved):
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
