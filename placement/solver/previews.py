"""Previews by the engine, which place no client: the shortage, the effect of another profile, and the effect of other
weights. No proposal waits for a preview (`engine_pool.py`), so previews never delay a client who needs a bed. Requests
that wait at the same time share a single snapshot of the data. Equal questions share an answer. The engine runs outside
transactions.
"""

from collections.abc import Callable

from matching import Problem, write_problem
from placement.core.arrival import arrival
from placement.core.shared_work import Answers, Latest
from placement.solver import profile_preview, weight_versions
from placement.solver.engine_process import Solver
from placement.solver.profile_preview import Trial, Tried
from placement.solver.shortage import Shortage
from placement.solver.snapshot import Snapshot
from placement.solver.weight_versions import Effect

_KEPT = 16


class Previews:
    def __init__(self, solver: Solver, work_out: Callable[[Problem], Shortage] | None = None) -> None:
        self._solver, self._work_out = solver, work_out or solver.shortage
        self._world: Latest[Snapshot] = Latest()
        self._short: Answers[Shortage] = Answers(_KEPT)
        self._tried: Answers[Tried] = Answers(_KEPT)
        self._seen: Answers[Effect] = Answers(_KEPT)

    def world(self, read: Callable[[], Snapshot]) -> Snapshot:
        """Returns a snapshot that was read after this request arrived. Requests that wait at the same time share the
        snapshot.
        """
        return self._world.of(arrival().at, read)

    def shortage(self, problem: Problem) -> Shortage:
        return self._short.of(write_problem(problem), lambda: self._work_out(problem), lambda found: found.complete)

    def trial(self, trial: Trial) -> Tried:
        asked = b"\n".join([trial.unit_id.encode(), write_problem(trial.before), write_problem(trial.after)])
        return self._tried.of(asked, lambda: profile_preview.work_out(trial), lambda _: True)

    def effect(self, problems: tuple[Problem, Problem]) -> Effect:
        asked = b"\n".join(write_problem(problem) for problem in problems)
        return self._seen.of(
            asked, lambda: weight_versions.effect_of(self._solver, problems), lambda found: found.certain
        )
