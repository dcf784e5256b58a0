"""The smallest change that would make a unit feasible for a registration, if exactly one rule forbids it.

Nothing is changed here: the result is a suggestion that a user can discuss. Every change is tried on a copy of the
problem first, and discarded if it does not make the unit feasible.
"""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from matching.distance import distances_km, plain, shown_km
from matching.eligibility import BrokenRule, broken_rules
from matching.format.problem import Problem, Registration, Unit
from matching.format.solution import Facts
from matching.index import Index

Who = Literal["client", "registrant", "shelter", "coordinator", "desk"]

MOST_YEARS = 2  # largest change of an age limit
MOST_DAYS = 7  # largest change of the day by which a place is needed
MOST_NEARER = 0.25  # largest reduction, as a share of the safe distance; a second person of the desk must approve it
LEVELS = ("native", "fluent", "basic")


class Change(Struct, frozen=True):
    """One change: `what` is changed for which `rule`, `who` can agree to it, and the facts before and after."""

    rule: str
    what: str
    who: Who
    facts: Facts


Tried = tuple[Change, Problem]


def small_change(index: Index, registration: Registration, unit: Unit, broken: BrokenRule) -> Change | None:
    """The first small change that makes the unit feasible, or None."""
    candidates = _CANDIDATES.get(broken.rule)
    if candidates is None:
        return None
    for change, problem in candidates(index, registration, unit):
        changed = Index(problem)
        if not broken_rules(changed, changed.registrations[registration.id], only=unit.id)[unit.id]:
            return change
    return None


def _of_registration(index: Index, registration: Registration, **changed: Any) -> Problem:
    rows = (replace(row, **changed) if row.id == registration.id else row for row in index.problem.registrations)
    return replace(index.problem, registrations=tuple(rows))


def _of_unit(index: Index, unit: Unit, **changed: Any) -> Problem:
    rows = (replace(row, **changed) if row.id == unit.id else row for row in index.problem.units)
    return replace(index.problem, units=tuple(rows))


def _accept_mixed(index: Index, registration: Registration, unit: Unit) -> Iterator[Tried]:
    facts = {"admits": sorted(set(unit.admits)), "before": False, "after": True}
    change = Change("mixed_accepted", "accepts_mixed", "client", facts)
    yield change, _of_registration(index, registration, accepts_mixed=True)


def _age_limit(index: Index, registration: Registration, unit: Unit) -> Iterator[Tried]:
    ages = [person.age for person in registration.principals]
    for limit, before, after in (("min_age", unit.min_age, min(ages)), ("max_age", unit.max_age, max(ages))):
        outside = before - after if limit == "min_age" else after - before
        if 0 < outside <= MOST_YEARS:
            change = Change("age", limit, "shelter", {"before": before, "after": after})
            yield change, _of_unit(index, unit, **{limit: after})


def _children_limit(index: Index, registration: Registration, unit: Unit) -> Iterator[Tried]:
    limits = unit.children
    if limits is None:
        return
    boys = [child.age for child in registration.children if child.gender == "male"]
    everybody = [child.age for child in registration.children]
    for limit, before, ages in (("max_age", limits.max_age, everybody), ("boys_max_age", limits.boys_max_age, boys)):
        after = max(ages, default=0)
        if 0 < after - before <= MOST_YEARS:
            change = Change("children", limit, "shelter", {"before": before, "after": after})
            yield change, _of_unit(index, unit, children=replace(limits, **{limit: after}))


def _interpreter(index: Index, registration: Registration, unit: Unit) -> Iterator[Tried]:
    best_first = sorted(registration.languages, key=lambda language: LEVELS.index(language.level))
    for language in best_first[:1]:
        change = Change("language", "interpreter", "shelter", {"language": language.code.lower()})
        yield change, _of_unit(index, unit, interpreter_languages=(*unit.interpreter_languages, language.code))


def _min_km(index: Index, registration: Registration, unit: Unit) -> Iterator[Tried]:
    place = index.location_of(unit)
    lats, lons = np.array([place.lat]), np.array([place.lon])
    for row, threat in enumerate(registration.threats):
        km = float(distances_km(threat.lat, threat.lon, lats, lons)[0])
        after = math.floor(km)
        if km < threat.min_km and after >= (1 - MOST_NEARER) * threat.min_km:
            facts = {"km": shown_km(km), "before": plain(threat.min_km), "after": after}
            threats = (*registration.threats[:row], replace(threat, min_km=after), *registration.threats[row + 1 :])
            change = Change("threat_distance", "min_km", "registrant", facts)
            yield change, _of_registration(index, registration, threats=threats)


def _avoided_unit(index: Index, registration: Registration, unit: Unit) -> Iterator[Tried]:
    avoided = tuple(other for other in registration.avoided_units if other != unit.id)
    change = Change("avoided_unit", "avoided_unit", "coordinator", {"unit": unit.id})
    yield change, _of_registration(index, registration, avoided_units=avoided)


def _need(index: Index, registration: Registration, unit: Unit) -> Iterator[Tried]:
    missing = sorted(set(registration.needs) - set(unit.specialisms))
    if len(missing) == 1:
        change = Change("needs", "specialism", "shelter", {"need": missing[0]})
        yield change, _of_unit(index, unit, specialisms=(*unit.specialisms, *missing))


def _high_care(index: Index, registration: Registration, unit: Unit) -> Iterator[Tried]:  # noqa: ARG001 - all candidates have this signature
    before = unit.high_care_limit or 0
    change = Change("high_care", "high_care_limit", "shelter", {"before": before, "after": before + 1})
    yield change, _of_unit(index, unit, high_care_limit=before + 1)


def _rooms(index: Index, registration: Registration, unit: Unit) -> Iterator[Tried]:
    before = index.needed_by(registration)
    days = {room.free_from for room in index.rooms_of[unit.id]}
    for day in sorted(day for day in days if before < day <= before + timedelta(days=MOST_DAYS)):
        facts: Facts = {"before": before.isoformat(), "after": day.isoformat()}
        change = Change("rooms", "needed_by", "registrant", facts)
        yield change, _of_registration(index, registration, needed_by=day)
    if registration.private_room:
        change = Change("rooms", "private_room", "client", {"before": True, "after": False})
        yield change, _of_registration(index, registration, private_room=False)
    for need in sorted(set(registration.room_needs)):
        others = tuple(code for code in registration.room_needs if code != need)
        yield (
            Change("rooms", "room_need", "client", {"need": need}),
            _of_registration(index, registration, room_needs=others),
        )


_CANDIDATES = {
    "mixed_accepted": _accept_mixed,
    "age": _age_limit,
    "children": _children_limit,
    "language": _interpreter,
    "threat_distance": _min_km,
    "avoided_unit": _avoided_unit,
    "needs": _need,
    "high_care": _high_care,
    "rooms": _rooms,
}
