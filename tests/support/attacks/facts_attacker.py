"""An attacker with a dump, the schema and the code, who knows four facts of a client, and wants the registration.

Each registration is compared with these facts, by every row that names it: a fact that a row shows is a hit or a miss.
An area whose name is not stored is recognised by its frequency. The number of children is also recognised by the length
of the stored value. A registration is singled out if it has more hits than every other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from sqlmodel import Session, select

from placement.core.clock import day_of
from placement.tables import Registration
from tests.support.attacks.attacker import Attacker
from tests.support.attacks.dump import Dump, plain, values_in
from tests.support.attacks.hits import Hits, Lost, hits

KNOWN = ("gender", "age", "language", "region", "day", "children", "need")


@dataclass(frozen=True)
class Client:
    """The facts of a client that the attacker knows, and the client's registration."""

    registration: str
    gender: str
    age: int | None
    language: str | None
    region: str
    day: date
    children: int
    need: str | None

    def known(self, facts: Iterable[str]) -> dict[str, Any]:
        return {name: getattr(self, name) for name in facts}


class FactsAttacker:
    def __init__(self, dump: Dump, areas: Sequence[str]) -> None:
        """`areas`: from the most common to the least, as is public."""
        self._areas, self._found = areas, dict[tuple[str, Any], dict[str, float]]()
        self._rows: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in dump["registration"]:
            self._rows[row["id"]].append(row)
        for table, rows in dump.rows.items():
            if table != "registration":
                for row in rows:
                    if row.get("registration_id") in self._rows:
                        self._rows[row["registration_id"]].append(row)
        self._values = {
            case: [_plain(values_in(list(row.values()))) for row in rows] for case, rows in self._rows.items()
        }
        self._area = {case: rows[0]["region"] for case, rows in self._rows.items()}
        self._stored = {case: len(str(rows[0].get("content", ""))) for case, rows in self._rows.items()}

    def guesses(self, known: dict[str, Any]) -> list[str]:
        """Returns the registrations that fit best."""
        fits = [self._fitting(name, value) for name, value in known.items()]
        worth = {case: sum(one[case] for one in fits) for case in self._rows}
        best = max(worth.values())
        return [case for case, hits in worth.items() if hits == best]

    def _fitting(self, name: str, value: Any) -> dict[str, float]:
        """Computes once how well each registration fits a fact."""
        if (name, value) not in self._found:
            self._found[name, value] = {case: self._fits(case, name, value) for case in self._rows}
        return self._found[name, value]

    def _fits(self, case: str, name: str, value: Any) -> float:
        shown = self._values[case]
        if name == "region":
            return self._in_area(case, value)
        if name == "children":
            return self._has_children(case, value)
        if name == "age":
            return float(any(_ages(row) and value in _ages(row) for row in self._parts(case)))
        return float(any(value in row for row in shown)) if value is not None else 0.0

    def _in_area(self, case: str, value: str) -> float:
        """Compares the area by its name, or by its position among the areas."""
        stored = [area for area, _ in Counter(sorted(self._area.values())).most_common()]
        if value in stored:
            return float(self._area[case] == value)
        return float(self._areas.index(value) == stored.index(self._area[case]))

    def _has_children(self, case: str, value: int) -> float:
        persons = [row for row in self._parts(case) if _ages(row)]
        if persons:
            return float(sum(age < 18 for row in persons for age in _ages(row)) == value)
        sizes = sorted(set(self._stored.values()))
        return float(len(sizes) > 1 and sizes.index(self._stored[case]) == min(value, len(sizes) - 1))

    def _parts(self, case: str) -> Iterator[dict[str, Any]]:
        """Yields the rows of a case, and the records in them."""
        for row in self._rows[case]:
            yield from _records(row)


def _records(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _records(one)
    elif isinstance(value, list):
        for one in value:
            yield from _records(one)


def _ages(row: dict[str, Any]) -> list[int]:
    age = row.get("age")
    return [age] if isinstance(age, int) else []


def _plain(values: Iterable[Any]) -> set[Any]:
    """Returns the values, and the day of each moment."""
    found = {plain(one) for one in values}
    return found | {one.date() for one in found if hasattr(one, "date")}


def singled_out(attacker: FactsAttacker, clients: Sequence[Client], of: Iterable[str] = KNOWN) -> int:
    """Counts how often a registration is the only match for a client, and is that client's. Tries all fours of facts,
    of each the facts among these.
    """
    fours = [set(four) & set(of) for four in combinations(KNOWN, 4)]
    return sum(attacker.guesses(client.known(four)) == [client.registration] for four in fours for client in clients)


def described(session: Session) -> list[Client]:
    """Describes every client by the facts that an acquaintance would know."""
    return [
        Client(
            registration=one.id,
            gender=one.persons[0].gender.value,
            age=one.persons[0].age,
            language=one.languages[0].code if one.languages else None,
            region=one.region,
            day=day_of(one.waits_since),
            children=sum(person.age is not None and person.age < 18 for person in one.persons),
            need=one.needs[0].value if one.needs else None,
        )
        for one in session.exec(select(Registration).order_by(Registration.id))
    ]


def found_at(
    dump: Dump, areas: Sequence[str], clients: Sequence[Client], living: Sequence[Lost]
) -> dict[tuple[str, ...], Hits]:
    """Returns, for each set of four facts, how many housed clients are found at their location. The attacker uses the
    registration if only a single registration fits the facts, else the number of beds.
    """
    facts, places = FactsAttacker(dump, areas), Attacker(dump)
    of_case = {client.registration: client for client in clients}
    guessed: dict[str, list[str]] = {}

    def guesses(one: Lost, four: tuple[str, ...]) -> list[str]:
        fitting = facts.guesses(of_case[one.registration].known(four))
        if len(fitting) != 1:
            return places.by_capacity()
        [case] = fitting
        if case not in guessed:
            guessed[case] = places.guesses(case)
        return guessed[case]

    return {
        four: hits(places, living, lambda one, four=four: guesses(one, four), of="location")  # type: ignore[misc]
        for four in combinations(KNOWN, 4)
    }
