"""Locations, with no more precision than may be disclosed.

A location is known by its cell of a fixed grid, about 10 km wide: what is not stored cannot be found by triangulation
from three answers. A cell is 0.09 degrees high (10.0 km) and 0.145 degrees wide (9.9 km at 52 degrees north).
"""

import csv
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from math import cos, floor, hypot, radians

_HIGH, _WIDE = 0.09, 0.145
_NEAR = 0.75
"""How like a misspelt name has to be, of 1 (tried on the list with a letter left out, doubled, turned or wrong)."""


@dataclass(frozen=True, slots=True)
class Point:
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Cell:
    row: int
    column: int

    @classmethod
    def of(cls, point: Point) -> "Cell":
        return cls(floor(point.lat / _HIGH), floor(point.lon / _WIDE))

    @property
    def centre(self) -> Point:
        return Point(round((self.row + 0.5) * _HIGH, 6), round((self.column + 0.5) * _WIDE, 6))


HALF_DIAGONAL_KM = 7.2
"""How far a shelter can be from the centre of its cell, in km, rounded up: added to every safety distance.

Derived: 7.13 km in the southernmost row of cells, where a degree of longitude is widest; a test goes through them all.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A Dutch place of 5,000 inhabitants or more (GeoNames, CC BY 4.0)."""

    name: str
    province: str
    region: str
    point: Point

    @property
    def in_full(self) -> str:
        return f"{self.name} ({self.province})"


OTHER_NAMES = {
    "den haag": "the hague",
    "'s-gravenhage": "the hague",
    "den bosch": "'s-hertogenbosch",
    "almere": "almere stad",
}
"""Other names in common use, for the names in the list."""


@cache
def places() -> dict[str, Place]:
    """Places by name in lower case. Of places with the same name this is the largest: input goes through
    `places_named`.
    """
    found: dict[str, Place] = {}
    for place in _listed():
        found.setdefault(place.name.lower(), place)
    return found


@cache
def place_names() -> tuple[str, ...]:
    """Unambiguous names for display: those of several places with the province, and other names too."""
    named = Counter(place.name for place in _listed())
    names = {place.name if named[place.name] == 1 else place.in_full for place in _listed()}
    others = {name if name.startswith("'") else name.title() for name in OTHER_NAMES}
    return tuple(sorted(names | others, key=str.lower))


def places_named(text: str) -> tuple[Place, ...]:
    """Every place that a typed name may mean; none where it is not in the list, several where the name is ambiguous.

    A place with an ambiguous name can be named with its province: `Beek (Limburg)`.
    """
    name = " ".join(text.lower().split())
    name = OTHER_NAMES.get(name, name)
    return tuple(place for place in _listed() if name in {place.name.lower(), place.in_full.lower()})


def places_like(text: str) -> list[str]:
    """Up to three names of the list that a misspelt one is near to, the nearest first; none where none is."""
    names = {name.lower(): name for name in place_names()}
    return [names[one] for one in get_close_matches(" ".join(text.lower().split()), names, cutoff=_NEAR)]


def nearest_place(point: Point) -> Place:
    """The place of the list that is nearest to a point; near is near enough on the flat."""
    narrowed = cos(radians(point.lat))
    return min(
        _listed(),
        key=lambda place: hypot(place.point.lat - point.lat, (place.point.lon - point.lon) * narrowed),
    )


@cache
def _listed() -> tuple[Place, ...]:
    """The list, the largest place first."""
    with files("placement").joinpath("places_nl.csv").open(encoding="utf-8") as lines:
        return tuple(
            Place(row["name"], row["province"], row["region"], Point(float(row["lat"]), float(row["lon"])))
            for row in csv.DictReader(lines)
        )
