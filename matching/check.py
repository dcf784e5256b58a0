"""The independent checker: recomputes every hard rule and the objective in plain loops.

The checker shares no code with the engine except the types of problem and solution. `check_pair.py` checks a single
registration in a single unit. The code is easy to compare with docs/guide/matching.md; it is not fast. If the checker
rejects a solution, the engine does not return this solution.
"""

from collections import defaultdict

import msgspec
from msgspec import UNSET, Struct

from matching.check_pair import pair_violations, points_of, takes_whole_rooms
from matching.format.problem import Problem, Registration, Together
from matching.format.solution import Broken, Facts, Placement, Solution


class Violation(Struct, frozen=True):
    """A broken hard rule, or a wrong statement in the solution.

    `rule`: the code of a hard rule, or the part of the solution that is wrong: `fixed`, `listing`, `order`, `points`,
    `objective`, `bound`, `status` or `format`.
    """

    rule: str
    registration: str | None = None
    unit: str | None = None
    room: str | None = None
    facts: Facts = {}


class Report(Struct, frozen=True):
    """The result of the checker: the recomputed `objective` (points of placements and groups), and the violations."""

    objective: int
    violations: tuple[Violation, ...]

    @property
    def ok(self) -> bool:
        return not self.violations


def check(problem: Problem, solution: Solution) -> Report:
    """Returns the hard rules that the solution breaks, the wrong statements in it, and its recomputed objective.

    Raises nothing.
    """
    checker = _Checker(problem, solution)
    checker.run()
    return Report(checker.objective, tuple(checker.found))


def write_report(report: Report) -> bytes:
    """Returns the `report` as JSON. Raises nothing."""
    return msgspec.json.encode({"ok": report.ok, "objective": report.objective, "violations": report.violations})


class _Checker:
    """A check of one solution. `found`: the violations so far. `objective`: the points counted so far."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem, self.solution = problem, solution
        self.locations = {location.id: location for location in problem.locations}
        self.units = {unit.id: unit for unit in problem.units}
        self.rooms = {room.id: room for room in problem.rooms}
        self.registrations = {registration.id: registration for registration in problem.registrations}
        self.found: list[Violation] = []
        self.objective = 0

    def run(self) -> None:
        self.listing()
        known = [
            placement
            for placement in self.solution.placements
            if placement.registration in self.registrations and placement.unit in self.units
        ]
        for placement in known:
            self.objective += self.by_itself(placement)
        self.rooms_together(known)
        self.keep_apart(known)
        self.together(known)
        self.high_care(known)
        self.points_of_groups(known)
        self.statements()

    def by_itself(self, placement: Placement) -> int:
        """Checks a placement without regard to other placements, and returns its points."""
        unit = self.units[placement.unit]
        registration, location = self.registrations[placement.registration], self.locations[unit.location]
        for rule, facts in pair_violations(registration, unit, location):
            self.add(rule, placement, facts)
        self.rooms_of_one(placement, registration)
        points = points_of(self.problem.policy, registration, unit, location, self.rooms, placement)
        if points != placement.points:
            self.add("points", placement, {"said": placement.points, "counted": points})
        return points

    def add(self, rule: str, placement: Placement | None, facts: Facts, room: str | None = None) -> None:
        registration, unit = (placement.registration, placement.unit) if placement else (None, None)
        self.found.append(Violation(rule, registration, unit, room, facts))

    def listing(self) -> None:  # noqa: C901 - follows the specification case by case
        """Checks that all registrations are listed once, ids are known, rows are sorted, and fixed rows are obeyed."""
        placed = [placement.registration for placement in self.solution.placements]
        times: dict[str, int] = defaultdict(int)
        for registration in (*placed, *self.solution.unplaced):
            times[registration] += 1
        for registration in sorted({*times, *self.registrations}):
            if times[registration] != 1 or registration not in self.registrations:
                times_and_known = {"times": times[registration], "known": registration in self.registrations}
                self.found.append(Violation("listing", registration, facts=times_and_known))
        if placed != sorted(placed) or list(self.solution.unplaced) != sorted(self.solution.unplaced):
            self.found.append(Violation("order"))
        for placement in self.solution.placements:
            rooms = [use.room for use in placement.rooms]
            if placement.unit not in self.units:
                self.add("listing", placement, {"known": False})
            if rooms != sorted(rooms) or len(set(rooms)) != len(rooms):
                self.add("order", placement, {"rooms": rooms})
        if self.solution.status != "infeasible":
            unit_of = {placement.registration: placement.unit for placement in self.solution.placements}
            for row in self.problem.fixed:
                if unit_of.get(row.registration) != row.unit:
                    facts: Facts = {"fixed": row.unit, "placed": unit_of.get(row.registration)}
                    self.found.append(Violation("fixed", row.registration, row.unit, facts=facts))

    def rooms_of_one(self, placement: Placement, registration: Registration) -> None:  # noqa: C901 - follows the specification case by case
        """Checks the rooms of a placement without regard to other placements."""
        persons = len(registration.persons)
        uses = [
            use for use in placement.rooms if use.room in self.rooms and self.rooms[use.room].unit == placement.unit
        ]
        for use in placement.rooms:
            if use not in uses:
                self.add("rooms", placement, {"persons": persons, "reason": "not_of_the_unit"}, use.room)
        rooms = [self.rooms[use.room] for use in uses]
        needed_by = max(registration.needed_by, self.problem.as_of)
        if sum(use.persons for use in uses) != persons or any(use.persons < 1 for use in uses):
            self.add("rooms", placement, {"persons": persons, "reason": "too_few_beds"})
        for use, room in zip(uses, rooms, strict=True):
            if use.persons > room.free_beds:
                self.add("rooms", placement, {"persons": persons, "reason": "too_few_beds"}, room.id)
            if room.free_from > needed_by:
                self.add("rooms", placement, {"persons": persons, "reason": "too_late"}, room.id)
        if not set(registration.room_needs) <= {code for room in rooms for code in room.features}:
            self.add("rooms", placement, {"persons": persons, "reason": "room_needs"})
        if takes_whole_rooms(registration):
            for room in rooms:
                if room.occupants:
                    self.add("rooms", placement, {"persons": persons, "reason": "occupied"}, room.id)
            one_would_do = len(rooms) == 2 and any(room.free_beds >= persons for room in rooms)  # noqa: PLR2004 - one or two
            if len(rooms) > 2 or one_would_do:  # noqa: PLR2004 - one or two
                self.add("rooms", placement, {"persons": persons, "reason": "too_many_rooms"})

    def rooms_together(self, placements: list[Placement]) -> None:  # noqa: C901 - follows the specification case by case
        """Checks the rooms of all placements: enough beds, no shared private room, and persons of one kind only."""
        guests: dict[str, list[tuple[Placement, int]]] = defaultdict(list)
        for placement in placements:
            for use in placement.rooms:
                if use.room in self.rooms:
                    guests[use.room].append((placement, use.persons))
        for room_id in sorted(guests):
            room = self.rooms[room_id]
            kinds = {(occupant.gender, occupant.minor) for occupant in room.occupants}
            alone = False
            for placement, _ in guests[room_id]:
                registration = self.registrations[placement.registration]
                if takes_whole_rooms(registration):
                    alone = True
                else:
                    kinds |= {(person.gender, person.age < 18) for person in registration.persons}  # noqa: PLR2004 - as specified
            for placement, _ in guests[room_id]:
                persons = len(self.registrations[placement.registration].persons)
                if alone and len(guests[room_id]) > 1:
                    self.add("rooms", placement, {"persons": persons, "reason": "occupied"}, room_id)
                if sum(number for _, number in guests[room_id]) > room.free_beds:
                    self.add("rooms", placement, {"persons": persons, "reason": "too_few_beds"}, room_id)
                if len(kinds) > 1 and not takes_whole_rooms(self.registrations[placement.registration]):
                    self.add("rooms", placement, {"persons": persons, "reason": "gender_or_minors"}, room_id)

    def keep_apart(self, placements: list[Placement]) -> None:
        """Checks that no two registrations to keep apart are at the same location."""
        guests: dict[str, list[str]] = defaultdict(list)
        for placement in placements:
            guests[self.units[placement.unit].location].append(placement.registration)
        residents: dict[str, set[str]] = defaultdict(set)
        asking = {place for place, here in guests.items() if any(self.registrations[row].keep_apart for row in here)}
        for room in self.problem.rooms if asking else ():
            if (location := self.units[room.unit].location) in asking:
                residents[location].update(occupant.registration for occupant in room.occupants)
        named_by: dict[tuple[str, str], set[str]] = defaultdict(set)
        for location, here in guests.items():
            for guest in here:
                for named in self.registrations[guest].keep_apart:
                    named_by[location, named].add(guest)
        present = {location: set(here) for location, here in guests.items()}
        for placement in placements:
            location, guest = self.units[placement.unit].location, placement.registration
            mine = set(self.registrations[guest].keep_apart)
            met = mine & residents[location] | mine & present[location] | named_by.get((location, guest), set())
            if met - {guest}:
                self.add("keep_apart", placement, {"registrations": sorted(met - {guest})})

    def together(self, placements: list[Placement], *, with_the_unplaced: bool = True) -> None:
        """Checks that the placed members of each group with `must` are at one place. `with_the_unplaced`: also checks
        that all members are placed, or no member.
        """
        placement_of = {placement.registration: placement for placement in placements}
        for group in self.problem.together:
            if not group.must:
                continue
            for name in sorted(group.registrations):
                if name not in placement_of:
                    continue
                here = self.place_of(placement_of[name], group)
                away = [
                    other
                    for other in sorted(group.registrations)
                    if (other in placement_of and self.place_of(placement_of[other], group) != here)
                    or (other not in placement_of and with_the_unplaced)
                ]
                if away:
                    facts = {"group": group.id, "where": group.where, "registrations": away}
                    self.add("together", placement_of[name], facts)

    def place_of(self, placement: Placement, group: Together) -> str:
        location = self.locations[self.units[placement.unit].location]
        return {"unit": placement.unit, "location": location.id, "region": location.region}[group.where]

    def points_of_groups(self, placements: list[Placement]) -> None:
        """Checks the points of groups without `must`. The solution must list these groups, sorted by id."""
        placement_of = {placement.registration: placement for placement in placements}
        counted: list[tuple[str, int]] = []
        for group in sorted(self.problem.together, key=lambda group: group.id):
            if group.must:
                continue
            placed = [placement_of[name] for name in group.registrations if name in placement_of]
            places = {self.place_of(placement, group) for placement in placed}
            counted.append((group.id, self.problem.policy.together * (len(placed) - len(places))))
        self.objective += sum(points for _, points in counted)
        version = self.problem.format.rpartition("/")[2]
        if self.solution.format.rpartition("/")[2] != version:
            self.add("format", None, {"said": self.solution.format, "problem": self.problem.format})
        rows = () if self.solution.together is UNSET else self.solution.together
        said = [(row.id, row.points) for row in rows]
        if said != counted or (self.solution.together is UNSET) != (version == "1"):
            self.add("points", None, {"said": dict(said), "counted": dict(counted)})

    def high_care(self, placements: list[Placement]) -> None:
        """Checks that no unit has more high-care registrations than its limit."""
        number: dict[str, int] = defaultdict(int)
        for placement in placements:
            number[placement.unit] += self.registrations[placement.registration].high_care
        for placement in placements:
            limit = self.units[placement.unit].high_care_limit
            high = self.registrations[placement.registration].high_care
            if limit is not None and high and number[placement.unit] > limit:
                self.add("high_care", placement, {"limit": limit})

    def statements(self) -> None:
        """Checks the stated objective, bound and status."""
        solution = self.solution
        if solution.objective != self.objective:
            self.add("objective", None, {"said": solution.objective, "counted": self.objective})
        if solution.bound is not None and solution.bound < self.objective:
            self.add("bound", None, {"said": solution.bound, "reached": self.objective})
        if solution.bound is None and solution.status != "degraded":
            self.add("bound", None, {"said": solution.bound, "status": solution.status})
        proven = solution.bound == solution.objective
        broken = () if solution.broken is UNSET else solution.broken
        wrong = (
            (solution.status == "optimal" and not proven)
            or (solution.status in {"feasible", "degraded"} and proven)
            or (solution.status == "degraded") != isinstance(solution.why, str)
            or solution.why == ""
            or (solution.status == "infeasible") != (solution.broken is not UNSET)
            or (solution.status == "infeasible" and not broken)
            or (solution.status == "infeasible" and (solution.placements or solution.objective or solution.bound))
        )
        if wrong:
            self.add("status", None, {"said": solution.status})
        if solution.status == "infeasible":
            self.reasons(broken)

    def reasons(self, broken: tuple[Broken, ...]) -> None:
        """Checks that an infeasible solution lists exactly the rules that fixed registrations break, each once."""
        fixed = {(row.registration, row.unit) for row in self.problem.fixed}
        named = [(row.registration, row.unit, row.rule) for row in broken]
        really = {pair: self.really_broken(*pair) for pair in fixed}
        if not any(really.values()) and not any(row.rule == "rooms" for row in broken):
            for pair in self.left_alone():
                really[pair].add("together")
        for row in broken:
            known = (row.registration, row.unit) in fixed and named.count((row.registration, row.unit, row.rule)) == 1
            if not known or row.rule not in really[row.registration, row.unit] | {"rooms"}:
                self.found.append(Violation("status", row.registration, row.unit, facts={"not_broken": row.rule}))
        for registration, unit in sorted(fixed):
            for rule in sorted(really[registration, unit]):
                if (registration, unit, rule) not in named:
                    self.found.append(Violation("status", registration, unit, facts={"not_named": rule}))

    def left_alone(self) -> set[tuple[str, str]]:
        """Returns the fixed registrations, each with its unit, that belong to a partly fixed group with `must`.

        The checker cannot decide whether the other members have a place, because this needs a search.
        """
        unit_of = {row.registration: row.unit for row in self.problem.fixed}
        return {
            (name, unit_of[name])
            for group in self.problem.together
            if group.must and any(other not in unit_of for other in group.registrations)
            for name in group.registrations
            if name in unit_of
        }

    def really_broken(self, registration_id: str, unit_id: str) -> set[str]:
        """Returns the rules that a fixed registration breaks if only fixed registrations are placed. Leaves out
        `rooms`, which needs a search.
        """
        again = _Checker(self.problem, self.solution)
        rows = [Placement(row.registration, row.unit, (), 0) for row in self.problem.fixed]
        again.keep_apart(rows)
        again.together(rows, with_the_unplaced=False)
        again.high_care(rows)
        unit = self.units[unit_id]
        pairs = pair_violations(self.registrations[registration_id], unit, self.locations[unit.location])
        joint = {found.rule for found in again.found if found.registration == registration_id}
        return joint | {code for code, _ in pairs}
