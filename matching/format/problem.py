"""The types of a problem, immutable: everything that the engine may know (docs: placement-problem/2).

A problem of format 1 has the same types: what format 2 added has its default there, and is neither read nor written.

Points are integers, distances kilometres, dates calendar days. `read.py` reads these types strictly; nothing changes
them afterwards.
"""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, TypeVar

import msgspec
import numpy as np
from msgspec import UNSET, Meta, Struct, UnsetType
from numpy.typing import NDArray

AnyStruct = TypeVar("AnyStruct", bound=Struct)

Id = Annotated[str, Meta(min_length=1)]
Code = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*\Z")]
LanguageCode = Annotated[str, Meta(pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\Z")]
InterpreterCode = Annotated[str, Meta(pattern=r"^(\*|[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)\Z")]
Gender = Literal["female", "male", "other"]
Scheme = Literal["cosm", "omm", "womens", "mens", "social", "minors", "crisis"]
Level = Literal["native", "fluent", "basic"]
Age = Annotated[int, Meta(ge=0, le=120)]
Count = Annotated[int, Meta(ge=0)]
Weight = Annotated[int, Meta(ge=0, le=10**9)]
Days = Annotated[int, Meta(ge=0, le=36_500)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Kind = tuple[str, bool]  # gender, minor: persons of one kind may share a room
Kilometres = Annotated[float, Meta(ge=0)]
Reach = Annotated[float, Meta(gt=0)]  # kilometres
Freshness = Literal["fresh", "ageing", "stale", "never"]
Where = Literal["unit", "location", "region"]

FIRST_FORMAT: Literal["placement-problem/1"] = "placement-problem/1"
PROBLEM_FORMAT: Literal["placement-problem/2"] = "placement-problem/2"
ADULT_AGE = 18  # a younger person is a minor
NOT_GIVEN = date.min  # stands for an absent date until `Problem` replaces it by `as_of`
MOST_POINTS = 2**53  # the largest total of a problem: every program that reads JSON holds it exactly
ANY_LANGUAGE = "*"

DEFAULT_SERVE = {"1": 2_000_000, "2": 300_000, "3": 60_000, "4": 20_000}
DEFAULT_LANGUAGE = {"native": 600, "fluent": 450, "basic": 150, "interpreter": 0}
DEFAULT_SCARCE = {
    "wheelchair": 900,
    "psychiatric": 500,
    "addiction": 500,
    "family": 400,
    "pregnancy": 250,
    "infant": 250,
    "ground_floor": 150,
    "private_bathroom": 100,
}
DEFAULT_STALE = {"ageing": 20, "stale": 60, "never": 100}


class Shape(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all parts of a problem: immutable, and an unknown key is an error."""


class Policy(Shape, frozen=True):
    """The weights, in points. Missing values have defaults, key by key in the four tables."""

    serve: dict[Literal["1", "2", "3", "4"], Weight] = {}
    waiting_day: Weight = 400
    waiting_cap: Days = 60
    language: dict[Literal["native", "fluent", "basic", "interpreter"], Weight] = {}
    preferred_need: Weight = 300
    scheme_step: Weight = 800
    near_km: Weight = 4
    near_cap: Weight = 600
    scarce: dict[Code, Weight] = {}
    blocked_bed: Weight = 350
    extra_room: Weight = 200
    stale: dict[Literal["ageing", "stale", "never"], Weight] = {}
    together: Weight = 700

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "serve", DEFAULT_SERVE | self.serve)
        msgspec.structs.force_setattr(self, "language", DEFAULT_LANGUAGE | self.language)
        msgspec.structs.force_setattr(self, "scarce", DEFAULT_SCARCE | self.scarce)
        msgspec.structs.force_setattr(self, "stale", DEFAULT_STALE | self.stale)


class Location(Shape, frozen=True):
    id: Id
    provider: Id
    region: Id
    lat: Latitude
    lon: Longitude


class ChildLimits(Shape, frozen=True):
    """Ages of accompanied children, inclusive."""

    max_age: Age = 17
    boys_max_age: Age = 17


class Unit(Shape, frozen=True):
    id: Id
    location: Id
    scheme: Scheme
    admits: Annotated[tuple[Gender, ...], Meta(min_length=1)]
    min_age: Age = 18
    max_age: Age = 120
    children: ChildLimits | None = None
    languages: tuple[LanguageCode, ...] = ()
    interpreter_languages: tuple[InterpreterCode, ...] = ()
    specialisms: tuple[Code, ...] = ()
    high_care_limit: Count | None = None
    freshness: Freshness = "fresh"


class Occupant(Shape, frozen=True):
    registration: Id
    gender: Gender
    minor: bool = False


class Room(Shape, frozen=True):
    id: Id
    unit: Id
    beds: Annotated[int, Meta(ge=1)]
    free_beds: Count
    free_from: date = NOT_GIVEN
    features: tuple[Code, ...] = ()
    occupants: tuple[Occupant, ...] = ()


class Person(Shape, frozen=True):
    gender: Gender
    age: Age


class SpokenLanguage(Shape, frozen=True):
    code: LanguageCode
    level: Level


class Threat(Shape, frozen=True):
    lat: Latitude
    lon: Longitude
    min_km: Kilometres


class Point(Shape, frozen=True):
    lat: Latitude
    lon: Longitude


class Within(Shape, frozen=True):
    """A point that a registration must be able to reach: it is placed at most `max_km` from there."""

    lat: Latitude
    lon: Longitude
    max_km: Reach


class Circles(NamedTuple):
    """Points with a radius each, as columns: degrees, degrees, kilometres."""

    lats: NDArray[np.float64]
    lons: NDArray[np.float64]
    km: NDArray[np.float64]


class Registration(Shape, frozen=True, dict=True):
    """The client or clients of one open registration, with their needs. Derived values are cached."""

    id: Id
    persons: Annotated[tuple[Person, ...], Meta(min_length=1, max_length=20)]
    schemes: Annotated[tuple[Scheme, ...], Meta(min_length=1)]
    urgency: Annotated[int, Meta(ge=1, le=4)] = 3
    waiting_days: Count = 0
    needed_by: date = NOT_GIVEN
    languages: tuple[SpokenLanguage, ...] = ()
    language_required: bool | UnsetType = UNSET
    needs: tuple[Code, ...] = ()
    preferred_needs: tuple[Code, ...] = ()
    room_needs: tuple[Code, ...] = ()
    private_room: bool = False
    accepts_mixed: bool = True
    high_care: bool = False
    threats: tuple[Threat, ...] = ()
    avoided_regions: tuple[Id, ...] = ()
    avoided_locations: tuple[Id, ...] = ()
    avoided_providers: tuple[Id, ...] = ()
    avoided_units: tuple[Id, ...] = ()
    keep_apart: tuple[Id, ...] = ()
    near: Point | None = None
    within: tuple[Within, ...] = ()

    def __post_init__(self) -> None:
        """Replaces an absent `language_required`: a language is required if any is given."""
        if self.language_required is UNSET:
            msgspec.structs.force_setattr(self, "language_required", bool(self.languages))

    @cached_property
    def principals(self) -> tuple[Person, ...]:
        """Each adult; or each minor of a registration without an adult."""
        adults = tuple(person for person in self.persons if person.age >= ADULT_AGE)
        return adults or self.persons

    @cached_property
    def children(self) -> tuple[Person, ...]:
        """Minors accompanied by an adult of their own registration."""
        return (
            ()
            if len(self.principals) == len(self.persons)
            else tuple(person for person in self.persons if person.age < ADULT_AGE)
        )

    @cached_property
    def danger(self) -> Circles:
        """The threats, with `min_km`."""
        rows = np.array([(row.lat, row.lon, row.min_km) for row in self.threats], dtype=np.float64).reshape(-1, 3)
        return Circles(*rows.T)

    @cached_property
    def reach(self) -> Circles:
        """The points of `within`, with `max_km`."""
        rows = np.array([(row.lat, row.lon, row.max_km) for row in self.within], dtype=np.float64).reshape(-1, 3)
        return Circles(*rows.T)

    @cached_property
    def is_private(self) -> bool:
        """Returns whether it takes whole rooms, without sharing."""
        genders = {person.gender for person in self.principals}
        return self.private_room or len(genders) > 1 or bool(self.children)

    @cached_property
    def kind(self) -> Kind:
        """The common kind of all its persons, if it is not private."""
        return self.principals[0].gender, self.principals[0].age < ADULT_AGE


class Together(Shape, frozen=True):
    """A group: registrations that belong together, in one unit, at one location or in one region.

    With `must` it is placed together or not at all; without, being together has points.
    """

    id: Id
    registrations: Annotated[tuple[Id, ...], Meta(min_length=2, max_length=60)]
    where: Where
    must: bool


class Fixed(Shape, frozen=True):
    """A placement that every solution must contain."""

    registration: Id
    unit: Id


class Problem(Shape, frozen=True, kw_only=True):
    format: Literal["placement-problem/1", "placement-problem/2"]
    as_of: date
    policy: Policy = msgspec.field(default_factory=Policy)
    locations: tuple[Location, ...]
    units: tuple[Unit, ...]
    rooms: tuple[Room, ...]
    registrations: tuple[Registration, ...]
    together: tuple[Together, ...] = ()
    fixed: tuple[Fixed, ...] = ()

    def __post_init__(self) -> None:
        """Replaces an absent date by `as_of`, so that a saved problem does not depend on a default."""
        if any(room.free_from is NOT_GIVEN for room in self.rooms):
            rooms = (_dated(room, "free_from", self.as_of) for room in self.rooms)
            msgspec.structs.force_setattr(self, "rooms", tuple(rooms))
        if any(registration.needed_by is NOT_GIVEN for registration in self.registrations):
            registrations = (_dated(registration, "needed_by", self.as_of) for registration in self.registrations)
            msgspec.structs.force_setattr(self, "registrations", tuple(registrations))


def _dated(part: AnyStruct, key: str, as_of: date) -> AnyStruct:
    return msgspec.structs.replace(part, **{key: as_of}) if getattr(part, key) is NOT_GIVEN else part


NOT_IN_FIRST: Mapping[type[Struct], frozenset[str]] = {
    Problem: frozenset({"together"}),
    Policy: frozenset({"stale", "together"}),
    Unit: frozenset({"freshness"}),
    Registration: frozenset({"within"}),
}
"""The keys that format 1 does not know."""
DEFAULT_POLICY = Policy()
