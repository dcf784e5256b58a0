"""The two kinds of hard rules. A rule returns facts; `explanations/phrases.py` puts them into its sentences.

A pair rule depends on a registration and a unit. It is evaluated for all pairs at once (`table`), and returns the facts
of a forbidden pair (`facts`). A joint rule also depends on other placements. It finds what is broken with only fixed
registrations placed (`broken`; `alone` for all pairs), and adds constraints to the model (`constrain`).
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
"""The id of who may waive a rule, if ways out may propose that waiver."""
BY_HAND = "second_person_by_hand"
"""The id of who may waive a rule, if ways out may not propose that waiver."""


class Grid:
    """All pairs of registrations and units, in canonical order."""

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
        """Returns the number of distinct common codes of each registration and unit, shape registrations x units."""
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
        """Returns whether each registration and unit have a common code, shape registrations x units."""
        return np.asarray(self.common(of_registration, of_unit) > 0, dtype=np.bool_)

    @cached_property
    def _places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        locations = [self.index.location_of(unit) for unit in self.units]
        return np.array([place.lat for place in locations]), np.array([place.lon for place in locations])

    def within(self, km: float, lat: float) -> NDArray[np.intp]:
        """Returns the columns of the units that can be within `km`, judged by latitude alone."""
        return within_km(km, lat, self._places[0])

    def km_from(self, lat: float, lon: float, columns: NDArray[np.intp]) -> NDArray[np.float64]:
        """Returns the distance in km from a point to each of these units."""
        lats, lons = self._places
        return distances_km(lat, lon, lats[columns], lons[columns])

    def inside(self, circles: Circles, compare: np.ufunc) -> NDArray[np.intp]:
        """Returns, by unit, the number of circles for which `compare(distance, radius)` is true; nearer points only.

        Iterates over the circles or the units, whichever are fewer.
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
    """Returns the distance in km from a point to the centre of each circle."""
    return distances_km(lat, lon, circles.lats, circles.lons)


class Model(Protocol):
    """The model to which a joint rule adds constraints, for any solver (`matching/exact/builder.py`).

    Variables have the solver's own type; rules only pass them on.
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
    """A hard rule: its constraint, the ids of its texts and help, and its small changes.

    `imposed_by`, `waived_by`, `source`: ids of texts about who sets the rule, who may waive it, and its reason. A way
    out proposes a waiver only if `waived_by` is `PROPOSED`; other waivers are people's own decisions. `sentence`: the
    English sentence for a placement that breaks it, with its facts; `sentences`: by way to break it.
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
        """Checks whether a way out may propose to waive it."""
        return self.waived_by == PROPOSED

    def way(self, facts: Mapping[str, Any]) -> str:  # noqa: ARG002 - rules with several ways ask the facts
        """Returns the way in which the rule is broken: a key of `sentences`."""
        return ""

    def all_sentences(self) -> Sentences:
        """Returns the sentences by way of breaking the rule."""
        return self.sentences or {"": self.sentence}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:  # noqa: ARG002 - all rules have this signature
        """Yields small changes that might open the unit, each with the changed problem. They are not tried yet."""
        return iter(())


class SafetyRule(Rule):
    """A rule against danger. A waiver needs a review date, and ways out do not propose it."""

    is_safety = True
    waived_by = "second_person_until_a_day"


class CodesRule(Rule):
    """A pair rule about a set of codes in the registration's `field`."""

    field: str

    def codes(self, registration: Registration) -> tuple[str, ...]:
        found: tuple[str, ...] = getattr(registration, self.field)
        return found

    def asks(self, registration: Registration) -> Hashable:
        return frozenset(self.codes(registration))


class AvoidedRule(SafetyRule, CodesRule):
    """A rule about ids that a registration avoids. `field`: its field. `attribute`: of the unit's location."""

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
        """Returns all facts on which the rule depends. Registrations with equal facts share a row of the table."""
        ...

    def table(self, grid: Grid) -> Table:
        """Returns whether the rule allows each pair, shape registrations x units."""
        ...

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:
        """Returns the facts of a forbidden pair."""
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
