"""A neighbourhood: some units, the registrations placed in them, and some unplaced registrations.

A registration *keeps* the points of its place minus the price. Its *regret* is the most points that it could keep,
minus the points that it keeps now. The gap between bound and solution is mainly the sum of all regrets. A neighbourhood
starts from a registration with regret, and grows by the units that this registration prefers. Then it grows by the
units that the registrations in these units prefer.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.format.solution import Placement
from matching.large.prices import Sought
from matching.large.problem_arrays import Ints
from matching.large.values import Choice, Market

MOST_UNITS = 15
MOST_GUESTS = 150  # a neighbourhood with so many registrations gets no further units
MOST_NEWCOMERS = 30  # the largest number of unplaced registrations
LIKED = 3  # units that each registration adds; the first registration adds LIKED_FIRST
LIKED_FIRST = 8
NEARLY = 5_000  # an unplaced registration joins if its best unit inside is at most so many points below its best of all
NOISE = 300.0  # standard deviation in points; without noise, the same units would be chosen again


class Neighbourhood(NamedTuple):
    """A neighbourhood: the rows of its registrations and units in the problem arrays, sorted."""

    registrations: list[int]
    units: list[int]


class Current:
    """The current solution as arrays: the unit and the regret of each registration."""

    def __init__(self, market: Market, sought: Sought, placements: tuple[Placement, ...]) -> None:
        arrays = market.arrays
        self.market, self.arrays, self.sought, self.values = market, arrays, sought, market.values(sought.prices)
        self.row_of_unit = {unit.id: row for row, unit in enumerate(arrays.units)}
        self.group_of = {room.id: number for number, group in enumerate(arrays.groups) for room in group.rooms}
        self.placed: dict[str, Placement] = {placement.registration: placement for placement in placements}
        self._points = sum(placement.points for placement in placements)
        self.unit: Ints = np.full(len(arrays.registrations), -1, dtype=np.int64)
        self.regret = np.zeros(len(arrays.registrations))
        self.look_again(range(len(arrays.registrations)))

    @property
    def objective(self) -> int:
        units = {name: placement.unit for name, placement in self.placed.items()} if self.arrays.index.groups else {}
        return self._points + sum(group.points for group in self.arrays.valuation.together(units))

    def replace(self, rows: list[int], placements: tuple[Placement, ...]) -> None:
        """Replaces the placements of these registrations. A registration without a new placement becomes unplaced."""
        for row in rows:
            old = self.placed.pop(self.arrays.registrations[row].id, None)
            self._points -= old.points if old else 0
        for placement in placements:
            self.placed[placement.registration] = placement
            self._points += placement.points
        self.look_again(rows)

    def look_again(self, rows: list[int] | range) -> None:
        """Computes the units and the regrets of these registrations again."""
        for row in rows:
            placement = self.placed.get(self.arrays.registrations[row].id)
            self.unit[row] = self.row_of_unit[placement.unit] if placement else -1
            kept = int(self.sought.wishes.kept[row])
            self.regret[row] = max(0, kept - (self._keeps(row, placement) if placement else 0))

    def _keeps(self, row: int, placement: Placement) -> int:
        """Returns the points that the registration keeps by this placement."""
        rooms, private = self.arrays.index.rooms, self.arrays.registrations[row].is_private
        beds = [
            (self.group_of[use.room], rooms[use.room].free_beds if private else use.persons) for use in placement.rooms
        ]
        choice = Choice(row, self.row_of_unit[placement.unit], tuple(beds), placement.points)
        return placement.points - self.market.paid(choice, self.sought.prices)

    def around(self, random: np.random.Generator) -> Neighbourhood:
        """Returns a neighbourhood around a registration that is drawn with a probability proportional to its regret.

        Until the neighbourhood has enough units, each registration also adds the other members of its group.
        """
        share = self.regret + 1e-9
        first = int(random.choice(len(share), p=share / share.sum()))
        queue, queued = [first], {first}
        units: dict[int, None] = {}
        while queue and len(units) < MOST_UNITS:
            row = queue.pop(0)
            mates = [mate for mate in self._mates(row) if mate not in queued]
            queue[:0] = mates
            queued.update(mates)
            for unit in self._liked(row, LIKED_FIRST if row == first else LIKED, random):
                if unit not in units and len(queued) < MOST_GUESTS:
                    units[unit] = None
                    guests = [guest for guest in np.flatnonzero(self.unit == unit).tolist() if guest not in queued]
                    queue.extend(guests)
                    queued.update(guests)
        inside = np.zeros(len(self.arrays.units), dtype=np.bool_)
        inside[list(units)] = True
        there = np.flatnonzero((self.unit >= 0) & inside[self.unit]).tolist()
        rows = {*there, *self._newcomers(inside)}
        rows.update(mate for row in list(rows) for mate in self._mates(row) if self.unit[mate] < 0)
        return Neighbourhood(sorted(rows), sorted(units))

    def _mates(self, row: int) -> list[int]:
        """Returns the other members of the registration's group."""
        group = self.arrays.index.group_of.get(self.arrays.registrations[row].id)
        return (
            []
            if group is None
            else [mate for mate in map(self.arrays.row_of.__getitem__, group.members) if mate != row]
        )

    def _liked(self, row: int, most: int, random: np.random.Generator) -> list[int]:
        """Returns the units in which the registration keeps most points, with random noise, and its present unit."""
        pairs = slice(self.arrays.start[row], self.arrays.start[row + 1])
        values = self.values.of(row)
        best = np.argsort(random.normal(0.0, NOISE, values.size) - values, kind="stable")[:most]
        here = [int(self.unit[row])] if self.unit[row] >= 0 else []
        return [*self.arrays.unit[pairs][best].tolist(), *here]

    def _newcomers(self, inside: NDArray[np.bool_]) -> list[int]:
        """Returns the unplaced registrations whose best unit in the neighbourhood is nearly as good as their best unit
        anywhere, the most valuable first.
        """
        short: list[tuple[float, int]] = []
        for row in np.flatnonzero(self.unit < 0).tolist():
            pairs = slice(self.arrays.start[row], self.arrays.start[row + 1])
            here = self.values.of(row)[inside[self.arrays.unit[pairs]]]
            if here.size and self.sought.wishes.kept[row] - here.max() <= NEARLY:
                short.append((-float(here.max()), row))
        return [row for _, row in sorted(short)[:MOST_NEWCOMERS]]
