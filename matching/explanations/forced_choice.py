"""Forced choice: the best solution for all registrations if one registration goes to a given unit."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, Struct

from matching.check import Violation, check
from matching.explanations.groups import unbound
from matching.explanations.listing import Stopped
from matching.format.problem import Fixed, Problem
from matching.format.solution import EngineFault, Placement, Solution
from matching.limit import Limit
from matching.prepared_problem import PreparedProblem
from matching.rules.together import TogetherRule

if TYPE_CHECKING:
    from matching.exact.builder import ModelBuilder  # imports ortools, which only solving needs
    from matching.exact.relaxation import Relaxation
    from matching.exact.solve import Outcome


MANY = 5  # with at least so many units, building the relaxation saves time, because it replaces most solves


class ForcedChoice(Struct, frozen=True):
    """The best solution with a registration forced into a `unit`: all placements, and the objective."""

    unit: str
    placements: tuple[Placement, ...]
    objective: int

    def of(self, registration: str) -> Placement:
        return next(placement for placement in self.placements if placement.registration == registration)


def displaced(before: Solution, after: Sequence[Placement]) -> tuple[str, ...]:
    """Returns the registrations that are placed in `before` but not in `after`, sorted by id."""
    placed = {placement.registration for placement in after}
    return tuple(row.registration for row in before.placements if row.registration not in placed)


class ForcedChoices:
    """The best solutions with a registration forced into each of several units, all from a single model.

    `units`: by unit, the codes of the rules that are waived for the registration there. `together` must be waived in
    all units or in no unit. If it is waived, the registration leaves its group, and the other members must still be
    together.
    """

    def __init__(
        self,
        prepared: PreparedProblem,
        registration: str,
        units: Mapping[str, Collection[str]],
        before: Solution,
        *,
        workers: int = 1,
    ) -> None:
        from matching.exact.model import build  # noqa: PLC0415 - ortools takes 0.4 s to import, and only solving needs it

        if any(TogetherRule.code in waived for waived in units.values()):
            prepared = PreparedProblem(unbound(prepared.problem, [registration]))
        self.prepared, self.registration, self.before = prepared, registration, before
        self.units, self.workers = units, workers
        self.builder = build(
            prepared.index,
            prepared.valuation,
            prepared.open_to | {registration: sorted(units)},
            must=(registration,),
            waived={(registration, unit): waived for unit, waived in units.items()},
        )
        self.builder.hint(before.placements)

    def into(self, unit: str, limit: Limit, other: Fixed | None = None) -> ForcedChoice | None:
        """Returns the best solution with the registration in this unit; `None` if the time ran out. `other`: another
        registration, with the unit into which it is forced too. Raises NoAnswer if no solution exists, and EngineFault
        if the solver fails.
        """
        choice = self._relaxed(unit, limit) if other is None and len(self.units) >= MANY else None
        if choice is None:
            with ExitStack() as only:
                for one in (Fixed(self.registration, unit), *([other] if other else [])):
                    only.enter_context(self.builder.only_in(one.registration, one.unit))
                outcome = exactly(self.builder, time_limit=limit.seconds(), workers=self.workers)
            if outcome is None:
                return None
            choice = ForcedChoice(unit, outcome.placements, outcome.objective)
        problem = self.prepared.problem
        forced = msgspec.structs.replace(problem, fixed=(*problem.fixed, Fixed(self.registration, unit)))
        verify(forced, self.prepared, choice, self.before, self.units[unit])
        return choice

    @cached_property
    def relaxation(self) -> "Relaxation":
        from matching.exact.relaxation import Relaxation  # noqa: PLC0415 - ortools takes 0.4 s to import

        return Relaxation(self.builder)

    def _relaxed(self, unit: str, limit: Limit) -> ForcedChoice | None:
        """Returns the solution of the relaxation if it is whole, and therefore optimal; otherwise `None`."""
        for there, choices in self.builder.choices[self.registration].items():
            self.relaxation.most[[var.index for var in choices]] = there == unit
        found = self.relaxation.best(self.relaxation.solved(limit))
        return None if found is None else ForcedChoice(unit, found, self.prepared.valuation.objective(found))

    def best_first(self, limit: Limit) -> Iterator[ForcedChoice]:
        """Yields the solutions for all units, the best first; equal solutions are sorted by unit. Raises Stopped at the
        limit.

        The dual values of the model bound the objective with the registration in each unit. A unit is solved only when
        no other remaining unit has a larger bound.
        """
        from matching.exact.relaxation import SCALE  # noqa: PLC0415 - ortools takes 0.4 s to import

        relaxation = self.relaxation
        bound = relaxation.solved(limit)
        others = bound.total - relaxation.part_of(bound, self.registration)
        waiting: list[tuple[int, str, ForcedChoice | None]] = [
            (-((others + relaxation.worth_of(bound, self.registration, unit)) // SCALE), unit, None)
            for unit in self.units
        ]
        heapify(waiting)
        while waiting:
            _, unit, choice = heappop(waiting)
            if choice is not None:
                yield choice
                continue
            if limit.is_over():
                raise Stopped
            try:
                choice = self.into(unit, limit)
            except NoAnswer:
                continue
            if choice is None:
                raise Stopped
            heappush(waiting, (-choice.objective, unit, choice))


class NoAnswer(Exception):
    """The model has no solution, because a group that must be together has no place. Two solvers have proven it."""


def exactly(builder: "ModelBuilder", *, time_limit: float | None, workers: int = 1) -> "Outcome | None":
    """Returns the proven optimum of a model; `None` if the time ran out first.

    Raises NoAnswer, and EngineFault if the solver fails.
    """
    from matching.exact.solve import solve  # noqa: PLC0415 - ortools takes 0.3 s to import
    from matching.solvers.cp_sat import SolverFailed  # noqa: PLC0415 - as above
    from matching.solvers.highs import proves_impossible  # noqa: PLC0415 - as above

    try:
        outcome = solve(builder, time_limit=time_limit, workers=workers)
    except SolverFailed as error:
        if time_limit is not None and error.cut_off:
            return None
        must = any(group.must for group in builder.index.groups.values())  # otherwise the others can stay unplaced
        if must and error.impossible and proves_impossible(builder.model):
            raise NoAnswer from error
        raise EngineFault(str(error)) from error
    except Exception as error:
        raise EngineFault("the solver failed") from error
    if outcome.proven:
        return outcome
    if outcome.interrupted:
        raise KeyboardInterrupt
    if time_limit is None:
        raise EngineFault("the best total is not known: the search was cut off")
    return None


def verify(
    problem: Problem,
    prepared: PreparedProblem,
    forced_choice: ForcedChoice,
    before: Solution,
    waived: Collection[str] = (),
) -> None:
    """Raises EngineFault if the checker finds a violation in the solution of the forced choice.

    `prepared`: a problem with the same units, locations and groups. `waived`: rules that may be broken at the location
    of the forced unit.
    """
    placed = {row.registration: row.unit for row in forced_choice.placements}
    solution = msgspec.structs.replace(
        before,
        status="optimal",
        why=UNSET,
        objective=forced_choice.objective,
        bound=forced_choice.objective,
        placements=forced_choice.placements,
        together=UNSET if before.together is UNSET else prepared.valuation.together(placed),
        unplaced=tuple(sorted({row.id for row in problem.registrations} - placed.keys())),
    )
    location = {unit.id: unit.location for unit in problem.units}

    def is_waived(found: Violation) -> bool:
        return found.rule in waived and found.unit is not None and location[found.unit] == location[forced_choice.unit]

    report = check(problem, solution)
    wrong = [found for found in report.violations if not is_waived(found)]
    if wrong:
        raise EngineFault(f"an answer fails the check: {wrong[0].rule}, {wrong[0].registration}, {wrong[0].facts}")
