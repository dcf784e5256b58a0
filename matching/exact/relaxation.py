"""Upper bounds on the objective of a model, in whole numbers, proven by its linear relaxation.

HiGHS solves the relaxation. Its dual values are rounded to whole numbers, which prove a bound whatever they are (weak
duality). The bound adds each row at its dual value, and each variable with what is left of its points, if above 0. So
no bound depends on floating-point arithmetic.
"""

from collections.abc import Iterable

import highspy
import numpy as np
from numpy.typing import NDArray

from matching.exact.builder import ModelBuilder, Var
from matching.limit import NO_LIMIT, Limit
from matching.solvers.highs import highs_of, program_of

Whole = NDArray[np.object_]
"""Python integers in an array: no sum overflows."""


class Relaxation:
    """The bound that the relaxation of a model proves, and each registration's share of it."""

    def __init__(self, builder: ModelBuilder, limit: Limit = NO_LIMIT) -> None:
        self._builder = builder
        program = program_of(builder.model.proto)
        matrix, rows, columns = program.a_matrix_, program.num_row_, program.num_col_
        points: Whole = np.zeros(columns, dtype=object)
        for var, worth in zip(builder.vars, builder.points, strict=True):
            points[var.index] = worth
        lower, upper = np.array(program.row_lower_), np.array(program.row_upper_)
        dual = np.clip(
            _duals(program, points, limit),
            np.where(np.isinf(lower), 0.0, -np.inf),
            np.where(np.isinf(upper), 0.0, np.inf),
        )
        self._dual: Whole = _whole(dual)
        owner = np.repeat(np.arange(rows), np.diff(np.array(matrix.start_, dtype=np.int64)).astype(np.int64))
        left = points.copy()
        np.subtract.at(left, np.array(matrix.index_, dtype=np.int64), self._dual[owner] * _whole(matrix.value_))
        self.left: Whole = left
        """For each variable: its points minus what it pays to the rows."""
        self._most: Whole = _whole(program.col_upper_)
        ends = _whole(np.where(dual > 0, np.where(np.isinf(upper), 0, upper), np.where(np.isinf(lower), 0, lower)))
        self.bound = int(self._dual @ ends) + sum(self._worth(range(columns)))

    def part_of(self, registration: str) -> int:
        """Returns by how much the bound falls if this registration is in no unit of the model."""
        builder = self._builder
        choices = [var.index for of_unit in builder.choices[registration].values() for var in of_unit]
        counts = [var.index for var, name, *_ in builder.counts if name == registration]
        return self._dual_of("registration", registration) + sum(self._worth({*choices, *counts}))

    def price_of_care(self, unit: str) -> int:
        """Returns how much another high-care place in the unit adds to the bound."""
        return self._dual_of("high_care", unit)

    def worth_of(self, registration: str, unit: str) -> int:
        """Returns the most that this registration in this unit adds to the bound, if it can be nowhere else."""
        choices: list[Var] = self._builder.choices[registration][unit]
        counts = [var.index for var, name, there, _ in self._builder.counts if (name, there) == (registration, unit)]
        most = max((self.left[var.index] for var in choices), default=0)
        return self._dual_of("registration", registration) + int(most) + sum(self._worth(counts))

    def _dual_of(self, kind: str, name: str) -> int:
        row = self._builder.rows.get((kind, name))
        return 0 if row is None else int(self._dual[row])

    def _worth(self, columns: Iterable[int]) -> list[int]:
        return [max(0, int(self.left[column]) * int(self._most[column])) for column in columns]


def _duals(program: highspy.HighsLp, points: Whole, limit: Limit) -> NDArray[np.float64]:
    """Returns the rounded dual values of the rows. If HiGHS finds no optimum they are 0, which also proves a bound."""
    program.col_cost_ = -points.astype(np.float64)
    program.integrality_ = [highspy.HighsVarType.kContinuous] * program.num_col_
    highs = highs_of()
    highs.setOptionValue("time_limit", max(0.0, limit.left()))
    highs.passModel(program)
    highs.run()
    found = np.array(highs.getSolution().row_dual, dtype=np.float64)
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal or len(found) != program.num_row_:
        return np.zeros(program.num_row_)
    return -np.rint(found)


def _whole(values: Iterable[float]) -> Whole:
    return np.array([int(value) for value in np.asarray(values).tolist()], dtype=object)
