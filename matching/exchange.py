"""The best answer for everybody that remains if one registration goes to a unit that somebody chose."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, Struct

from matching.answer import EngineFault, Question
from matching.check import Violation, check
from matching.problem import Fixed, Problem
from matching.solution import Placement, Solution

if TYPE_CHECKING:
    from matching.model import Draft, Var  # imports ortools, which only solving needs
    from matching.solve import Outcome


class Exchange(Struct, frozen=True):
    """Where the registration goes, who is placed where then, and the total."""

    unit: str
    placements: tuple[Placement, ...]
    objective: int

    def of(self, registration: str) -> Placement:
        return next(placement for placement in self.placements if placement.registration == registration)


def displaced(before: Solution, after: Sequence[Placement]) -> tuple[str, ...]:
    """Who is placed in one answer and not in the other, sorted by id."""
    placed = {placement.registration for placement in after}
    return tuple(row.registration for row in before.placements if row.registration not in placed)


def best_exchange(
    question: Question,
    registration: str,
    units: Sequence[str],
    before: Solution,
    *,
    waived: Collection[str] = (),
    time_limit: float | None = None,
    workers: int = 1,
) -> Exchange | None:
    """The best answer in which the registration goes to one of these units; of equally good ones the first unit by id.

    Rules in `waived` do not hold for it there. None where the time ran out before the best was proven.
    Raises EngineFault where the solver fails.
    """
    from matching.model import build  # noqa: PLC0415 - ortools takes 0.4 s to import, and only solving needs it

    draft = build(
        question.index,
        question.valuation,
        question.open_to | {registration: units},
        must=(registration,),
        waived={(registration, unit): waived for unit in units},
    )
    draft.hint(before.placements)
    order = sorted(units, reverse=True)
    choices = draft.choices[registration]
    bonus = tuple((var, rank) for rank, unit in enumerate(order) for var in choices[unit])
    outcome = exactly(draft, bonus, len(order), time_limit=time_limit, workers=workers)
    if outcome is None:
        return None
    unit = next(row.unit for row in outcome.placements if row.registration == registration)
    exchange = Exchange(unit, outcome.placements, outcome.objective)
    row = Fixed(registration, unit)
    verify(msgspec.structs.replace(question.problem, fixed=(*question.problem.fixed, row)), exchange, before, waived)
    return exchange


def exactly(
    draft: "Draft", bonus: tuple[tuple["Var", int], ...], scale: int, *, time_limit: float | None, workers: int = 1
) -> "Outcome | None":
    """The proven best of a model, or None where the time ran out first. Raises EngineFault where the solver fails."""
    from matching.solve import SolverFailed, solve  # noqa: PLC0415 - ortools takes 0.4 s to import

    try:
        outcome = solve(draft, time_limit=time_limit, workers=workers, bonus=bonus, scale=scale)
    except SolverFailed as error:
        if time_limit is not None and error.cut_off:
            return None
        raise EngineFault(str(error)) from error
    except Exception as error:
        raise EngineFault(f"the solver failed: {type(error).__name__}: {error}") from error
    if outcome.proven:
        return outcome
    if time_limit is None:
        raise EngineFault("the best total is not known: the search was cut off")
    return None


def verify(problem: Problem, exchange: Exchange, before: Solution, waived: Collection[str] = ()) -> None:
    """Raises EngineFault where the checker finds more wrong than the waived rules, at the place of the exchange."""
    placed = {row.registration for row in exchange.placements}
    solution = msgspec.structs.replace(
        before,
        status="optimal",
        why=UNSET,
        objective=exchange.objective,
        bound=exchange.objective,
        placements=exchange.placements,
        unplaced=tuple(sorted({row.id for row in problem.registrations} - placed)),
    )
    location = {unit.id: unit.location for unit in problem.units}

    def is_waived(found: Violation) -> bool:
        return found.rule in waived and found.unit is not None and location[found.unit] == location[exchange.unit]

    wrong = [found for found in check(problem, solution).violations if not is_waived(found)]
    if wrong:
        raise EngineFault(f"an answer fails the check: {wrong[0].rule}, {wrong[0].registration}, {wrong[0].facts}")
