"""Advice about one registration, for the coordinator who decides on its placement."""

from collections.abc import Iterable
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from matching.answer import answer, degraded
from matching.eligibility import BrokenRule
from matching.exact.room_choices import cheapest
from matching.explanations.explain import known
from matching.explanations.forced_choice import ForcedChoice, ForcedChoices, NoAnswer, displaced
from matching.explanations.smallest_change import small_change
from matching.explanations.ways_out.search import WayOut, ways_out_of
from matching.format.problem import Fixed, Problem, Registration, Unit
from matching.format.solution import EngineFault, RoomUse, Solution
from matching.limit import Limit
from matching.objective import Points
from matching.prepared_problem import PreparedProblem
from matching.rooms.allocation import first_obstacle
from matching.rooms.spaces import space_of
from matching.rules import HARD_RULES
from matching.rules.changes import Change
from matching.rules.together import TogetherRule, facts_of

Kind = Literal["chosen", "alternative", "given_to_another", "nearly", "not_eligible"]
KINDS: tuple[Kind, ...] = ("chosen", "alternative", "given_to_another", "nearly", "not_eligible")


class UnitAdvice(Struct, frozen=True):
    """A unit from the point of view of a single registration. `points` and `loss` are in points.

    Most fields describe the best solution with the registration in this unit. The rules in `broken` are waived for this
    solution, so `loss` shows the cost of an override.

    - `rooms` and `points`: the registration's rooms in this solution, and its points there. If the solution is unknown:
      the rooms with the least waste, and the points there. `None` if the unit has no rooms for the registration.
    - `loss`: the exact decrease of the objective; `None` without rooms, or if the time ran out.
    - `displaces`: the registrations that lose their place.
    - `change`: the small change that would open the unit, only for the kind `nearly`.
    """

    unit: str
    kind: Kind
    rooms: tuple[RoomUse, ...] | None
    points: Points | None
    loss: int | None
    displaces: tuple[str, ...]
    broken: tuple[BrokenRule, ...]
    change: Change | None


class Exchange(Struct, frozen=True):
    """An exchange of places between this registration and a similar registration.

    `registration`: the other registration. `unit`: its unit in the solution, which has no room for both. `rooms`: its
    rooms in the unit that the solution chooses for this registration. `loss`: the exact decrease of the objective
    (points) in the best solution with the exchange. Nobody loses a place in that solution.
    """

    unit: str
    registration: str
    rooms: tuple[RoomUse, ...]
    loss: int


class Advice(Struct, frozen=True):
    """The advice about a registration: the solution, every unit (the best choice first), and the ways out (the best
    first).

    `exchanges` are sorted by loss. If the time ran out or the optimum is not proven, `ways_out` and `exchanges` are
    incomplete or empty.
    """

    registration: str
    solution: Solution
    units: tuple[UnitAdvice, ...]
    ways_out: tuple[WayOut, ...] = ()
    exchanges: tuple[Exchange, ...] = ()


MOST_ASKED_AGAIN = 3
"""The largest number of exchanges for which solutions are computed. Units with the smallest loss come first."""


def advise(
    problem: Problem,
    registration_id: str,
    *,
    top: int = 5,
    time_limit: float = 4.0,
    workers: int = 1,
    solver_works: bool = True,
) -> Advice:
    """Returns the solution, and for every unit the consequence of placing this registration there.

    Takes about `time_limit` seconds at most: half for the solution, the rest for the units and then the ways out.
    `solver_works`: false if no solver may be used; the solution is then `degraded`, and no loss is known. `top`: the
    largest number of alternatives and of ways out. `workers`: the number of the solver's threads. The loss can be
    negative for a fixed registration, because the other units are compared without its entry in `fixed`. Raises
    UnknownRegistration.
    """
    limit = Limit(time_limit)
    prepared = PreparedProblem(problem)
    known(prepared.index, registration_id)
    if solver_works:
        solution = answer(prepared, time_limit=time_limit / 2, workers=workers)
    else:
        solution = degraded(problem, "the solver was not used")
    advisor = _Advisor(_free(prepared, registration_id), registration_id, solution, limit, workers)
    rows = _ranked([advisor.look_at(unit) for unit in advisor.index.units.values()], top)
    exchanges = tuple(advisor.exchanges(rows))
    found = _ways_out(advisor, top) if solution.status == "optimal" else ()
    return Advice(registration_id, solution, tuple(rows), found, exchanges)


def advise_each(problem: Problem, solution: Solution, registration_ids: Iterable[str]) -> tuple[Advice, ...]:
    """Returns advice about each of the `registration_ids`, from this `solution` and without a solver.

    Every unit has its broken rules. Only the chosen unit has a loss, and there are no ways out. For a country, this
    takes about 20 ms for each registration. Raises UnknownRegistration.
    """
    prepared, found, limit = PreparedProblem(problem), [], Limit(0)
    for one in registration_ids:
        known(prepared.index, one)
        advisor = _Advisor(prepared, one, solution, limit, 1)
        rows = [advisor.look_at(unit) for unit in advisor.index.units.values()]
        found.append(Advice(one, solution, tuple(_ranked(rows, 5))))
    return tuple(found)


def write_advice(advice: Advice) -> bytes:
    """Returns the `advice` as JSON. Raises nothing."""
    return msgspec.json.encode(advice, order="deterministic")


def read_advice(data: bytes) -> Advice:
    """Returns the advice in `data`, which `write_advice` made. Raises msgspec.DecodeError for other bytes."""
    return msgspec.json.decode(data, type=Advice)


def _ranked(rows: list[UnitAdvice], top: int) -> list[UnitAdvice]:
    """Sorts the rows by kind, loss, points and id. Only the first `top` alternatives keep the kind `alternative`."""

    def rank(row: UnitAdvice) -> tuple[int, bool, int, int, str]:
        points = -row.points.total if row.points else 0
        return KINDS.index(row.kind), row.loss is None, row.loss or 0, points, row.unit

    ranked = sorted(rows, key=rank)
    open_ones = [row.unit for row in ranked if row.kind == "alternative"]
    rest = set(open_ones[top:])
    return sorted((replace(row, kind="given_to_another") if row.unit in rest else row for row in ranked), key=rank)


def _ways_out(advisor: "_Advisor", top: int) -> tuple[WayOut, ...]:
    if advisor.limit.is_over():
        return ()
    prepared, registration = advisor.prepared, advisor.registration.id
    try:
        found = ways_out_of(
            prepared,
            registration,
            top=top,
            limit=advisor.limit,
            workers=advisor.workers,
            solution=advisor.solution,
        )
    except EngineFault:  # a way out that is not proven is not offered
        return ()
    return found.ways_out


def _free(prepared: PreparedProblem, registration: str) -> PreparedProblem:
    """Returns the prepared problem without the entry of this registration in `fixed`."""
    if registration not in prepared.index.fixed:
        return prepared
    others = tuple(row for row in prepared.problem.fixed if row.registration != registration)
    return PreparedProblem(replace(prepared.problem, fixed=others))


class _Advisor:
    """Computes the advice about a registration for each unit, and its exchanges. Builds models when needed."""

    def __init__(
        self, prepared: PreparedProblem, registration_id: str, solution: Solution, limit: Limit, workers: int
    ) -> None:
        self.prepared = prepared
        self.index = prepared.index
        self.registration: Registration = self.index.registrations[registration_id]
        self.solution = solution
        self.chosen = {row.registration: row.unit for row in solution.placements}.get(registration_id)
        self.broken = prepared.broken(registration_id)
        self.limit = limit
        self.workers = workers
        self.choices: dict[bool, ForcedChoices] = {}
        self.forced: dict[str, ForcedChoice] = {}

    def look_at(self, unit: Unit) -> UnitAdvice:
        """Returns the advice about a unit. Also stores the best solution with the registration in this unit."""
        broken = self.broken[unit.id]
        try:
            forced_choice = self._forced_choice(unit, broken)
        except NoAnswer:
            forced_choice, broken = None, self._without_the_group(broken)
        if forced_choice:
            self.forced[unit.id] = forced_choice
        rooms = forced_choice.of(self.registration.id).rooms if forced_choice else self._own_rooms(unit, broken)
        points = None if rooms is None else self.prepared.valuation.points(self.registration, unit, rooms)
        change = small_change(self.index, self.registration, unit, broken[0]) if len(broken) == 1 else None
        return UnitAdvice(
            unit=unit.id,
            kind=self._kind(unit, broken, change),
            rooms=rooms,
            points=points,
            loss=self.solution.objective - forced_choice.objective if forced_choice else None,
            displaces=displaced(self.solution, forced_choice.placements) if forced_choice else (),
            broken=broken,
            change=change,
        )

    def _kind(self, unit: Unit, broken: tuple[BrokenRule, ...], change: Change | None) -> Kind:
        if unit.id == self.chosen:
            return "chosen"
        if not broken:
            return "alternative"
        return "nearly" if change else "not_eligible"

    def _forced_choice(self, unit: Unit, broken: tuple[BrokenRule, ...]) -> ForcedChoice | None:
        """Returns the best solution with the registration in this unit; `None` if it is unknown.

        Raises NoAnswer if it is proven that no such solution exists.
        """
        waived = {row.rule for row in broken}
        if self.solution.status != "optimal" or "rooms" in waived:
            return None
        if unit.id == self.chosen:
            return ForcedChoice(unit.id, self.solution.placements, self.solution.objective)
        if self.limit.is_over():
            return None
        try:
            return self._choices(without_group=TogetherRule.code in waived).into(unit.id, self.limit)
        except EngineFault:  # a loss that is not proven is not shown
            return None

    def exchanges(self, rows: Iterable[UnitAdvice]) -> list[Exchange]:
        """Returns exchanges with similar registrations that would have to leave their unit for this registration."""
        before = {row.registration: row for row in self.solution.placements}
        found: list[Exchange] = []
        asked = 0
        for row in rows:
            forced = self.forced.get(row.unit)
            if row.kind == "chosen" or row.broken or row.displaces or not forced or self.chosen is None:
                continue
            after = {one.registration: one.unit for one in forced.placements}
            left = [one for one in before if before[one].unit == row.unit != after[one] and self._is_alike(one)]
            for other in left[: MOST_ASKED_AGAIN - asked]:
                asked += 1
                stays = self._with_both(row.unit, Fixed(other, row.unit))
                if stays is None or stays.objective >= forced.objective:  # unknown, or the unit has room for both
                    continue
                exchanged = (
                    forced if after[other] == self.chosen else self._with_both(row.unit, Fixed(other, self.chosen))
                )
                if exchanged and not displaced(self.solution, exchanged.placements):
                    loss = self.solution.objective - exchanged.objective
                    found.append(Exchange(row.unit, other, exchanged.of(other).rooms, loss))
        return sorted(found, key=lambda one: (one.loss, one.registration))

    def _is_alike(self, other: str) -> bool:
        """Checks whether two registrations have equal urgency and numbers of persons, and belong to no group."""
        one, this = self.index.registrations[other], self.registration
        alike = one.urgency == this.urgency and len(one.persons) == len(this.persons)
        return alike and not {other, this.id} & self.index.group_of.keys()

    def _with_both(self, unit: str, other: Fixed) -> ForcedChoice | None:
        """Returns the best solution with this registration in `unit` and `other` in its unit; `None` if unknown."""
        if self.limit.is_over():
            return None
        try:
            return self._choices(without_group=False).into(unit, self.limit, other)
        except (EngineFault, NoAnswer):
            return None

    def _choices(self, *, without_group: bool) -> ForcedChoices:
        """Returns the forced choices for the units that have rooms. `without_group`: true for the units in which
        `together` is waived, which need a model of their own; false for all other units.
        """
        if without_group not in self.choices:
            units = {
                unit: rules
                for unit, broken in self.broken.items()
                if "rooms" not in (rules := {row.rule for row in broken})
                and (TogetherRule.code in rules) == without_group
            }
            name = self.registration.id
            self.choices[without_group] = ForcedChoices(self.prepared, name, units, self.solution, workers=self.workers)
        return self.choices[without_group]

    def _without_the_group(self, broken: tuple[BrokenRule, ...]) -> tuple[BrokenRule, ...]:
        """Returns the broken rules of a unit in which the group has no place: the given rules and `together`."""
        group = self.index.bound_to(self.registration.id)
        if group is None:
            [group, *_] = self.index.fixed_in_part()
        others = [name for name in group.members if name not in {self.registration.id, *self.index.fixed}]
        rows = [row for row in broken if row.rule != TogetherRule.code]
        rows.append(BrokenRule(TogetherRule.code, facts_of(group, others)))
        order = [rule.code for rule in HARD_RULES]
        return tuple(sorted(rows, key=lambda row: order.index(row.rule)))

    def _own_rooms(self, unit: Unit, broken: tuple[BrokenRule, ...]) -> tuple[RoomUse, ...] | None:
        if any(row.rule == "rooms" for row in broken) and first_obstacle(self.index, unit.id, [self.registration]):
            return None
        spaces = [space_of(room) for room in self.index.rooms_of[unit.id]]
        return cheapest(self.index, self.prepared.valuation, self.registration, unit, spaces)
