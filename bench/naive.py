"""The naive model for comparison: every pair evaluated in plain loops, a boolean for each person and bed.

It follows the whole specification, so its optimum must equal the engine's; the pair rules come from the checker.
"""

from collections import defaultdict
from typing import NamedTuple

from ortools.sat.python import cp_model

from matching import Problem
from matching.check_pair import pair_violations
from matching.format.problem import Registration, Room, Unit
from matching.index import Index
from matching.objective import Valuation

Var = cp_model.IntVar


class Guest(NamedTuple):
    """A use of a room by a registration: whole (`kind` `None`), or beds shared with persons of the same kind."""

    uses: Var
    kind: tuple[str, bool] | None


class Naive:
    def __init__(self, problem: Problem) -> None:
        self.index = Index(problem)
        self.valuation = Valuation(self.index)
        self.model = cp_model.CpModel()
        self.terms: list[cp_model.LinearExprT] = []
        self.here: dict[tuple[str, str], Var] = {}
        self.in_bed: defaultdict[tuple[str, int], list[Var]] = defaultdict(list)
        self.guests: defaultdict[str, list[Guest]] = defaultdict(list)
        for registration in self.index.registrations.values():
            for unit in self.index.units.values():
                if not pair_violations(registration, unit, self.index.location_of(unit)):
                    self.offer(registration, unit)
            mine = [var for (name, _), var in self.here.items() if name == registration.id]
            self.model.add(sum(mine) <= 1)
        for beds in self.in_bed.values():
            self.model.add(sum(beds) <= 1)
        for room in self.index.rooms.values():
            self.share_out(room)
        self.limit_high_care()
        self.keep_apart()
        self.model.maximize(sum(self.terms))

    def offer(self, registration: Registration, unit: Unit) -> None:
        here = self.model.new_bool_var("")
        self.here[registration.id, unit.id] = here
        private, persons = registration.is_private, len(registration.persons)
        uses: dict[str, Var] = {}
        lies: defaultdict[int, list[Var]] = defaultdict(list)
        for room in self.index.rooms_of[unit.id]:
            if room.free_from > self.index.needed_by(registration) or (private and room.occupants):
                continue
            used = uses[room.id] = self.model.new_bool_var("")
            self.guests[room.id].append(Guest(used, None if private else registration.kind))
            cost = self.valuation.bed_cost(registration, unit, room)
            if private:
                self.terms.append(-room.free_beds * (cost + self.index.policy.blocked_bed) * used)
            inside = []
            for person in range(persons):
                for bed in range(room.free_beds):
                    var = self.model.new_bool_var("")
                    inside.append(var)
                    lies[person].append(var)
                    self.in_bed[room.id, bed].append(var)
                    self.model.add(var <= used)
                    if not private:
                        self.terms.append(-cost * var)
            self.model.add(used <= sum(inside))
        for person in range(persons):
            self.model.add(sum(lies[person]) == here)
        for code in set(registration.room_needs):
            has = [var for room, var in uses.items() if code in self.index.rooms[room].features]
            self.model.add(sum(has) >= here)
        if private:
            self.whole_rooms(uses, here, persons)
        worth = self.valuation.pair_points(registration, unit) + self.index.policy.extra_room
        self.terms.append((worth + (self.index.policy.blocked_bed * persons if private else 0)) * here)
        self.terms.append(-self.index.policy.extra_room * sum(uses.values()))

    def whole_rooms(self, uses: dict[str, Var], here: Var, persons: int) -> None:
        """Adds the constraint of at most two whole rooms, and two only if no room holds all persons."""
        self.model.add(sum(uses.values()) <= 2 * here)
        for room_id, used in uses.items():
            if self.index.rooms[room_id].free_beds >= persons:
                self.model.add(sum(uses.values()) <= 1).only_enforce_if(used)

    def share_out(self, room: Room) -> None:
        """Constraint: one private registration, or persons of one kind."""
        guests = self.guests[room.id]
        kinds = {guest.kind for guest in guests if guest.kind is not None}
        kinds |= {(person.gender, person.minor) for person in room.occupants}
        of_kind = {kind: self.model.new_bool_var("") for kind in sorted(kinds)}
        alone = [guest.uses for guest in guests if guest.kind is None]
        self.model.add(sum(of_kind.values()) + sum(alone) <= 1)
        for person in room.occupants:
            self.model.add(of_kind[person.gender, person.minor] == 1)
        for guest in guests:
            if guest.kind is not None:
                self.model.add(guest.uses <= of_kind[guest.kind])

    def limit_high_care(self) -> None:
        for unit in self.index.units.values():
            high = [
                var
                for (name, where), var in self.here.items()
                if where == unit.id and self.index.registrations[name].high_care
            ]
            if unit.high_care_limit is not None:
                self.model.add(sum(high) <= unit.high_care_limit)

    def keep_apart(self) -> None:
        for (name, where), var in self.here.items():
            location = self.index.units[where].location
            others = self.index.apart_from[name]
            if others & self.index.housed_at[location]:
                self.model.add(var == 0)
            for (other, there), theirs in self.here.items():
                if other in others and other > name and self.index.units[there].location == location:
                    self.model.add(var + theirs <= 1)


def naive(problem: Problem, seconds: float) -> tuple[str, int]:
    """The solver's status, and its objective."""
    prepared = Naive(problem)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(prepared.model)
    return solver.status_name(status), round(solver.objective_value) if prepared.terms else 0
