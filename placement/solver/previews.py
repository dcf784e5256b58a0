"""Previews by the engine that place no client: what is short, the effect of a profile or of other weights.

Each kind has few turns of its own, and none is a proposal's: repeated previews delay no user who needs a bed. A
question takes its place before anything is read for it, and its engine runs when no transaction is open.
"""

from collections.abc import Callable

from matching import Problem, write_problem
from placement.core.admission import Answers, Turns
from placement.solver import profile_preview, weight_versions
from placement.solver.engine_process import Solver
from placement.solver.profile_preview import Trial, Tried
from placement.solver.shortage import Shortage, shortage
from placement.solver.weight_versions import Effect

_BUSY = "engine_busy"
_KEPT = 16


class Previews:
    """The previews of one process. `prepare` reads, in a transaction of its own, what a question needs."""

    def __init__(self, solver: Solver, work_out: Callable[[Problem], Shortage] = shortage) -> None:
        self._solver, self._work_out = solver, work_out
        self._shortages = Turns(_BUSY, at_once=1, waiting=7, within_seconds=20.0)
        self._trials = Turns(_BUSY, at_once=1, waiting=3, within_seconds=10.0)
        self._effects = Turns(_BUSY, at_once=1, waiting=1, within_seconds=10.0)
        self._short: Answers[Shortage] = Answers(_KEPT)
        self._tried: Answers[Tried] = Answers(_KEPT)
        self._seen: Answers[Effect] = Answers(_KEPT)

    def shortage(self, prepare: Callable[[], Problem]) -> tuple[Problem, Shortage]:
        """The most useful extra places. Raises `Busy`."""
        with self._shortages.place():
            problem = prepare()

            def work_out() -> Shortage:
                with self._shortages.turn():
                    return self._work_out(problem)

            return problem, self._short.of(write_problem(problem), work_out, lambda found: found.complete)

    def trial(self, prepare: Callable[[], Trial]) -> tuple[Trial, Tried]:
        """The effect of a changed profile. Raises `Busy`."""
        with self._trials.place():
            trial = prepare()

            def work_out() -> Tried:
                with self._trials.turn():
                    return profile_preview.work_out(trial)

            asked = b"\n".join([trial.unit_id.encode(), write_problem(trial.before), write_problem(trial.after)])
            return trial, self._tried.of(asked, work_out, lambda _: True)

    def effect(self, prepare: Callable[[], tuple[Problem, Problem]]) -> Effect:
        """The effect of other weights. Raises `Busy`."""
        with self._effects.place():
            problems = prepare()

            def work_out() -> Effect:
                with self._effects.turn():
                    return weight_versions.effect_of(self._solver, problems)

            asked = b"\n".join(write_problem(problem) for problem in problems)
            return self._seen.of(asked, work_out, lambda found: found.certain)
