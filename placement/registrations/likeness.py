"""The likelihood that two registrations are about the same client, as a pure function of their facts. It is a sum of
weights, in points (Fellegi and Sunter, 1969); each point doubles the likelihood. The weight of an agreement is the
base-2 logarithm of a ratio of two frequencies of this agreement. The first is its frequency among registrations of the
same client, which is assumed. The second is its frequency among registrations of different clients, which is counted in
the register. So a rare language weighs more than a frequent language. Unknown facts have no weight.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log2
from typing import NamedTuple

from placement.core.codes import AgeGroup, Gender, Registrant, ResidenceBasis
from placement.core.link_codes import Agrees

ENOUGH = 10.0
"""The least number of points at which two registrations are treated as similar. `docs/guide/registrations.md` describes
how the number was measured.
"""

_YEARS = 1
"""The largest difference in age, in years, at which two ages still agree closely."""
_DAYS = 3
"""The largest difference between days of registration at which they still agree."""
_AS_OF_CASES = 50
"""The weight of an assumed frequency, as a number of cases: it weighs as much as a frequency that was counted in so
many cases.
"""


@dataclass(frozen=True, slots=True)
class Person:
    gender: Gender
    age: int | None
    """The age today in completed years; `None` if the age is unknown."""
    group: AgeGroup


@dataclass(frozen=True, slots=True)
class Described:
    """The facts of a client that are compared. An unknown fact is not compared."""

    region: str | None
    alias: str | None
    persons: Sequence[Person]
    languages: frozenset[str]
    places: frozenset[tuple[str, str]]
    """The kind and code of the registrant's unit, and of the responsible municipality."""
    registrant: Registrant | None = None
    basis: ResidenceBasis | None = None
    day: date | None = None
    """The day of registration."""


class Share(NamedTuple):
    """The assumed frequency of an agreement on a fact at a level, such as "the same age". `one`: its share among pairs
    of registrations of the same client. `others`: its share among pairs of different clients.
    """

    one: float
    others: float


SHARES: Mapping[Agrees, tuple[Share, ...]] = {
    Agrees.ALIAS: (Share(0.9, 0.002), Share(0.1, 0.998)),
    # same ages; a year of difference, or an unknown age; one person more on one side; different persons
    Agrees.PERSONS: (Share(0.78, 0.02), Share(0.15, 0.05), Share(0.065, 0.05), Share(0.005, 0.88)),
    # the same languages; some of the languages
    Agrees.LANGUAGES: (Share(0.75, 0.1), Share(0.22, 0.25), Share(0.03, 0.65)),
    Agrees.PLACE: (Share(0.85, 0.1), Share(0.15, 0.9)),
    Agrees.REGISTRANT: (Share(0.85, 0.25), Share(0.15, 0.75)),
    Agrees.BASIS: (Share(0.9, 0.3), Share(0.1, 0.7)),
    Agrees.REGION: (Share(0.95, 0.1), Share(0.05, 0.9)),
    # the same day; at most three days apart
    Agrees.DAY: (Share(0.45, 0.005), Share(0.25, 0.02), Share(0.3, 0.975)),
}
"""The assumed frequencies for each fact, from the closest agreement to disagreement. The frequencies of a fact add up
to 1.
"""


@dataclass(frozen=True, slots=True)
class Likeness:
    """The result for a pair of registrations. `agrees`: the facts that agree, closely or roughly."""

    points: float
    agrees: frozenset[Agrees]

    @property
    def is_alike(self) -> bool:
        return self.points >= ENOUGH or self.agrees >= {Agrees.ALIAS, Agrees.PERSONS}


def likeness(one: Described, others: Sequence[Described]) -> list[Likeness]:
    """Returns, for each description in `others`, its likeness to `one`. The frequencies among different clients are
    counted in `others`.
    """
    found = [_agreement(one, other) for other in others]
    counted = Counter(level for row in found for level in row.items())
    known = Counter(fact for row in found for fact in row)
    weights = {(fact, level): _weight(fact, level, count, known[fact]) for (fact, level), count in counted.items()}
    return [
        Likeness(
            sum(weights[level] for level in row.items()),
            frozenset(fact for fact, level in row.items() if level < len(SHARES[fact]) - 1),
        )
        for row in found
    ]


def _weight(fact: Agrees, level: int, count: int, known: int) -> float:
    """Returns the weight of an agreement on a fact at a level. `count`: the number of compared cases that agree at this
    level, including this case. `known`: the number of compared cases for which the fact is known.
    """
    share = SHARES[fact][level]
    by_chance = (count - 1 + _AS_OF_CASES * share.others) / (known - 1 + _AS_OF_CASES)
    return log2(share.one / by_chance)


def _agreement(one: Described, other: Described) -> dict[Agrees, int]:
    """Returns the level of agreement of each fact that is known on both sides. Level 0 is the closest agreement."""
    found: dict[Agrees, int] = {}
    if one.alias and other.alias:
        found[Agrees.ALIAS] = int(_plain(one.alias) != _plain(other.alias))
    if one.persons and other.persons:
        found[Agrees.PERSONS] = _persons(one.persons, other.persons)
    if one.languages and other.languages:
        found[Agrees.LANGUAGES] = _sets(one.languages, other.languages)
    if {kind for kind, _ in one.places} & {kind for kind, _ in other.places}:
        found[Agrees.PLACE] = int(not one.places & other.places)
    if one.registrant and other.registrant:
        found[Agrees.REGISTRANT] = int(one.registrant is not other.registrant)
    if _is_known(one.basis) and _is_known(other.basis):
        found[Agrees.BASIS] = int(one.basis is not other.basis)
    if one.region and other.region:
        found[Agrees.REGION] = int(one.region != other.region)
    if one.day and other.day:
        found[Agrees.DAY] = _days(one.day, other.day)
    return found


def _plain(alias: str) -> str:
    return " ".join(alias.split()).casefold()


def _is_known(basis: ResidenceBasis | None) -> bool:
    return basis not in {None, ResidenceBasis.UNKNOWN}


def _sets(ones: frozenset[str], others: frozenset[str]) -> int:
    return 0 if ones == others else 1 if ones & others else 2


def _days(one: date, other: date) -> int:
    apart = abs((one - other).days)
    return 0 if not apart else 1 if apart <= _DAYS else 2


def _persons(ones: Sequence[Person], others: Sequence[Person]) -> int:
    is_known = len(ones) == len(others) and all(one.age is not None for one in ones)
    if is_known and sorted(map(_exactly, ones)) == sorted(map(_exactly, others)):
        return 0
    if not _all_found(ones, others):
        return 3
    return 1 if len(ones) == len(others) else 2


def _exactly(one: Person) -> tuple[str, int]:
    return one.gender, -1 if one.age is None else one.age


def _all_found(ones: Sequence[Person], others: Sequence[Person]) -> bool:
    """Checks that the larger household contains each person of the smaller household. The households need not be equal,
    because a registration may lack a child.
    """
    fewer, more = sorted((list(ones), list(others)), key=len)
    left = sorted(more, key=_order)
    for wanted in sorted(fewer, key=_order):
        fitting = next((one for one in left if _may_be(wanted, one)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return True


def _order(one: Person) -> tuple[bool, int]:
    """Returns the sort key. Known ages come first, in ascending order."""
    return one.age is None, one.age or 0


def _may_be(one: Person, other: Person) -> bool:
    if one.gender != other.gender:
        return False
    if one.age is None or other.age is None:
        return one.group is other.group
    return abs(one.age - other.age) <= _YEARS
