"""The solution of a neighbourhood as a mixed-integer program with HiGHS, because its linear relaxation is tight.

Measured on neighbourhoods: HiGHS proves the optimum in 0.1 s; CP-SAT has no proof after 0.7 s.
"""

import highspy
import numpy as np

from matching.exact.builder import ModelBuilder
from matching.format.solution import Placement
from matching.solvers.highs import highs_of, program_of

UNLIMITED = 1e30


def solve_linear(builder: ModelBuilder, before: tuple[Placement, ...], seconds: float) -> tuple[Placement, ...] | None:
    """Returns the best placements found in `seconds`, starting from `before`; `None` if nothing is found."""
    if not builder.points:
        return ()
    builder.hint(before)
    model = builder.model.proto
    program = program_of(model)
    cost, start = np.zeros(program.num_col_), np.zeros(program.num_col_)
    cost[list(builder.points)] = [-points for points in builder.points.values()]
    start[list(model.solution_hint.vars)] = list(model.solution_hint.values)
    program.col_cost_ = cost
    highs = highs_of()
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.setOptionValue("mip_abs_gap", 0.5)  # points are integers
    highs.setOptionValue("time_limit", min(max(seconds, 0.0), UNLIMITED))
    highs.passModel(program)
    hint = highspy.HighsSolution()
    hint.col_value = start.tolist()
    highs.setSolution(hint)
    highs.run()
    values = np.rint(np.array(highs.getSolution().col_value)).astype(int)
    if len(values) != program.num_col_ or not highs.getInfo().primal_solution_status:
        return None
    return builder.placements(values.tolist())
