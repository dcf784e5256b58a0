"""The functions that answer a problem with a checked solution. If the solver fails, a simple method answers."""

import logging

from matching.checked_solution import bounded, cut_off, degraded_to, infeasible
from matching.fallback import open_house, simple_answer
from matching.format.problem import Problem
from matching.format.solution import EngineFault, Placement, Solution
from matching.large.construction import simple_answer as large_simple_answer
from matching.limit import NO_LIMIT, Limit, LimitReached
from matching.prepared_problem import MOMENT, PreparedProblem
from matching.progress import Watch

FAILED = "the solver failed: a simple method answers"
CHECK_SECONDS_EACH = 0.00005  # seconds for each registration, reserved for checking and writing the solution

_LOG = logging.getLogger(__name__)


def match(
    problem: Problem, *, time_limit: float | None = None, workers: int = 1, watch: Watch | None = None
) -> Solution:
    """Returns the best placements for all registrations, checked by independent code.

    `time_limit`: seconds from now. Without a time limit, the solver stops after a fixed amount of its own deterministic
    time, so the same problem always has the same solution. `workers`: the number of the solver's threads, at least 1.
    `watch`: a callback that receives the progress of the search in a large problem (`Progress`). After Ctrl-C the
    search returns its best solution so far.

    If the solver fails, `match` raises nothing: the solution is then `degraded`, and `why` gives the reason. Raises
    EngineFault if the engine cannot decide whether all fixed registrations, and the other members of their groups, have
    a place.
    """
    return answer(PreparedProblem(problem), time_limit=time_limit, workers=workers, watch=watch)


def degraded(problem: Problem, why: str) -> Solution:
    """Returns the solution of a simple method without a solver. The method places the most urgent registration first,
    each in the best place that is left.

    `why`: a sentence for users, which the solution contains. The solution obeys every hard rule and is checked, but has
    no bound. Raises EngineFault as `match` does.
    """
    prepared = PreparedProblem(problem)
    return infeasible(prepared) or degraded_to(prepared, _simple(prepared), why)


def answer(
    prepared: PreparedProblem, *, time_limit: float | None = None, workers: int = 1, watch: Watch | None = None
) -> Solution:
    """Returns the solution of a prepared problem, as `match` does."""
    clock = prepared.clock
    refusal = infeasible(prepared)
    if refusal is not None:
        return refusal
    whole = prepared.is_solved_whole(time_limit)
    limit = clock.limit(time_limit)
    simple = _simple(prepared) if whole else None
    clock.lap("eligibility")
    try:
        limit.check()
        _load_solvers(whole=whole)
        clock.skip()
        if simple is None:
            return searched(prepared, limit, watch, workers)
        return _solved(prepared, simple, limit, workers)
    except LimitReached as reached:
        clock.lap("eligibility")
        if prepared.is_large:
            return degraded_to(prepared, _only_fixed(prepared), str(reached))
        return cut_off(prepared, _simple(prepared))
    except Exception as error:  # noqa: BLE001 - a fault of the solver must not leave a client without an answer
        _LOG.exception("the solver failed")
        why = str(error) if isinstance(error, EngineFault) else FAILED
        return degraded_to(prepared, _simple(prepared, limit) if simple is None else simple, why)


def best_of(prepared: PreparedProblem, *, time_limit: float | None = None, workers: int = 1) -> Solution:
    """Returns the solution of `match` if it is proven to be optimal or infeasible. Raises EngineFault otherwise."""
    solution = answer(prepared, time_limit=time_limit, workers=workers)
    if solution.status not in {"optimal", "infeasible"}:
        raise EngineFault(f"the best total is not known: the answer is {solution.status}")
    return solution


def _load_solvers(*, whole: bool) -> None:
    import matching.exact.model  # noqa: PLC0415 - ortools takes 0.1 s to import, and only solving needs it
    import matching.exact.solve  # noqa: PLC0415 - as above

    if not whole:
        import matching.large.improvement  # noqa: F401, PLC0415 - HiGHS takes 0.1 s as well


def _simple(prepared: PreparedProblem, limit: Limit = NO_LIMIT) -> tuple[Placement, ...]:
    """Returns the placements of the simple method. At the time limit, registrations without a place remain unplaced."""
    if not prepared.is_large:
        return simple_answer(prepared.index, prepared.valuation, prepared.options)
    try:
        return large_simple_answer(prepared.index, prepared.valuation, limit)
    except LimitReached:
        return _only_fixed(prepared)


def _only_fixed(prepared: PreparedProblem) -> tuple[Placement, ...]:
    """Returns the placements of the fixed registrations and of the other members of their groups with `must`."""
    placed = open_house(prepared.index, prepared.valuation, prepared.options).placed
    return tuple(placed[registration] for registration in sorted(placed))


def _solved(prepared: PreparedProblem, simple: tuple[Placement, ...], limit: Limit, workers: int) -> Solution:
    """Returns the solver's solution. If no time is left, returns the solution of the simple method."""
    if limit.is_over():
        return cut_off(prepared, simple)
    try:
        return _best(prepared, simple, limit, workers)
    except KeyboardInterrupt:
        return cut_off(prepared, simple)


def _best(prepared: PreparedProblem, simple: tuple[Placement, ...], limit: Limit, workers: int) -> Solution:
    from matching.exact.model import build  # noqa: PLC0415 - ortools takes 0.3 s to import, and only solving needs it
    from matching.exact.solve import solve  # noqa: PLC0415 - as above
    from matching.solvers.cp_sat import SolverFailed  # noqa: PLC0415 - as above

    builder = build(prepared.index, prepared.valuation, prepared.open_to)
    builder.hint(simple)
    prepared.clock.lap("build")
    try:
        left = limit.seconds()
        outcome = solve(builder, time_limit=None if left is None else max(left, MOMENT), workers=workers)
    except SolverFailed as error:
        if limit.seconds() is None or not error.cut_off:
            raise
        return cut_off(prepared, simple)
    prepared.clock.lap("solve")
    objective = prepared.valuation.objective(outcome.placements)
    if outcome.objective != objective:
        raise EngineFault(f"the solver says {outcome.objective} points, but its answer is worth {objective}")
    if outcome.proven and outcome.bound != objective:
        raise EngineFault(f"the solver says that {objective} points are the best, but also that {outcome.bound} may be")
    placements = outcome.placements
    if prepared.valuation.objective(simple) > objective:
        if outcome.proven:
            raise EngineFault(f"the solver says that {objective} points are the best, but there is a better answer")
        placements = simple
    return bounded(prepared, placements, outcome.bound if outcome.proven else min(outcome.bound, prepared.ceiling))


def searched(prepared: PreparedProblem, limit: Limit, watch: Watch | None, workers: int = 1) -> Solution:
    """Returns the solution of a large problem: a bound from dual prices, and placements from a neighbourhood search."""
    from matching.large.search import search  # noqa: PLC0415 - imports solvers, which only solving needs

    limit = limit.less(CHECK_SECONDS_EACH * len(prepared.index.registrations))
    found = search(prepared.problem, prepared.index, limit, watch, workers=workers)
    prepared.clock.lap("solve")
    if found.bound is None:
        raise LimitReached("the search was ended before a limit was proven")
    if found.phase == "none":
        return cut_off(prepared, _only_fixed(prepared), found.bound)
    return bounded(prepared, found.placements, found.bound)
