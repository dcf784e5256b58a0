"""The best placements of a model, by CP-SAT."""

from msgspec import Struct
from ortools.sat.python import cp_model

from matching.exact.builder import ModelBuilder
from matching.format.solution import Placement
from matching.solvers.cp_sat import REASONS, SolverFailed, solver_of


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
    builder: ModelBuilder,
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
    variables = [*builder.vars, *(var for var, _ in bonus)]
    weights = [scale * points for points in builder.points] + [points for _, points in bonus]
    if not variables:
        return Outcome((), 0, 0, proven=True)
    builder.model.maximize(cp_model.LinearExpr.weighted_sum(variables, weights))
    solver = solver_of(workers)
    if time_limit is not None:
        solver.parameters.max_time_in_seconds = max(time_limit, 0.0)
    status = solver.solve(builder.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        why = REASONS.get(status, f"the solver answered with the unknown status {status}")
        raise SolverFailed(why, cut_off=status == cp_model.UNKNOWN, impossible=status == cp_model.INFEASIBLE)
    bound = -int(solver.response_proto.inner_objective_lower_bound)
    return Outcome(
        placements=builder.placements(solver.value),
        objective=sum(weight * solver.value(var) for var, weight in zip(variables, weights, strict=True)) // scale,
        bound=bound // scale,
        proven=status == cp_model.OPTIMAL,
        bonus=tuple(solver.value(var) for var, _ in bonus),
    )
