"""A problem with the data that every method needs: sorted rows, open units, and points."""

from functools import cache, cached_property
from importlib import metadata

import numpy as np
from msgspec import UNSET, UnsetType

from matching.clock import Clock
from matching.eligibility import BrokenRule, RuleTable, broken_by, broken_rules, open_table, pair_tables
from matching.fallback import Impossible, open_house
from matching.format.problem import FIRST_FORMAT as FIRST_PROBLEM_FORMAT
from matching.format.problem import Problem, Unit
from matching.format.solution import FIRST_FORMAT, SOLUTION_FORMAT, Broken, Engine, Placement, Solution, Status
from matching.index import Index
from matching.objective import Valuation
from matching.rules.base import Table
from matching.rules.together import TogetherRule, facts_of

MOST_CHOICES_WHOLE = 60_000  # the largest model solved as a whole: registrations times rooms with a free bed
BUILD_SECONDS_EACH = 0.00004  # seconds to build the model, for each allowed pair of registration and room
MOMENT = 0.1  # seconds that the solver gets even if no time is left: enough to solve most problems of a country


class PreparedProblem:
    """A problem with its index, its points, and the units that are open to each registration.

    `like`: a prepared problem with the same policy and locations, whose cache of points is shared.
    """

    def __init__(self, problem: Problem, like: "PreparedProblem | None" = None) -> None:
        self.clock = Clock()
        self.problem = problem
        self.index = Index(problem)
        self.valuation: Valuation = Valuation(self.index, None if like is None else like.valuation)
        self._broken: dict[str, dict[str, tuple[BrokenRule, ...]]] = {}

    @cached_property
    def pair_tables(self) -> list[RuleTable]:
        return pair_tables(self.index, list(self.index.registrations.values()))

    @cached_property
    def table(self) -> Table:
        return open_table(self.index, list(self.index.registrations.values()), tables=self.pair_tables)

    def broken(self, registration: str) -> dict[str, tuple[BrokenRule, ...]]:
        """Returns the hard rules that the registration breaks in each unit, if only fixed registrations are placed."""
        if registration not in self._broken:
            units, row = list(self.index.units.values()), list(self.index.registrations).index(registration)
            asked = self.index.registrations[registration]
            self._broken[registration] = broken_by(self.index, asked, units, self.pair_tables, row)
        return self._broken[registration]

    @cached_property
    def open_to(self) -> dict[str, list[str]]:
        """The units in which each registration breaks no hard rule, if only fixed registrations are placed."""
        units = list(self.index.units)
        return {
            registration: [unit for unit, allowed in zip(units, row, strict=True) if allowed]
            for registration, row in zip(self.index.registrations, self.table.tolist(), strict=True)
        }

    @property
    def ceiling(self) -> int:
        """An upper bound of the objective: the points of each registration in its best open unit without waste, and the
        largest possible points of the groups.
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
        """True if the whole model has too many choices to be solved in time (docs/guide/matching-scale.md)."""
        free = sum(room.free_beds > 0 for room in self.problem.rooms)
        return len(self.index.registrations) * free > MOST_CHOICES_WHOLE

    def is_solved_whole(self, time_limit: float | None) -> bool:
        """Decides whether to solve the whole model: not for a large problem, and not if building the model would take
        half of the time limit or more.
        """
        if self.is_large or time_limit is None:
            return not self.is_large
        registrations = self.index.registrations.values()
        two_rooms = np.array([row.is_private and len(row.persons) > 1 for row in registrations], dtype=np.bool_)
        free = np.array([sum(room.free_beds > 0 for room in rooms) for rooms in self.index.rooms_of.values()])
        choices = (self.table @ free).sum() + (self.table[two_rooms] @ (free * (free - 1) // 2)).sum()
        return int(choices) * BUILD_SECONDS_EACH < max(time_limit, MOMENT) / 2

    def contradictions(self) -> tuple[Broken, ...]:
        """Returns the hard rules that each fixed registration breaks beside all other fixed registrations.

        If no rule is broken, but other members of a group have no place, returns `together` for its fixed members.
        """
        found: list[Broken] = []
        for registration_id, unit in sorted(self.index.fixed.items()):
            broken = broken_rules(self.index, self.index.registrations[registration_id], only=unit)[unit]
            found.extend(Broken(registration_id, unit, row.rule, row.facts) for row in broken)
        return tuple(found) or self._left_alone()

    def _left_alone(self) -> tuple[Broken, ...]:
        """Returns the rule `together` as broken for the fixed members of groups whose other members have no place."""
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
        """Returns the units open to a registration, each with the points of the pair before waste."""
        units = [self.index.units[unit] for unit in self.open_to[name]]
        return [(self.valuation.pair_points(self.index.registrations[name], unit), unit) for unit in units]

    def solution(
        self,
        status: Status,
        placements: tuple[Placement, ...],
        bound: int | None,
        *,
        why: str | UnsetType = UNSET,
        broken: tuple[Broken, ...] | UnsetType = UNSET,
    ) -> Solution:
        """Returns an unchecked solution, in the solution format that belongs to the format of the problem."""
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
            seconds=self.clock.seconds(),
            engine=Engine(ortools=_solver_version()),
            why=why,
            broken=broken,
        )


@cache
def _solver_version() -> str:
    return metadata.version("ortools")
