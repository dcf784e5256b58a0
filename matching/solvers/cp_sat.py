"""OR-Tools CP-SAT: a solver with a fixed seed and a deterministic limit, and the meaning of its statuses.

This module uses only the compiled part of OR-Tools. The Python part imports pandas, which takes as long as all other
imports together.
"""

import math
import signal
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ortools.sat.python import cp_model_helper
from ortools.util.python.sorted_interval_list import Domain

from matching.format.solution import SEED, EngineFault

cp_sat: Any = cp_model_helper  # the declared types lack functions that a subclass may call
IntVar, LinearExpr = cp_sat.IntVar, cp_sat.LinearExpr
UNKNOWN, MODEL_INVALID = cp_sat.CpSolverStatus.UNKNOWN, cp_sat.CpSolverStatus.MODEL_INVALID
OPTIMAL, FEASIBLE, INFEASIBLE = (
    cp_sat.CpSolverStatus.OPTIMAL,
    cp_sat.CpSolverStatus.FEASIBLE,
    cp_sat.CpSolverStatus.INFEASIBLE,
)
DETERMINISTIC_LIMIT = 10.0  # the solver's deterministic time: about seconds, but the same on every machine
LIMIT_OF_ANY = 1.0  # the same, if any feasible solution is enough


class SolverFailed(EngineFault):
    """The solver gave no usable answer. The message gives the reason. `cut_off`: true if the time limit is the only
    reason. `impossible`: true if the solver states that no answer exists.
    """

    def __init__(self, why: str, *, cut_off: bool = False, impossible: bool = False) -> None:
        super().__init__(why)
        self.cut_off, self.impossible = cut_off, impossible


class Model(cp_sat.CpBaseModel):  # type: ignore[misc]  # untyped
    """A model: variables, linear and Boolean constraints, and points to maximize."""

    def __init__(self) -> None:
        super().__init__(None)

    @property
    def proto(self) -> Any:
        return self.model_proto

    def new_bool_var(self, name: str) -> Any:
        return self.new_int_var(0, 1, name)

    def new_int_var(self, low: int, high: int, name: str) -> Any:
        return IntVar(self.model_proto).with_name(name).with_domain(Domain(low, high))

    def add(self, comparison: Any) -> Any:
        """Adds a linear constraint. The comparison can also be a plain boolean, if no variable was compared."""
        if isinstance(comparison, cp_sat.BoundedLinearExpression):
            return self._add_bounded_linear_expression(comparison)
        return self.add_bool_or([True] if comparison else [])

    def add_bool_or(self, literals: Any) -> Any:
        return self._add_bool_argument_constraint(cp_sat.BoolArgumentConstraint.bool_or, literals)

    def add_at_most_one(self, literals: Any) -> Any:
        return self._add_bool_argument_constraint(cp_sat.BoolArgumentConstraint.at_most_one, literals)

    def add_exactly_one(self, literals: Any) -> Any:
        return self._add_bool_argument_constraint(cp_sat.BoolArgumentConstraint.exactly_one, literals)

    def add_implication(self, condition: Any, then: Any) -> Any:
        constraint = self._add_bool_argument_constraint(cp_sat.BoolArgumentConstraint.bool_and, then)
        return constraint.only_enforce_if(condition)

    def has_objective(self) -> bool:
        return bool(self.model_proto.has_objective())

    def maximize(self, points: Mapping[int, int]) -> None:
        """Sets the objective. `points`: the points of each variable, by its number."""
        objective = self.model_proto.objective
        objective.vars.extend(list(points))
        objective.coeffs.extend([-weight for weight in points.values()])
        objective.scaling_factor = -1.0


class Solver:
    """CP-SAT with its parameters, and its response after a run."""

    def __init__(self) -> None:
        self.parameters = cp_sat.SatParameters()
        self.response: Any = None

    def solve(self, model: Model) -> Any:
        wrapper = cp_sat.SolveWrapper()
        wrapper.set_parameters(self.parameters)
        self.response = wrapper.solve(model.proto)
        return self.response.status

    def value(self, var: Any) -> int:
        return int(cp_sat.ResponseHelper.value(self.response, var))


def any_values(model: Model) -> Callable[[Any], int] | None:
    """Returns a function that gives the value of each variable in a feasible solution; `None` if no solution exists.

    The result is deterministic. Raises SolverFailed if the solver cannot decide.
    """
    solver = solver_of(workers=1, limit=LIMIT_OF_ANY)
    status = run(solver, model)
    if status in (OPTIMAL, FEASIBLE):
        return solver.value
    if status == INFEASIBLE:
        return None
    raise SolverFailed(REASONS.get(status, f"the solver answered with the unknown status {status}"))


def solver_of(workers: int, limit: float = DETERMINISTIC_LIMIT) -> Solver:
    """Returns a solver with the fixed seed. `limit`: in deterministic time, so that results can be reproduced."""
    solver = Solver()
    solver.parameters.random_seed = SEED
    solver.parameters.num_workers = workers
    solver.parameters.interleave_search = workers > 1  # several workers, but reproducible
    solver.parameters.max_deterministic_time = limit
    _lean(solver.parameters)
    return solver


def run(solver: Solver, model: Model) -> Any:
    """Solves a model. Ctrl-C ends the search without a KeyboardInterrupt; afterwards Ctrl-C works as usual again.

    Without this function, OR-Tools would handle Ctrl-C itself, and the next Ctrl-C would kill the process.
    """
    catches = threading.current_thread() is threading.main_thread()
    catches = catches and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    solver.parameters.catch_sigint_signal = catches
    try:
        return solver.solve(model)
    finally:
        if catches:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def is_interrupted(solver: Solver) -> bool:
    """Checks whether Ctrl-C ended a search without a limit in seconds: the search stopped early and proved nothing."""
    response, parameters = solver.response, solver.parameters
    if response.status not in (UNKNOWN, FEASIBLE) or parameters.max_time_in_seconds < math.inf:
        return False
    return bool(response.deterministic_time < parameters.max_deterministic_time)


def _lean(parameters: Any) -> None:
    """Sets parameters that suit models with a tight relaxation. Switches off steps of the solver that gain little."""
    parameters.linearization_level = 2
    parameters.max_presolve_iterations = 1
    parameters.cp_model_probing_level = 0
    parameters.symmetry_level = 0


REASONS = {
    UNKNOWN: "the solver found no answer before its limit",
    INFEASIBLE: "the solver says that no answer exists, but one does",
    MODEL_INVALID: "the solver refused the model (a weight is perhaps too large for it)",
}
