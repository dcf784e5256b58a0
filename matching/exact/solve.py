"""Runs CP-SAT. No other file does."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from ortools.sat.python import cp_model

from matching.exact.model import Draft
from matching.format.solution import SEED, EngineFault, Placement

DETERMINISTIC_LIMIT = 10.0  # the solver's deterministic time: about seconds, but the same on every machine
LIMIT_OF_ANY = 1.0  # the same, if any feasible values will do


class SolverFailed(EngineFault):
    """The solver gave no usable answer; the message says why. `cut_off`: only because the time limit was reached."""

    def __init__(self, why: str, *, cut_off: bool = False) -> None:
        super().__init__(why)
        self.cut_off = cut_off


class Outcome(Struct, frozen=True):
    """The solver's result: placements, their objective, and a proven upper bound.

    `bonus` holds the values of the bonus variables, in their order.
    """

    placements: tuple[Placement, ...]
    objective: int
    bound: int
    proven: bool
    bonus: tuple[int, ...] = ()


def solve(
    draft: Draft,
    *,
    time_limit: float | None = None,
    workers: int = 1,
    bonus: tuple[tuple[cp_model.IntVar, int], ...] = (),
    scale: int = 1,
) -> Outcome:
    """The best placements of a model; deterministic unless `time_limit` (seconds) ends the search.

    Points are multiplied by `scale`, so that a `bonus` smaller than `scale` only breaks ties.
    Raises SolverFailed if there is no usable answer.
    """
    variables = [*draft.vars, *(var for var, _ in bonus)]
    weights = [scale * points for points in draft.points] + [points for _, points in bonus]
    if not variables:
        return Outcome((), 0, 0, proven=True)
    draft.model.maximize(cp_model.LinearExpr.weighted_sum(variables, weights))
    solver = _solver(workers)
    if time_limit is not None:
        solver.parameters.max_time_in_seconds = max(time_limit, 0.0)
    status = solver.solve(draft.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        why = _REASONS.get(status, f"the solver answered with the unknown status {status}")
        raise SolverFailed(why, cut_off=status == cp_model.UNKNOWN)
    bound = -int(solver.response_proto.inner_objective_lower_bound)
    return Outcome(
        placements=draft.placements(solver.value),
        objective=sum(weight * solver.value(var) for var, weight in zip(variables, weights, strict=True)) // scale,
        bound=bound // scale,
        proven=status == cp_model.OPTIMAL,
        bonus=tuple(solver.value(var) for var, _ in bonus),
    )


def any_values(model: cp_model.CpModel) -> Callable[[cp_model.IntVar], int] | None:
    """Feasible values of the variables, or None if the solver proves that there are none.

    Deterministic. Raises SolverFailed if the solver does not know.
    """
    solver = _solver(workers=1, limit=LIMIT_OF_ANY)
    status = solver.solve(model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return solver.value
    if status == cp_model.INFEASIBLE:
        return None
    raise SolverFailed(_REASONS.get(status, f"the solver answered with the unknown status {status}"))


def _solver(workers: int, limit: float = DETERMINISTIC_LIMIT) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = SEED
    solver.parameters.num_workers = workers
    solver.parameters.interleave_search = workers > 1  # several workers, but reproducible
    solver.parameters.max_deterministic_time = limit
    _lean(solver.parameters)
    return solver


def _lean(parameters: Any) -> None:
    """Parameters for a model with a tight linear relaxation; switches off costly presolve steps that gain little."""
    parameters.linearization_level = 2
    parameters.max_presolve_iterations = 1
    parameters.cp_model_probing_level = 0
    parameters.symmetry_level = 0


_REASONS = {
    cp_model.UNKNOWN: "the solver found no answer before its limit",
    cp_model.INFEASIBLE: "the solver says that no answer exists, but one does",
    cp_model.MODEL_INVALID: "the solver refused the model (a weight is perhaps too large for it)",
}
