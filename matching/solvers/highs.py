"""HiGHS, the mixed-integer solver. It solves CP-SAT models with linear and Boolean constraints."""

from threading import Event, Thread
from typing import Any

import highspy
import numpy as np
from highspy._core import _Highs as Highs  # the derived class `highspy.Highs` writes a banner to standard output
from highspy._core import cb as callbacks

from matching.format.solution import SEED
from matching.limit import Limit
from matching.solvers.cp_sat import Model

NODES = 2_000  # nodes of the search tree: a limit that is the same on every machine
NODES_OF_PROOF = 200  # the same, for a proof of infeasibility


def proves_impossible(model: Model) -> bool:
    """Checks whether HiGHS proves the model infeasible within NODES_OF_PROOF nodes. The result is deterministic."""
    highs = highs_of(NODES_OF_PROOF)
    highs.passModel(program_of(model.proto))
    highs.run()
    return bool(highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible)


def highs_of(nodes: int = NODES) -> Highs:
    highs = Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", SEED)
    highs.setOptionValue("mip_max_nodes", nodes)
    return highs


def run(highs: Highs, limit: Limit) -> bool:
    """Solves a program in a thread, so that Ctrl-C can end it. Returns true if it was solved within the limit."""
    stopped = Event()

    def asked(_kind: Any, _message: str, _out: Any, answer: Any, _user: Any) -> None:
        answer.user_interrupt = stopped.is_set() or limit.is_over()

    highs.setCallback(asked, None)
    for kind in (
        callbacks.HighsCallbackType.kCallbackSimplexInterrupt,
        callbacks.HighsCallbackType.kCallbackMipInterrupt,
    ):
        highs.startCallback(kind)
    thread = Thread(target=highs.run)
    thread.start()
    try:
        thread.join()
    except KeyboardInterrupt:
        stopped.set()
        raise
    return bool(highs.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def program_of(model: Any) -> highspy.HighsLp:
    """Returns the variables and constraints of the model as a HiGHS program. All costs are zero."""
    columns = len(model.variables)
    start, index, value = [0], list[int](), list[int]()
    lower, upper = list[float](), list[float]()
    for constraint in model.constraints:
        low, high, terms, weights = _row(constraint)
        index.extend(terms)
        value.extend(weights)
        start.append(len(index))
        lower.append(low)
        upper.append(high)
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = columns, len(lower)
    program.col_cost_, program.col_lower_ = np.zeros(columns), np.zeros(columns)
    program.col_upper_ = np.array([variable.domain[1] for variable in model.variables], dtype=np.float64)
    program.row_lower_, program.row_upper_ = np.array(lower, dtype=np.float64), np.array(upper, dtype=np.float64)
    program.integrality_ = [highspy.HighsVarType.kInteger] * columns
    matrix = program.a_matrix_
    matrix.num_col_, matrix.num_row_, matrix.format_ = columns, len(lower), highspy.MatrixFormat.kRowwise
    matrix.start_, matrix.index_, matrix.value_ = np.array(start), np.array(index), np.array(value, dtype=np.float64)
    return program


_FAR = 2**62  # in the model, a limit of at least this number means infinity


_Row = tuple[float, float, list[int], list[int]]
"""A row of a program: its lower and upper limit, the numbers of its columns, and their weights."""


def _row(constraint: Any) -> _Row:
    if constraint.has_linear():
        row = constraint.linear
        least, most = _listed(row.domain)
        low, high = least if least > -_FAR else -np.inf, most if most < _FAR else np.inf
        return low, high, _listed(row.vars), _listed(row.coeffs)
    if constraint.has_at_most_one():
        return _of_literals(constraint.at_most_one.literals, -np.inf, 1)
    if constraint.has_exactly_one():
        return _of_literals(constraint.exactly_one.literals, 1, 1)
    if constraint.has_bool_or():
        return _of_literals(constraint.bool_or.literals, 1, np.inf)
    [condition], [then] = map(_listed, (constraint.enforcement_literal, constraint.bool_and.literals))  # an implication
    return -np.inf, 0, [condition, then], [1, -1]


def _listed(numbers: Any) -> list[int]:
    """Returns the numbers of a field, read by index. A loop over the field itself ends with a slow exception."""
    return [numbers[at] for at in range(len(numbers))]


def _of_literals(field: Any, low: float, high: float) -> _Row:
    literals = _listed(field)
    signs = [1 if literal >= 0 else -1 for literal in literals]
    negated = signs.count(-1)
    columns = [literal if literal >= 0 else -literal - 1 for literal in literals] if negated else literals
    return low - negated, high - negated, columns, signs
