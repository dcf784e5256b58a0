"""The rounding of the linear program of prices to whole choices. First a *dive* rounds fractions step by step. Then a
mixed-integer program is solved over the columns that are left.

Only columns that lose few points are kept. Two sorts of columns are added: the number of rooms for each kind of
persons, and the places that groups without `must` use. Rows restrict choices to rooms for their kind of persons, and to
places in use; such a row is added when a solution breaks it. The dive first rounds up the columns of whole groups, then
the numbers of rooms, then columns that are nearly 1.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import highspy
import numpy as np

from matching.format.problem import Kind
from matching.large.columns import DUAL, UNLIMITED, Column, Columns, Floats, Row
from matching.large.problem_arrays import Ints
from matching.large.values import Choice, Prices
from matching.limit import Limit
from matching.solvers.highs import run

LOSS = 3.0  # columns that lose more points than so many times the median of the points kept are closed
BROKEN = 0.02  # a row is added if the solution exceeds its limit by more than this
CUTS = 6  # the largest number of rounds before the dive in which broken rows are added
AT_ONCE = 6  # a step rounds up at most a sixth of the fractions, the largest first
GROUPS, KINDS, SINGLE = 0.75, 0.5, 0.75  # smaller fractions are not rounded up together
SHARE_OF_DIVE = 0.4  # the dive's share of the time for rounding
DROP = 1e-5  # if rounding a column up loses more than this share of the points, rounding down is tried
EPSILON = 1e-6
MIP_NODES, MIP_GAP = 200, 2e-5


def rounded(columns: Columns, prices: Prices, limit: Limit) -> list[tuple[Choice, ...]]:
    """Returns the choices that have the value 1 after the rounding."""
    if not columns.taken.size or limit.is_over():
        return []
    rounding = _Rounding(columns, prices)
    rounding.dive(limit.part(SHARE_OF_DIVE))
    rounding.solve_whole(limit)
    whole = np.flatnonzero(columns.taken[: len(columns.columns)] > 1 - BROKEN)
    return [columns.columns[number].choices for number in whole.tolist()]


class _Rounding:
    """The linear program of prices during the rounding. Columns that lose many points are closed. Columns for kinds of
    persons and for places of groups are added.
    """

    def __init__(self, columns: Columns, prices: Prices) -> None:
        self.program, self.arrays, self.auction = columns, columns.arrays, columns.auction
        kept = columns.kept
        loss = LOSS * float(np.median(kept[kept > 0])) if (kept > 0).any() else 0.0

        def is_near(column: Column) -> bool:
            paid = sum(self.auction.paid(choice, prices) for choice in column.choices)
            return len(column.choices) > 1 or float(kept[column.row]) - columns.points(column) + paid <= loss

        self.near = {number: column for number, column in enumerate(columns.columns) if is_near(column)}
        self.most: Floats = np.zeros(len(columns.columns))
        self.most[list(self.near)] = 1.0
        self.tied: list[tuple[list[int], int]] = []  # columns whose sum may not exceed another column
        columns.keep_apart(key for key in columns.at if key not in columns.cut)
        self.kinds = self._kinds()
        self._wishes()
        self.low, self.whole = np.zeros(len(self.most)), np.zeros(len(columns.columns), dtype=np.bool_)
        self.unfixed = self.most.copy()
        self._bound(list(range(len(self.most))), self.low, self.most, None)

    def _column(self, points: int, most: float) -> int:
        self.program.add_columns([points], [{}])
        self.most = np.append(self.most, float(most))
        return len(self.most) - 1

    def _rooms(self, column: int) -> set[int]:
        return {group for choice in self.program.columns[column].choices for group, _ in choice.beds}

    def _kinds(self) -> dict[int, int]:
        """Adds a column for each kind of persons in each group of rooms that several kinds can use, and rows that limit
        the beds. Returns the group of each column.
        """
        arrays, rows, limits = self.arrays, list[Row](), list[float]()
        uses: defaultdict[int, dict[Kind | None, list[tuple[int, int]]]] = defaultdict(dict)  # columns with their beds
        for number, column in self.near.items():
            for choice in column.choices:
                kind = arrays.classes[arrays.class_of[choice.row]].kind
                for group, beds in choice.beds:
                    uses[group].setdefault(kind, []).append((number, beds))
        found = {}
        for group, of_kind in sorted(uses.items()):
            size, rooms = arrays.groups[group].beds, len(arrays.groups[group].rooms)
            if size == 1 or len(of_kind) == 1:
                continue
            shares = _sums((number, beds // size) for number, beds in of_kind.pop(None, []))
            for _, each in sorted(of_kind.items()):
                kind = self._column(0, rooms)
                found[kind] = group
                shares[kind] = 1.0
                rows.append({**_sums(each), kind: -size})
                limits.append(0.0)
                if rooms == 1:
                    self._tie(kind, ((self.near[number].row, number) for number, _ in each))
            rows.append(shares)
            limits.append(rooms)
        self.program.add_rows(limits, rows)
        return found

    def _wishes(self) -> None:
        """Adds a column for each place at which several members of a group without `must` can be."""
        index, together = self.arrays.index, self.arrays.valuation.policy.together
        at: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for number, column in self.near.items():
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
                    self.program.change_points(number, self.program.points(self.near[number]) + together)
                self._tie(place, members)

    def _tie(self, to: int, members: Iterable[tuple[int, int]]) -> None:
        of: defaultdict[int, set[int]] = defaultdict(set)
        for row, number in members:
            of[row].add(number)
        self.tied += [(sorted(numbers), to) for numbers in of.values()]

    def _cut(self) -> bool:
        """Adds the rows that the solution breaks. Returns true if a row was added."""
        taken = self.program.taken
        broken = [bool(taken[of].sum() > taken[to] + BROKEN) for of, to in self.tied]
        rows = [
            {**dict.fromkeys(of, 1.0), to: -1.0}
            for (of, to), is_broken in zip(self.tied, broken, strict=True)
            if is_broken
        ]
        self.tied = [tie for tie, is_broken in zip(self.tied, broken, strict=True) if not is_broken]
        self.program.add_rows([0.0] * len(rows), rows)
        return bool(rows)

    def dive(self, limit: Limit) -> None:
        """Rounds fractions up, the largest first, until the limit, or until only small single fractions remain."""
        program = self.program
        if not program.solve(limit, DUAL):
            return
        for _ in range(CUTS):
            if not self._cut() or not program.solve(limit, DUAL):
                break
        self.whole = program.taken[: len(self.whole)] > 1 - BROKEN
        groups = np.array([number for number, column in self.near.items() if len(column.choices) > 1], dtype=np.int64)
        single = np.array([number for number, column in self.near.items() if len(column.choices) == 1], dtype=np.int64)
        stages = (groups, GROUPS, 1), (np.array(list(self.kinds), dtype=np.int64), KINDS, 1), (single, SINGLE, 0)
        while (step := self._step(stages)) and self._fix(step, limit):
            if self._cut() and not program.solve(limit, DUAL):
                break

    def _step(self, stages: Sequence[tuple[Ints, float, int]]) -> list[int]:
        """Returns columns to round up, from the first stage that has any. A stage: columns, the limit from which a
        fraction is large, and the number of columns to take if no fraction is large.
        """
        for among, least, always in stages:
            taken = self.program.taken[among]
            part = taken - np.floor(taken + EPSILON)
            order = np.argsort(-part, kind="stable")
            order = order[(part[order] > EPSILON) & (self.low[among[order]] < self.most[among[order]])]
            large = order[part[order] >= least][: -(-len(order) // AT_ONCE)]
            step = large if len(large) else order[:always]
            if len(step):
                return [int(column) for column in among[step]]
        return []

    def _fix(self, step: list[int], limit: Limit) -> bool:
        """Rounds these columns up. If this fails, rounds only the first: up, or down if rounding up loses too many
        points.
        """
        before, value = self.program.taken[step], self.program.worth
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
            found = self._bound(one, up, most, limit) if found > other else other
        if found == -UNLIMITED:
            self._bound(one, low, most, None)
        return found > -UNLIMITED and not limit.is_over()

    def _bound(self, columns: list[int], low: Floats, most: Floats, limit: Limit | None) -> float:
        """Sets the limits of these columns. Returns the points of the program, or minus infinity if not solved."""
        self.low[columns], self.most[columns] = low, most
        program = self.program
        program.highs.changeColsBounds(len(columns), np.array(columns, dtype=np.int32), low, most)
        return program.worth if limit is not None and program.solve(limit, DUAL) else -UNLIMITED

    def solve_whole(self, limit: Limit) -> None:
        """Solves the program as a mixed-integer program three times, with fewer columns fixed each time. Each solution
        starts from the solution before.
        """
        program, count = self.program, len(self.most)
        highs, every = program.highs, np.arange(count, dtype=np.int32)
        still, ones = self.low.copy(), np.flatnonzero((program.taken[: len(self.whole)] > 1 - EPSILON) & self.whole)
        part = np.abs(program.taken - np.rint(program.taken))
        torn = {group for kind, group in self.kinds.items() if part[kind] > EPSILON}  # its rooms are not yet divided
        still[[one for one in ones.tolist() if torn.isdisjoint(self._rooms(one))]] = 1.0
        highs.changeColsIntegrality(count, every, np.full(count, int(highspy.HighsVarType.kInteger), dtype=np.uint8))
        highs.setOptionValue("mip_max_nodes", MIP_NODES)
        highs.setOptionValue("mip_rel_gap", MIP_GAP)
        found, best = None, -UNLIMITED
        for low, most in (still, self.most), (self.low, self.most), (np.zeros(count), self.unfixed):
            if limit.is_over():
                return
            seconds = limit.seconds()
            if seconds is not None:
                highs.setOptionValue("time_limit", highs.getRunTime() + seconds)
            highs.changeColsBounds(count, every, low, most)
            if found is not None:
                highs.setSolution(found)
            run(highs, limit)
            is_feasible = highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
            if is_feasible and program.worth > best:
                found, best = highs.getSolution(), program.worth
                program.taken = np.array(found.col_value)


def _sums(pairs: Iterable[tuple[int, int]]) -> dict[int, float]:
    sums: defaultdict[int, float] = defaultdict(float)
    for number, amount in pairs:
        sums[number] += amount
    return sums
