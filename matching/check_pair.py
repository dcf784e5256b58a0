"""The checks of a single registration in a single unit, for the independent checker: the pair rules and the points.

Like `check.py`, this module shares no code with the engine except the types.
"""

import math
from collections.abc import Callable, Mapping

from matching.format.parts import Person
from matching.format.policy import Policy
from matching.format.problem import Location, Registration, Room, Unit
from matching.format.solution import Facts, Placement


def principals_of(registration: Registration) -> list[Person]:
    has_adult = any(person.age >= 18 for person in registration.persons)  # noqa: PLR2004 - as specified
    return [person for person in registration.persons if person.age >= 18 or not has_adult]  # noqa: PLR2004


def children_of(registration: Registration) -> list[Person]:
    main = principals_of(registration)
    return [person for person in registration.persons if person not in main]


def takes_whole_rooms(registration: Registration) -> bool:
    if registration.private_room or children_of(registration):
        return True
    return len({person.gender for person in principals_of(registration)}) > 1


def pair_violations(registration: Registration, unit: Unit, location: Location) -> list[tuple[str, Facts]]:
    """Returns the rules that the registration breaks in the unit, in order of evaluation."""
    found = ((rule, broken(registration, unit, location)) for rule, broken in PAIR_CHECKS.items())
    return [(rule, facts) for rule, facts in found if facts is not None]


def _scheme(registration: Registration, unit: Unit, _: Location) -> Facts | None:
    return {"scheme": unit.scheme} if unit.scheme not in registration.schemes else None


def _gender(registration: Registration, unit: Unit, _: Location) -> Facts | None:
    refused = any(person.gender not in unit.admits for person in principals_of(registration))
    return {"admits": list(unit.admits)} if refused else None


def _mixed_accepted(registration: Registration, unit: Unit, _: Location) -> Facts | None:
    own = {"other", *(person.gender for person in principals_of(registration))}
    beyond = [gender for gender in unit.admits if gender not in own]
    return {"admits": list(unit.admits)} if beyond and not registration.accepts_mixed else None


def _age(registration: Registration, unit: Unit, _: Location) -> Facts | None:
    refused = any(person.age < unit.min_age or person.age > unit.max_age for person in principals_of(registration))
    return {"min_age": unit.min_age, "max_age": unit.max_age} if refused else None


def _children(registration: Registration, unit: Unit, _: Location) -> Facts | None:
    limits = unit.children
    for child in children_of(registration):
        if limits is None or child.age > limits.max_age:
            return {"age": child.age}
        if child.gender == "male" and child.age > limits.boys_max_age:
            return {"age": child.age}
    return None


def _language(registration: Registration, unit: Unit, _: Location) -> Facts | None:
    spoken = {language.code.lower() for language in registration.languages}
    served = {code.lower() for code in (*unit.languages, *unit.interpreter_languages)}
    understood = spoken & served or ("*" in served and spoken)
    return {"languages": sorted(spoken)} if registration.language_required and not understood else None


def _threat_distance(registration: Registration, _: Unit, location: Location) -> Facts | None:
    for threat in registration.threats:
        km = haversine(threat.lat, threat.lon, location.lat, location.lon)
        if km < threat.min_km:
            return {"km": km, "min_km": threat.min_km}
    return None


def _within_reach(registration: Registration, _: Unit, location: Location) -> Facts | None:
    for point in registration.within:
        km = haversine(point.lat, point.lon, location.lat, location.lon)
        if km > point.max_km:
            return {"km": km, "max_km": point.max_km}
    return None


def _avoided_region(registration: Registration, _: Unit, location: Location) -> Facts | None:
    return {"region": location.region} if location.region in registration.avoided_regions else None


def _avoided_location(registration: Registration, _: Unit, location: Location) -> Facts | None:
    return {"location": location.id} if location.id in registration.avoided_locations else None


def _avoided_provider(registration: Registration, _: Unit, location: Location) -> Facts | None:
    return {"provider": location.provider} if location.provider in registration.avoided_providers else None


def _avoided_unit(registration: Registration, unit: Unit, _: Location) -> Facts | None:
    return {"unit": unit.id} if unit.id in registration.avoided_units else None


def _needs(registration: Registration, unit: Unit, _: Location) -> Facts | None:
    missing = [code for code in registration.needs if code not in unit.specialisms]
    return {"missing": missing} if missing else None


PAIR_CHECKS: dict[str, Callable[[Registration, Unit, Location], Facts | None]] = {
    "scheme": _scheme,
    "gender": _gender,
    "mixed_accepted": _mixed_accepted,
    "age": _age,
    "children": _children,
    "language": _language,
    "threat_distance": _threat_distance,
    "within_reach": _within_reach,
    "avoided_region": _avoided_region,
    "avoided_location": _avoided_location,
    "avoided_provider": _avoided_provider,
    "avoided_unit": _avoided_unit,
    "needs": _needs,
}
"""Checks by rule, in order of evaluation. Each check returns facts if the pair breaks the rule, otherwise `None`."""


def haversine(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    a = math.sin(math.radians(lat2 - lat1) / 2) ** 2
    b = math.cos(math.radians(lat1)) * math.cos(math.radians(lat2)) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * 6371.0088 * math.asin(min(1.0, math.sqrt(a + b)))


def points_of(  # noqa: C901, PLR0917 - follows the specification case by case
    policy: Policy,
    registration: Registration,
    unit: Unit,
    location: Location,
    rooms: Mapping[str, Room],
    placement: Placement,
) -> int:
    """Returns the points of a placement, term by term as in docs/guide/matching.md."""
    persons = len(registration.persons)
    weight = dict(policy.serve)[str(registration.urgency)]  # type: ignore[index]  # urgency is 1 to 4
    points = persons * (weight + policy.waiting_day * min(registration.waiting_days, policy.waiting_cap))
    staff = [code.lower() for code in unit.languages]
    interpreters = [code.lower() for code in unit.interpreter_languages]
    understood = [policy.language[row.level] for row in registration.languages if row.code.lower() in staff]
    if understood:
        points += max(understood)
    elif any(row.code.lower() in interpreters or "*" in interpreters for row in registration.languages):
        points += policy.language["interpreter"]
    points += sum(policy.preferred_need for code in set(registration.preferred_needs) if code in unit.specialisms)
    if unit.scheme in registration.schemes:
        points -= policy.scheme_step * list(registration.schemes).index(unit.scheme)
    if registration.near is not None:
        km = haversine(registration.near.lat, registration.near.lon, location.lat, location.lon)
        points -= min(policy.near_cap, policy.near_km * math.floor(km))
    if unit.freshness != "fresh":
        points -= persons * policy.stale[unit.freshness]
    taken_in_all = 0
    for use in placement.rooms:
        room = rooms.get(use.room)
        if room is None:
            continue
        taken = room.free_beds if takes_whole_rooms(registration) else use.persons
        taken_in_all += taken
        for code in set(unit.specialisms):
            if code not in registration.needs and code not in registration.preferred_needs:
                points -= taken * policy.scarce.get(code, 0)
        for code in set(room.features):
            if code not in registration.room_needs:
                points -= taken * policy.scarce.get(code, 0)
    points -= policy.blocked_bed * (taken_in_all - persons)
    return points - policy.extra_room * (len(placement.rooms) - 1)
