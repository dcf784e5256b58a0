"""Where one more room, or one more high-care place, would increase the objective most."""

import time
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from matching.answer import PreparedProblem, best_of
from matching.explanations.forced_choice import ForcedChoice, exactly, verify
from matching.format.problem import Problem, Room, Unit
from matching.format.solution import Solution

if TYPE_CHECKING:
    from matching.exact.builder import Var  # imports ortools, which only solving needs

ROOMS = {"room_1": 1, "room_4": 4}  # beds
HIGH_CARE = "high_care"


class Bottleneck(Struct, frozen=True):
    """One extra in one unit: the increase of the objective, and the registrations that are then placed as well."""

    unit: str
    extra: str
    gain: int
    serves: tuple[str, ...]


class Bottlenecks(Struct, frozen=True):
    """Sorted by gain, the largest first, then by unit, then by extra."""

    best: int
    bottlenecks: tuple[Bottleneck, ...]


def bottlenecks(problem: Problem, *, top: int = 10, time_limit: float | None = None) -> Bottlenecks:
    """The `top` extras that increase the objective most, each with its exact gain.

    One model holds every extra and may use one; each solve finds the best of the remaining extras, so there is no solve
    per unit. If `time_limit` (seconds) runs out, the list is shorter, and its entries are still exact.
    Raises EngineFault if the optimum is not proven.
    """
    ends = None if time_limit is None else time.monotonic() + time_limit
    best = best_of(PreparedProblem(problem), time_limit=time_limit)
    if best.status == "infeasible":
        return Bottlenecks(best.objective, ())
    search = _Search(problem, best)
    found: list[Bottleneck] = []
    while search.left and len(found) < top:
        bottleneck = search.next_best(None if ends is None else ends - time.monotonic())
        if bottleneck is None:
            break
        found.append(bottleneck)
    return Bottlenecks(best.objective, tuple(found))


def with_extra(problem: Problem, unit_id: str, extra: str) -> Problem:
    """The problem with one more empty room in the unit, or with its high-care limit one higher."""
    if extra in ROOMS:
        room = Room(_new_id(problem, unit_id, extra), unit_id, ROOMS[extra], ROOMS[extra], problem.as_of)
        return msgspec.structs.replace(problem, rooms=(*problem.rooms, room))
    units = tuple(_one_higher(unit) if unit.id == unit_id else unit for unit in problem.units)
    return msgspec.structs.replace(problem, units=units)


def _one_higher(unit: Unit) -> Unit:
    if unit.high_care_limit is None:
        return unit
    return msgspec.structs.replace(unit, high_care_limit=unit.high_care_limit + 1)


def _new_id(problem: Problem, unit: str, extra: str) -> str:
    taken = {room.id for room in problem.rooms}
    name = f"{unit} {extra}"
    while name in taken:
        name += "+"
    return name


class _Search:
    def __init__(self, problem: Problem, best: Solution) -> None:
        from matching.exact.model import build  # noqa: PLC0415 - ortools takes 0.4 s to import, and only solving needs it

        self.problem = problem
        self.best = best
        units = sorted(problem.units, key=lambda unit: unit.id)
        self.extras = [
            (unit.id, extra)
            for unit in units
            for extra in sorted((HIGH_CARE, *ROOMS))
            if extra in ROOMS or unit.high_care_limit is not None
        ]
        self.left = list(self.extras)
        self.limits = {unit.id: unit.high_care_limit or 0 for unit in units}
        everything = problem
        for unit, extra in self.extras:
            everything = with_extra(everything, unit, extra)
        prepared = PreparedProblem(everything)
        self.builder = build(prepared.index, prepared.valuation, prepared.open_to)
        self.builder.hint(best.placements)
        self.used = [self._may_use(unit, extra) for unit, extra in self.extras]
        self.builder.at_most_one(self.used)

    def next_best(self, time_limit: float | None) -> Bottleneck | None:
        """The best remaining extra; None if the time ran out or no extra increases the objective."""
        bonus = tuple((is_used, rank) for rank, is_used in enumerate(reversed(self.used)))
        outcome = exactly(self.builder, bonus, len(self.used), time_limit=time_limit)
        if outcome is None or outcome.objective <= self.best.objective:
            return None
        unit, extra = next(key for key, value in zip(reversed(self.extras), outcome.bonus, strict=True) if value)
        self.left.remove((unit, extra))
        self.builder.none_of([self.used[self.extras.index((unit, extra))]])
        forced_choice = ForcedChoice(unit, outcome.placements, outcome.objective)
        verify(with_extra(self.problem, unit, extra), forced_choice, self.best)
        before = {row.registration for row in self.best.placements}
        serves = sorted({row.registration for row in outcome.placements} - before)
        return Bottleneck(unit, extra, outcome.objective - self.best.objective, tuple(serves))

    def _may_use(self, unit_id: str, extra: str) -> "Var":
        """A boolean that must be 1 for the model to use the extra."""
        builder = self.builder
        is_used = builder.model.new_bool_var("")
        if extra in ROOMS:
            for guest in builder.guests[_new_id(self.problem, unit_id, extra)]:
                builder.model.add(guest.var <= ROOMS[extra] * is_used)
        else:
            limit = self.limits[unit_id]
            builder.model.add(sum(builder.high_care_in(unit_id)) <= limit + is_used)
        return is_used
