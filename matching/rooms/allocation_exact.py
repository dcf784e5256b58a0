"""Room allocation in a unit by solvers, after the search has reached its step limit.

The model has few variables: the whole rooms of a private registration, the rooms that give a bed with a needed feature,
and the kind of persons in each room. All other persons who share need only a bed of their kind by their last acceptable
first day. It is enough to count their beds by day: a room that is free in time for a registration is also free for
those that can wait longer.

The solvers check each other. Rooms that CP-SAT finds must pass the checker. If CP-SAT finds that no allocation exists,
HiGHS must prove it too. The work limits of both solvers are the same on every machine.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from itertools import product
from typing import Any

from msgspec.structs import replace

from matching.check import check
from matching.format.problem import Fixed, Kind, Registration, Room
from matching.format.solution import SOLUTION_FORMAT, Engine, Placement, Seconds, Solution
from matching.index import Index
from matching.rooms.allocation_search import Allocation, Search
from matching.rooms.spaces import space_of
from matching.solvers.cp_sat import LinearExpr, Model, SolverFailed, any_values
from matching.solvers.highs import proves_impossible
from matching.work import Undecided, Work

Key = tuple[str, str | Kind]
WHOLE = 2  # the weight of a room for all persons of a private registration; a smaller room has the weight 1


def allocation(index: Index, unit: str, rooms: list[Room], registrations: list[Registration]) -> Allocation | None:
    """Returns a room allocation for all registrations; `None` if there is no allocation. Raises Undecided."""
    choice = _Choice(index, rooms, registrations)
    if choice.is_impossible:
        return None
    try:
        value = any_values(choice.model)
    except SolverFailed as error:
        raise Undecided(f"whether all of them have a place in unit {unit} is not known: {error}") from error
    if value is None:
        if not proves_impossible(choice.model):
            raise Undecided(f"the solvers do not agree that unit {unit} has no rooms for all of them")
        return None
    found = choice.allocation({key for key, var in choice.vars.items() if value(var)})
    if found is None or not _is_sound(index, unit, rooms, registrations, found):
        raise Undecided(f"the solver gives rooms in unit {unit} that break a rule")
    return found


def _is_sound(index: Index, unit: str, rooms: list[Room], registrations: list[Registration], found: Allocation) -> bool:
    """Checks that every registration is placed, and that the checker accepts the rooms."""
    here = index.units[unit]
    part = replace(
        index.problem,
        locations=(index.location_of(here),),
        units=(here,),
        rooms=tuple(rooms),
        registrations=tuple(registrations),
        together=(),
        fixed=tuple(Fixed(row.id, unit) for row in registrations),
    )
    solution = Solution(
        format=SOLUTION_FORMAT,
        together=(),
        status="feasible",
        objective=0,
        bound=0,
        placements=tuple(Placement(name, unit, uses, 0) for name, uses in sorted(found.items())),
        unplaced=(),
        seconds=Seconds(),
        engine=Engine(ortools=""),
    )
    return not {"listing", "fixed", "rooms"} & {wrong.rule for wrong in check(part, solution).violations}


class _Choice:
    """The model. `vars[registration, room]` is 1 if it uses the room, `vars[room, kind]` if the room has this kind."""

    def __init__(self, index: Index, rooms: list[Room], registrations: list[Registration]) -> None:
        self.by = {row.id: index.needed_by(row) for row in registrations}
        self.rooms, self.registrations = rooms, registrations
        self.model = Model()
        self.is_impossible = False  # true if a sum can never reach its lower limit
        self.vars: dict[Key, Any] = {}
        sharing: defaultdict[Kind, list[Registration]] = defaultdict(list)
        for row in registrations:
            if not row.is_private:
                sharing[row.kind].append(row)
        for room, kind in product(rooms, sorted(sharing)):
            if space_of(room).kinds <= {kind}:
                self._new(room.id, kind)
        for row in registrations:
            if row.is_private:
                self._whole_rooms(row)
            elif row.room_needs:
                self._beds_with_features(row)
        for kind, rows in sorted(sharing.items()):
            self._enough_beds(kind, rows)
        for room in rooms:
            private: list[Key] = [(row.id, room.id) for row in registrations if row.is_private]
            self._at_least(-1, [(-1, key) for key in [*private, *((room.id, kind) for kind in sorted(sharing))]])

    def _new(self, first: str, second: str | Kind) -> None:
        self.vars[first, second] = self.model.new_bool_var("")

    def _at_least(self, least: int, terms: Iterable[tuple[int, Key]]) -> None:
        """Adds the constraint that a weighted sum is at least `least`. Ignores terms without a variable."""
        known = [(weight, self.vars[key]) for weight, key in terms if key in self.vars]
        self.is_impossible |= least > sum(max(weight, 0) for weight, _ in known)
        total = LinearExpr.weighted_sum([var for _, var in known], [weight for weight, _ in known])
        self.model.add(total >= least)

    def _has_features(self, row: Registration, rooms: list[Room]) -> None:
        for code in sorted(set(row.room_needs)):
            self._at_least(1, [(1, (row.id, room.id)) for room in rooms if code in room.features])

    def _whole_rooms(self, row: Registration) -> None:
        """Adds the constraint that the registration gets a room, or two smaller rooms, with beds for all persons."""
        persons = len(row.persons)
        rooms = [room for room in self.rooms if room.free_from <= self.by[row.id] and not room.occupants]
        for room in rooms:
            self._new(row.id, room.id)
        share = [(WHOLE if room.free_beds >= persons else 1, (row.id, room.id)) for room in rooms]
        self._at_least(WHOLE, share)
        self._at_least(-WHOLE, [(-weight, key) for weight, key in share])
        self._at_least(persons, [(room.free_beds, (row.id, room.id)) for room in rooms])
        self._has_features(row, rooms)

    def _beds_with_features(self, row: Registration) -> None:
        """Adds the constraints that it gets a room with each needed feature, and not more such rooms than persons."""
        wanted = set(row.room_needs)
        rooms = [
            room
            for room in self.rooms
            if wanted & set(room.features) and room.free_from <= self.by[row.id] and (room.id, row.kind) in self.vars
        ]
        for room in rooms:
            self._new(row.id, room.id)
        self._at_least(-len(row.persons), [(-1, (row.id, room.id)) for room in rooms])
        self._has_features(row, rooms)

    def _enough_beds(self, kind: Kind, rows: list[Registration]) -> None:
        """Adds the constraint that the rooms for this kind of persons have enough beds by each last acceptable first
        day.
        """
        for room in self.rooms:
            beds = [(-1, (row.id, room.id)) for row in rows]
            self._at_least(0, [(room.free_beds, (room.id, kind)), *beds])
        for day in sorted({self.by[row.id] for row in rows}):
            ready = [room for room in self.rooms if room.free_from <= day and (room.id, kind) in self.vars]
            persons = sum(len(row.persons) for row in rows if self.by[row.id] <= day)
            later = [(-1, (row.id, room.id)) for row in rows if self.by[row.id] > day for room in ready]
            self._at_least(persons, [*((room.free_beds, (room.id, kind)) for room in ready), *later])

    def allocation(self, chosen: Collection[Key]) -> Allocation | None:
        """Returns the room allocation for the variables that are 1. Gives beds to all other persons who share."""
        search = Search(self.rooms, {row.id: (row, self.by[row.id]) for row in self.registrations}, Work(0))
        taken = {row.id: [room for room in self.rooms if (row.id, room.id) in chosen] for row in self.registrations}
        return search.completed(taken, {room: kind for room, kind in chosen if isinstance(kind, tuple)})
