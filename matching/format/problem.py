"""The types of a problem: everything that the engine may know (docs: placement-problem/2). They are immutable.

A problem of format 1 has the same types. Fields that exist only in format 2 then have their defaults; they are neither
read nor written.

Points are integers, distances kilometres, dates calendar days. `read.py` and `Problem.build` check the types.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Annotated, Literal, TypeVar

import msgspec
import numpy as np
from msgspec import UNSET, Meta, Struct, UnsetType

from matching.format.faults import MOST_FAULTS, Fault, ProblemInvalid, faults_of_shape
from matching.format.parts import ChildLimits, Circles, Occupant, Person, Point, SpokenLanguage, Threat, Within
from matching.format.policy import Policy
from matching.format.scalars import (
    Age,
    Code,
    Count,
    Freshness,
    Gender,
    Id,
    InterpreterCode,
    LanguageCode,
    Latitude,
    Longitude,
    Scheme,
    Shape,
    Where,
)

AnyStruct = TypeVar("AnyStruct", bound=Struct)

Kind = tuple[str, bool]  # gender, and whether minor: only persons of one kind share a room

FIRST_FORMAT: Literal["placement-problem/1"] = "placement-problem/1"
PROBLEM_FORMAT: Literal["placement-problem/2"] = "placement-problem/2"
ADULT_AGE = 18  # a person below this age is a minor
NOT_GIVEN = date.min  # a placeholder for an absent date, which `Problem` replaces by `as_of`
MOST_POINTS = 2**53  # the largest total of points in a problem: every program that reads JSON represents it exactly
ANY_LANGUAGE = "*"


class Location(Shape, frozen=True):
    """A house of a provider, in a region; `lat` and `lon` in degrees."""

    id: Id
    provider: Id
    region: Id
    lat: Latitude
    lon: Longitude


class Unit(Shape, frozen=True):
    """A part of a location with rules of its own: whom it admits, and what it offers.

    `min_age` and `max_age`: limits for adults and unaccompanied minors, in completed years, inclusive. `children`:
    limits for accompanied children; `None` admits no child. `interpreter_languages`: codes, or `*` for every language.
    `high_care_limit`: the number of high-care registrations that the unit can still take; `None` means any number.
    `freshness`: how recent the unit's last count of beds is.
    """

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


class Room(Shape, frozen=True):
    """A room of a unit. `beds`: the number of all beds. `free_beds`: the number of beds that can be given out from the
    day `free_from` on (default: `as_of`).
    """

    id: Id
    unit: Id
    beds: Annotated[int, Meta(ge=1)]
    free_beds: Count
    free_from: date = NOT_GIVEN
    features: tuple[Code, ...] = ()
    occupants: tuple[Occupant, ...] = ()


class Registration(Shape, frozen=True, dict=True):
    """The client or clients of one open registration, with their needs.

    `schemes`: the most fitting first. `urgency`: 1 (tonight) to 4. `waiting_days`: the number of days that the
    registration has waited. `needed_by`: the last acceptable first day in the unit. `keep_apart`: ids of open
    registrations, or of registrations of residents. Derived values are cached.
    """

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
        """Sets an absent `language_required` to true if the registration has a language, otherwise to false."""
        if self.language_required is UNSET:
            msgspec.structs.force_setattr(self, "language_required", bool(self.languages))

    @cached_property
    def principals(self) -> tuple[Person, ...]:
        """The adults; without an adult, all persons of the registration."""
        adults = tuple(person for person in self.persons if person.age >= ADULT_AGE)
        return adults or self.persons

    @cached_property
    def children(self) -> tuple[Person, ...]:
        """The minors who are accompanied by an adult of the same registration."""
        return (
            ()
            if len(self.principals) == len(self.persons)
            else tuple(person for person in self.persons if person.age < ADULT_AGE)
        )

    @cached_property
    def danger(self) -> Circles:
        """The threats as circles, with `min_km` as radius."""
        rows = np.array([(row.lat, row.lon, row.min_km) for row in self.threats], dtype=np.float64).reshape(-1, 3)
        return Circles(*rows.T)

    @cached_property
    def reach(self) -> Circles:
        """The points of `within` as circles, with `max_km` as radius."""
        rows = np.array([(row.lat, row.lon, row.max_km) for row in self.within], dtype=np.float64).reshape(-1, 3)
        return Circles(*rows.T)

    @cached_property
    def is_private(self) -> bool:
        """True if the registration needs whole rooms for itself."""
        genders = {person.gender for person in self.principals}
        return self.private_room or len(genders) > 1 or bool(self.children)

    @cached_property
    def kind(self) -> Kind:
        """The kind (gender, minor) of all persons. Only a registration that is not private has a single kind."""
        return self.principals[0].gender, self.principals[0].age < ADULT_AGE


class Together(Shape, frozen=True):
    """A group: registrations that belong together, in one unit, at one location or in one region.

    `must`: true if the group is placed together or not at all; false if being together only earns points.
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
    """A problem: everything that the engine may know on the day `as_of`.

    `Problem.build` and `read_problem` make valid problems. `Problem(...)` itself checks nothing.
    """

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
        """Sets absent dates to `as_of`, so that a stored problem does not depend on defaults."""
        if any(room.free_from is NOT_GIVEN for room in self.rooms):
            rooms = (_dated(room, "free_from", self.as_of) for room in self.rooms)
            msgspec.structs.force_setattr(self, "rooms", tuple(rooms))
        if any(registration.needed_by is NOT_GIVEN for registration in self.registrations):
            registrations = (_dated(registration, "needed_by", self.as_of) for registration in self.registrations)
            msgspec.structs.force_setattr(self, "registrations", tuple(registrations))

    @classmethod
    def build(
        cls,
        *,
        as_of: date,
        locations: Iterable[Location] = (),
        units: Iterable[Unit] = (),
        rooms: Iterable[Room] = (),
        registrations: Iterable[Registration] = (),
        together: Iterable[Together] = (),
        fixed: Iterable[Fixed] = (),
        policy: Policy | None = None,
    ) -> "Problem":
        """Returns a problem of the newest format, checked as strictly as `read_problem` checks a file.

        Raises ProblemInvalid with the first ten faults, with the same paths and messages as `read_problem`.
        """
        problem = cls(
            format=PROBLEM_FORMAT,
            as_of=as_of,
            policy=Policy() if policy is None else policy,
            locations=tuple(locations),
            units=tuple(units),
            rooms=tuple(rooms),
            registrations=tuple(registrations),
            together=tuple(together),
            fixed=tuple(fixed),
        )
        data = msgspec.json.encode(problem)
        try:
            return msgspec.json.decode(data, type=cls).checked()
        except msgspec.DecodeError as error:
            found = tuple(islice(faults_of_shape(data, cls, {}), MOST_FAULTS))
            raise ProblemInvalid(found or (Fault("$", str(error)),)) from error

    def checked(self) -> "Problem":
        """Returns this problem. Raises ProblemInvalid if its ids, numbers of beds or points contradict each other."""
        found = tuple(islice(self._faults(), MOST_FAULTS))
        if found:
            raise ProblemInvalid(found)
        return self

    def _faults(self) -> Iterator[Fault]:
        """Yields faults that types cannot express: duplicate or unknown ids, wrong beds, too many points."""
        for name in ("locations", "units", "rooms", "registrations"):
            yield from _repeated((part.id for part in getattr(self, name)), f"$.{name}", "id")
        locations, units = {row.id for row in self.locations}, {row.id for row in self.units}
        registrations = {row.id for row in self.registrations}
        for index, unit in enumerate(self.units):
            yield from _dangling(f"$.units[{index}].location", "location", unit.location, locations)
        for index, room in enumerate(self.rooms):
            yield from _dangling(f"$.rooms[{index}].unit", "unit", room.unit, units)
            yield from _beds(room, f"$.rooms[{index}]", registrations)
        for index, row in enumerate(self.registrations):
            if row.language_required and not row.languages:
                message = "expected at least one language, for `language_required` is true, found none"
                yield Fault(f"$.registrations[{index}].languages", message)
            yield from _repeated(row.schemes, f"$.registrations[{index}].schemes")
        yield from _groups(self.together, registrations)
        yield from _repeated((place.registration for place in self.fixed), "$.fixed", "registration")
        for index, place in enumerate(self.fixed):
            yield from _dangling(f"$.fixed[{index}].registration", "registration", place.registration, registrations)
            yield from _dangling(f"$.fixed[{index}].unit", "unit", place.unit, units)
        if (total := self.points_at_most) > MOST_POINTS:
            message = f"expected weights by which all points together are at most {MOST_POINTS}, found {total}"
            yield Fault("$.policy", message)

    @property
    def points_at_most(self) -> int:
        """Returns an upper bound of the objective: all registrations with the best fit, and all points of groups."""
        policy = self.policy
        language, total = max(policy.language.values()), 0
        for row in self.registrations:
            waiting = policy.waiting_day * min(row.waiting_days, policy.waiting_cap)
            total += len(row.persons) * (policy.serve[str(row.urgency)] + waiting)  # type: ignore[index]  # urgency is 1 to 4
            total += language + policy.preferred_need * len(row.preferred_needs)
        groups = (group for group in self.together if not group.must)
        return total + policy.together * sum(len(group.registrations) - 1 for group in groups)


def _dated(part: AnyStruct, key: str, as_of: date) -> AnyStruct:
    return msgspec.structs.replace(part, **{key: as_of}) if getattr(part, key) is NOT_GIVEN else part


def _beds(room: Room, path: str, open_ids: set[str]) -> Iterator[Fault]:
    most = room.beds - len(room.occupants)
    if most < 0:
        message = f"expected at most {room.beds} occupants (`beds`), found {len(room.occupants)}"
        yield Fault(f"{path}.occupants", message)
    elif room.free_beds > most:
        yield Fault(f"{path}.free_beds", f"expected 0 to {most} (`beds` less occupants), found {room.free_beds}")
    for row, occupant in enumerate(room.occupants):
        if occupant.registration in open_ids:
            message = f"expected one that is not open, found {occupant.registration!r} of `registrations`"
            yield Fault(f"{path}.occupants[{row}].registration", message)


def _groups(groups: tuple[Together, ...], registrations: set[str]) -> Iterator[Fault]:
    yield from _repeated((group.id for group in groups), "$.together", "id")
    group_of: dict[str, str] = {}
    for index, group in enumerate(groups):
        path = f"$.together[{index}].registrations"
        yield from _repeated(group.registrations, path)
        for row, name in enumerate(group.registrations):
            yield from _dangling(f"{path}[{row}]", "registration", name, registrations)
            if group_of.setdefault(name, path) != path:
                message = f"expected in one group only, found {name!r} again (first in {group_of[name]})"
                yield Fault(f"{path}[{row}]", message)


def _repeated(names: Iterable[str], path: str, key: str = "") -> Iterator[Fault]:
    names = tuple(names)
    if len(set(names)) == len(names):
        return
    seen: Counter[str] = Counter()
    for index, name in enumerate(names):
        seen[name] += 1
        if seen[name] > 1:
            where = f"{path}[{index}].{key}" if key else f"{path}[{index}]"
            yield Fault(where, f"expected each once, found {name!r} again (first at [{names.index(name)}])")


def _dangling(path: str, kind: str, found: str, known: set[str]) -> Iterator[Fault]:
    if found not in known:
        yield Fault(path, f"expected the id of a {kind} in this problem, found {found!r}")


NOT_IN_FIRST: Mapping[type[Struct], frozenset[str]] = {
    Problem: frozenset({"together"}),
    Policy: frozenset({"stale", "together"}),
    Unit: frozenset({"freshness"}),
    Registration: frozenset({"within"}),
}
"""By type, the keys that do not exist in format 1."""
