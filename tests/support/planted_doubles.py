"""A register of clients drawn from the published shares, and doubles planted in it: how many are found, how many other
clients are shown. Nothing of it is known to `placement/registrations/likeness.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from math import inf
from random import Random

from fixtures import people, shares
from fixtures.draws import draw
from placement.core.codes import AgeGroup, Gender, ResidenceBasis
from placement.registrations.entitlement import ADULT
from placement.registrations.likeness import ENOUGH, Described, Person, likeness
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "guide" / "registrations.md"
BEGIN, END = "<!-- made by: python -m tests.support.planted_doubles -->\n", "<!-- end of what is made -->\n"
TODAY = date(2026, 11, 24)
OPEN, CLOSED, NEW = 60, 800, 100
HOUSEHOLDS = {"single": 75.0, "mother": 15.0, "pair": 6.0, "family": 4.0}
"""Assumed: most clients come alone."""
CALIBRATION, FIGURES = range(6), range(100, 106)
"""Seeds: those from which the threshold is, and those of the figures."""
KINDS = ("identical", "fact unknown", "day later", "another registrant", "language added", "age a year off")
TWO = 0.2
"""The part of the doubles that differ in two ways."""


@dataclass(frozen=True, slots=True)
class Case:
    known: Described
    is_open: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """Result of one trial. `doubles`: the points of each double with the client that it repeats, and whether its
    household is a single person. `others`: for each new client, the most points with another client.
    """

    doubles: tuple[tuple[float, bool], ...]
    others: tuple[float, ...]


def trial(seed: int, *, later: bool = False) -> Trial:
    """`later`: the doubles are registered today, however long ago the client was; else within two days of it."""
    rng = Random(seed)
    cases = register(rng)
    doubles = []
    for case in rng.sample(cases, NEW):
        double = planted(rng, case.known, TODAY if later else case.known.day)
        doubles.append((points(double, cases).get(id(case), -inf), len(case.known.persons) == 1))
    others = (points(drawn(rng, TODAY), cases) for _ in range(NEW))
    return Trial(tuple(doubles), tuple(max(found.values()) for found in others))


def points(new: Described, cases: Sequence[Case]) -> dict[int, float]:
    """Returns the points with each compared case: those of the region, and those that wait in any region."""
    compared = [case for case in cases if case.is_open or case.known.region == new.region]
    rows = likeness(new, [case.known for case in compared])
    return {id(case): one.points for case, one in zip(compared, rows, strict=True)}


def found(trials: Iterable[Trial], *, single: bool = False) -> float:
    return part(got >= ENOUGH for one in trials for got, is_single in one.doubles if is_single or not single)


def shown(trials: Iterable[Trial], enough: float = ENOUGH) -> float:
    """Returns the share of the new clients for whom another client is shown."""
    return part(most >= enough for one in trials for most in one.others)


def part(rows: Iterable[bool]) -> float:
    known = list(rows)
    return sum(known) / len(known)


@cache
def trials(seeds: range, *, later: bool = False) -> tuple[Trial, ...]:
    return tuple(trial(seed, later=later) for seed in seeds)


def figures() -> str:
    """Returns the table of figures for the guide, from seeds that served no threshold."""
    near, far = trials(FIGURES), trials(FIGURES, later=True)
    rows = [
        ("doubles that are found, registered within two days", found(near)),
        ("the same, of households of one person", found(near, single=True)),
        ("new clients for whom another client is shown", shown(near)),
        ("doubles that are found, registered up to a year later", found(far)),
    ]
    return "\n".join(
        ["| measured | of 100 |", "|---|---|", *(f"| {what} | {100 * share:.1f} |" for what, share in rows)]
    )


def with_figures(page: str) -> str:
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{figures()}\n{END}{after}"


def register(rng: Random) -> list[Case]:
    waited = (round(rng.triangular(0, shares.WAITING_DAYS_MOST, shares.WAITING_DAYS_MODE)) for _ in range(OPEN))
    open_now = [Case(drawn(rng, TODAY - timedelta(days=days)), is_open=True) for days in waited]
    past = (rng.randint(10, 400) for _ in range(CLOSED))
    return open_now + [Case(drawn(rng, TODAY - timedelta(days=days)), is_open=False) for days in past]


def drawn(rng: Random, day: date) -> Described:
    basis = people.basis_behind(rng, draw(rng, shares.DOORS))
    return Described(
        region=draw(rng, shares.REGIONS),
        alias=None,
        persons=list(household(rng)),
        languages=frozenset(spoken.code for spoken in people.languages(rng, basis)),
        places=frozenset(),
        registrant=draw(rng, shares.REGISTRANTS),
        basis=basis,
        day=day,
    )


def household(rng: Random) -> Iterator[Person]:
    kind = draw(rng, HOUSEHOLDS)
    first = Gender.FEMALE if kind == "mother" else people.gender(rng)
    age = people.adult_age(rng)
    yield adult(first, age)
    if kind in {"pair", "family"}:
        yield adult(people.gender(rng), max(18, age + rng.randint(-6, 6)))
    if kind in {"mother", "family"}:
        for _ in range(rng.choice((1, 1, 2))):
            yield Person(rng.choice((Gender.FEMALE, Gender.MALE)), rng.randint(0, min(16, age - 16)), AgeGroup.MINOR)


def adult(gender: Gender, age: int | None) -> Person:
    return Person(gender, age, AgeGroup.ADULT)


def planted(rng: Random, known: Described, day: date | None) -> Described:
    """Describes the same client again, with variations, as in a second registration."""
    double = replace(known, day=day)
    for kind in rng.sample(KINDS, 2 if rng.random() < TWO else 1):
        double = varied(rng, double, kind)
    return double


def varied(rng: Random, known: Described, kind: str) -> Described:
    persons = list(known.persons)
    number = rng.randrange(len(persons))
    if kind == "fact unknown":
        missing = rng.choice(("languages", "basis", "age"))
        persons[number] = replace(persons[number], age=None)
        what = {"languages": frozenset(), "basis": ResidenceBasis.UNKNOWN, "age": persons}[missing]
        return replace(known, **{"persons" if missing == "age" else missing: what})
    if kind == "day later":
        return replace(known, day=known.day + timedelta(days=rng.randint(1, 2)))
    if kind == "another registrant":
        return replace(known, registrant=rng.choice([one for one in shares.REGISTRANTS if one != known.registrant]))
    if kind == "language added":
        return replace(known, languages=known.languages | {rng.choice(("en", "fr", "ar", "es", "ru"))})
    age = persons[number].age
    if kind == "age a year off" and age is not None and age >= ADULT:
        persons[number] = replace(persons[number], age=max(ADULT, age + rng.choice((-1, 1))))
        return replace(known, persons=persons)
    return known


if __name__ == "__main__":
    PAGE.write_text(with_figures(PAGE.read_text()))
