"""Upper bounds on the objective of a model, proven by its linear relaxation.

HiGHS solves the relaxation and returns dual values. They are rounded to whole numbers and used as prices of the rows.
By weak duality any prices prove a bound, so no bound depends on floating-point arithmetic. The bound is the sum of two
parts: the cost of all rows at these prices, and the points that variables keep after paying for their rows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import highspy
import numpy as np
from numpy.typing import NDArray

from matching.exact.builder import ModelBuilder, Var
from matching.exact.implied_rows import flat, implied_rows
from matching.format.solution import Placement
from matching.limit import NO_LIMIT, Limit
from matching.solvers.highs import highs_of, program_of

Whole = NDArray[Any]
"""Arrays of 64-bit integers, or of Python integers if a sum could exceed 64 bits."""
SCALE = 1024  # parts of a point: prices are often halves or thirds, so whole points would prove a weaker bound
MOST_SUM = 2**62
BROKEN = 0.01  # a row is added if the solution exceeds its limit by more than this
EXACT = 1e-6  # the solver's tolerance: a value this close to a whole number is treated as whole


class Bound(NamedTuple):
    """A proven bound, and the prices that prove it. All numbers are in parts of a point (SCALE).

    `dual`: the price of each row. `left`: for each variable, its points minus its price. `values`: the values of the
    variables if the solution of the relaxation is whole, otherwise `None`.
    """

    total: int
    dual: Whole
    left: Whole
    values: list[int] | None


class Relaxation:
    """The linear relaxation of a model. Solving it again after a change takes only a few steps of the simplex method.

    A caller may change `upper` (the upper limits of the rows) and `most` (the upper limits of the variables). `extra`:
    ids of extra rooms, which may be closed. `opened`: by unit, the fraction (0 to 1) of its extra rooms that is open.
    """

    def __init__(self, builder: ModelBuilder, extra: Collection[str] = ()) -> None:
        self._builder = builder
        program = program_of(builder.model.proto)
        matrix, rows, columns = program.a_matrix_, program.num_row_, program.num_col_
        self._points = np.zeros(columns, dtype=np.int64)
        self._points[list(builder.points)] = list(builder.points.values())
        self.lower, self.upper = np.array(program.row_lower_), np.array(program.row_upper_)
        self.most = np.array(program.col_upper_)
        self._most, self._upper = self.most.copy(), self.upper.copy()  # the limits in HiGHS
        self._column = np.array(matrix.index_, dtype=np.int64)
        self._row = np.repeat(np.arange(rows), np.diff(np.array(matrix.start_)).astype(np.intp))
        self._weight = np.rint(matrix.value_).astype(np.int64)
        program.col_cost_ = -self._points.astype(np.float64)
        program.integrality_ = [highspy.HighsVarType.kContinuous] * columns
        self._implied = list(implied_rows(builder, extra))
        self._rows, self._added = flat(self._implied), np.zeros(len(self._implied), dtype=np.bool_)
        self._rows_of: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(self._implied):
            self._rows_of[row.unit].append(number)
        self.opened: defaultdict[str, float] = defaultdict(float)
        self.closed_rows: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._highs = highs_of()
        self._highs.passModel(program)

    def solved(self, limit: Limit = NO_LIMIT) -> Bound:
        """Returns the bound for the present limits. If HiGHS finds no optimum, prices of 0 prove a weaker bound."""
        highs: Any = self._highs  # the declared types of HiGHS lack changeRowsBounds
        self._set_ends()
        columns = np.flatnonzero(self.most != self._most).astype(np.int32)
        rows = np.flatnonzero(self.upper != self._upper).astype(np.int32)
        highs.changeColsBounds(len(columns), columns, np.zeros(len(columns)), self.most[columns])
        highs.changeRowsBounds(len(rows), rows, self.lower[rows], self.upper[rows])
        self._most, self._upper = self.most.copy(), self.upper.copy()
        highs.setOptionValue("time_limit", highs.getRunTime() + max(0.0, limit.left()))
        highs.run()
        while highs.getModelStatus() == highspy.HighsModelStatus.kOptimal and self._cut():
            highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return self._bound(np.zeros(len(self.upper)), None)
        solution = highs.getSolution()
        values = np.array(solution.col_value)
        whole = np.rint(values).astype(np.int64)
        is_whole = bool((np.abs(values - whole) <= EXACT).all()) and self._obeys(whole)
        dual = -np.rint(np.multiply(solution.row_dual, SCALE))
        return self._bound(dual, whole.tolist() if is_whole else None)

    def _obeys(self, values: NDArray[np.int64]) -> bool:
        """Checks, in integer arithmetic, whether these values of the variables obey all rows."""
        sums = np.bincount(self._row, self._weight * values[self._column], len(self.upper))
        return bool(((sums >= self.lower) & (sums <= self.upper) & (values <= self.most).all()).all())

    def best(self, bound: Bound) -> tuple[Placement, ...] | None:
        """Returns optimal placements, if the solution that belongs to the bound is whole; otherwise `None`."""
        if bound.values is None:
            return None
        placements = self._builder.placements(bound.values)
        return placements if self._builder.valuation.objective(placements) == bound.total // SCALE else None

    def worth(self, left: Whole, columns: Iterable[int] | slice = slice(None)) -> int:
        """Returns the most points that these variables can keep: the sum of positive `left` values times limits."""
        at = columns if isinstance(columns, slice) else list(columns)
        return int((np.maximum(left[at], 0) * _whole(self.most[at], left.dtype.type)).sum())

    def part_of(self, bound: Bound, registration: str) -> int:
        """Returns how much lower the bound is if this registration is not in the model."""
        builder = self._builder
        choices = [var.index for of_unit in builder.choices[registration].values() for var in of_unit]
        counts = [column for column, (name, *_) in builder.counts.items() if name == registration]
        return self._price(bound, registration) + self.worth(bound.left, {*choices, *counts})

    def worth_of(self, bound: Bound, registration: str, unit: str) -> int:
        """Returns the largest part of the bound that this registration adds if it may use only this unit."""
        choices: list[Var] = self._builder.choices[registration][unit]
        counts = [column for column, of in self._builder.counts.items() if of[:2] == (registration, unit)]
        most = max((bound.left[var.index] for var in choices), default=0)
        return self._price(bound, registration) + int(most) + self.worth(bound.left, counts)

    def _price(self, bound: Bound, registration: str) -> int:
        row = self._builder.rows.get(("registration", registration))
        return 0 if row is None else int(bound.dual[row])

    def _cut(self) -> bool:
        """Adds the implied rows that the solution breaks. Returns true if a row was added."""
        values = np.array(self._highs.getSolution().col_value)
        sums = np.bincount(self._rows.row, self._rows.weight * values[self._rows.column], len(self._implied))
        most = self._rows.most.copy()
        for unit, part in self.opened.items():
            if part:
                most[self._rows_of.get(unit, [])] += part
        broken = np.flatnonzero((sums > most + BROKEN) & ~self._added)
        if not len(broken):
            return False
        self._added[broken] = True
        rows = [self._implied[number] for number in broken.tolist()]
        for number, row in enumerate(rows, len(self.upper)):
            self.closed_rows[row.unit][number] = row.most
        found, low = flat(rows), np.full(len(rows), -np.inf)
        start, columns = np.searchsorted(found.row, range(len(rows))), found.column.astype(np.int32)
        high = most[broken]
        self._highs.addRows(len(rows), low, high, len(columns), start.astype(np.int32), columns, found.weight)
        self._row = np.concatenate([self._row, found.row + len(self.upper)])
        self.lower, self.upper = np.concatenate([self.lower, low]), np.concatenate([self.upper, high])
        self._upper = self.upper.copy()
        self._column = np.concatenate([self._column, found.column])
        self._weight = np.concatenate([self._weight, found.weight.astype(np.int64)])
        return True

    def _set_ends(self) -> None:
        for unit, rows in self.closed_rows.items():
            for row, most in rows.items():
                self.upper[row] = most + self.opened[unit]

    def _bound(self, dual: NDArray[np.float64], values: list[int] | None) -> Bound:
        lower, upper = np.isinf(self.lower), np.isinf(self.upper)
        dual = np.clip(dual, np.where(lower, 0.0, -np.inf), np.where(upper, 0.0, np.inf))
        ends = np.where(dual > 0, np.where(upper, 0.0, self.upper), np.where(lower, 0.0, self.lower))
        most, largest = self.most.max(initial=1.0), np.abs(dual).max(initial=0.0)
        largest *= np.abs(self._weight).sum() * most + np.abs(ends).sum()
        of = np.int64 if largest + SCALE * np.abs(self._points).sum() * most < MOST_SUM else object
        prices, left = _whole(dual, of), self._points.astype(of) * SCALE
        np.subtract.at(left, self._column, prices[self._row] * self._weight)
        return Bound(self.total(prices, left), prices, left, values)

    def total(self, dual: Whole, left: Whole) -> int:
        """Returns the bound that these prices prove for the present limits of rows and variables."""
        self._set_ends()
        ends = np.where(dual > 0, self.upper, np.where(dual < 0, self.lower, 0.0))
        return int((dual * _whole(ends, dual.dtype.type)).sum()) + self.worth(left)


def _whole(values: NDArray[np.float64], of: Any) -> Whole:
    whole = np.rint(values)
    return whole.astype(of) if of is np.int64 else np.array([int(value) for value in whole.tolist()], dtype=of)
