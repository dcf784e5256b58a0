"""Column generation: prices from a linear program that contains only the choices that can matter.

A column is a choice of a registration, or of a group that must be together. There is a row for each registration or
such group, for each group of rooms, and for each unit with a limit of high care. A row for a clique (registrations that
are all kept apart) at a location is added when a solution breaks its limit. The dual values of the rows are prices. The
values of all choices at these prices prove a bound. The best choices that are not yet in the program become columns.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from matching.large.prices import ROWS_AT_ONCE, Auction, Sought
from matching.large.rooms import NEVER, Package
from matching.large.values import Choice, Prices, Values
from matching.limit import Limit
from matching.solvers.highs import highs_of, run

FIRST, FREE = 4, 2  # columns for each registration at the beginning: from the first prices, and from prices of 0
MORE = 3  # the largest number of columns that a round adds for each registration
ROUNDS = 40
NEAR = 100  # the search ends if the bound is at most so many points above the program's value
ABOVE = 1e-4  # a row is added if the solution exceeds its limit by more than this
UNLIMITED = highspy.kHighsInf
PRIMAL, DUAL = 4, 1  # codes of the simplex methods in HiGHS: primal after new columns, dual after new rows
Floats = NDArray[np.float64]
Row = Mapping[int, float]


class Column(NamedTuple):
    """A variable of the program, with its points: a choice of a registration, or the choices of all members of a group.

    `row`: the registration's row. A group uses the row of its first member.
    """

    row: int
    choices: tuple[Choice, ...]
    points: int


class Program:
    """A linear program in HiGHS to which columns and rows are added. HiGHS minimises, so costs are negative points."""

    def __init__(self, most: Floats, scale: float) -> None:
        self.highs, self.scale = highs_of(), scale
        program, rows = highspy.HighsLp(), len(most)
        program.num_row_, program.row_lower_, program.row_upper_ = rows, np.full(rows, -UNLIMITED), most
        program.a_matrix_.start_, program.a_matrix_.num_row_ = np.zeros(1, np.int32), rows
        self.highs.passModel(program)
        self.taken: Floats = np.zeros(0)

    def add_columns(self, points: Iterable[int], entries: Sequence[Mapping[int, float]]) -> None:
        cost = np.array([-point / self.scale for point in points], dtype=np.float64)
        unbounded = np.full(len(cost), UNLIMITED)
        self.highs.addCols(len(cost), cost, np.zeros(len(cost)), unbounded, *_flat(entries))

    def add_rows(self, most: list[float], entries: Sequence[Mapping[int, float]]) -> None:
        low = np.full(len(most), -UNLIMITED)
        self.highs.addRows(len(most), low, np.array(most, dtype=np.float64), *_flat(entries))

    def change_points(self, column: int, points: int) -> None:
        self.highs.changeColCost(column, -points / self.scale)

    @property
    def worth(self) -> float:
        """The total points of the last solution, divided by `scale`."""
        return -float(self.highs.getInfo().objective_function_value)

    def solve(self, limit: Limit, simplex: int) -> bool:
        """Solves the program. Returns false at the time limit. Otherwise `taken` has the value of each column."""
        self.highs.setOptionValue("simplex_strategy", simplex)
        solved = run(self.highs, limit)
        if solved:
            self.taken = np.array(self.highs.getSolution().col_value)
        return solved


def _flat(entries: Sequence[Mapping[int, float]]) -> tuple[int, NDArray[np.int32], NDArray[np.int32], Floats]:
    start = np.cumsum([0, *map(len, entries)])[:-1].astype(np.int32)
    index = np.array([at for row in entries for at in row], dtype=np.int32)
    return len(index), start, index, np.array([value for row in entries for value in row.values()], dtype=np.float64)


class Columns(Program):
    """The program over all columns found so far."""

    def __init__(self, auction: Auction) -> None:
        arrays = auction.arrays
        self.auction, self.arrays = auction, arrays
        self.grouped = {row for group in auction.places.groups for row in group.rows}
        self.bed = len(arrays.registrations)  # number of the first row of the groups of rooms
        self.care = self.bed + len(arrays.groups)
        limits = [arrays.high_care_limit.get(unit, UNLIMITED) for unit in range(len(arrays.units))]
        # a fixed registration gets additional points, because the program has no row that requires its place
        self.must = 10 * max(1, int(np.abs(arrays.serve).max(initial=0)))
        super().__init__(np.concatenate([np.ones(self.bed), arrays.capacity, limits]), max(1.0, self.must / 1e9))
        self.columns: list[Column] = []
        self.known: set[tuple[Choice, ...]] = set()
        self.at: defaultdict[tuple[int, int], list[int]] = defaultdict(list)  # by clique and location
        self.cut: dict[tuple[int, int], int] = {}  # by clique and location: the number of the row
        self.kept: Floats = np.zeros(self.bed)  # dual values by registration; a group uses its first member

    def add(self, prices: Prices, kept: Floats, most: int) -> int:
        """Adds choices whose points minus these prices exceed `kept`, at most `most` choices for each registration."""
        new = [
            column
            for column in self._better(self.auction.values(prices), kept, most)
            if column.choices not in self.known
        ]
        self.known.update(column.choices for column in new)
        entries = [self._entries(column, number) for number, column in enumerate(new, len(self.columns))]
        self.columns += new
        if new:
            self.add_columns([self.points(column) for column in new], entries)
        return len(new)

    def points(self, column: Column) -> int:
        return column.points + self.must * bool(self.arrays.must[[choice.row for choice in column.choices]].any())

    def _better(self, values: Values, kept: Floats, most: int) -> Iterator[Column]:
        arrays, paid = self.arrays, self.auction.paid
        packages: dict[tuple[int, int], Package] = {}
        for first in range(0, self.bed, ROWS_AT_ONCE):
            value, owner = values.between(first, min(first + ROWS_AT_ONCE, self.bed))
            fine = np.flatnonzero((value > kept[first + owner] + 0.5) & (value > NEVER // 2))
            fine = fine[np.lexsort((-value[fine], owner[fine]))]
            rank = np.arange(len(fine)) - np.searchsorted(owner[fine], owner[fine])
            for pair in fine[rank < most].tolist():
                row, unit = first + int(owner[pair]), int(arrays.unit[arrays.start[first] + pair])
                if row not in self.grouped:
                    key = int(arrays.class_of[row]), unit
                    if key not in packages:
                        shape, at = self.auction.shape_of[key[0]]
                        packages[key] = shape.take(at, unit, values.prices.bed)
                    choice = Choice(row, unit, packages[key], 0)
                    points = int(value[pair]) + paid(choice, values.prices)
                    yield Column(row, (choice._replace(points=points),), points)
        for number, group in enumerate(self.auction.places.groups):
            for place in self.auction.places.best(number, values, int(kept[group.rows[0]]), most):
                if place.choices:
                    yield Column(group.rows[0], place.choices, sum(choice.points for choice in place.choices))

    def _entries(self, column: Column, number: int) -> dict[int, float]:
        entries: defaultdict[int, float] = defaultdict(float, {column.row: 1.0})
        for choice in column.choices:
            for group, beds in choice.beds:
                entries[self.bed + group] += beds
            if self.auction.high_care[self.arrays.class_of[choice.row]]:
                entries[self.care + choice.unit] += 1
            for clique in self.auction.cliques_of.get(choice.row, ()):
                key = clique, int(self.arrays.location[choice.unit])
                self.at[key].append(number)
                if key in self.cut:
                    entries[self.cut[key]] += 1
        return entries

    def priced(self, limit: Limit) -> Prices | None:
        """Returns the dual prices, after adding the rows that the solution breaks; `None` at the time limit."""
        simplex = PRIMAL if self.taken.size else DUAL
        while self.solve(limit, simplex):
            broken = [key for key, of in self.at.items() if key not in self.cut and self.taken[of].sum() > 1 + ABOVE]
            if not broken:
                dual = np.maximum(0, -np.array(self.highs.getSolution().row_dual)) * self.scale
                self.kept, whole = dual[: self.bed], np.rint(dual).astype(np.int64)
                apart = {key: int(whole[row]) for key, row in self.cut.items() if whole[row]}
                care = np.where(self.auction.limited, whole[self.care : self.care + len(self.arrays.units)], 0)
                return Prices(whole[self.bed : self.care], care, apart)
            self.keep_apart(broken)
            simplex = DUAL
        return None

    def keep_apart(self, keys: Iterable[tuple[int, int]]) -> None:
        """Adds a row for each clique and location in `keys`: at most one member of the clique may be there."""
        rows = {key: Counter(self.at[key]) for key in keys}
        self.cut |= {key: row for row, key in enumerate(rows, self.highs.getNumRow())}
        self.add_rows([1.0] * len(rows), list(rows.values()))

    @property
    def value(self) -> int:
        """Returns the points of the program's solution, plus the largest possible points of groups without `must`."""
        return (
            round(self.worth * self.scale)
            - self.must * int(self.arrays.must.sum())
            + self.arrays.valuation.together_at_most
        )


def column_prices(
    auction: Auction, start: Sought, limit: Limit, better: Callable[[int], None] = lambda _: None
) -> tuple[Sought, Columns]:
    """Returns the best prices found within the limit, and the program. `better`: receives each better bound."""
    best, columns = start, Columns(auction)
    columns.add(start.prices, np.full(columns.bed, float(NEVER)), FIRST)
    columns.add(auction.no_prices(), np.full(columns.bed, -1.0), FREE)
    for _ in range(ROUNDS):
        prices = columns.priced(limit)
        if prices is None:
            break
        wishes = auction.wishes(prices)
        if wishes.bound < best.wishes.bound:
            best = Sought(prices, wishes)
            better(wishes.bound)
        if limit.is_over() or best.wishes.bound - columns.value <= NEAR or not columns.add(prices, columns.kept, MORE):
            break
    return best, columns
