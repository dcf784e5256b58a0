"""Whole choices from the program of the prices: a dive, then a mixed-integer program over the columns that are left.

Columns that lose little are kept. Rooms of each kind become columns of their own, and so do places of groups that wish
to be together. A row that ties a registration to the kind of a room, or to a place, is added when a solution breaks it.
The dive rounds places of groups that must be together, then kinds, then nearly whole registrations.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import highspy
import numpy as np

from matching.format.problem import Kind
from matching.large.columns import DUAL, UNLIMITED, Column, Columns, Floats, Program
from matching.large.problem_arrays import Ints
from matching.large.values import Choice, Prices
from matching.limit import Limit
from matching.solvers.highs import run

LOSS = 3.0  # of what the median registration keeps: columns that lose more are left out
BROKEN = 0.02  # by which a solution breaks a row
CUTS = 6  # rounds of broken rows before the dive
AT_ONCE = 6  # of the parts, the largest sixth is rounded up together
GROUPS, KINDS, SINGLE = 0.75, 0.5, 0.75  # parts that are rounded up together
SHARE_OF_DIVE = 0.4  # of the time for rounding
FREELY = 10_000  # columns: beyond this number, those that stay whole through the dive are fixed then
DROP = 1e-5  # of the points: a column whose rounding up loses more may be rounded down
EPSILON = 1e-6
MIP_NODES, MIP_GAP = 200, 2e-5

Row = dict[int, float]


def rounded(columns: Columns, prices: Prices, limit: Limit) -> list[tuple[Choice, ...]]:
    """Returns the choices that the rounded program takes whole."""
    auction, kept = columns.auction, columns.kept
    if not columns.taken.size or limit.is_over():
        return []
    most = LOSS * float(np.median(kept[kept > 0])) if (kept > 0).any() else 0.0

    def loses(column: Column) -> float:
        paid = sum(auction.paid(choice, prices) for choice in column.choices)
        return float(kept[column.row]) - columns.points(column) + paid

    near = [column for column in columns.columns if len(column.choices) > 1 or loses(column) <= most]
    rounding = _Rounding(columns, near)
    rounding.dive(limit.part(SHARE_OF_DIVE))
    rounding.solve_whole(limit)
    return [column.choices for column, part in zip(near, rounding.taken.tolist(), strict=False) if part > 1 - BROKEN]


class _Rounding(Program):
    def __init__(self, columns: Columns, near: list[Column]) -> None:
        super().__init__(np.zeros(0), columns.scale)
        self.arrays, self.auction, self.near = columns.arrays, columns.auction, near
        self.tied: list[tuple[list[int], int]] = []  # columns, and the column of which they are a part at most
        self.points = [columns.points(column) for column in near]
        self.upper = [1.0] * len(near)
        self.rows: list[Row] = []
        self.limits: list[float] = []
        self._agents()
        self.kinds = self._kinds()
        self._wishes()
        self.add_columns(self.points, [{} for _ in self.points])
        self.add_rows(self.limits, self.rows)
        self.taken, self.whole = np.zeros(len(self.points)), np.zeros(len(near), dtype=np.bool_)
        self.low, self.most = np.zeros(len(self.points)), np.array(self.upper)
        self._bound(list(range(len(self.points))), self.low, self.most, None)

    def _row(self, row: Row, most: float) -> None:
        self.rows.append(row)
        self.limits.append(most)

    def _column(self, points: int, most: float) -> int:
        self.points.append(points)
        self.upper.append(float(most))
        return len(self.points) - 1

    def _agents(self) -> None:
        """Rows of registrations and groups, of high care, and of cliques at a location."""
        arrays = self.arrays
        once: defaultdict[int, Row] = defaultdict(dict)
        care: defaultdict[int, Row] = defaultdict(lambda: defaultdict(float))
        apart: defaultdict[tuple[int, int], Row] = defaultdict(lambda: defaultdict(float))
        for number, column in enumerate(self.near):
            once[column.row][number] = 1.0
            for choice in column.choices:
                if self.auction.high_care[arrays.class_of[choice.row]] and choice.unit in arrays.high_care_limit:
                    care[choice.unit][number] += 1
                for clique in self.auction.cliques_of.get(choice.row, ()):
                    apart[clique, int(arrays.location[choice.unit])][number] += 1
        for row in (*once.values(), *apart.values()):
            self._row(row, 1.0)
        for unit, row in care.items():
            self._row(row, arrays.high_care_limit[unit])

    def _kinds(self) -> list[int]:
        """Rows of beds. A column for each kind in a group of rooms that several kinds can have."""
        arrays = self.arrays
        uses: defaultdict[int, dict[Kind | None, list[tuple[int, int]]]] = defaultdict(dict)  # columns and beds
        for number, column in enumerate(self.near):
            for choice in column.choices:
                kind = arrays.classes[arrays.class_of[choice.row]].kind
                for group, beds in choice.beds:
                    uses[group].setdefault(kind, []).append((number, beds))
        found = []
        for group, of_kind in sorted(uses.items()):
            size, rooms = arrays.groups[group].beds, len(arrays.groups[group].rooms)
            if size == 1 or len(of_kind) == 1:
                self._row(_sums(of for each in of_kind.values() for of in each), size * rooms)
                continue
            shares = _sums((number, beds // size) for number, beds in of_kind.pop(None, []))
            for _, each in sorted(of_kind.items()):
                kind = self._column(0, rooms)
                found.append(kind)
                shares[kind] = 1.0
                self._row({**_sums(each), kind: -size}, 0.0)
                if rooms == 1:
                    self._tie(kind, ((self.near[number].row, number) for number, _ in each))
            self._row(shares, rooms)
        return found

    def _wishes(self) -> None:
        """A column for each place at which two or more of a group without `must` may be."""
        index, together = self.arrays.index, self.arrays.valuation.policy.together
        at: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for number, column in enumerate(self.near):
            for choice in column.choices:
                group = index.group_of.get(self.arrays.registrations[choice.row].id)
                if group is not None and not group.must:
                    at[group.id, index.place(self.arrays.units[choice.unit].id, group.where)].append(
                        (choice.row, number)
                    )
        for _, members in sorted(at.items()):
            if len({row for row, _ in members}) > 1:
                place = self._column(-together, 1.0)
                for _, number in members:
                    self.points[number] += together
                self._tie(place, members)

    def _tie(self, to: int, members: Iterable[tuple[int, int]]) -> None:
        of: defaultdict[int, set[int]] = defaultdict(set)
        for row, number in members:
            of[row].add(number)
        self.tied += [(sorted(numbers), to) for numbers in of.values()]

    def _cut(self) -> bool:
        """Adds the rows that the solution breaks; returns whether it broke any."""
        broken = [bool(self.taken[of].sum() > self.taken[to] + BROKEN) for of, to in self.tied]
        rows = [
            {**dict.fromkeys(of, 1.0), to: -1.0}
            for (of, to), is_broken in zip(self.tied, broken, strict=True)
            if is_broken
        ]
        self.tied = [tie for tie, is_broken in zip(self.tied, broken, strict=True) if not is_broken]
        if rows:
            self.add_rows([0.0] * len(rows), rows)
        return bool(rows)

    def dive(self, limit: Limit) -> None:
        """Rounds parts up, the largest first, until nothing is to be rounded, or until the limit."""
        if not self.solve(limit, DUAL):
            return
        for _ in range(CUTS):
            if not self._cut() or not self.solve(limit, DUAL):
                break
        self.whole = self.taken[: len(self.near)] > 1 - BROKEN
        joint = np.array([len(column.choices) > 1 for column in self.near], dtype=np.bool_)
        groups, single = np.flatnonzero(joint), np.flatnonzero(~joint)
        stages = (groups, GROUPS, 1), (np.array(self.kinds, dtype=np.int64), KINDS, 1), (single, SINGLE, 0)
        while (step := self._step(stages)) and self._fix(step, limit):
            if self._cut() and not self.solve(limit, DUAL):
                break

    def _step(self, stages: Sequence[tuple[Ints, float, int]]) -> list[int]:
        """Returns the columns to round up; of groups and kinds at least the largest part."""
        for among, least, always in stages:
            part = self.taken[among] - np.floor(self.taken[among] + EPSILON)
            order = np.argsort(-part, kind="stable")
            order = order[(part[order] > EPSILON) & (self.low[among[order]] < self.most[among[order]])]
            large = order[part[order] >= least][: -(-len(order) // AT_ONCE)]
            step = large if len(large) else order[:always]
            if len(step):
                return [int(column) for column in among[step]]
        return []

    def _fix(self, step: list[int], limit: Limit) -> bool:
        """Rounds these columns up together, or else only the first: up or down, if up loses much."""
        before, value = self.taken[step], self._points()
        if len(step) > 1:
            low = self.low[step]
            if self._bound(step, np.ceil(before - EPSILON), self.most[step], limit) > -UNLIMITED:
                return True
            self._bound(step, low, self.most[step], None)
        one, up, down = step[:1], np.ceil(before[:1] - EPSILON), np.floor(before[:1] + EPSILON)
        low, most = self.low[one], self.most[one]
        found = self._bound(one, up, most, limit)
        if found < value - DROP * abs(value) and not limit.is_over():
            other = self._bound(one, low, down, limit)
            if found > other:
                found = self._bound(one, up, most, limit)
        return found > -UNLIMITED and not limit.is_over()

    def _bound(self, columns: list[int], low: Floats, most: Floats, limit: Limit | None) -> float:
        """Bounds these columns, and returns the points of the program then."""
        self.low[columns], self.most[columns] = low, most
        self.highs.changeColsBounds(len(columns), np.array(columns, dtype=np.int32), low, most)
        return self._points() if limit is not None and self.solve(limit, DUAL) else -UNLIMITED

    def _points(self) -> float:
        return -self.highs.getInfo().objective_function_value

    def solve_whole(self, limit: Limit) -> None:
        """Solves the rest as a mixed-integer program."""
        count = len(self.points)
        if count > FREELY:
            still = np.flatnonzero((self.taken[: len(self.near)] > 1 - BROKEN) & self.whole)
            self._bound(still.tolist(), np.ones(len(still)), self.most[still], None)
        if not count or limit.is_over():
            return
        whole = np.full(count, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self.highs.changeColsIntegrality(count, np.arange(count, dtype=np.int32), whole)
        self.highs.setOptionValue("mip_max_nodes", MIP_NODES)
        self.highs.setOptionValue("mip_rel_gap", MIP_GAP)
        seconds = limit.seconds()
        if seconds is not None:
            self.highs.setOptionValue("time_limit", self.highs.getRunTime() + seconds)
        run(self.highs, limit)
        if self.highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            self.taken = np.array(self.highs.getSolution().col_value)


def _sums(pairs: Iterable[tuple[int, int]]) -> Row:
    sums: defaultdict[int, float] = defaultdict(float)
    for number, amount in pairs:
        sums[number] += amount
    return sums
