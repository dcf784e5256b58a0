"""Linear programs for HiGHS, built column by column and row by row."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil, floor, inf

import highspy
import numpy as np
from highspy._core import _Highs as Highs  # `highspy.Highs` writes a banner to standard output

_NOTHING = 1e-6
_TOGETHER = 40
_OPTIONS = {"output_flag": False, "threads": 1, "random_seed": 0, "mip_max_nodes": 20_000}
"""The options of the solver. The limit of search nodes gives the same result on every machine."""


class LinearProgram:
    """A linear program. Its columns are variables with limits and costs. Its rows are sums of columns with limits."""

    def __init__(self) -> None:
        self.low: list[float] = []
        self.high: list[float] = []
        self.cost: list[float] = []
        self.whole: list[bool] = []
        self.rows: list[tuple[Mapping[int, float], float, float]] = []

    def column(self, low: float, high: float, cost: float = 0, *, is_whole: bool = False) -> int:
        self.low.append(low)
        self.high.append(high)
        self.cost.append(cost)
        self.whole.append(is_whole)
        return len(self.low) - 1

    def row(self, terms: Mapping[int, float], low: float, high: float) -> None:
        self.rows.append((terms, low, high))

    def sum(self, columns: Iterable[int], low: float, high: float) -> int:
        """Adds a column whose value is the sum of these columns, and returns its number."""
        whole = self.column(low, high)
        self.row(dict.fromkeys(columns, 1.0) | {whole: -1.0}, 0, 0)
        return whole

    def apart(self, column: int, low: float, high: float, cost: float) -> None:
        """Adds a cost for each unit by which the value of the column is outside these limits."""
        away = self.column(0, inf, cost)
        self.row({away: 1.0, column: -1.0}, -high, inf)
        self.row({away: 1.0, column: 1.0}, low, inf)

    def solver(self) -> Highs:
        """Returns a solver that contains the program."""
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = len(self.low), len(self.rows)
        program.col_cost_ = np.array(self.cost, dtype=np.float64)
        program.col_lower_ = np.array(self.low, dtype=np.float64)
        program.col_upper_ = np.array(self.high, dtype=np.float64)
        program.row_lower_ = np.array([row[1] for row in self.rows], dtype=np.float64)
        program.row_upper_ = np.array([row[2] for row in self.rows], dtype=np.float64)
        kind = highspy.HighsVarType
        if any(self.whole):
            program.integrality_ = [kind.kInteger if whole else kind.kContinuous for whole in self.whole]
        matrix = program.a_matrix_
        matrix.num_col_, matrix.num_row_, matrix.format_ = len(self.low), len(self.rows), highspy.MatrixFormat.kRowwise
        matrix.start_ = np.cumsum([0, *(len(terms) for terms, _, _ in self.rows)])
        matrix.index_ = np.array([column for terms, _, _ in self.rows for column in terms])
        matrix.value_ = np.array([weight for terms, _, _ in self.rows for weight in terms.values()], dtype=np.float64)
        highs = Highs()
        for name, value in _OPTIONS.items():
            highs.setOptionValue(name, value)
        highs.passModel(program)
        return highs

    def solved(self, gap: float) -> list[float] | None:
        """Returns the columns' values in the cheapest solution, within this relative gap; `None` without a solution."""
        highs = self.solver()
        highs.setOptionValue("mip_rel_gap", gap)
        highs.run()
        if highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return None
        return list(highs.getSolution().col_value)


class Ends:
    """The lowest and highest known values of each column of a program. Each run of the solver gives a value of every
    column. So most columns need no separate run.
    """

    def __init__(self, program: LinearProgram) -> None:
        self._highs = program.solver()
        self._highs.setOptionValue("presolve", "off")
        self._least = np.full(len(program.low), inf)
        self._most = np.full(len(program.low), -inf)
        self.is_possible = self._solved()

    def without_values(self, columns: Collection[int], number: int) -> list[int]:
        """Returns the columns that can have fewer than `number` whole values. First, a few runs for many columns
        together give enough values of most columns. Then each remaining column gets its own runs.
        """
        left = [column for column in columns if not self._has(column, number)]
        for at in range(_TOGETHER):
            if len(left) > _TOGETHER:
                self._push(left[at % 2 :: 2], -1.0 if at % 4 < 2 else 1.0)  # noqa: PLR2004  (halves up, halves down)
                left = [column for column in left if not self._has(column, number)]
        return [column for column in left if not self._can_have(column, number)]

    def _can_have(self, column: int, number: int) -> bool:
        return any(not self._push([column], sign) or self._has(column, number) for sign in (1.0, -1.0))

    def _has(self, column: int, number: int) -> bool:
        return bool(floor(self._most[column] + _NOTHING) - ceil(self._least[column] - _NOTHING) + 1 >= number)

    def _push(self, columns: Sequence[int], sign: float) -> bool:
        """Runs the solver for the smallest values of these columns (sign 1), or for the largest (sign -1). Returns
        false if the values have no limit.
        """
        for column in columns:
            self._highs.changeColCost(column, sign)
        is_limited = self._solved()
        for column in columns:
            self._highs.changeColCost(column, 0.0)
        return is_limited

    def _solved(self) -> bool:
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return False
        found = np.array(self._highs.getSolution().col_value)
        np.minimum(self._least, found, out=self._least)
        np.maximum(self._most, found, out=self._most)
        return True
