"""The two kinds of hard rule. A rule returns facts; `explanations/phrases.py` fills its sentences with them.

A pair rule depends on one registration and one unit. It is evaluated for all pairs at once (`table`), and gives the
facts of one forbidden pair (`facts`). A joint rule also depends on other placements. It finds what is broken with only
the fixed registrations placed (`broken`; `alone` for all pairs). It adds constraints to the model (`constrain`).
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from matching.distance import distances_km, within_km
from matching.format.parts import Circles
from matching.format.problem import Registration, Room, Unit
from matching.format.solution import Facts
from matching.index import Group, Index
from matching.rules.changes import Changes

Table = NDArray[np.bool_]  # shape: registrations x units
Sentences = Mapping[str, str]
Narrow = Callable[[list[Registration], Table], None]

PROPOSED = "second_person"
"""Persons who may put a rule aside whose waiver a way out proposes, too."""
BY_HAND = "second_person_by_hand"
"""Persons who may put a rule aside that no professional would propose to put aside."""


class Grid:
    """Registrations x units, in canonical order."""

    def __init__(self, index: Index, registrations: Sequence[Registration], units: Sequence[Unit]) -> None:
        self.index = index
        self.registrations = registrations
        self.units = units

    def by_registration(self, value: Callable[[Registration], float]) -> NDArray[np.float64]:
        """A column vector: one number per registration."""
        return np.array([value(row) for row in self.registrations], dtype=np.float64).reshape(-1, 1)

    def by_unit(self, value: Callable[[Unit], float]) -> NDArray[np.float64]:
        """A row vector: one number per unit."""
        return np.array([value(unit) for unit in self.units], dtype=np.float64).reshape(1, -1)

    def common(
        self, of_registration: Callable[[Registration], Iterable[str]], of_unit: Callable[[Unit], Iterable[str]]
    ) -> NDArray[np.float64]:
        """The number of distinct codes that a registration and a unit have in common, shape registrations x units."""
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
        """Returns whether a registration and a unit have a code in common, shape registrations x units."""
        return np.asarray(self.common(of_registration, of_unit) > 0, dtype=np.bool_)

    @cached_property
    def _places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        locations = [self.index.location_of(unit) for unit in self.units]
        return np.array([place.lat for place in locations]), np.array([place.lon for place in locations])

    def within(self, km: float, lat: float) -> NDArray[np.intp]:
        """The columns of the units that can be within `km` by latitude alone."""
        return within_km(km, lat, self._places[0])

    def km_from(self, lat: float, lon: float, columns: NDArray[np.intp]) -> NDArray[np.float64]:
        """Kilometres from a point to each of these units."""
        lats, lons = self._places
        return distances_km(lat, lon, lats[columns], lons[columns])

    def inside(self, circles: Circles, compare: np.ufunc) -> NDArray[np.intp]:
        """Counts, for each unit, the circles of which `compare(distance, radius)` is true; only nearer points can be.

        Goes through the circles or through the units, whichever are fewer.
        """
        found = np.zeros(len(self.units), dtype=np.intp)
        if len(circles.km) < len(self.units):
            for lat, lon, radius in zip(*circles, strict=True):
                near = self.within(radius, lat)
                found[near] += compare(self.km_from(lat, lon, near), radius)
        else:
            for column, (lat, lon) in enumerate(zip(*self._places, strict=True)):
                found[column] = np.count_nonzero(compare(km_to(lat, lon, circles), circles.km))
        return found


def km_to(lat: float, lon: float, circles: Circles) -> NDArray[np.float64]:
    """Kilometres from one point to the middle of each circle."""
    return distances_km(lat, lon, circles.lats, circles.lons)


class Model(Protocol):
    """The model that a joint rule adds to, whatever the solver: see `matching/exact/builder.py`.

    A variable is of the solver's own type; the rules pass it on and look at nothing in it.
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
    """A hard rule: besides its constraint the ids of its words and help, and its small changes.

    `imposed_by`, `waived_by`, `source`: ids of texts about who sets the rule, who may put it aside, and why it is so.
    A way out proposes the waiver of a rule only if `waived_by` is `PROPOSED`; every other waiver is a person's own
    choice, by hand.
    `sentence`: in English, for a placement that breaks it, with its facts; `sentences`: by the way to break it.
    `change_sentences`: by the change that it offers.
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
        """Returns whether a way out may propose to put it aside."""
        return self.waived_by == PROPOSED

    def way(self, facts: Mapping[str, Any]) -> str:  # noqa: ARG002 - rules with several ways ask the facts
        """Returns the way in which it is broken: a key of `sentences`."""
        return ""

    def all_sentences(self) -> Sentences:
        """Returns the sentences by way."""
        return self.sentences or {"": self.sentence}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:  # noqa: ARG002 - all rules have this signature
        """Yields small changes that might open the unit, each with the changed problem. They are not tested yet."""
        return iter(())


class SafetyRule(Rule):
    """A rule against danger: a waiver of it names the day of its review, and no way out proposes it."""

    is_safety = True
    waived_by = "second_person_until_a_day"


class CodesRule(Rule):
    """A pair rule about a set of codes of the registration: those in its `field`."""

    field: str

    def codes(self, registration: Registration) -> tuple[str, ...]:
        found: tuple[str, ...] = getattr(registration, self.field)
        return found

    def asks(self, registration: Registration) -> Hashable:
        return frozenset(self.codes(registration))


class AvoidedRule(SafetyRule, CodesRule):
    """A rule about ids that a registration avoids: a `field` of it, and the `attribute` of a unit's location."""

    attribute: str

    def id_of(self, index: Index, unit: Unit) -> str:
        return str(getattr(index.location_of(unit), self.attribute))

    def table(self, grid: Grid) -> Table:
        return ~grid.share(self.codes, lambda unit: (self.id_of(grid.index, unit),))

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {self.code.removeprefix("avoided_"): self.id_of(index, unit)}


@runtime_checkable
class PairRule(Protocol):
    code: str

    def asks(self, registration: Registration) -> Hashable:
        """All facts of a registration that the rule depends on; equal values have the same row in the table."""
        ...

    def table(self, grid: Grid) -> Table:
        """Returns whether the rule allows each pair, shape registrations x units."""
        ...

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:
        """The facts of a forbidden pair."""
        ...


@runtime_checkable
class JointRule(Protocol):
    code: str

    def alone(self, index: Index) -> Narrow:
        """Returns a function that sets to false the pairs that break the rule with only (other) `fixed` placed."""
        ...

    def broken(self, index: Index, registration: Registration, unit: Unit) -> Facts | None:
        """Returns the facts if the registration breaks the rule with only (other) `fixed` placed; otherwise `None`."""
        ...

    def constrain(self, model: Model) -> None:
        """Adds the constraints of the rule to a model."""
        ...
