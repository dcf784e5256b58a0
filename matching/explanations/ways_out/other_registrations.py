"""The problem without the registration that needs a way out, and the effect of changes on all other registrations."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from matching.eligibility import open_in
from matching.explanations.groups import left_by
from matching.explanations.ways_out.lifts import Edits
from matching.format.solution import Solution
from matching.prepared_problem import PreparedProblem


def without(prepared: PreparedProblem, registration: str) -> PreparedProblem:
    """Returns the problem without this registration, which must not be fixed. The other members of its group stay.

    The table of open units is reused, because a registration that is not fixed closes no unit to others.
    """
    problem, row = prepared.problem, list(prepared.index.registrations).index(registration)
    registrations = tuple(other for other in problem.registrations if other.id != registration)
    together = left_by(problem.together, [registration])
    others = PreparedProblem(replace(problem, registrations=registrations, together=together), prepared)
    others.table = np.delete(prepared.table, row, axis=0)
    return others


class Others(NamedTuple):
    """The problem without the registration, and the best solution of that problem."""

    prepared: PreparedProblem
    best: Solution

    def after(self, edits: Edits, changed: PreparedProblem) -> "After":
        """Returns the effect of these edits on the other registrations. `changed`: the problem after the edits."""
        open_to, may_gain = self.prepared.open_to, False
        for unit in {edit.step.unit: None for edit in edits if not edit.is_own}:
            rows = [changed.index.registrations[name] for name in self.prepared.index.registrations]
            here = {row.id for row in open_in(changed.index, rows, changed.index.units[unit])}
            may_gain = may_gain or self._may_gain(changed, unit, here)
            open_to = {
                name: [*(other for other in units if other != unit), *([unit] if name in here else [])]
                for name, units in open_to.items()
            }
        return After(open_to, may_gain)

    def _may_gain(self, changed: PreparedProblem, unit: str, here: Collection[str]) -> bool:
        """Checks whether another registration may earn more points because the unit or its rooms were changed."""
        before, after = self.prepared.index.units[unit], changed.index.units[unit]
        rooms = changed.index.rooms_of[unit]
        if rooms != self.prepared.index.rooms_of[unit]:
            return bool(here) or any(unit in units for units in self.prepared.open_to.values())
        rows = [changed.index.registrations[name] for name in here]
        if before.high_care_limit != after.high_care_limit and any(row.high_care for row in rows):
            return True
        old, new = self.prepared.valuation, changed.valuation
        return any(
            unit not in self.prepared.open_to[row.id]
            or new.pair_points(row, after) > old.pair_points(row, before)
            or any(new.bed_cost(row, after, room) < old.bed_cost(row, before, room) for room in rooms)
            for row in rows
        )


class After(NamedTuple):
    """The other registrations after a change. `open_to`: their open units. `may_gain`: false if they certainly cannot
    gain from the change.
    """

    open_to: dict[str, list[str]]
    may_gain: bool
