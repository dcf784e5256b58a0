"""Locations, stored only as precisely as they may be disclosed: as a cell of a fixed grid, about 10 km wide. So nobody
can compute the exact location from answers about several distances. A cell is 0.09 degrees high (10.0 km) and 0.145
degrees wide (9.9 km at 52 degrees north).
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
"""The least similarity (0 to 1) between a misspelt name and a suggested name. It was tested with names that have a
single wrong letter.
"""


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
"""The largest distance between a shelter and the centre of its cell, in km, rounded up. It is added to every safety
distance. It is derived from 7.13 km in the southernmost row of cells, in which a degree of longitude is widest. A test
checks all rows.
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the Netherlands with at least 5,000 inhabitants (GeoNames, CC BY 4.0)."""

    name: str
    province: str
    region: str
    point: Point

    @property
    def in_full(self) -> str:
        return f"{self.name} ({self.province})"


OTHER_NAMES = {
    "the hague": "den haag",
    "'s-gravenhage": "den haag",
    "den bosch": "'s-hertogenbosch",
    "almere": "almere stad",
}
"""Names in common use, mapped to the names in the list."""


@cache
def places() -> dict[str, Place]:
    """Returns the places by lower-case name. If several places have the same name, returns the largest. For user input
    use `places_named`.
    """
    found: dict[str, Place] = {}
    for place in _listed():
        found.setdefault(place.name.lower(), place)
    return found


@cache
def place_names() -> tuple[str, ...]:
    """Returns the names that are offered for input, including alternative names. If several places have the same name,
    the province is added to the name.
    """
    named = Counter(place.name for place in _listed())
    names = {place.name if named[place.name] == 1 else place.in_full for place in _listed()}
    others = {name if name.startswith("'") else name.title() for name in OTHER_NAMES}
    return tuple(sorted(names | others, key=str.lower))


def places_named(text: str) -> tuple[Place, ...]:
    """Returns every place that a typed name can mean: no place for an unknown name, several places for an ambiguous
    name. A province after the name selects a place among several: `Beek (Limburg)`.
    """
    name = " ".join(text.lower().split())
    name = OTHER_NAMES.get(name, name)
    return tuple(place for place in _listed() if name in {place.name.lower(), place.in_full.lower()})


def places_like(text: str) -> list[str]:
    """Returns up to three listed names that are similar to a misspelt name, most similar first, or no names."""
    names = {name.lower(): name for name in place_names()}
    return [names[one] for one in get_close_matches(" ".join(text.lower().split()), names, cutoff=_NEAR)]


def nearest_place(point: Point) -> Place:
    """Returns the listed place that is nearest to a point, by a flat approximation of the distance."""
    narrowed = cos(radians(point.lat))
    return min(
        _listed(),
        key=lambda place: hypot(place.point.lat - point.lat, (place.point.lon - point.lon) * narrowed),
    )


@cache
def _listed() -> tuple[Place, ...]:
    """Returns the listed places, the largest first."""
    with files("placement").joinpath("places_nl.csv").open(encoding="utf-8") as lines:
        return tuple(
            Place(row["name"], row["province"], row["region"], Point(float(row["lat"]), float(row["lon"])))
            for row in csv.DictReader(lines)
        )
