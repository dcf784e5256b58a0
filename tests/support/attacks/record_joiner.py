"""An attacker with a dump who wants to know which row of another table belongs to a case: a count record or a call.

No column refers to the case, so the attacker compares what both rows have in clear. Each number, moment, length, place
in the file and transaction is a feature. A predictor compares a feature of the case with a feature of the row. The
attacker tries all of them on cases whose row is known, and uses the best for the others. Chance draws a row of the day.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import Any

from pydantic import BaseModel

from tests.support.attacks.any_column import Found, Row
from tests.support.attacks.dump import Dump, plain

Features = Mapping[str, float]
Predictor = Callable[[str, str], float]
"""Returns how well a row fits a case."""


@dataclass(frozen=True)
class Joined:
    """A case, and the row that belongs to it. `among`: the rows of that day."""

    case: str
    row: str
    among: Sequence[str]


class RecordJoiner:
    """`key`: the column that names a row of `table`."""

    def __init__(self, dump: Dump, joined: Sequence[Joined], table: str, key: str) -> None:
        self._joined = joined
        cases = {str(row["id"]): number for number, row in enumerate(dump["registration"])}
        rows = {str(row[key]): number for number, row in enumerate(dump[table])}
        self._of_cases = {one.case: _features(dump["registration"], cases[one.case]) for one in joined}
        names = {name for one in joined for name in one.among}
        self._of_rows = {name: _features(dump[table], rows[name]) for name in sorted(names)}

    def tried_on_both_halves(self) -> Found:
        """Uses each half of the cases to join the other half."""
        halves = self._joined[::2], self._joined[1::2]
        return self._tried(*halves) + self._tried(*halves[::-1])

    def _tried(self, known: Sequence[Joined], wanted: Sequence[Joined]) -> Found:
        name, best = max(self._predictors(), key=lambda named: sum(1 / (1 + _rank(named[1], one)) for one in known))
        ranks = [_rank(best, one) for one in wanted]
        chances = [sum(min(1, most / len(one.among)) for one in wanted) / len(wanted) for most in (1, 5)]
        hits = len(ranks), sum(rank < 1 for rank in ranks), sum(rank < 5 for rank in ranks)
        return Found(*hits, (chances[0], chances[1]), (name,))

    def _predictors(self) -> Iterator[tuple[str, Predictor]]:
        mine, theirs = ({name for one in of.values() for name in one} for of in (self._of_cases, self._of_rows))
        for name, sign in product(sorted(theirs), (1, -1)):
            yield f"{sign:+} {name}", lambda _, row, name=name, sign=sign: sign * self._of_rows[row].get(name, 0)
        for one, other in product(sorted(mine), sorted(theirs)):
            for how, near in (("nearest", abs), ("next", _ahead), ("last", lambda by: _ahead(-by))):
                yield f"{one} {how} {other}", self._near(one, other, near)
            yield f"rank of {one} = rank of {other}", self._same_rank(one, other)

    def _near(self, one: str, other: str, distance: Callable[[float], float]) -> Predictor:
        return lambda case, row: -distance(self._of_rows[row].get(other, 0) - self._of_cases[case].get(one, 0))

    def _same_rank(self, one: str, other: str) -> Predictor:
        """The rank of a case among the cases of its day, and that of a row among the rows of this day."""
        days = {known.case: tuple(known.among) for known in self._joined}

        def fit(case: str, row: str) -> float:
            together = [known for known, among in days.items() if among == days[case]]
            mine = [self._of_cases[known].get(one, 0) for known in together]
            theirs = [self._of_rows[known].get(other, 0) for known in days[case]]
            return -abs(
                _share(mine, self._of_cases[case].get(one, 0)) - _share(theirs, self._of_rows[row].get(other, 0))
            )

        return fit


def _rank(fit: Predictor, one: Joined) -> int:
    worth = {row: fit(one.case, row) for row in one.among}
    return sum(value > worth[one.row] or (value == worth[one.row] and row < one.row) for row, value in worth.items())


def _ahead(by: float) -> float:
    return by if by >= 0 else float("inf")


def _share(among: Sequence[float], value: float) -> float:
    return sum(one < value for one in among) / len(among)


def _features(rows: Sequence[Row], number: int) -> Features:
    """Returns what a row has in clear: its place in the file, its numbers and moments, and the lengths of its texts."""
    found = {"place": float(number)}
    for name, value in _named(rows[number]):
        one = plain(value)
        if isinstance(one, datetime):
            found[name] = one.timestamp()
        elif isinstance(one, date):
            found[name] = float(one.toordinal())
        elif isinstance(one, int | float):
            found[name] = float(one)
        elif isinstance(one, str):
            found[f"length of {name}"] = float(len(one))
    return found


def _named(row: Row) -> Iterator[tuple[str, Any]]:
    """Yields the single values of a row, also those in records, with their names."""
    for name, value in row.items():
        inside = value.model_dump() if isinstance(value, BaseModel) else value
        if isinstance(inside, dict):
            yield from ((f"{name}.{one}", known) for one, known in _named(inside))
        else:
            yield name, inside
