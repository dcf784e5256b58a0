"""A large problem that is solved repeatedly with small changes (registrations that arrive, leave or change)."""

from matching.answer import PreparedProblem, answer, infeasible, searched
from matching.format.problem import Problem
from matching.format.solution import EngineFault, Solution
from matching.large.previous_solution import Known
from matching.progress import Watch


class Rolling:
    """Keeps the prices and the placements of the last solution, so that the next one takes a second or two.

    Each solution is equivalent to one of `match`: checked, with a bound that is proven for the new problem.
    """

    def __init__(self) -> None:
        self._known: Known | None = None

    def match(
        self, problem: Problem, *, time_limit: float | None = None, workers: int = 1, watch: Watch | None = None
    ) -> Solution:
        """As `match`. A problem small enough to be solved whole is, and nothing is kept of it."""
        prepared = PreparedProblem(problem)
        if not prepared.is_large or infeasible(prepared, prepared.clock):
            return answer(prepared, time_limit=time_limit, workers=workers, watch=watch)
        try:
            solution, self._known = searched(
                prepared, prepared.clock.limit(time_limit), watch, workers=workers, known=self._known
            )
        except EngineFault:  # the kept prices and placements did not help
            self._known = None
            return answer(prepared, time_limit=time_limit, workers=workers, watch=watch)
        return solution
