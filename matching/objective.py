"""The objective: the points of placements and of groups.

The points of a placement are *serve* (for urgency and waiting) and *fit*, minus *waste*. Serve and fit depend on the
registration and the unit. Waste depends on the rooms.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from matching.distance import distance_km
from matching.format.parts import Point
from matching.format.problem import ANY_LANGUAGE, Registration, Room, Unit
from matching.format.solution import GroupPoints, Placement, RoomUse
from matching.index import Index


class Points(Struct, frozen=True, kw_only=True):
    """The points of a placement by term; a loss is negative. `total` is the sum of all terms.

    The terms are `serve`, the fit (`language`, `preferred_needs`, `scheme`, `near`, `stale`) and the waste (`scarce`,
    `blocked_beds`, `rooms`).
    """

    serve: int
    language: int
    preferred_needs: int
    scheme: int
    near: int
    stale: int = 0  # absent in advice that was stored before this term existed
    scarce: int
    blocked_beds: int
    rooms: int
    total: int


class _OfPair(NamedTuple):
    """The points of a registration in a unit. Keeps both objects alive, so that no new object gets their `id()`."""

    registration: Registration
    unit: Unit
    points: int


_Pairs = dict[tuple[int, int], _OfPair]
"""Points by the `id()` of registration and unit. A changed copy is another object, so it has an entry of its own."""


class _Known(NamedTuple):
    """Cached values: kilometres from positions to locations; points and waste of registrations in units."""

    near: dict[tuple[Point, str], int]
    pair: _Pairs
    idle: _Pairs


class Valuation:
    """The points of a problem. Values that are often needed are cached."""

    def __init__(self, index: Index, like: "Valuation | None" = None) -> None:
        """Makes the valuation of a problem. `like`: another valuation with the same policy and locations, to share its
        cache.
        """
        self.index = index
        self.policy = index.policy
        self.known: _Known = _Known({}, {}, {}) if like is None else like.known
        self.unit_scarce = cache(self._unit_scarce)
        self.languages_of = cache(self._languages_of)

    def pair_points(self, registration: Registration, unit: Unit) -> int:
        """Returns the points of a registration in a unit before waste: serve and fit."""
        key = id(registration), id(unit)
        known = self.known.pair.get(key)
        if known is None:
            points = (
                self.serve(registration)
                + self.language(registration, unit)
                + self.preferred_needs(registration, unit)
                + self.scheme(registration, unit)
                + self.near(registration, unit)
                + self.stale(registration, unit)
            )
            known = self.known.pair[key] = _OfPair(registration, unit, points)
        return known.points

    def serve(self, registration: Registration) -> int:
        waiting = min(registration.waiting_days, self.policy.waiting_cap) * self.policy.waiting_day
        return len(registration.persons) * (self.policy.serve[str(registration.urgency)] + waiting)  # type: ignore[index]  # urgency is 1 to 4

    def language(self, registration: Registration, unit: Unit) -> int:
        """Returns the points of the language that the registration speaks best among those of the staff. Without a
        common language, returns the points of an interpreter, or 0.
        """
        spoken, interpreted = self.languages_of(unit.id)
        levels = [language.level for language in registration.languages if language.code.lower() in spoken]
        if levels:
            return max(self.policy.language[level] for level in levels)
        if any(
            ANY_LANGUAGE in interpreted or language.code.lower() in interpreted for language in registration.languages
        ):
            return self.policy.language["interpreter"]
        return 0

    def preferred_needs(self, registration: Registration, unit: Unit) -> int:
        return self.policy.preferred_need * len(set(registration.preferred_needs) & set(unit.specialisms))

    def scheme(self, registration: Registration, unit: Unit) -> int:
        """Returns the points for the scheme: negative if another scheme fits better, otherwise 0."""
        position = registration.schemes.index(unit.scheme) if unit.scheme in registration.schemes else 0
        return -self.policy.scheme_step * position

    def near(self, registration: Registration, unit: Unit) -> int:
        """Returns the points for the distance to the point `near`, at most 0. Each whole kilometre costs points."""
        if registration.near is None:
            return 0
        key = registration.near, unit.location
        if key not in self.known.near:
            place, point = self.index.locations[unit.location], registration.near
            self.known.near[key] = math.floor(distance_km(point.lat, point.lon, place.lat, place.lon))
        return -min(self.policy.near_cap, self.policy.near_km * self.known.near[key])

    def stale(self, registration: Registration, unit: Unit) -> int:
        if unit.freshness == "fresh":
            return 0
        return -len(registration.persons) * self.policy.stale[unit.freshness]

    def together(self, unit_of: Mapping[str, str]) -> tuple[GroupPoints, ...]:
        """Returns the points of each group without `must`. `unit_of`: the unit of each placed registration."""
        found = []
        for group in self.index.groups.values():
            if not group.must:
                units = [unit_of[member] for member in group.members if member in unit_of]
                apart = {self.index.place(unit, group.where) for unit in units}
                found.append(GroupPoints(group.id, self.policy.together * (len(units) - len(apart))))
        return tuple(found)

    @property
    def together_at_most(self) -> int:
        """Returns the points of groups without `must` if all members were placed, and each group at one place."""
        groups = self.index.groups.values()
        return self.policy.together * sum(len(group.members) - 1 for group in groups if not group.must)

    def objective(self, placements: Iterable[Placement]) -> int:
        """Returns the sum of the points of these placements and of the groups."""
        placements = tuple(placements)
        total = sum(placement.points for placement in placements)
        if self.index.groups:
            unit_of = {placement.registration: placement.unit for placement in placements}
            total += sum(group.points for group in self.together(unit_of))
        return total

    def bed_cost(self, registration: Registration, unit: Unit, room: Room) -> int:
        """Returns the waste of a bed in this room: the points of scarce codes that the registration does not need."""
        wanted = registration.room_needs
        cost = self.idle_in(registration, unit)
        return cost + sum(self.policy.scarce.get(code, 0) for code in set(room.features) if code not in wanted)

    def idle_in(self, registration: Registration, unit: Unit) -> int:
        """Returns the part of `bed_cost` for the unit: the points of scarce specialisms that are not needed."""
        key = id(registration), id(unit)
        known = self.known.idle.get(key)
        if known is None:
            idle = self.unit_scarce(unit.id) - {*registration.needs, *registration.preferred_needs}
            known = self.known.idle[key] = _OfPair(registration, unit, sum(self.policy.scarce[code] for code in idle))
        return known.points

    def _unit_scarce(self, unit: str) -> frozenset[str]:
        return frozenset(code for code in self.index.units[unit].specialisms if code in self.policy.scarce)

    def _languages_of(self, unit: str) -> tuple[frozenset[str], frozenset[str]]:
        """Returns the languages of the staff, and the languages with an interpreter."""
        row = self.index.units[unit]
        staff, interpreters = row.languages, row.interpreter_languages
        return frozenset(code.lower() for code in staff), frozenset(code.lower() for code in interpreters)

    def private_waste(self, registration: Registration, unit: Unit, rooms: Sequence[Room]) -> int:
        """Returns the waste of a private registration that takes these whole rooms."""
        beds = sum(room.free_beds for room in rooms)
        scarce = sum(room.free_beds * self.bed_cost(registration, unit, room) for room in rooms)
        blocked = self.policy.blocked_bed * (beds - len(registration.persons))
        return scarce + blocked + self.policy.extra_room * (len(rooms) - 1)

    def waste(self, registration: Registration, unit: Unit, uses: Sequence[RoomUse]) -> int:
        """Returns the waste of a registration in these rooms. If it is private, it takes all beds of the rooms."""
        if registration.is_private:
            return self.private_waste(registration, unit, [self.index.rooms[use.room] for use in uses])
        cost = sum(use.persons * self.bed_cost(registration, unit, self.index.rooms[use.room]) for use in uses)
        return cost + self.policy.extra_room * (len(uses) - 1)

    def total(self, registration: Registration, unit: Unit, uses: Sequence[RoomUse]) -> int:
        """Returns the points of a registration in these rooms: serve and fit, minus waste."""
        return self.pair_points(registration, unit) - self.waste(registration, unit, uses)

    def points(self, registration: Registration, unit: Unit, uses: Iterable[RoomUse]) -> Points:
        """Returns the points of a registration in these rooms, term by term."""
        uses = tuple(uses)
        private = registration.is_private
        rooms = [self.index.rooms[use.room] for use in uses]
        beds = [room.free_beds if private else use.persons for room, use in zip(rooms, uses, strict=True)]
        costs = [self.bed_cost(registration, unit, room) for room in rooms]
        terms = {
            "serve": self.serve(registration),
            "language": self.language(registration, unit),
            "preferred_needs": self.preferred_needs(registration, unit),
            "scheme": self.scheme(registration, unit),
            "near": self.near(registration, unit),
            "stale": self.stale(registration, unit),
            "scarce": -sum(taken * cost for taken, cost in zip(beds, costs, strict=True)),
            "blocked_beds": -self.policy.blocked_bed * (sum(beds) - len(registration.persons)),
            "rooms": -self.policy.extra_room * (len(rooms) - 1),
        }
        return Points(**terms, total=sum(terms.values()))


def idle_cost(scarce: Mapping[str, int], offered: Iterable[str], asked: Collection[str]) -> int:
    """Returns the waste of a bed: the points in `scarce` of all offered codes that are not asked for."""
    return sum(scarce[code] for code in set(offered) if code in scarce and code not in asked)
