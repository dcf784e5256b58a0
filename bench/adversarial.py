"""Adversarial problems: for each kind, a problem of a given size that is hard to solve. All persons are fictitious."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from matching import Problem, read_problem

Row = dict[str, Any]
AS_OF = "2026-11-24"


def many_ties(size: int) -> Problem:
    """Returns a problem full of symmetry: all registrations and all beds are equal, with a bed for two persons."""
    return _problem(
        [_person(i) for i in range(size)], [_unit(i) for i in range(size // 4)], [(i, 2) for i in range(size // 4)]
    )


def genders_in_conflict(size: int) -> Problem:
    """Returns a problem in which women, men, others and minors compete for rooms with four beds. All persons in a room
    must be of the same gender, and all adults or all minors.
    """
    people = [
        _person(
            i,
            persons=[{"gender": ("female", "male", "other")[i % 3], "age": 16 if i % 4 == 0 else 30}],
            waiting_days=i % 7,
        )
        for i in range(size)
    ]
    units = [_unit(i, admits=["female", "male", "other"], min_age=12) for i in range(max(1, size // 8))]
    return _problem(people, units, [(i, 4) for i in range(len(units)) for _ in range(2)])


def cliques_to_keep_apart(size: int) -> Problem:
    """Returns a problem with nine locations. Its clients form groups of ten, in which all must be kept apart."""
    people = [
        _person(i, keep_apart=[f"A{j:06}" for j in range(i - i % 10, i)], waiting_days=i % 11) for i in range(size)
    ]
    return _problem(people, [_unit(i) for i in range(9)], [(i, 4) for i in range(9) for _ in range(1 + size // 36)])


def equal_families(size: int) -> Problem:
    """Returns a problem with many equal households: mothers with up to four children, who need whole rooms."""
    families = [
        _person(i, persons=[{"gender": "female", "age": 30}, *({"gender": "male", "age": 3} for _ in range(1 + i % 4))])
        for i in range(size)
    ]
    units = [_unit(i, children={"max_age": 17}) for i in range(max(1, size // 10))]
    return _problem(families, units, [(i, 1 + (i + j) % 4) for i in range(len(units)) for j in range(8)])


def one_that_everybody_wants(size: int) -> Problem:
    """Returns a problem with a unit that every client prefers: it has their language and preferred needs. The other
    units only have beds.
    """
    people = [_person(i, preferred_needs=["psychiatric", "infant"], waiting_days=i % 60) for i in range(size)]
    wanted = _unit(0, languages=["ti"], specialisms=["psychiatric", "infant"])
    others = [_unit(i, interpreter_languages=["*"], languages=[]) for i in range(1, max(2, size // 10))]
    return _problem(people, [wanted, *others], [(0, 4), *((i, 3) for i in range(1, len(others) + 1))])


def nobody_anywhere(size: int) -> Problem:
    """Returns a problem in which no client can be placed, because no unit serves the required language."""
    people = [_person(i, languages=[{"code": "dz", "level": "native"}]) for i in range(size)]
    return _problem(people, [_unit(i) for i in range(size // 4)], [(i, 2) for i in range(size // 4)])


def one_bed(size: int) -> Problem:
    """Returns a problem in which all registrations compete for the only bed."""
    return _problem([_person(i, waiting_days=i % 60, urgency=1 + i % 4) for i in range(size)], [_unit(0)], [(0, 1)])


def one_registration(size: int) -> Problem:
    """Returns a problem with one registration and a very large choice of beds."""
    units = [_unit(i) for i in range(max(1, size // 20))]
    rooms = [(i % len(units), 1 + i % 4) for i in range(size * 2 // 5)]
    return _problem([_person(0, near={"lat": 52.1, "lon": 5.1})], units, rooms)


def few_ways_left(size: int) -> Problem:
    """Returns a problem with few feasible allocations. Half of the units have ten fixed households, each in a room of
    its own. Five of the rooms have a lift, and five of the households need it. A search room by room would give rooms
    with a lift to households that do not need them. All rooms differ, so the search cannot use symmetry.
    """
    full = max(1, size // 20)
    people, fixed = [], []
    for number in range(10 * full):
        needs = ["lift"] if number % 10 >= 5 else []  # noqa: PLR2004 - half of them
        two = [{"gender": "female", "age": 30}] * 2
        people.append(_person(number, persons=two, private_room=True, room_needs=needs))
        fixed.append({"registration": people[-1]["id"], "unit": f"U{number // 10:05}"})
    people += [_person(number, waiting_days=number % 60) for number in range(len(people), size)]
    rooms = [
        (unit, 2, [f"floor_{room}", *(["lift"] if room < 5 else [])])  # noqa: PLR2004 - as above
        for unit in range(full)
        for room in range(10)
    ]
    rooms += [(unit, 2, []) for unit in range(full, 2 * full)]
    return _problem(people, [_unit(number) for number in range(2 * full)], rooms, fixed)


KINDS: dict[str, tuple[Callable[[int], Problem], int]] = {
    # by kind: the function that makes the problem, and the full size
    "many ties": (many_ties, 2_000),
    "genders in conflict": (genders_in_conflict, 2_000),
    "cliques to keep apart": (cliques_to_keep_apart, 1_000),
    "equal families": (equal_families, 2_000),
    "one that everybody wants": (one_that_everybody_wants, 3_000),
    "nobody anywhere": (nobody_anywhere, 2_000),
    "5,000 registrations, one bed": (one_bed, 5_000),
    "one registration, 30,000 beds": (one_registration, 30_000),
    "few ways left": (few_ways_left, 2_000),
}


def _person(number: int, **facts: Any) -> Row:
    row = {"id": f"A{number:06}", "persons": [{"gender": "female", "age": 30}], "schemes": ["cosm"]}
    return row | {"languages": [{"code": "ti", "level": "native"}]} | facts


def _unit(number: int, **facts: Any) -> Row:
    row = {"id": f"U{number:05}", "location": f"L{number:05}", "scheme": "cosm", "admits": ["female", "other"]}
    return row | {"languages": ["ti"]} | facts


def _problem(registrations: list[Row], units: list[Row], rooms: list[Any], fixed: Sequence[Row] = ()) -> Problem:
    """Returns the problem with these rows. `rooms`: for each room the position of its unit, the number of beds (all
    free), and optionally its features.
    """
    locations = [
        {"id": unit["location"], "provider": f"P{number % 7}", "region": f"region-{number % 5}"}
        | {"lat": 51.0 + number % 40 * 0.05, "lon": 4.0 + number // 40 % 60 * 0.05}
        for number, unit in enumerate(units)
    ]
    rows = [
        {"id": f"R{number:06}", "unit": units[unit]["id"], "beds": beds, "free_beds": beds}
        | {"features": list(*features)}
        for number, (unit, beds, *features) in enumerate(rooms)
    ]
    whole = {"format": "placement-problem/1", "as_of": AS_OF, "locations": locations, "units": units, "rooms": rows}
    return read_problem(json.dumps(whole | {"registrations": registrations, "fixed": list(fixed)}).encode())
