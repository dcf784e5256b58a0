"""From a problem to a checked solution: all solutions are made here."""

import logging
from functools import cache, cached_property
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from matching.check import Verdicts, check
from matching.clock import Clock
from matching.eligibility import BrokenRule, RuleTable, broken_by, broken_rules, open_table, pair_tables
from matching.fallback import Impossible, open_house, simple_answer
from matching.format.problem import FIRST_FORMAT as FIRST_PROBLEM_FORMAT
from matching.format.problem import Problem, Unit
from matching.format.solution import (
    FIRST_FORMAT,
    SOLUTION_FORMAT,
    Broken,
    Engine,
    EngineFault,
    Placement,
    Solution,
    Status,
)
from matching.index import Index
from matching.large.construction import simple_answer as large_simple_answer
from matching.limit import NO_LIMIT, Limit, LimitReached
from matching.objective import Valuation
from matching.progress import Watch
from matching.rules.base import Table
from matching.rules.together import TogetherRule, facts_of

if TYPE_CHECKING:
    from matching.large.previous_solution import Known

MOST_CHOICES_WHOLE = 60_000  # registrations times rooms with a free bed
BUILD_SECONDS_EACH = 0.00004  # per pair of a registration and a room (or two rooms) that the rules allow
CUT_OFF = "the solver was cut off before it had an answer: a simple method answers"
FAILED = "the solver failed: a simple method answers"
MOMENT = 0.1  # seconds over its limit that the solver may use once it is loaded: enough for most countries
CHECK_SECONDS_EACH = 0.00005  # kept back from the time limit, per registration, for the check and for writing

_LOG = logging.getLogger(__name__)


class PreparedProblem:
    """A prepared problem: canonical order, valuation, and the units open to each registration.

    `like`: a problem with the same policy and locations. What is known of rows that both have is shared: `verdicts`,
    what the checker found of single placements, and what pairs are worth.
    """

    def __init__(self, problem: Problem, like: "PreparedProblem | None" = None) -> None:
        self.clock = Clock()
        self.problem = problem
        self.index = Index(problem)
        self.verdicts: Verdicts = {} if like is None else like.verdicts
        self.valuation: Valuation = Valuation(self.index, None if like is None else like.valuation)
        self._broken: dict[str, dict[str, tuple[BrokenRule, ...]]] = {}

    @cached_property
    def pair_tables(self) -> list[RuleTable]:
        return pair_tables(self.index, list(self.index.registrations.values()))

    @cached_property
    def table(self) -> Table:
        return open_table(self.index, list(self.index.registrations.values()), tables=self.pair_tables)

    def broken(self, registration: str) -> dict[str, tuple[BrokenRule, ...]]:
        """For each unit, every hard rule that the registration breaks there with only `fixed` placed."""
        if registration not in self._broken:
            units, row = list(self.index.units.values()), list(self.index.registrations).index(registration)
            asked = self.index.registrations[registration]
            self._broken[registration] = broken_by(self.index, asked, units, self.pair_tables, row)
        return self._broken[registration]

    @cached_property
    def open_to(self) -> dict[str, list[str]]:
        """By registration, the units in which it breaks no hard rule by itself, with only `fixed` placed."""
        units = list(self.index.units)
        return {
            registration: [unit for unit, allowed in zip(units, row, strict=True) if allowed]
            for registration, row in zip(self.index.registrations, self.table.tolist(), strict=True)
        }

    @property
    def ceiling(self) -> int:
        """An upper bound of the objective: each registration's serve and fit in its best open unit, rooms ignored.

        The points of groups are counted whole.
        """
        total = self.valuation.together_at_most
        for registration in self.index.registrations.values():
            fixed = self.index.fixed.get(registration.id)
            units = self.open_to[registration.id] if fixed is None else [fixed]
            best = max((self.valuation.pair_points(registration, self.index.units[unit]) for unit in units), default=0)
            total += best if fixed is not None else max(best, 0)
        return total

    @property
    def is_large(self) -> bool:
        """Whether there are too many choices to solve the whole model in time.

        The limit is measured: docs/guide/matching-scale.md.
        """
        free = sum(room.free_beds > 0 for room in self.problem.rooms)
        return len(self.index.registrations) * free > MOST_CHOICES_WHOLE

    def is_solved_whole(self, time_limit: float | None) -> bool:
        """Whether the whole model is built and solved.

        False if building it would take half of the time limit or more. A small model is always built, a moment over it.
        """
        if self.is_large or time_limit is None:
            return not self.is_large
        registrations = self.index.registrations.values()
        two_rooms = np.array([row.is_private and len(row.persons) > 1 for row in registrations], dtype=np.bool_)
        free = np.array([sum(room.free_beds > 0 for room in rooms) for rooms in self.index.rooms_of.values()])
        choices = (self.table @ free).sum() + (self.table[two_rooms] @ (free * (free - 1) // 2)).sum()
        return int(choices) * BUILD_SECONDS_EACH < max(time_limit, MOMENT) / 2

    def contradictions(self) -> tuple[Broken, ...]:
        """The hard rules that each fixed registration breaks with all other fixed registrations in place.

        If there are none, but no place for the others of a group that is fixed in part, `together` for those fixed.
        """
        found: list[Broken] = []
        for registration_id, unit in sorted(self.index.fixed.items()):
            broken = broken_rules(self.index, self.index.registrations[registration_id], only=unit)[unit]
            found.extend(Broken(registration_id, unit, row.rule, row.facts) for row in broken)
        return tuple(found) or self._left_alone()

    def _left_alone(self) -> tuple[Broken, ...]:
        """A row `together` for each fixed registration of groups fixed in part, if the others have no place."""
        groups = self.index.fixed_in_part()
        if not groups:
            return ()
        try:
            open_house(self.index, self.valuation, self.options)
        except Impossible:
            found: list[Broken] = []
            for group in groups:
                facts = facts_of(group, [member for member in group.members if member not in self.index.fixed])
                fixed = [(member, self.index.fixed[member]) for member in group.members if member in self.index.fixed]
                found.extend(Broken(member, unit, TogetherRule.code, facts) for member, unit in fixed)
            return tuple(sorted(found, key=lambda row: row.registration))
        return ()

    def options(self, name: str) -> list[tuple[int, Unit]]:
        """The units open to a registration, each with the points of the pair."""
        units = [self.index.units[unit] for unit in self.open_to[name]]
        return [(self.valuation.pair_points(self.index.registrations[name], unit), unit) for unit in units]

    def solution(
        self,
        status: Status,
        placements: tuple[Placement, ...],
        bound: int | None,
        clock: Clock,
        *,
        why: str | UnsetType = UNSET,
        broken: tuple[Broken, ...] | UnsetType = UNSET,
    ) -> Solution:
        placed = {placement.registration: placement.unit for placement in placements}
        is_first = self.problem.format == FIRST_PROBLEM_FORMAT
        return Solution(
            format=FIRST_FORMAT if is_first else SOLUTION_FORMAT,
            status=status,
            objective=self.valuation.objective(placements),
            bound=bound,
            placements=placements,
            together=UNSET if is_first else self.valuation.together(placed),
            unplaced=tuple(registration for registration in self.index.registrations if registration not in placed),
            seconds=clock.seconds(),
            engine=Engine(ortools=_solver_version()),
            why=why,
            broken=broken,
        )


@cache
def _solver_version() -> str:
    return metadata.version("ortools")


def match(
    problem: Problem, *, time_limit: float | None = None, workers: int = 1, watch: Watch | None = None
) -> Solution:
    """The best placements for all registrations, checked (docs: placement-solution/2).

    `time_limit` is in seconds. Without it the limit is in the solver's deterministic time, so the answer is
    reproducible. Never raises for a failure of the solver: the solution is then `degraded` and `why` gives the reason.
    Raises Undecided if it is unknown whether the registrations that are fixed in one unit fit in its rooms together, or
    whether the others of their groups have a place.
    `watch` receives the progress of the search in a large problem; an interrupt (Ctrl-C) during that search ends it
    with the best answer so far.
    """
    return answer(PreparedProblem(problem), time_limit=time_limit, workers=workers, watch=watch)


def degraded(problem: Problem, why: str) -> Solution:
    """The construction heuristic's solution, checked. `why` is a sentence for users.

    Uses no solver, unless the room allocation of the registrations fixed in one unit, or the place of the others of
    their groups, needs one. Raises Undecided.
    """
    prepared = PreparedProblem(problem)
    refusal = infeasible(prepared, prepared.clock)
    if refusal is not None:
        return refusal
    return stand_in(prepared, _simple(prepared), why, prepared.clock)


def answer(
    prepared: PreparedProblem, *, time_limit: float | None = None, workers: int = 1, watch: Watch | None = None
) -> Solution:
    """As `match`, of a prepared problem."""
    clock = prepared.clock
    refusal = infeasible(prepared, clock)
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
            return searched(prepared, limit, watch, workers=workers)[0]
        return _solved(prepared, simple, limit, workers)
    except LimitReached as reached:
        clock.lap("eligibility")
        if prepared.is_large:
            return stand_in(prepared, _only_fixed(prepared), str(reached), clock)
        return _stopped(prepared, _simple(prepared))
    except Exception as error:  # noqa: BLE001 - a fault of the solver must not leave a client without an answer
        _LOG.exception("the solver failed")
        why = str(error) if isinstance(error, EngineFault) else FAILED
        return stand_in(prepared, _simple(prepared, limit) if simple is None else simple, why, clock)


def _load_solvers(*, whole: bool) -> None:
    import matching.exact.model  # noqa: PLC0415 - ortools takes 0.1 s to import, and only solving needs it
    import matching.exact.solve  # noqa: PLC0415 - as above

    if not whole:
        import matching.large.improvement  # noqa: F401, PLC0415 - HiGHS takes 0.1 s as well


def _simple(prepared: PreparedProblem, limit: Limit = NO_LIMIT) -> tuple[Placement, ...]:
    """The construction heuristic's placements; at the limit only those who are fixed, or the most urgent as well."""
    if not prepared.is_large:
        return simple_answer(prepared.index, prepared.valuation, prepared.table)
    try:
        return large_simple_answer(prepared.index, prepared.valuation, limit)
    except LimitReached:
        return _only_fixed(prepared)


def _only_fixed(prepared: PreparedProblem) -> tuple[Placement, ...]:
    """Those who are fixed, and the others of groups that are fixed in part: the least that obeys every rule."""
    placed = open_house(prepared.index, prepared.valuation, prepared.options).placed
    return tuple(placed[registration] for registration in sorted(placed))


def best_of(prepared: PreparedProblem, *, time_limit: float | None = None, workers: int = 1) -> Solution:
    """As `match`, with a proven optimum. Raises EngineFault if optimality is not proven."""
    solution = answer(prepared, time_limit=time_limit, workers=workers)
    if solution.status not in {"optimal", "infeasible"}:
        raise EngineFault(f"the best total is not known: the answer is {solution.status}")
    return solution


def infeasible(prepared: PreparedProblem, clock: Clock) -> Solution | None:
    """The infeasible solution if `fixed` contradicts the hard rules, found by the rules themselves; otherwise None."""
    broken = prepared.contradictions()
    if not broken:
        return None
    refusal = prepared.solution("infeasible", (), 0, clock, broken=broken)
    return _checked(prepared, refusal, clock)


def stand_in(prepared: PreparedProblem, placements: tuple[Placement, ...], why: str, clock: Clock) -> Solution:
    """A `degraded` solution made of the construction heuristic's placements, in place of the solver's."""
    return _checked(prepared, prepared.solution("degraded", placements, None, clock, why=why), clock)


def _solved(prepared: PreparedProblem, simple: tuple[Placement, ...], limit: Limit, workers: int) -> Solution:
    """The solver's solution, or that of the construction heuristic where time ran out."""
    if limit.is_over():
        return _stopped(prepared, simple)
    try:
        return _best(prepared, simple, limit, workers)
    except KeyboardInterrupt:
        return _stopped(prepared, simple)


def _stopped(prepared: PreparedProblem, placements: tuple[Placement, ...], bound: int | None = None) -> Solution:
    """A simple method's solution where the solver was cut off before it had one; its bound is proven all the same."""
    proven = prepared.ceiling if bound is None else bound
    if proven == prepared.valuation.objective(placements):
        return _bounded(prepared, placements, proven)
    return _checked(
        prepared, prepared.solution("degraded", placements, proven, prepared.clock, why=CUT_OFF), prepared.clock
    )


def _bounded(prepared: PreparedProblem, placements: tuple[Placement, ...], bound: int) -> Solution:
    status: Status = "optimal" if bound == prepared.valuation.objective(placements) else "feasible"
    return _checked(prepared, prepared.solution(status, placements, bound, prepared.clock), prepared.clock)


def _best(prepared: PreparedProblem, simple: tuple[Placement, ...], limit: Limit, workers: int) -> Solution:
    clock = prepared.clock
    from matching.exact.model import build  # noqa: PLC0415 - ortools takes 0.3 s to import, and only solving needs it
    from matching.exact.solve import solve  # noqa: PLC0415 - as above
    from matching.solvers.cp_sat import SolverFailed  # noqa: PLC0415 - as above

    builder = build(prepared.index, prepared.valuation, prepared.open_to)
    builder.hint(simple)
    clock.lap("build")
    try:
        left = limit.seconds()
        outcome = solve(builder, time_limit=None if left is None else max(left, MOMENT), workers=workers)
    except SolverFailed as error:
        if limit.seconds() is None or not error.cut_off:
            raise
        return _stopped(prepared, simple)
    clock.lap("solve")
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
    return _bounded(prepared, placements, outcome.bound if outcome.proven else min(outcome.bound, prepared.ceiling))


def searched(
    prepared: PreparedProblem,
    limit: Limit,
    watch: Watch | None,
    *,
    workers: int = 1,
    known: "Known | None" = None,
) -> "tuple[Solution, Known | None]":
    """The solution of a large problem, and what is kept of it to solve the next problem faster.

    The bound is proven by dual prices; the placements are the best that the neighbourhood search found.
    """
    from matching.large.search import search  # noqa: PLC0415 - imports solvers, which only solving needs

    limit = limit.less(CHECK_SECONDS_EACH * len(prepared.index.registrations))
    found = search(prepared.problem, prepared.index, limit, watch, workers=workers, known=known)
    prepared.clock.lap("solve")
    if found.bound is None:
        raise LimitReached("the search was ended before a limit was proven")
    if found.phase == "none":
        return _stopped(prepared, _only_fixed(prepared), found.bound), found.known
    return _bounded(prepared, found.placements, found.bound), found.known


def _checked(prepared: PreparedProblem, solution: Solution, clock: Clock) -> Solution:
    """The solution, after the independent checker has passed it. Raises EngineFault if it has not."""
    report = check(prepared.problem, solution, prepared.verdicts)
    clock.lap("check")
    if not report.ok:
        first = report.violations[0]
        raise EngineFault(
            f"the {solution.status} answer fails the check: {first.rule}, {first.registration}, {first.facts}"
        )
    return replace(solution, seconds=clock.seconds())
