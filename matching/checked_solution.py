"""Solutions that the independent checker has accepted: infeasible, with a proven bound, or degraded."""

from msgspec.structs import replace

from matching.check import check
from matching.format.solution import EngineFault, Placement, Solution, Status
from matching.prepared_problem import PreparedProblem

CUT_OFF = "the solver was cut off before it had an answer: a simple method answers"


def infeasible(prepared: PreparedProblem) -> Solution | None:
    """Returns the infeasible solution if the fixed registrations break hard rules; otherwise `None`."""
    broken = prepared.contradictions()
    return _checked(prepared, prepared.solution("infeasible", (), 0, broken=broken)) if broken else None


def bounded(prepared: PreparedProblem, placements: tuple[Placement, ...], bound: int) -> Solution:
    """Returns a solution with a proven bound: `optimal` if these placements reach the bound, otherwise `feasible`."""
    status: Status = "optimal" if bound == prepared.valuation.objective(placements) else "feasible"
    return _checked(prepared, prepared.solution(status, placements, bound))


def cut_off(prepared: PreparedProblem, placements: tuple[Placement, ...], bound: int | None = None) -> Solution:
    """Returns the placements of a simple method, and a proven bound. Used if the solver ran out of time."""
    proven = prepared.ceiling if bound is None else bound
    if proven == prepared.valuation.objective(placements):
        return bounded(prepared, placements, proven)
    return degraded_to(prepared, placements, CUT_OFF, proven)


def degraded_to(
    prepared: PreparedProblem, placements: tuple[Placement, ...], why: str, bound: int | None = None
) -> Solution:
    """Returns the placements of a simple method, as a degraded solution. `why`: a sentence for users."""
    return _checked(prepared, prepared.solution("degraded", placements, bound, why=why))


def _checked(prepared: PreparedProblem, solution: Solution) -> Solution:
    """Returns the solution if the independent checker accepts it; otherwise raises EngineFault."""
    report = check(prepared.problem, solution)
    prepared.clock.lap("check")
    if not report.ok:
        first = report.violations[0]
        raise EngineFault(
            f"the {solution.status} answer fails the check: {first.rule}, {first.registration}, {first.facts}"
        )
    return replace(solution, seconds=prepared.clock.seconds())
