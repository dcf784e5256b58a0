"""Improves an answer by solving neighbourhoods exactly, one after the other, as the small problems that they are."""

import numpy as np
from msgspec.structs import replace

from matching.index import Index
from matching.large.limit import ALWAYS, Limit
from matching.large.neighbourhood import Neighbourhood, Standing
from matching.model import build
from matching.objective import Valuation
from matching.problem import Problem
from matching.solution import SEED
from matching.solve_linear import solve_linear


class Improvement:
    def __init__(self, problem: Problem, standing: Standing) -> None:
        self.problem = problem
        self.standing = standing
        self.market = standing.market
        self.random = np.random.default_rng(SEED)
        self.to_prepare = 0.0  # seconds, the longest so far: a step is not begun with less

    def step(self, limit: Limit, first: int | None = None) -> None:
        """One neighbourhood, of this registration or of somebody who regrets; the answer is never worse afterwards."""
        standing, began = self.standing, limit.left()
        around = standing.around(self.random, first)
        rows = around.registrations
        names = [self.market.registrations[row].id for row in rows]
        before = tuple(standing.placed[name] for name in names if name in standing.placed)
        index = Index(self._part(around))
        draft = build(index, Valuation(index), self._open_to(around))
        left = limit.left()
        if left != ALWAYS:
            self.to_prepare = max(self.to_prepare, began - left)
        after = solve_linear(draft, before, left)
        if after is not None and sum(row.points for row in after) > sum(row.points for row in before):
            standing.replace(rows, after)

    def _part(self, around: Neighbourhood) -> Problem:
        """The neighbourhood as a problem of its own: nobody outside has a bed in its units."""
        registrations = [self.market.registrations[row] for row in around.registrations]
        units = [self.market.units[row] for row in around.units]
        index = self.market.index
        names = {registration.id for registration in registrations}
        return replace(
            self.problem,
            registrations=tuple(registrations),
            units=tuple(units),
            rooms=tuple(room for unit in units for room in index.rooms_of[unit.id]),
            locations=tuple(index.locations[place] for place in sorted({unit.location for unit in units})),
            fixed=tuple(row for row in self.problem.fixed if row.registration in names),
        )

    def _open_to(self, around: Neighbourhood) -> dict[str, list[str]]:
        """Who may go where in it; not to a location where somebody outside it must be kept apart from."""
        market, standing = self.market, self.standing
        inside = np.zeros(len(market.units), dtype=np.bool_)
        inside[around.units] = True
        names = {market.registrations[row].id for row in around.registrations}
        open_to = {}
        for row in around.registrations:
            name = market.registrations[row].id
            apart = market.index.apart_from[name] - names
            away = {
                market.index.units[standing.placed[other].unit].location for other in apart & standing.placed.keys()
            }
            pairs = slice(market.start[row], market.start[row + 1])
            units = [market.units[unit] for unit in market.unit[pairs][inside[market.unit[pairs]]].tolist()]
            open_to[name] = [unit.id for unit in units if unit.location not in away]
        return open_to
