"""The small parts of units, rooms and registrations. Units: kilometres, degrees (positions) and years (ages)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matching.format.scalars import Age, Gender, Id, Kilometres, LanguageCode, Latitude, Level, Longitude, Reach, Shape


class ChildLimits(Shape, frozen=True):
    """Age limits for accompanied children, in completed years, inclusive. `max_age`: for all children. `boys_max_age`:
    an additional limit for boys.
    """

    max_age: Age = 17
    boys_max_age: Age = 17


class Occupant(Shape, frozen=True):
    """A person who lives in a room, or has a reserved bed there. All persons of a household have one `registration`."""

    registration: Id
    gender: Gender
    minor: bool = False


class Person(Shape, frozen=True):
    """A person of a registration; `age` in completed years on `as_of`."""

    gender: Gender
    age: Age


class SpokenLanguage(Shape, frozen=True):
    """A language that the client speaks: its BCP 47 code, and the level."""

    code: LanguageCode
    level: Level


class Threat(Shape, frozen=True):
    """A place of danger; `lat` and `lon` in degrees. A registration must be at least `min_km` kilometres away."""

    lat: Latitude
    lon: Longitude
    min_km: Kilometres


class Point(Shape, frozen=True):
    """A place, `lat` and `lon` in degrees."""

    lat: Latitude
    lon: Longitude


class Within(Shape, frozen=True):
    """A place that a registration must reach; `lat` and `lon` in degrees. It is at most `max_km` kilometres away."""

    lat: Latitude
    lon: Longitude
    max_km: Reach


class Circles(NamedTuple):
    """Points, each with a radius, as columns: latitudes and longitudes in degrees, radii in kilometres."""

    lats: NDArray[np.float64]
    lons: NDArray[np.float64]
    km: NDArray[np.float64]
