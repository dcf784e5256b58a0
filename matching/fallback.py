"""The construction heuristic: the most urgent registration first, each to the best remaining place.

Uses no solver, unless the room allocation of the registrations fixed in one unit needs one
(`matching/rooms/allocation.py`). The result replaces the solver's if that fails, and is the solver's first hint.
"""

from collections import defaultdict

from matching.eligibility import open_table
from matching.format.problem import Registration, Unit
from matching.format.solution import Placement, RoomUse
from matching.index import Index
from matching.objective import Valuation
from matching.rooms.allocation import allocation_of_fixed
from matching.rooms.choices import cheapest_within
from matching.rooms.spaces import space_of, taken_of, usable, whole_rooms
from matching.rules.base import Table
from matching.work import OutOfSteps, Work

STEPS = 100_000  # for all bed choices beyond STEPS_EACH together: about half a second
STEPS_EACH = 100  # for each bed choice; most take fewer
STEPS_OF_ONE = 20_000  # at most, for a single bed choice


def simple_answer(index: Index, valuation: Valuation, allowed: Table | None = None) -> tuple[Placement, ...]:
    """Placements that obey every hard rule, the fixed ones first. `fixed` must not contradict the rules."""
    registrations = list(index.registrations.values())
    table = open_table(index, registrations) if allowed is None else allowed
    units_open = {
        registration.id: [unit for unit, open_to in zip(index.units.values(), row, strict=True) if open_to]
        for registration, row in zip(registrations, table.tolist(), strict=True)
    }
    house = House(index, valuation)
    house.allocate_fixed()
    order = sorted(registrations, key=lambda row: (row.urgency, -row.waiting_days, -len(row.persons), row.id))
    for registration in order:
        if registration.id not in index.fixed:
            house.place_best(registration, units_open[registration.id])
    return tuple(house.placed[registration] for registration in sorted(house.placed))


class House:
    """The placements made so far, and the remaining beds."""

    def __init__(self, index: Index, valuation: Valuation) -> None:
        self.index = index
        self.valuation = valuation
        self.placed: dict[str, Placement] = {}
        self.spaces = {room.id: space_of(room) for room in index.rooms.values()}
        self.at: defaultdict[str, set[str]] = defaultdict(set)
        self.high_care: defaultdict[str, int] = defaultdict(int)
        self.steps_left = STEPS

    def allocate_fixed(self) -> None:
        for unit in (self.index.units[unit_id] for unit_id in sorted(set(self.index.fixed.values()))):
            together = self.index.fixed_in(unit.id, without="")
            if len(together) == 1 and (rooms := self.rooms_for(together[0], unit)):
                self.place(together[0], unit, rooms)
                continue
            for registration_id, allocation in (allocation_of_fixed(self.index, unit.id) or {}).items():
                self.place(self.index.registrations[registration_id], unit, allocation)

    def place_best(self, registration: Registration, units: list[Unit]) -> None:
        best = 0
        choice: tuple[Unit, tuple[RoomUse, ...]] | None = None
        for unit in units:
            rooms = self.rooms_for(registration, unit)
            if rooms is not None:
                points = self.valuation.total(registration, unit, rooms)
                if points > best:
                    best, choice = points, (unit, rooms)
        if choice:
            self.place(registration, *choice)

    def is_shut(self, registration: Registration, unit: Unit) -> bool:
        """Whether registrations that are already there exclude it (keep-apart, high-care limit)."""
        there = self.at[unit.location] | self.index.housed_at[unit.location]
        full = unit.high_care_limit is not None and self.high_care[unit.id] >= unit.high_care_limit
        return bool(there & self.index.apart_from[registration.id]) or (registration.high_care and full)

    def rooms_for(self, registration: Registration, unit: Unit) -> tuple[RoomUse, ...] | None:
        """The cheapest remaining rooms; None if there are none, or the step limit is reached before they are found."""
        if self.is_shut(registration, unit):
            return None
        spaces = [self.spaces[room.id] for room in self.index.rooms_of[unit.id]]
        work = Work(min(STEPS_OF_ONE, max(STEPS_EACH, self.steps_left)))
        try:
            return cheapest_within(self.index, self.valuation, registration, unit, spaces, work=work)
        except OutOfSteps:
            return None
        finally:
            self.steps_left -= max(0, work.done - STEPS_EACH)

    def can_keep(self, registration: Registration, unit: Unit, uses: tuple[RoomUse, ...]) -> bool:
        """Whether exactly these rooms of the unit, which it had before, can be given to it again."""
        if self.is_shut(registration, unit):
            return False
        there = (self.spaces[room.id] for room in self.index.rooms_of[unit.id])
        spaces = {space.room.id: space for space in usable(self.index, registration, there)}
        chosen = [spaces[use.room] for use in uses if use.room in spaces]
        if len(chosen) < len(uses) or sum(use.persons for use in uses) != len(registration.persons):
            return False
        if any(use.persons > space.beds for use, space in zip(uses, chosen, strict=True)):
            return False
        if registration.is_private:
            return tuple(space.room for space in chosen) in whole_rooms(registration, list(spaces.values()))
        has = {code for space in chosen for code in space.room.features}
        return set(registration.room_needs) <= has

    def place(self, registration: Registration, unit: Unit, rooms: tuple[RoomUse, ...]) -> None:
        points = self.valuation.total(registration, unit, rooms)
        self.placed[registration.id] = Placement(registration.id, unit.id, rooms, points)
        self.at[unit.location].add(registration.id)
        self.high_care[unit.id] += registration.high_care
        for use in rooms:
            self.spaces[use.room] = taken_of(self.spaces[use.room], registration, use.persons)
