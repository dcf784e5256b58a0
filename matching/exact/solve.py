"""The solution of a model by CP-SAT."""

from msgspec import Struct

from matching.exact.builder import ModelBuilder
from matching.format.solution import Placement
from matching.solvers.cp_sat import (
    FEASIBLE,
    INFEASIBLE,
    OPTIMAL,
    REASONS,
    UNKNOWN,
    SolverFailed,
    is_interrupted,
    run,
    solver_of,
)


class Outcome(Struct, frozen=True):
    """The result of the solver: placements, their objective, and a proven upper bound.

    `interrupted`: true if Ctrl-C ended the search. The solver catches the signal, so Python raises no
    KeyboardInterrupt.
    """

    placements: tuple[Placement, ...]
    objective: int
    bound: int
    proven: bool
    interrupted: bool = False


def solve(builder: ModelBuilder, *, time_limit: float | None = None, workers: int = 1) -> Outcome:
    """Returns the best placements of a model. The result is deterministic unless `time_limit` (seconds) ends the
    search.

    Raises SolverFailed if the solver has no usable answer. Raises KeyboardInterrupt if Ctrl-C ended the search before
    there was an answer.
    """
    if not builder.points:
        return Outcome((), 0, 0, proven=True)
    if not builder.model.has_objective():  # set once, because a model can be solved many times
        builder.model.maximize(builder.points)
    solver = solver_of(workers)
    if time_limit is not None:
        solver.parameters.max_time_in_seconds = max(time_limit, 0.0)
    status = run(solver, builder.model)
    if status not in (OPTIMAL, FEASIBLE):
        if is_interrupted(solver):
            raise KeyboardInterrupt
        why = REASONS.get(status, f"the solver answered with the unknown status {status}")
        raise SolverFailed(why, cut_off=status == UNKNOWN, impossible=status == INFEASIBLE)
    bound = -int(solver.response.inner_objective_lower_bound)
    values = list(solver.response.solution)
    return Outcome(
        placements=builder.placements(values),
        objective=sum(points * values[column] for column, points in builder.points.items()),
        bound=bound,
        proven=status == OPTIMAL,
        interrupted=is_interrupted(solver),
    )
