"""The best total with an additional room or high-care place in a unit (an *extra*), for every extra of a problem.

A single model contains all extras; a solution opens only the extra that is asked for. There are three steps:

- A linear relaxation opens a thousandth of every extra. Its dual values give each extra a price, which bounds the
  points that the extra can add.
- A relaxation with one whole extra gives a closer bound. If its solution is whole, it is the best solution.
- Otherwise the solver finds the best solution.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from matching.eligibility import open_table
from matching.explanations.forced_choice import exactly
from matching.format.problem import Problem, Room, Unit
from matching.format.solution import Placement, Solution
from matching.index import Index
from matching.limit import Limit
from matching.objective import Valuation
from matching.prepared_problem import PreparedProblem

if TYPE_CHECKING:
    from matching.exact.relaxation import Bound
    from matching.exact.solve import Outcome

ROOMS = {"room_1": 1, "room_4": 4}  # the number of beds by code
HIGH_CARE = "high_care"
PART = 1e-3  # the part of each extra that is open while prices are computed
Extra = tuple[str, str]
"""The id of a unit, and the code of the extra: a code of ROOMS, or HIGH_CARE."""


def with_extra(problem: Problem, *extras: Extra) -> Problem:
    """Returns the problem with these extras: an additional empty room in the unit, or a high-care limit raised by 1."""
    taken = {room.id for room in problem.rooms}
    rooms = (
        Room(_new_id(taken, extra), extra[0], ROOMS[extra[1]], ROOMS[extra[1]], problem.as_of)
        for extra in extras
        if extra[1] in ROOMS
    )
    care = {unit for unit, extra in extras if extra == HIGH_CARE}
    units = (_one_higher(unit) if unit.id in care else unit for unit in problem.units)
    return msgspec.structs.replace(problem, rooms=(*problem.rooms, *rooms), units=tuple(units))


def _one_higher(unit: Unit) -> Unit:
    if unit.high_care_limit is None:
        return unit
    return msgspec.structs.replace(unit, high_care_limit=unit.high_care_limit + 1)


def _new_id(taken: Collection[str], extra: Extra) -> str:
    name = " ".join(extra)
    while name in taken:
        name += "+"
    return name


class ExtraPlaces:
    """Every extra of a problem, with the best total that it makes possible. `most`: an upper bound of each total."""

    def __init__(self, prepared: PreparedProblem, best: Solution, limit: Limit) -> None:
        from matching.exact.model import build  # noqa: PLC0415 - ortools takes 0.4 s to import, and only solving needs it
        from matching.exact.relaxation import SCALE, Relaxation  # noqa: PLC0415 - as above

        self._limit, self._scale, units = limit, SCALE, prepared.index.units
        rooms = [(unit, extra) for unit in units for extra in ROOMS]
        care = [(unit.id, HIGH_CARE) for unit in units.values() if unit.high_care_limit is not None]
        self._room = {extra: _new_id(prepared.index.rooms, extra) for extra in rooms}
        index = Index(with_extra(prepared.problem, *rooms))
        self._builder = build(index, Valuation(index, prepared.valuation), _open_to(prepared))
        self._builder.hint(best.placements)
        self._model = self._builder.model.proto
        self._columns = self._columns_by_extra()
        self._relaxation = Relaxation(self._builder, self._room.values())
        self._ends, self._largest = self._relaxation.upper.copy(), self._relaxation.most.copy()
        for extra in (*rooms, *care):
            self._open_by(extra, PART)
        priced = self._relaxation.solved(limit)
        for extra in (*rooms, *care):
            self._close(extra)
        base = self._relaxation.total(priced.dual, priced.left)
        self.most = {extra: (base + self._adds(extra, priced)) // SCALE for extra in (*rooms, *care)}

    def _columns_by_extra(self) -> dict[Extra, list[int]]:
        """Returns, by extra room, the variables that are 0 while it is closed. Forbids choices with two extra rooms."""
        extras: defaultdict[int, set[Extra]] = defaultdict(set)
        for extra, room in self._room.items():
            for guest in self._builder.guests[room]:
                extras[guest.var.index].add(extra)
        for column in [column for column, of in extras.items() if len(of) > 1]:
            self._model.variables[column].domain[1] = 0
            extras[column] = set()
        for var, others in self._builder.company:
            if all(other.index in extras for other in others):
                extras[var.index] = {extra for other in others for extra in extras[other.index]}
        columns: defaultdict[Extra, list[int]] = defaultdict(list)
        for column, of in extras.items():
            for extra in of:
                columns[extra].append(column)
        return columns

    def _row(self, extra: Extra) -> int | None:
        """Returns the number of the constraint that limits how often this extra place can be used, or `None`."""
        rows = self._builder.rows
        return rows.get(("room", self._room[extra]) if extra in self._room else (HIGH_CARE, extra[0]))

    def _adds(self, extra: Extra, priced: "Bound") -> int:
        """Returns the most points by which this extra can raise the upper bound, given the dual values in `priced`."""
        row, columns = self._row(extra), self._columns.get(extra, [])
        most = int((np.maximum(priced.left[columns], 0) * self._largest[columns].astype(int)).sum())
        if extra in self._room:
            most += int(priced.dual[list(self._relaxation.closed_rows[extra[0]])].sum())
        if row is None:
            return most
        return most + int(priced.dual[row]) * (1 if extra[1] == HIGH_CARE else int(self._ends[row]))

    def _open_by(self, extra: Extra, part: float) -> None:
        """Opens a part (0 to 1) of the extra in the relaxation."""
        row, columns = self._row(extra), self._columns.get(extra, [])
        program = self._relaxation
        if extra in self._room:
            program.opened[extra[0]] = part
        program.most[columns] = self._largest[columns] * (part if row is None else part > 0)
        if row is not None:
            program.upper[row] = self._ends[row] + part if extra[1] == HIGH_CARE else self._ends[row] * part

    def _close(self, extra: Extra) -> None:
        self._open_by(extra, 0)
        for column in self._columns.get(extra, ()):
            self._model.variables[column].domain[1] = 0

    @contextmanager
    def _only(self, extra: Extra) -> Iterator[None]:
        """Opens only this extra within the block, in the relaxation and in the model."""
        self._open_by(extra, 1)
        for column in self._columns.get(extra, ()):
            self._model.variables[column].domain[1] = int(self._largest[column])
        row = self._row(extra) if extra[1] == HIGH_CARE else None
        if row is not None:
            self._model.constraints[row].linear.domain[1] += 1
        try:
            yield
        finally:
            self._close(extra)
            if row is not None:
                self._model.constraints[row].linear.domain[1] -= 1

    def relaxed(self, extra: Extra) -> tuple[int, tuple[Placement, ...] | None]:
        """Returns a closer bound of the total with the extra, and placements if the relaxation's solution is whole."""
        with self._only(extra):
            bound = self._relaxation.solved(self._limit)
        return min(bound.total // self._scale, self.most[extra]), self._relaxation.best(bound)

    def solved(self, extra: Extra) -> "Outcome | None":
        """Returns the best solution with the extra; `None` if the time ran out. Raises EngineFault."""
        with self._only(extra):
            return exactly(self._builder, time_limit=self._limit.seconds())


def _open_to(prepared: PreparedProblem) -> dict[str, list[str]]:
    """Returns the units open to each registration if every unit had enough rooms and an extra high-care place."""
    problem, index = prepared.problem, prepared.index
    higher = Index(with_extra(problem, *((unit, HIGH_CARE) for unit in index.units)))
    rows = list(index.registrations.values())
    table = open_table(higher, rows, "rooms", prepared.pair_tables)
    units = list(index.units)
    return {
        row.id: [unit for unit, allowed in zip(units, of, strict=True) if allowed]
        for row, of in zip(rows, table.tolist(), strict=True)
    }
