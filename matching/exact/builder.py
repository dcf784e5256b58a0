"""The integer model: variables, constraints and points. `solve.py` solves it.

The model has a variable only for a choice that breaks no hard rule by itself:

- a private registration has a boolean for each choice of whole rooms (one room or two);
- a single person who shares has a boolean for each room;
- several persons who share have a boolean for each unit. For each room they have a boolean (any of them is there) and
  an integer (how many are there). The integers replace a variable for every way to divide a large group.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from matching.format.problem import Kind, Registration, Room, Unit
from matching.format.solution import Placement, RoomUse
from matching.index import Group, Index
from matching.objective import Valuation
from matching.rooms.spaces import Space, space_of, split, usable, whole_rooms
from matching.solvers.cp_sat import LinearExpr, Model

Var = Any  # a type of the solver: see matching/solvers/cp_sat.py
Waivers = Mapping[tuple[str, str], Collection[str]]
"""The codes of waived rules, by registration and unit.

To waive `together`, the caller must also remove the registration from its group.
"""
NO_WAIVERS: Waivers = {}


class Guest(NamedTuple):
    """A possible use of a room. The number of beds taken is the value of `var` times `beds`. `kind`: gender and whether
    minor, or `None` for a private registration. `used`: 1 if at least one bed is taken.
    """

    var: Var
    beds: int
    kind: Kind | None
    used: Var


class Household(NamedTuple):
    """Several persons who share rooms of a unit. `here` is 1 if they are there, `used[room]` if they use the room."""

    registration: str
    unit: str
    here: Var
    used: dict[str, Var]


class ModelBuilder:
    """The builder of the model. It makes the variables, and has a method for each constraint that a joint rule adds."""

    def __init__(self, index: Index, valuation: Valuation, waived: Waivers) -> None:
        self.index = index
        self.valuation = valuation
        self.waived = waived
        self.spaces: dict[str, list[Space]] = {}  # by unit: the rooms with a free bed
        self.model = Model()
        self.choices: defaultdict[str, defaultdict[str, list[Var]]] = defaultdict(lambda: defaultdict(list))
        self.guests: defaultdict[str, list[Guest]] = defaultdict(list)
        self.allocation: dict[int, tuple[str, str, tuple[RoomUse, ...]]] = {}  # by variable: the choice
        self.counts: dict[int, tuple[str, str, str]] = {}  # by variable that counts persons: its room
        self.company: list[tuple[Var, list[Var]]] = []  # the first is 1 if a variable in the list is above 0
        self.tied: list[tuple[Var, Var]] = []  # the variables of a use of a room, and of the room's kind
        self.households: list[Household] = []
        self.points: dict[int, int] = {}  # by variable
        self._protos: dict[str, list[tuple[str, Any]]] = {}  # by registration: each unit with its variable
        self.rows: dict[
            tuple[str, str], int
        ] = {}  # numbers of constraints, by subject ("registration", "high_care" or "room") and id

    # the operations that rules use

    def locations_open_to(self, registration: str) -> set[str]:
        return {self.index.units[unit].location for unit in self.choices[registration]}

    def at(self, registration: str, location: str) -> list[Var]:
        """Returns variables whose sum is 1 if the registration is at the location. Units in which `keep_apart` is
        waived for the registration do not count.
        """
        return [
            var
            for unit, choices in self.choices[registration].items()
            if self.index.units[unit].location == location
            and "keep_apart" not in self.waived.get((registration, unit), ())
            for var in choices
        ]

    def high_care_in(self, unit: str) -> list[Var]:
        """Returns variables whose sum is the number of high-care registrations in the unit. Registrations for which the
        rule is waived do not count.
        """
        return [
            var
            for registration, units in self.choices.items()
            if self.index.registrations[registration].high_care
            and unit in units
            and "high_care" not in self.waived.get((registration, unit), ())
            for var in units[unit]
        ]

    def at_most_one(self, booleans: list[Var]) -> Any:
        """Adds the constraint that at most one boolean is 1, and returns it; `None` for fewer than two booleans."""
        return self.model.add_at_most_one(booleans) if len(booleans) > 1 else None

    def place_once(self, registration: str, *, must: bool) -> None:
        """Adds the constraint that the registration has at most one choice. With `must` it has exactly one choice."""
        everywhere = [var for choices in self.choices[registration].values() for var in choices]
        if must:
            self.rows["registration", registration] = self.model.add_exactly_one(everywhere).index
        elif len(everywhere) > 1:
            self.rows["registration", registration] = self.model.add_at_most_one(everywhere).index

    def none_of(self, booleans: list[Var]) -> None:
        self.model.add(LinearExpr.sum(booleans) == 0)

    def limit_high_care(self, unit: str, limit: int) -> None:
        """Adds the constraint that at most `limit` high-care registrations are in the unit."""
        booleans = self.high_care_in(unit)
        if len(booleans) > limit:
            row = self.model.add(LinearExpr.sum(booleans) <= limit)
            self.rows["high_care", unit] = row.index

    def keep_together(self, group: Group) -> None:
        """Adds the constraint that all registrations of the group are at the same place, or all are unplaced."""
        places = [self._by_place(member, group) for member in group.members]
        common = sorted(set.intersection(*map(set, places)))
        here = {place: self.model.new_bool_var("") for place in common}
        for of_member in places:
            for place, choices in sorted(of_member.items()):
                if place in here:
                    self.model.add(LinearExpr.sum(choices) == here[place])
                else:
                    self.none_of(choices)
        for place, var in here.items():
            self.company.append((var, places[0][place]))
        self.at_most_one(list(here.values()))

    def reward(self, groups: Iterable[Group]) -> None:
        """Adds the points of groups without `must`: the weight `together` for each placed member, minus this weight for
        each place that members use.

        A place that is open to a single member needs no variable, because its points add up to 0.
        """
        weight = self.valuation.policy.together
        for group in groups:
            there: defaultdict[str, list[list[Var]]] = defaultdict(list)
            for member in group.members:
                for place, choices in self._by_place(member, group).items():
                    there[place].append(choices)
            for _, members in sorted(there.items()):
                if len(members) > 1:
                    everybody = [var for choices in members for var in choices]
                    for var in everybody:
                        self.points[var.index] += weight
                    is_used = self.boolean(-weight)
                    self.company.append((is_used, everybody))
                    self.model.add_bool_or([*everybody, is_used.negated()])
                    for choices in members:
                        self.model.add(LinearExpr.sum(choices) <= is_used)

    def _by_place(self, registration: str, group: Group) -> dict[str, list[Var]]:
        """Returns variables by place. The variables of a place have the sum 1 if the registration is there."""
        found: defaultdict[str, list[Var]] = defaultdict(list)
        for unit, choices in self.choices[registration].items():
            found[self.index.place(unit, group.where)].extend(choices)
        return found

    def share_out(self, room: Room) -> None:
        """Adds the constraints of a room: enough free beds, and only one private registration or kind of persons."""
        if room.id not in self.guests:
            return
        private = [guest.var for guest in self.guests[room.id] if guest.kind is None]
        sharing: defaultdict[Kind, list[Guest]] = defaultdict(list)
        for guest in self.guests[room.id]:
            if guest.kind is not None:
                sharing[guest.kind].append(guest)
        if room.free_beds == 1:
            row = self.at_most_one([guest.var for guest in self.guests[room.id]])
        elif not sharing:
            row = self.at_most_one(private)
        elif len(sharing) == 1 and not private:
            [guests] = sharing.values()
            row = self._beds(guests, room.free_beds)
        else:
            theirs = []
            for _, guests in sorted(sharing.items()):
                is_theirs = self.model.new_bool_var("")
                theirs.append(is_theirs)
                self.company.append((is_theirs, [guest.var for guest in guests]))
                self.tied += [(guest.used, is_theirs) for guest in guests]
                self._beds(guests, room.free_beds, is_theirs)
            row = self.model.add_at_most_one(theirs + private)
        if row is not None:
            self.rows["room", room.id] = row.index

    def _beds(self, guests: list[Guest], beds: int, if_theirs: Var | None = None) -> Any:
        variables, weights = [guest.var for guest in guests], [guest.beds for guest in guests]
        if if_theirs is not None:
            variables, weights = [*variables, if_theirs], [*weights, -beds]
            beds = 0
        return self.model.add(LinearExpr.weighted_sum(variables, weights) <= beds)

    # the choices of rooms

    def boolean(self, points: int) -> Var:
        return self._worth(self.model.new_bool_var(""), points)

    def _worth(self, var: Var, points: int) -> Var:
        self.points[var.index] = points
        return var

    def offer(self, registration: Registration, unit: Unit) -> None:
        """Adds a variable for every choice of rooms of this registration in this unit."""
        spaces = usable(self.index, registration, self._spaces_in(unit.id))
        if not spaces:
            return
        worth = self.valuation.pair_points(registration, unit)
        if registration.is_private:
            for rooms in whole_rooms(registration, spaces):
                var = self.boolean(worth - self.valuation.private_waste(registration, unit, rooms))
                self._allocate(var, registration, unit, split(registration, rooms))
                for room in rooms:
                    self.guests[room.id].append(Guest(var, room.free_beds, None, var))
        elif len(registration.persons) == 1:
            needed = set(registration.room_needs)
            for room in (space.room for space in spaces if needed <= set(space.room.features)):
                var = self.boolean(worth - self.valuation.bed_cost(registration, unit, room))
                self._allocate(var, registration, unit, (RoomUse(room.id, 1),))
                self.guests[room.id].append(Guest(var, 1, registration.kind, var))
        elif sum(space.beds for space in spaces) >= len(registration.persons):
            self._offer_beds(registration, unit, [space.room for space in spaces], worth)

    def _spaces_in(self, unit: str) -> list[Space]:
        if unit not in self.spaces:
            spaces = map(space_of, self.index.rooms_of[unit])
            self.spaces[unit] = [space for space in spaces if space.beds and len(space.kinds) <= 1]
        return self.spaces[unit]

    def _allocate(self, var: Var, registration: Registration, unit: Unit, uses: tuple[RoomUse, ...]) -> None:
        self.choices[registration.id][unit.id].append(var)
        self.allocation[var.index] = registration.id, unit.id, uses

    def _offer_beds(self, registration: Registration, unit: Unit, rooms: list[Room], worth: int) -> None:
        persons, extra_room = len(registration.persons), self.valuation.policy.extra_room
        here = self.boolean(worth + extra_room)
        self.choices[registration.id][unit.id].append(here)
        used: dict[str, Var] = {}
        self.households.append(Household(registration.id, unit.id, here, used))
        counts = []
        for room in rooms:
            others_meet = not set(registration.room_needs) <= set(room.features)  # another room must meet a need
            most = min(persons - others_meet, room.free_beds)
            cost = self.valuation.bed_cost(registration, unit, room)
            if most == 1:
                used[room.id] = count = self.boolean(-cost - extra_room)
            else:
                used[room.id] = self.boolean(-extra_room)
                count = self._worth(self.model.new_int_var(0, most, ""), -cost)
                self.model.add(count <= most * used[room.id])
                self.model.add(count >= used[room.id])
                self.company.append((used[room.id], [count]))
            self.model.add_implication(used[room.id], here)
            counts.append(count)
            self.counts[count.index] = registration.id, unit.id, room.id
            self.guests[room.id].append(Guest(count, 1, registration.kind, used[room.id]))
        self.model.add(LinearExpr.sum(counts) == persons * here)
        for code in sorted(set(registration.room_needs)):
            self.model.add_bool_or([used[room.id] for room in rooms if code in room.features] + [here.negated()])

    @contextmanager
    def only_in(self, registration: str, unit: str) -> Iterator[None]:
        """Within the `with` block, allows the registration only this unit."""
        if registration not in self._protos:
            rows, choices = self.model.proto.variables, self.choices[registration]
            self._protos[registration] = [(there, rows[var.index]) for there in choices for var in choices[there]]
        others = [variable for there, variable in self._protos[registration] if there != unit]
        for variable in others:
            variable.domain[1] = 0
        try:
            yield
        finally:
            for variable in others:
                variable.domain[1] = 1

    # the result of the solver, and its hint

    def placements(self, values: Sequence[int]) -> tuple[Placement, ...]:
        """Returns the placements in a solution. `values`: the value of each variable, in the order of the model."""
        rooms: defaultdict[tuple[str, str], list[RoomUse]] = defaultdict(list)
        for column in np.flatnonzero(values).tolist():
            if column in self.allocation:
                registration, unit, uses = self.allocation[column]
                rooms[registration, unit].extend(uses)
            elif column in self.counts:
                registration, unit, room = self.counts[column]
                rooms[registration, unit].append(RoomUse(room, int(values[column])))
        answer = []
        for (registration, unit), found in sorted(rooms.items()):
            uses = tuple(sorted(found, key=lambda use: use.room))
            worth = self.valuation.total(self.index.registrations[registration], self.index.units[unit], uses)
            answer.append(Placement(registration, unit, uses, worth))
        return tuple(answer)

    def hint(self, placements: Iterable[Placement]) -> None:
        """Gives these placements to the solver as a starting point."""
        uses = {placement.registration: placement for placement in placements}
        values: dict[int, int] = {}
        for column, (registration, unit, rooms) in self.allocation.items():
            placement = uses.get(registration)
            values[column] = placement is not None and (placement.unit, placement.rooms) == (unit, rooms)
        for column, (registration, unit, room) in self.counts.items():
            placement = uses.get(registration)
            there = placement.rooms if placement is not None and placement.unit == unit else ()
            values[column] = sum(use.persons for use in there if use.room == room)
            for here in self.choices[registration][unit]:
                values[here.index] = bool(there)
        for var, others in self.company:
            values[var.index] = any(values[other.index] for other in others)
        self.model.proto.solution_hint.vars.extend(list(values))
        self.model.proto.solution_hint.values.extend([int(value) for value in values.values()])
