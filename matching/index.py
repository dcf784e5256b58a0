"""A problem sorted by id, with the look-up tables of the engine. The order of rows in a file changes no solution."""

from collections import defaultdict
from copy import copy
from datetime import date
from functools import cached_property
from itertools import combinations
from operator import attrgetter
from typing import NamedTuple

from msgspec.structs import replace

from matching.format.problem import Fixed, Kind, Location, Problem, Registration, Room, Unit
from matching.format.scalars import Where
from matching.format.solution import Placement, RoomUse

_ID = attrgetter("id")
_NOBODY: frozenset[str] = frozenset()


class Ask(NamedTuple):
    """The requirements of a registration for rooms. `kind`: gender and whether minor; `None` if the registration is
    private. `by`: the last acceptable first day. `needs`: the features that its rooms must have.
    """

    private: bool
    persons: int
    kind: Kind | None
    by: date
    needs: tuple[str, ...]


class Group(NamedTuple):
    """A group of registrations that belong together. `members`: sorted by id."""

    id: str
    members: tuple[str, ...]
    where: Where
    must: bool


class Index:
    """A problem with look-up tables. All rows are sorted by id."""

    def __init__(self, problem: Problem) -> None:
        self.policy = problem.policy
        self.registrations: dict[str, Registration] = {
            registration.id: registration for registration in sorted(problem.registrations, key=_ID)
        }
        self.units: dict[str, Unit] = {unit.id: unit for unit in sorted(problem.units, key=_ID)}
        self.locations: dict[str, Location] = {location.id: location for location in problem.locations}
        self.rooms: dict[str, Room] = {room.id: room for room in sorted(problem.rooms, key=_ID)}
        self.rooms_of: dict[str, list[Room]] = {unit: [] for unit in self.units}
        housed: defaultdict[str, set[str]] = defaultdict(set)
        for room in self.rooms.values():
            self.rooms_of[room.unit].append(room)
            if room.occupants:
                housed[self.units[room.unit].location].update(occupant.registration for occupant in room.occupants)
        self.housed_at: dict[str, frozenset[str]] = {
            location: frozenset(housed[location]) if location in housed else _NOBODY for location in self.locations
        }
        lives_at: defaultdict[str, set[str]] = defaultdict(set)
        for location, residents in housed.items():
            for resident in residents:
                lives_at[resident].add(location)
        self.lives_at: dict[str, set[str]] = dict(lives_at)
        apart: defaultdict[str, set[str]] = defaultdict(set)
        for registration in self.registrations.values():
            for other in registration.keep_apart:
                apart[registration.id].add(other)
                apart[other].add(registration.id)
        self.apart_from: dict[str, frozenset[str]] = {
            registration: frozenset(apart[registration] - {registration}) if registration in apart else _NOBODY
            for registration in self.registrations
        }
        self.groups: dict[str, Group] = {
            row.id: Group(row.id, tuple(sorted(row.registrations)), row.where, row.must)
            for row in sorted(problem.together, key=_ID)
        }
        self.group_of: dict[str, Group] = {member: group for group in self.groups.values() for member in group.members}

        self._asks: dict[str, Ask] = {}
        self.fix(problem)

    def fix(self, problem: Problem) -> None:
        """Stores the fixed registrations and empties the caches about them. `problem`: differs only in `fixed`."""
        self.problem = problem
        self.fixed: dict[str, str] = {row.registration: row.unit for row in problem.fixed}
        self._fixed_in: defaultdict[str, list[Registration]] = defaultdict(list)
        for other, unit_id in sorted(self.fixed.items()):
            self._fixed_in[unit_id].append(self.registrations[other])
        self.obstacles: dict[tuple[object, ...], str | None] = {}  # cache of `first_obstacle` (rooms/allocation.py)
        self.rooms_for: dict[tuple[object, ...], bool] = {}  # cache of `has_rooms`
        # cache of `allocation_of_fixed`, by unit
        self.allocation: dict[str, dict[str, tuple[RoomUse, ...]] | None] = {}
        self.cores: dict[tuple[str, ...], tuple[Placement, ...] | None] = {}  # cache of `open_house` (fallback.py)
        self.steps = 0  # steps of room searches so far

    @cached_property
    def cliques(self) -> list[tuple[str, ...]]:
        """Sets of registrations in which every pair must be kept apart. Together the sets contain all such pairs."""
        apart = {name: others & self.registrations.keys() for name, others in self.apart_from.items() if others}
        covered: set[tuple[str, str]] = set()
        found: list[tuple[str, ...]] = []
        for pair in ((name, other) for name in apart for other in sorted(apart[name]) if name < other):
            if pair not in covered:
                clique, common = list(pair), apart[pair[0]] & apart[pair[1]]
                while common:
                    clique.append(min(common, key=lambda name: (-len(apart[name] & common), name)))
                    common = common & apart[clique[-1]]
                found.append(tuple(sorted(clique)))
                covered.update(combinations(found[-1], 2))
        return found

    def with_fixed(self, fixed: tuple[Fixed, ...]) -> "Index":
        """Returns an index of the same problem in which exactly these placements are fixed."""
        index = copy(self)
        index.fix(replace(self.problem, fixed=fixed))
        return index

    def location_of(self, unit: Unit) -> Location:
        return self.locations[unit.location]

    def place(self, unit: str, where: Where) -> str:
        """Returns the id of the unit's place on the level `where`: the unit, its location, or its region."""
        if where == "unit":
            return unit
        location = self.units[unit].location
        return location if where == "location" else self.locations[location].region

    def bound_to(self, registration: str) -> Group | None:
        """Returns the group with `must` to which this registration belongs; `None` if there is no such group."""
        group = self.group_of.get(registration)
        return group if group is not None and group.must else None

    def fixed_in_part(self) -> list[Group]:
        """Returns the groups with `must` that have both fixed members and other members."""
        return [
            group
            for group in self.groups.values()
            if group.must and 0 < sum(member in self.fixed for member in group.members) < len(group.members)
        ]

    def needed_by(self, registration: Registration) -> date:
        """Returns the last acceptable first day, but not a day before `as_of`."""
        return max(registration.needed_by, self.problem.as_of)

    def ask_of(self, registration: Registration) -> Ask:
        """Returns the requirements of the registration for rooms, from a cache."""
        if registration.id not in self._asks:
            private, needs = registration.is_private, tuple(sorted(set(registration.room_needs)))
            kind = None if private else registration.kind
            by = self.needed_by(registration)
            self._asks[registration.id] = Ask(private, len(registration.persons), kind, by, needs)
        return self._asks[registration.id]

    def fixed_in(self, unit: str, without: str) -> list[Registration]:
        """Returns the registrations that are fixed in this unit, except `without`, sorted by id."""
        return [other for other in self._fixed_in.get(unit, ()) if other.id != without]

    def fixed_at(self, location: str, without: str) -> set[str]:
        """Returns the ids of the registrations that are fixed at this location, except `without`."""
        return {
            other for other, unit in self.fixed.items() if self.units[unit].location == location and other != without
        }
