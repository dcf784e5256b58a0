"""An attacker with a dump and its schema who knows no column in advance.

Each value in clear becomes a feature of a client or of a place, by the rows that name the registration or the shelter.
A predictor compares a feature of each kind, or a client's feature with those of clients whose
place is known. The attacker tries all of them on clients whose place is known, and uses the best for the others.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import product
from math import comb
from typing import Any

from tests.support.attacks.dump import CHUNK, TRANSACTION, Dump, values_in
from tests.support.attacks.signed_in_country import Placed

DEEPEST = 4
WINDOW = 4 * 3600
"""Seconds within which a shelter answers."""

Row = Mapping[str, Any]
Features = dict[tuple[str, str], list[Any]]
"""The values by kind (moment, day, number, text) and column."""

Scores = dict[str, float]
"""How well each place fits a client."""

Predictor = Callable[[str], Scores]


@dataclass(frozen=True)
class Found:
    """How many clients were found with one guess and with five, and how likely each is by the number of beds."""

    clients: int = 0
    one: int = 0
    five: int = 0
    by_beds: tuple[float, float] = (0, 0)
    predictors: tuple[str, ...] = ()

    def __add__(self, other: "Found") -> "Found":
        hits = self.clients + other.clients, self.one + other.one, self.five + other.five
        return Found(*hits, other.by_beds, self.predictors + other.predictors)

    def is_within_chance(self, share: float = 0.95) -> bool:
        """Checks that no more are found than guesses by the number of beds find, in this share of the cases."""
        pairs = zip((self.one, self.five), self.by_beds, strict=True)
        return all(hits <= _most(self.clients, chance, 1 - (1 - share) / 2) for hits, chance in pairs)


def _most(tries: int, chance: float, share: float) -> int:
    """Returns the quantile of a binomial distribution."""
    sum_so_far = 0.0
    for hits in range(tries + 1):
        sum_so_far += comb(tries, hits) * chance**hits * (1 - chance) ** (tries - hits)
        if sum_so_far >= share:
            return hits
    return tries


class AnyColumnAttacker:
    """`more`: rows that the attacker read elsewhere, by the name of what gave them."""

    def __init__(self, dump: Dump, cases: Iterable[str], *others: Dump, more: Mapping[str, list[Row]] | None = None):
        self._rows = dict(dump.rows) | dict(more or {})
        self._before = [_marks(other) for other in others]
        self._naming: defaultdict[Any, list[tuple[str, int]]] = defaultdict(list)
        for table, rows in self._rows.items():
            for number, row in enumerate(rows):
                for value in {one for one in values_in(list(row.values())) if isinstance(one, str)}:
                    self._naming[value].append((table, number))
        beds = Counter(row["room_id"] for row in dump["bed"])
        self.beds = Counter[str]()
        for room in dump["room"]:
            self.beds[self._shelter_of(dump, room["unit_id"])] += beds[room["id"]]
        self._order = sorted(self.beds, key=lambda place: (-self.beds[place], place))
        self._cases = {case: self._features(case) for case in cases}
        self._places = {place: self._features(place) for place in self.beds}

    def tried(self, known: Sequence[Placed], wanted: Sequence[Placed]) -> Found:
        """Chooses the best predictor by the known clients, and tries it once on the others."""
        name, best = max(self._predictors(known), key=lambda named: self._worth(named[1], known))
        ranks = [self._rank(best(one.registration), one.shelter) for one in wanted]
        total = sum(self.beds.values())
        chances = [sum(self.beds[place] for place in self._order[:most]) / total for most in (1, 5)]
        hits = len(ranks), sum(rank < 1 for rank in ranks), sum(rank < 5 for rank in ranks)
        return Found(*hits, (chances[0], chances[1]), (name,))

    def tried_on_both_halves(self, placed: Sequence[Placed]) -> Found:
        """Uses each half of the clients to find the other half."""
        halves = placed[: len(placed) // 2], placed[len(placed) // 2 :]
        return self.tried(*halves) + self.tried(*halves[::-1])

    def _worth(self, predictor: Predictor, known: Sequence[Placed]) -> float:
        return sum(1 / (1 + self._rank(predictor(one.registration), one.shelter)) for one in known)

    def _rank(self, scores: Scores, place: str) -> int:
        order = sorted(self._order, key=lambda one: -scores.get(one, 0))
        return order.index(place)

    # features

    @staticmethod
    def _shelter_of(dump: Dump, unit: str) -> str:
        return str(dump.by("location")[dump.by("unit")[unit]["location_id"]]["shelter_id"])

    def _features(self, name: str) -> Features:
        """Collects the values of every row that names this, or names a row that names it, and so on."""
        found: Features = defaultdict(list)
        names, met = [name], set[tuple[str, int]]()
        for _ in range(DEEPEST):
            rows = [here for one in names for here in self._naming[one] if here not in met]
            met.update(rows)
            names = [str(key) for table, number in rows if (key := _key_of(self._rows[table][number])) is not None]
        for table, number in met:
            row = self._rows[table][number]
            found["number", f"{table} order"].append(number)
            found["text", "row"].append(f"{table} {number}")
            for kind, column, value in _values(table, row):
                found[kind, column].append(value)
            for before in self._before:
                if (mark := before.get((table, _key_of(row)))) != _mark(row):
                    found["number", f"{table} {'new' if mark is None else 'changed'}"].append(1)
        for table, rows_of_it in Counter(table for table, _ in met).items():
            found["number", f"{table} rows"] = [rows_of_it]
        for values in found.values():
            values.sort(key=str) if isinstance(values[0], str) else values.sort()
        return found

    # predictors

    def _predictors(self, known: Sequence[Placed]) -> Iterator[tuple[str, Predictor]]:
        yield "beds", lambda _: {}
        of_cases, of_places = _columns(self._cases), _columns(self._places)
        for column in of_places["number"]:
            for sign in (1, -1):
                yield f"{sign:+} {column}", self._most(column, sign)
        for mine, theirs in product(of_cases["moment"], of_places["moment"]):
            for least, most in ((-WINDOW, 0), (0, WINDOW)):
                yield f"{mine} ~ {theirs} {least}..{most}", self._near("moment", mine, theirs, least, most)
            for sign in (1, -1):
                yield f"{mine} next {theirs} {sign:+}", self._next(mine, theirs, sign)
        for mine, theirs, shift in product(of_cases["day"], of_places["day"], (-1, 0, 1)):
            yield f"{mine} = {theirs} {shift:+}", self._near("day", mine, theirs, shift, shift)
        yield from self._by_values(of_cases, of_places, known)

    def _by_values(
        self, of_cases: Mapping[str, list[str]], of_places: Mapping[str, list[str]], known: Sequence[Placed]
    ) -> Iterator[tuple[str, Predictor]]:
        for kind in ("number", "text"):
            for mine, theirs in product(of_cases[kind], of_places[kind]):
                yield f"{mine} = {theirs}", self._equal(kind, mine, theirs)
        for kind in ("moment", "day", "number"):
            for mine in of_cases[kind]:
                yield f"neighbours by {mine}", self._neighbours(kind, mine, known)

    def _most(self, column: str, sign: int) -> Predictor:
        worth = {place: sign * float(sum(found.get(("number", column), [0]))) for place, found in self._places.items()}
        return lambda _: worth

    def _next(self, mine: str, theirs: str, sign: int) -> Predictor:
        """The sooner a moment of the place follows, or precedes, the better."""

        def scores(case: str) -> Scores:
            found: Scores = {}
            for one in self._cases[case].get(("moment", mine), ()):
                for place, features in self._places.items():
                    there = features.get(("moment", theirs), [])
                    at = bisect_left(there, one) if sign > 0 else bisect_right(there, one) - 1
                    if 0 <= at < len(there):
                        found[place] = max(found.get(place, 0), 1 / (1 + abs(there[at] - one)))
            return found

        return scores

    def _near(self, kind: str, mine: str, theirs: str, least: float, most: float) -> Predictor:
        def scores(case: str) -> Scores:
            values = self._cases[case].get((kind, mine), ())
            return {
                place: float(sum(bisect_right(there, one + most) - bisect_left(there, one + least) for one in values))
                for place, found in self._places.items()
                if (there := found.get((kind, theirs)))
            }

        return scores

    def _equal(self, kind: str, mine: str, theirs: str) -> Predictor:
        def scores(case: str) -> Scores:
            values = {*self._cases[case].get((kind, mine), ())}
            return {
                place: float(len(values.intersection(found.get((kind, theirs), ()))))
                for place, found in self._places.items()
            }

        return scores

    def _neighbours(self, kind: str, mine: str, known: Sequence[Placed]) -> Predictor:
        """Compares with the clients whose place is known, but not with the client itself."""

        def scores(case: str) -> Scores:
            values = self._cases[case].get((kind, mine))
            found: Scores = {}
            for one in known:
                there = self._cases[one.registration].get((kind, mine))
                if one.registration != case and values and there:
                    found[one.shelter] = max(found.get(one.shelter, 0), 1 / (1 + abs(values[0] - there[0])))
            return found

        return scores


def _columns(of: Mapping[str, Features]) -> dict[str, list[str]]:
    """Returns by kind the columns that differ between clients, or between places."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for kind, column in sorted({key for features in of.values() for key in features}):
        if len({str(features.get((kind, column))) for features in of.values()}) > 1:
            found[kind].append(column)
    return found


def _values(table: str, row: Row) -> Iterator[tuple[str, str, Any]]:
    for name, value in row.items():
        column = f"{table}.{name}"
        if isinstance(value, str | bytes):
            yield "number", f"length of {column}", len(value)
        for one in values_in(value):
            if isinstance(one, datetime):
                yield "moment", column, one.replace(tzinfo=one.tzinfo or UTC).timestamp()
                yield "day", column, one.date().toordinal()
            elif isinstance(one, date):
                yield "day", column, one.toordinal()
            elif isinstance(one, int | float):
                yield "number", column, one
            elif isinstance(one, str):
                yield "text", column, one


def _key_of(row: Row) -> Any:
    return row.get("id", row.get("fingerprint", row.get("key")))


def _mark(row: Row) -> str:
    return str({name: value for name, value in row.items() if name not in {TRANSACTION, CHUNK, "xmax"}})


def _marks(dump: Dump) -> dict[tuple[str, Any], str]:
    return {(table, _key_of(row)): _mark(row) for table, rows in dump.rows.items() for row in rows}
