"""The improvement of a solution. Neighbourhoods of the solution are solved exactly, as small problems."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from msgspec.structs import replace

from matching.exact.builder import ModelBuilder
from matching.exact.model import build
from matching.format.problem import Problem
from matching.format.solution import SEED, Placement
from matching.index import Group, Index
from matching.large.neighbourhood import Current, Neighbourhood
from matching.large.solve_linear import solve_linear
from matching.limit import ALWAYS, Limit
from matching.objective import Valuation

TRIES = 4  # attempts for each further neighbourhood, because it must not overlap with the others


class Improvement:
    """The neighbourhood search. `workers`: the number of neighbourhoods that are solved in parallel."""

    def __init__(self, problem: Problem, current: Current, workers: int) -> None:
        self.problem = problem
        self.workers = workers
        self.each = map if workers == 1 else ThreadPoolExecutor(workers).map  # solvers release the interpreter lock
        self.current = current
        self.arrays = current.arrays
        self.random = np.random.default_rng(SEED)
        self.to_prepare = 0.0  # seconds of the longest preparation so far; a step needs more time

    def step(self, limit: Limit) -> None:
        """Solves as many neighbourhoods in parallel as there are workers; the objective never decreases."""
        began = limit.left()
        arounds = self._apart()
        befores = [self._placed(around) for around in arounds]
        drafts = [self._draft(around) for around in arounds]
        left = limit.left()
        if left != ALWAYS:
            self.to_prepare = max(self.to_prepare, began - left)
        afters = self.each(solve_linear, drafts, befores, [left] * len(drafts))
        for around, draft, before, after in zip(arounds, drafts, befores, afters, strict=True):
            if after is not None and draft.valuation.objective(after) > draft.valuation.objective(before):
                self.current.replace(around.registrations, after)

    def _apart(self) -> list[Neighbourhood]:
        """Returns neighbourhoods without a common registration or location, which can be solved independently."""
        found = [self.current.around(self.random)]
        for _ in range(TRIES * (self.workers - 1)):
            if len(found) == self.workers:
                break
            taken = {location for around in found for location in self._locations(around)}
            rows = {row for around in found for row in around.registrations}
            other = self.current.around(self.random)
            if not taken & self._locations(other):
                found.append(other._replace(registrations=[row for row in other.registrations if row not in rows]))
        return found

    def _locations(self, around: Neighbourhood) -> set[str]:
        return {self.arrays.units[row].location for row in around.units}

    def _placed(self, around: Neighbourhood) -> tuple[Placement, ...]:
        names = [self.arrays.registrations[row].id for row in around.registrations]
        return tuple(self.current.placed[name] for name in names if name in self.current.placed)

    def _draft(self, around: Neighbourhood) -> ModelBuilder:
        index = Index(self._part(around))
        open_to = self._open_to(around)
        stay = [member for member in self._torn(around) if member in self.current.placed]
        return build(index, Valuation(index), open_to, must=stay)

    def _torn(self, around: Neighbourhood) -> dict[str, Group]:
        """Returns the registrations in the neighbourhood whose group is partly outside it, each with its group."""
        index = self.arrays.index
        names = {self.arrays.registrations[row].id for row in around.registrations}
        groups = {name: index.group_of[name] for name in names if name in index.group_of}
        return {name: group for name, group in groups.items() if not names.issuperset(group.members)}

    def _part(self, around: Neighbourhood) -> Problem:
        """Returns the neighbourhood as a problem. All registrations placed in its units belong to it."""
        registrations = [self.arrays.registrations[row] for row in around.registrations]
        units = [self.arrays.units[row] for row in around.units]
        index = self.arrays.index
        names = {registration.id for registration in registrations}
        return replace(
            self.problem,
            registrations=tuple(registrations),
            together=tuple(row for row in self.problem.together if names.issuperset(row.registrations)),
            units=tuple(units),
            rooms=tuple(room for unit in units for room in index.rooms_of[unit.id]),
            locations=tuple(index.locations[place] for place in sorted({unit.location for unit in units})),
            fixed=tuple(row for row in self.problem.fixed if row.registration in names),
        )

    def _open_to(self, around: Neighbourhood) -> dict[str, list[str]]:
        """Returns the units of the neighbourhood that are open to each registration.

        Omits a location if it has a registration from outside the neighbourhood that must be kept apart from this
        registration. A registration whose group is partly outside may use only the units of its present place.
        """
        arrays, current = self.arrays, self.current
        inside = np.zeros(len(arrays.units), dtype=np.bool_)
        inside[around.units] = True
        names = {arrays.registrations[row].id for row in around.registrations}
        open_to, torn = {}, self._torn(around)
        for row in around.registrations:
            name = arrays.registrations[row].id
            apart = arrays.index.apart_from[name] - names
            away = {arrays.index.units[current.placed[other].unit].location for other in apart & current.placed.keys()}
            pairs = slice(arrays.start[row], arrays.start[row + 1])
            units = [arrays.units[unit] for unit in arrays.unit[pairs][inside[arrays.unit[pairs]]].tolist()]
            open_to[name] = [unit.id for unit in units if unit.location not in away]
            if name in torn:
                where, placement = torn[name].where, current.placed.get(name)
                here = None if placement is None else arrays.index.place(placement.unit, where)
                open_to[name] = [unit for unit in open_to[name] if arrays.index.place(unit, where) == here]
        return open_to
