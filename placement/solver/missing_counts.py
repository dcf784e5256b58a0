"""Units that are excluded only because their shelter never counted them. In the problem, such units have no free beds,
although they may have some. So the rules are checked a second time, with the largest number of free beds that a first
count could report. All functions are pure.
"""

from collections.abc import Collection, Iterable, Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from matching import Explanation, Problem, UnitExplanation, explain, explain_all
from placement.capacity.room_state import RoomState
from placement.core import transactions

ROOMS = "rooms"
"""The rule that every person needs a bed."""


class MissingCounts(Struct, frozen=True):
    """Units in which a registration lacks rooms only because they were never counted. `open`: units that a first count
    could open to the registration. `hidden`: units that another rule excludes as well.
    """

    open: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


def most_free(states: Iterable[RoomState]) -> dict[str, int]:
    """Returns, for each room that was never counted, the largest number of free beds that a first count
    could report.
    """
    return {state.room.id: state.if_counted.free_beds for state in states if state.if_counted}


def missing_counts(
    problem: Problem, free: Mapping[str, int], registration_id: str, passed: Collection[str] = ()
) -> MissingCounts:
    """Returns the uncounted units for a registration. `free`: a result of `most_free`. `passed`: rules to ignore."""
    counted = _counted(problem, free)
    if counted is None or ROOMS in passed:
        return MissingCounts()
    return _compared(problem, free, explain(problem, registration_id), explain(counted, registration_id), passed)


def all_missing_counts(problem: Problem, free: Mapping[str, int]) -> dict[str, MissingCounts]:
    """Returns the uncounted units for every registration in the problem. The computation is slow, so it must run
    outside transactions.
    """
    transactions.require_none("missing counts")
    counted = _counted(problem, free)
    if counted is None:
        return {}
    pairs = zip(explain_all(problem), explain_all(counted), strict=True)
    return {now.registration: _compared(problem, free, now, then) for now, then in pairs}


def write_missing(found: MissingCounts) -> str:
    return msgspec.json.encode(found).decode()


def read_missing(written: str | None) -> MissingCounts:
    """Returns the stored uncounted units. Returns no units if nothing was stored, as in earlier versions."""
    return msgspec.json.decode(written, type=MissingCounts) if written else MissingCounts()


def _counted(problem: Problem, free: Mapping[str, int]) -> Problem | None:
    """Returns the problem as it would be after first counts. Returns `None` if every room in the problem
    was counted.
    """
    rooms = [replace(room, free_beds=free[room.id]) if room.id in free else room for room in problem.rooms]
    return replace(problem, rooms=tuple(rooms)) if any(room.id in free for room in rooms) else None


def _compared(
    problem: Problem, free: Mapping[str, int], now: Explanation, then: Explanation, passed: Collection[str] = ()
) -> MissingCounts:
    """Returns the uncounted units. Units whose scheme suits the registration best come first."""
    uncounted = {room.unit for room in problem.rooms if room.id in free}
    pairs = [pair for pair in zip(now.units, then.units, strict=True) if pair[0].unit in uncounted]
    lifted = [after for before, after in pairs if _lacks_rooms(before) and not _lacks_rooms(after)]
    [schemes] = [row.schemes for row in problem.registrations if row.id == now.registration]
    scheme_of = {unit.id: unit.scheme for unit in problem.units}
    opened = {one.unit for one in lifted if all(broken.rule in passed for broken in one.broken)}
    rank = {scheme: number for number, scheme in enumerate(schemes)}
    best_first = sorted(opened, key=lambda unit: (rank.get(scheme_of[unit], len(rank)), unit))
    return MissingCounts(tuple(best_first), tuple(one.unit for one in lifted if one.unit not in opened))


def _lacks_rooms(unit: UnitExplanation) -> bool:
    return any(one.rule == ROOMS for one in unit.broken)
