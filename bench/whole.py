"""The whole model in HiGHS, for comparison: a mixed-integer program with every choice of all registrations."""

import time

from matching import Problem
from matching.exact.model import build
from matching.fallback import simple_answer
from matching.large.solve_linear import solve_linear
from matching.prepared_problem import PreparedProblem


def highs_whole(problem: Problem, seconds: float) -> int:
    """Returns the best objective that HiGHS finds in these seconds, starting from the simple method's placements."""
    ends = time.monotonic() + seconds
    prepared = PreparedProblem(problem)
    simple = simple_answer(prepared.index, prepared.valuation, prepared.options)
    builder = build(prepared.index, prepared.valuation, prepared.open_to)
    found = solve_linear(builder, simple, ends - time.monotonic())
    return sum(placement.points for placement in found or simple)
