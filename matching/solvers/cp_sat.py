"""OR-Tools CP-SAT: one worker of fixed seed and deterministic limit, and what its statuses mean."""

import math
import signal
import threading
from collections.abc import Callable
from typing import Any

from ortools.sat.python import cp_model

from matching.format.solution import SEED, EngineFault

DETERMINISTIC_LIMIT = 10.0  # the solver's deterministic time: about seconds, but the same on every machine
LIMIT_OF_ANY = 1.0  # the same, if any feasible values will do


class SolverFailed(EngineFault):
    """The solver gave no usable answer; the message says why. `cut_off`: only because the time limit was reached;
    `impossible`: the solver says that there is no answer.
    """

    def __init__(self, why: str, *, cut_off: bool = False, impossible: bool = False) -> None:
        super().__init__(why)
        self.cut_off, self.impossible = cut_off, impossible


class Model(cp_model.CpModel):
    """A model without CP-SAT's old camel-case names, which it gives to each model anew: more work than a small model.

    They refer to their model as well, so that it would be held until the garbage collector comes.
    """

    def _add_pre_pep8_methods(self) -> None:
        """Called for each new model."""


class Model(cp_model.CpModel):
    """A model without the camel-case names of old, which every `CpModel` makes anew and which keep it in memory."""

    def _add_pre_pep8_methods(self) -> None:
        """None: nothing here uses them."""


def any_values(model: cp_model.CpModel) -> Callable[[cp_model.IntVar], int] | None:
    """Feasible values of the variables, or None if the solver proves that there are none.

    Deterministic. Raises SolverFailed if the solver does not know.
    """
    solver = solver_of(workers=1, limit=LIMIT_OF_ANY)
    status = run(solver, model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return solver.value
    if status == cp_model.INFEASIBLE:
        return None
    raise SolverFailed(REASONS.get(status, f"the solver answered with the unknown status {status}"))


def solver_of(workers: int, limit: float = DETERMINISTIC_LIMIT) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = SEED
    solver.parameters.num_workers = workers
    solver.parameters.interleave_search = workers > 1  # several workers, but reproducible
    solver.parameters.max_deterministic_time = limit
    _lean(solver.parameters)
    return solver


def run(solver: cp_model.CpSolver, model: cp_model.CpModel) -> cp_model.CpSolverStatus:
    """Solves a model. Ctrl-C ends the search, where it would raise KeyboardInterrupt, and means the same afterwards.

    Left alone, the solver takes the signal over, whatever is done with it, and afterwards it kills the process.
    """
    catches = threading.current_thread() is threading.main_thread()
    catches = catches and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    solver.parameters.catch_sigint_signal = catches
    try:
        return solver.solve(model)
    finally:
        if catches:
            signal.signal(signal.SIGINT, signal.default_int_handler)


def is_interrupted(solver: cp_model.CpSolver) -> bool:
    """Whether a solve without a limit in seconds ended for neither a result nor its deterministic limit: by Ctrl-C."""
    response, parameters = solver.response_proto, solver.parameters
    if response.status not in (cp_model.UNKNOWN, cp_model.FEASIBLE) or parameters.max_time_in_seconds < math.inf:
        return False
    return bool(response.deterministic_time < parameters.max_deterministic_time)


def _lean(parameters: Any) -> None:
    """Parameters for a model with a tight linear relaxation; switches off costly presolve steps that gain little."""
    parameters.linearization_level = 2
    parameters.max_presolve_iterations = 1
    parameters.cp_model_probing_level = 0
    parameters.symmetry_level = 0


REASONS = {
    cp_model.UNKNOWN: "the solver found no answer before its limit",
    cp_model.INFEASIBLE: "the solver says that no answer exists, but one does",
    cp_model.MODEL_INVALID: "the solver refused the model (a weight is perhaps too large for it)",
}
