"""One registration in one unit, for the independent checker: the rules between the two, and the points of a placement.

As `check.py`, it shares no code with the engine except the types.
"""

import math
from collections.abc import Mapping

from matching.format.problem import Location, Person, Policy, Registration, Room, Unit
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


def pair_violations(registration: Registration, unit: Unit, location: Location) -> list[tuple[str, Facts]]:  # noqa: C901 - follows the specification case by case
    """The broken rules between one registration and one unit, in order of evaluation."""
    main, young = principals_of(registration), children_of(registration)
    found: list[tuple[str, Facts]] = []
    if unit.scheme not in registration.schemes:
        found.append(("scheme", {"scheme": unit.scheme}))
    if any(person.gender not in unit.admits for person in main):
        found.append(("gender", {"admits": list(unit.admits)}))
    beyond = [
        gender for gender in unit.admits if gender != "other" and gender not in [person.gender for person in main]
    ]
    if not registration.accepts_mixed and beyond:
        found.append(("mixed_accepted", {"admits": list(unit.admits)}))
    if any(person.age < unit.min_age or person.age > unit.max_age for person in main):
        found.append(("age", {"min_age": unit.min_age, "max_age": unit.max_age}))
    limits = unit.children
    for child in young:
        too_old = limits is None or child.age > limits.max_age
        if too_old or (limits is not None and child.gender == "male" and child.age > limits.boys_max_age):
            found.append(("children", {"age": child.age}))
            break
    spoken = {language.code.lower() for language in registration.languages}
    served = {code.lower() for code in unit.languages} | {code.lower() for code in unit.interpreter_languages}
    if registration.language_required and not (spoken & served or ("*" in served and spoken)):
        found.append(("language", {"languages": sorted(spoken)}))
    for threat in registration.threats:
        km = haversine(threat.lat, threat.lon, location.lat, location.lon)
        if km < threat.min_km:
            found.append(("threat_distance", {"km": km, "min_km": threat.min_km}))
            break
    too_far = False
    for point in registration.within:
        km = haversine(point.lat, point.lon, location.lat, location.lon)
        if km > point.max_km and not too_far:
            too_far = True
            found.append(("within_reach", {"km": km, "max_km": point.max_km}))
    avoided = {
        "avoided_region": (location.region, registration.avoided_regions),
        "avoided_location": (location.id, registration.avoided_locations),
        "avoided_provider": (location.provider, registration.avoided_providers),
        "avoided_unit": (unit.id, registration.avoided_units),
    }
    found.extend(
        (rule, {rule.removeprefix("avoided_"): own}) for rule, (own, listed) in avoided.items() if own in listed
    )
    missing = [code for code in registration.needs if code not in unit.specialisms]
    if missing:
        found.append(("needs", {"missing": missing}))
    return found


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
    """The objective of one placement, term by term as in docs/guide/matching.md."""
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
