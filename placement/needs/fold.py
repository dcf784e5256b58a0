"""The choice of the groups that a reading shows, so that no figure is about fewer than five households.

A reading is the figures of a month, quarter or year. Readings of the same calendar year overlap, so that a reader can
subtract one reading from another. Therefore the earlier readings of the year are computed again, in the order in which
they became known. A reading shows a group only if nobody can compute a figure about fewer than five households from all
figures shown so far.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import product
from typing import NamedTuple

import numpy as np

from placement.core.periods import Period, PeriodKind, period_of
from placement.needs.model import LEAST

_NOTHING = 1e-6
_KINDS = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR)
_Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class Cell(NamedTuple):
    """The counts of a group in a month: household days, new households, and the most households on a day."""

    days: int
    new: int
    most: int

    def plus(self, other: "Cell") -> "Cell":
        return Cell(self.days + other.days, self.new + other.new, max(self.most, other.most))

    @property
    def at_least(self) -> int:
        """The smallest possible number of different households in the cell."""
        return max(self.new, self.most)


EMPTY = Cell(0, 0, 0)
Cells = Mapping[tuple[str, date], Cell]
"""The cells of a table, by group and first day of the month."""


def cell_of(cells: Cells, codes: Iterable[str], months: Iterable[date]) -> Cell:
    """Returns the sum of the cells of these groups in these months."""
    found, named = EMPTY, list(months)
    for code in codes:
        for month in named:
            found = found.plus(cells.get((code, month), EMPTY))
    return found


def is_small(cell: Cell) -> bool:
    return cell.days > 0 and cell.at_least < LEAST


def months_of(period: Period) -> list[date]:
    if period.kind is PeriodKind.MONTH:
        return [period.begins_on]
    return sorted({period_of(PeriodKind.MONTH, day).begins_on for day in period.days})


def readings_until(period: Period) -> list[Period]:
    """Returns the periods of the calendar year that are known at the end of this period, in the order of their ends."""
    every = {
        period_of(kind, month) for kind in _KINDS for month in months_of(period_of(PeriodKind.YEAR, period.begins_on))
    }
    return sorted((one for one in every if _order(one) <= _order(period)), key=_order)


def _order(period: Period) -> tuple[date, int]:
    return period.ends_on, _KINDS.index(period.kind)


def shown_groups(cells: Cells, period: Period) -> list[str] | None:
    """Returns the groups that this period's reading shows, largest first; `None` if it cannot show the total."""
    table, found = _Table(cells, period), None
    for one in readings_until(period):
        found = table.read(one)
    return found


class _Table:
    """The figures that the readings have shown so far. `basis`: an orthonormal basis of all figures that a reader can
    compute from the shown figures.
    """

    def __init__(self, cells: Cells, period: Period) -> None:
        self.cells = cells
        self.codes = sorted({code for code, _ in cells})
        self.months = months_of(period_of(PeriodKind.YEAR, period.begins_on))
        self.basis: _Numbers = np.zeros((0, len(self.codes) * len(self.months)))
        periods = {period_of(kind, month) for kind in _KINDS for month in self.months}
        self.small = np.array(
            [
                self._vector([code], months)
                for code in self.codes
                for months in map(months_of, periods)
                if is_small(cell_of(cells, [code], months))
            ]
        )

    def read(self, period: Period) -> list[str] | None:
        """Adds a period's reading, and returns the groups that it shows; `None` if it cannot show the total."""
        months = months_of(period)
        sizes = {code: cell_of(self.cells, [code], months) for code in self.codes}
        present = sorted((code for code in self.codes if sizes[code].days), key=lambda code: (-sizes[code].days, code))
        total = _extended(self.basis, self._vector(present, months))
        if cell_of(self.cells, present, months).at_least < LEAST or not self._is_safe(total):
            return None
        shown: list[str] = []
        known = [total]
        for code in present:
            larger = _extended(known[-1], self._vector([code], months))
            if not is_small(sizes[code]) and self._is_safe(larger):
                shown.append(code)
                known.append(larger)
        while is_small(cell_of(self.cells, set(present) - set(shown), months)):
            shown.pop()
            known.pop()
        self.basis = known[-1]
        return shown

    def _vector(self, codes: Iterable[str], months: Iterable[date]) -> _Numbers:
        found = np.zeros((len(self.codes), len(self.months)))
        for code, month in product(codes, list(months)):
            if self.cells.get((code, month), EMPTY).days:
                found[self.codes.index(code), self.months.index(month)] = 1
        return found.ravel()

    def _is_safe(self, basis: _Numbers) -> bool:
        """Checks that no figure of a group below five households can be computed from this basis."""
        if not self.small.size:
            return True
        left = self.small - (self.small @ basis.T) @ basis
        return bool((np.abs(left).max(axis=1) > _NOTHING).all())


def _extended(basis: _Numbers, vector: _Numbers) -> _Numbers:
    """Returns the basis extended by the part of `vector` that cannot be computed from the basis. Returns the same basis
    if all of `vector` can be computed.
    """
    left = vector - basis.T @ (basis @ vector)
    left -= basis.T @ (basis @ left)  # repeated against rounding errors
    size = float(np.linalg.norm(left))
    return basis if size < _NOTHING else np.vstack([basis, left / size])
