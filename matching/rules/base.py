"""The two kinds of hard rules: pair rules and joint rules. `explanations/phrases.py` makes sentences from the facts of
a rule.

A pair rule depends only on a registration and a unit. `table` evaluates it for all pairs at once, and `facts` returns
the facts of a forbidden pair. A joint rule also depends on other placements. `broken` checks a pair beside the fixed
registrations, `alone` checks all pairs, and `constrain` adds the constraints of the rule to the model.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from matching.distance import ROUNDING, distances_km, plain, within_km
from matching.format.parts import Circles
from matching.format.problem import Registration, Room, Unit
from matching.format.solution import Facts
from matching.index import Group, Index
from matching.rules.changes import MOST_CHANGES, Change, Changes, of_registration

Table = NDArray[np.bool_]  # shape: registrations x units
Sentences = Mapping[str, str]
Narrow = Callable[[list[Registration], Table], None]

MOST_OF_A_DISTANCE = 0.25  # the largest change of a required distance, as a share of it
PROPOSED = "second_person"
"""The value of `waived_by` if a way out may propose the waiver."""
BY_HAND = "second_person_by_hand"
"""The value of `waived_by` if a way out may not propose the waiver."""


class Grid:
    """All pairs of registrations and units, both sorted by id."""

    def __init__(self, index: Index, registrations: Sequence[Registration], units: Sequence[Unit]) -> None:
        self.index = index
        self.registrations = registrations
        self.units = units

    def by_registration(self, value: Callable[[Registration], float]) -> NDArray[np.float64]:
        """Returns a column vector: a number for each registration."""
        return np.array([value(row) for row in self.registrations], dtype=np.float64).reshape(-1, 1)

    def by_unit(self, value: Callable[[Unit], float]) -> NDArray[np.float64]:
        """Returns a row vector: a number for each unit."""
        return np.array([value(unit) for unit in self.units], dtype=np.float64).reshape(1, -1)

    def common(
        self, of_registration: Callable[[Registration], Iterable[str]], of_unit: Callable[[Unit], Iterable[str]]
    ) -> NDArray[np.float64]:
        """Returns the number of codes that each registration and unit have in common, shape registrations x units."""
        offering: defaultdict[str, list[int]] = defaultdict(list)
        for column, unit in enumerate(self.units):
            for code in set(of_unit(unit)):
                offering[code].append(column)
        found = np.zeros((len(self.registrations), len(self.units)))
        for row, registration in enumerate(self.registrations):
            for code in set(of_registration(registration)):
                if code in offering:
                    found[row, offering[code]] += 1
        return found

    def share(
        self, of_registration: Callable[[Registration], Iterable[str]], of_unit: Callable[[Unit], Iterable[str]]
    ) -> Table:
        """Checks whether each registration and unit have a code in common, shape registrations x units."""
        return np.asarray(self.common(of_registration, of_unit) > 0, dtype=np.bool_)

    @cached_property
    def _places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        locations = [self.index.location_of(unit) for unit in self.units]
        return np.array([place.lat for place in locations]), np.array([place.lon for place in locations])

    def within(self, km: float, lat: float) -> NDArray[np.intp]:
        """Returns the columns of the units whose latitude allows a distance of at most `km` from a point at `lat`."""
        return within_km(km, lat, self._places[0])

    def km_from(self, lat: float, lon: float, columns: NDArray[np.intp]) -> NDArray[np.float64]:
        """Returns the distance in km from a point to the unit of each of these columns."""
        lats, lons = self._places
        return distances_km(lat, lon, lats[columns], lons[columns])

    def inside(self, circles: Circles, compare: np.ufunc) -> NDArray[np.intp]:
        """Returns, by unit, the number of circles for which `compare(distance, radius)` is true.

        Iterates over circles or units, whichever are fewer.
        """
        found = np.zeros(len(self.units), dtype=np.intp)
        if len(circles.km) < len(self.units):
            for lat, lon, radius in zip(*circles, strict=True):
                near = self.within(radius, lat)
                found[near] += compare(self.km_from(lat, lon, near), radius)
        else:
            for column, (lat, lon) in enumerate(zip(*self._places, strict=True)):
                km = distances_km(lat, lon, circles.lats, circles.lons)
                found[column] = np.count_nonzero(compare(km, circles.km))
        return found


class Model(Protocol):
    """The model to which a joint rule adds constraints (`matching/exact/builder.py`).

    A variable has a type of the solver, which rules do not use.
    """

    @property
    def index(self) -> Index: ...

    def locations_open_to(self, registration: str) -> set[str]: ...

    def at(self, registration: str, location: str) -> list[Any]: ...

    def at_most_one(self, booleans: list[Any]) -> None: ...

    def limit_high_care(self, unit: str, limit: int) -> None: ...

    def keep_together(self, group: Group) -> None: ...

    def share_out(self, room: Room) -> None: ...


class Rule:
    """A hard rule: its constraint, its texts, and the small changes that it offers.

    `imposed_by`, `waived_by`, `source`: ids of the texts about the party that sets the rule, the party that may waive
    it, and the reason for it. A way out proposes a waiver only if `waived_by` is `PROPOSED`. `sentence`: the English
    sentence for a broken rule, with its facts. `sentences`: a sentence for each way, if the rule can be broken in
    several ways. `change_sentences`: sentences about the offered changes, by the changed thing.
    """

    code: str
    imposed_by: str
    sentence = ""
    sentences: ClassVar[Sentences] = {}
    change_sentences: ClassVar[Sentences] = {}
    is_safety = False
    source = "assumed"
    waived_by = PROPOSED

    @property
    def waiver_is_proposed(self) -> bool:
        """Checks whether a way out may propose a waiver of the rule."""
        return self.waived_by == PROPOSED

    def way(self, facts: Mapping[str, Any]) -> str:  # noqa: ARG002 - rules with several ways ask the facts
        """Returns the way in which the rule is broken, which is a key of `sentences`."""
        return ""

    def all_sentences(self) -> Sentences:
        """Returns all sentences for the broken rule, by way."""
        return self.sentences or {"": self.sentence}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:  # noqa: ARG002 - all rules have this signature
        """Yields small changes that may open the unit, each with the changed problem. The caller must try them."""
        return iter(())


class SafetyRule(Rule):
    """A rule that protects against danger. A waiver needs a review date, and a way out may not propose it."""

    is_safety = True
    waived_by = "second_person_until_a_day"


class CodesRule(Rule):
    """A pair rule about the codes in a field of the registration (`field`)."""

    field: str

    def codes(self, registration: Registration) -> tuple[str, ...]:
        found: tuple[str, ...] = getattr(registration, self.field)
        return found

    def asks(self, registration: Registration) -> Hashable:
        return frozenset(self.codes(registration))


class AvoidedRule(SafetyRule, CodesRule):
    """A rule about ids that a registration avoids. `field`: the field of the registration with the ids. `attribute`:
    the attribute of the unit's location that is compared.
    """

    attribute: str

    def id_of(self, index: Index, unit: Unit) -> str:
        return str(getattr(index.location_of(unit), self.attribute))

    def table(self, grid: Grid) -> Table:
        return ~grid.share(self.codes, lambda unit: (self.id_of(grid.index, unit),))

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {self.code.removeprefix("avoided_"): self.id_of(index, unit)}


class DistanceRule(Rule):
    """A pair rule about the distances from the unit to points of the registration.

    `field`: the field with the points. `limit`: the field of a point with the required distance in km. `circles`: the
    property with the points and distances as arrays. `side`: 1 if the distance is a minimum, -1 if it is a maximum.
    """

    field: str
    limit: str
    circles: str
    side: int

    def asks(self, registration: Registration) -> Hashable:
        points: tuple[Any, ...] = getattr(registration, self.field)
        return points

    def table(self, grid: Grid) -> Table:
        allowed = np.ones((len(grid.registrations), len(grid.units)), dtype=np.bool_)
        compare = np.less if self.side > 0 else np.less_equal
        for row, registration in enumerate(grid.registrations):
            points = getattr(registration, self.field)
            if points:
                wanted = 0 if self.side > 0 else len(points)
                allowed[row] = grid.inside(self._circles(registration), compare) == wanted
        return allowed

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:
        """Returns the facts of the point that misses its limit most. Rounding never makes a miss look smaller."""
        km, limits = self._distances(index, registration, unit)
        failing = np.flatnonzero(self.side * (km - limits) < ROUNDING)
        worst = failing[np.lexsort((self.side * limits[failing], self.side * km[failing]))[0]]
        return {"km": self._shown(float(km[worst])), self.limit: plain(float(limits[worst]))}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        """Yields, for each missed limit, a new limit in whole kilometres that the unit meets. The new limit differs
        from the present limit by at most a quarter.
        """
        points: tuple[Any, ...] = getattr(registration, self.field)
        distances, limits = self._distances(index, registration, unit)
        failing = np.flatnonzero(self.side * (distances - limits) < 0).tolist()
        for row in failing if len(failing) <= MOST_CHANGES else ():
            km, before = float(distances[row]), getattr(points[row], self.limit)
            after = self.side * math.floor(self.side * km)
            if self.side * after >= (self.side - MOST_OF_A_DISTANCE) * before:
                facts = {"km": self._shown(km), "before": plain(before), "after": after}
                changed = (*points[:row], replace(points[row], **{self.limit: after}), *points[row + 1 :])
                change = Change(self.code, self.limit, "registrant", facts)
                yield change, of_registration(index, registration, **{self.field: changed})

    def _distances(
        self, index: Index, registration: Registration, unit: Unit
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        place, circles = index.location_of(unit), self._circles(registration)
        return distances_km(place.lat, place.lon, circles.lats, circles.lons), circles.km

    def _circles(self, registration: Registration) -> Circles:
        found: Circles = getattr(registration, self.circles)
        return found

    def _shown(self, km: float) -> float:
        return self.side * math.floor(self.side * km * 10) / 10


@runtime_checkable
class PairRule(Protocol):
    """A rule that depends only on a registration and a unit."""

    code: str

    def asks(self, registration: Registration) -> Hashable:
        """Returns the facts of the registration on which the rule depends. Registrations with equal facts share a row
        of the table.
        """
        ...

    def table(self, grid: Grid) -> Table:
        """Checks whether the rule allows each pair, shape registrations x units."""
        ...

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:
        """Returns the facts of a forbidden pair."""
        ...


@runtime_checkable
class JointRule(Protocol):
    """A rule that also depends on other placements."""

    code: str

    def alone(self, index: Index) -> Narrow:
        """Returns a function that narrows the pairs of registration and unit. It sets a pair to false if the pair
        breaks the rule together with a registration whose unit is fixed.
        """
        ...

    def broken(self, index: Index, registration: Registration, unit: Unit) -> Facts | None:
        """Returns facts if the pair breaks the rule because of other fixed registrations; otherwise `None`."""
        ...

    def constrain(self, model: Model) -> None:
        """Adds the constraints of the rule to a model."""
        ...
