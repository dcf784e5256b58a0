"""Reasons why a unit fits a registration, and why the unit is not the first choice. A reason contains only facts of the
frozen problem. It contains the required distance, never a measured distance, and so discloses no more than the rule. No
reason discloses who lives in a room.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from matching import Points, Problem, Registration, Room, Unit, UnitAdvice
from placement.core import child_of_minor
from placement.core.geography import HALF_DIAGONAL_KM

REASONS = (
    *("free_now", "free_on", "own_room", "shared_room", "children", "boys", "spoken", "interpreter", "no_language"),
    *("needs", "preferred", "features", "high_care", "far_enough", "far_enough_each", "near_enough"),
    *("count_old", "count_missing"),
)
"""The codes of the reasons, in display order."""

TERMS = tuple(term for term in Points.__struct_fields__ if term != "total")
NOT_FIRST = (*TERMS, "as_good")
"""The codes of an alternative's disadvantage: the term in which the first choice leads most, or `as_good`."""

_COUNTS = {"stale": "count_old", "never": "count_missing"}


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    facts: Mapping[str, object]


@dataclass(frozen=True)
class Why:
    """The explanation why units of a problem fit a registration."""

    problem: Problem
    registration_id: str

    @cached_property
    def client(self) -> Registration:
        return next(one for one in self.problem.registrations if one.id == self.registration_id)

    @cached_property
    def _units(self) -> Mapping[str, Unit]:
        return {unit.id: unit for unit in self.problem.units}

    @cached_property
    def _rooms(self) -> Mapping[str, Room]:
        return {room.id: room for room in self.problem.rooms}

    def reasons(self, advice: UnitAdvice) -> tuple[Reason, ...]:
        """Returns the reasons why this unit fits. Leaves out facts about rules that the unit breaks."""
        broken = {one.rule for one in advice.broken}
        unit = self._units[advice.unit]
        rooms = [self._rooms[use.room] for use in advice.rooms or ()]
        return (
            *(() if "rooms" in broken else self._of_rooms(rooms)),
            *(() if "children" in broken else self._of_children(unit)),
            *(() if "language" in broken else self._of_languages(unit)),
            *(() if "needs" in broken else self._of_needs(unit, rooms)),
            *self._of_distance(broken),
            *([Reason(_COUNTS[unit.freshness], {})] if unit.freshness in _COUNTS else []),
        )

    def _of_rooms(self, rooms: Sequence[Room]) -> Iterator[Reason]:
        if not rooms:
            return
        free_on = max(room.free_from for room in rooms)
        now = free_on <= self.problem.as_of
        yield Reason("free_now", {}) if now else Reason("free_on", {"day": free_on})
        if any(room.occupants for room in rooms):
            yield Reason("shared_room", {})
        elif self.client.is_private or sum(room.beds for room in rooms) == len(self.client.persons):
            yield Reason("own_room", {"rooms": len(rooms)})

    def _of_children(self, unit: Unit) -> Iterator[Reason]:
        if self.client.children and unit.children:
            yield Reason("children", {"age": unit.children.max_age})
            boys = any(child.gender == "male" for child in self.client.children)
            if boys and unit.children.boys_max_age < unit.children.max_age:
                yield Reason("boys", {"age": unit.children.boys_max_age})

    def _of_languages(self, unit: Unit) -> Iterator[Reason]:
        """Yields the languages that the client shares with the staff or, without such a language, with interpreters.
        Yields `no_language` if there is no shared language at all.
        """
        if not self.client.languages:
            return
        for code, offered in (("spoken", unit.languages), ("interpreter", unit.interpreter_languages)):
            known = {one.casefold() for one in offered}
            common = [one.code for one in self.client.languages if {one.code.casefold(), "*"} & known]
            if common:
                yield Reason(code, {"languages": common})
                return
        yield Reason("no_language", {})

    def _of_needs(self, unit: Unit, rooms: Sequence[Room]) -> Iterator[Reason]:
        offered = set(unit.specialisms)
        for code, asked in (("needs", self.client.needs), ("preferred", self.client.preferred_needs)):
            met = [one for one in asked if one in offered and child_of_minor.named(one) is None]
            if met:
                yield Reason(code, {"needs": met})
        features = [one for one in self.client.room_needs if rooms and all(one in room.features for room in rooms)]
        if features:
            yield Reason("features", {"features": features})
        if self.client.high_care and unit.high_care_limit:
            yield Reason("high_care", {})

    def _of_distance(self, broken: Iterable[str]) -> Iterator[Reason]:
        if self.client.threats and "threat_distance" not in broken:
            asked = {round(threat.min_km - HALF_DIAGONAL_KM) for threat in self.client.threats}
            if len(asked) > 1:
                yield Reason("far_enough_each", {"points": len(self.client.threats)})
            else:
                yield Reason("far_enough", {"km": min(asked), "points": len(self.client.threats)})
        if self.client.within and "within_reach" not in broken:
            yield Reason("near_enough", {"km": round(max(one.max_km for one in self.client.within))})


def not_first(first: Points, other: UnitAdvice) -> Reason | None:
    """Returns why an alternative is not the first choice; `None` if its points are unknown."""
    if other.points is None or other.loss is None:
        return None
    if other.loss == 0:
        return Reason("as_good", {})
    if other.displaces:
        return Reason("serve", {"others": len(other.displaces)})
    behind = {code: getattr(first, code) - getattr(other.points, code) for code in NOT_FIRST[1:-1]}
    most = max(behind, key=lambda code: behind[code])
    return Reason(most, {}) if behind[most] > 0 else None
