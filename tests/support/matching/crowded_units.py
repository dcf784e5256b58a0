"""Units full of fixed households, with few possible room allocations: families of hard problems.

Each function gives the registrations and the rooms; `fixed` makes a problem of them. What is known beforehand of a
family, whether there are rooms for all, is in its docstring.
"""

import random
from itertools import combinations

from tests.support.matching.problem_parts import person, problem, registration, room

KINDS = ("female", "male", "other")


def fixed(crowd, *others):
    """Makes a problem with everybody of the crowd fixed in U1; the others are open."""
    rows, rooms = crowd
    return problem([*rows, *others], rooms=rooms, fixed=[(row["id"], "U1") for row in rows])


def pairs_of_features(seed, households=9, features=5):
    """Households of two who share and need two features; as many rooms of two beds, each with two features."""
    r = random.Random(seed)
    codes = [f"f{i}" for i in range(features)]
    both = list(combinations(codes, 2))
    r.shuffle(both)
    rooms = [room(f"R{i:02}", beds=2, features=list(both[i % len(both)])) for i in range(households)]
    rows = [registration(f"A{i:02}", persons=[person()] * 2, room_needs=r.sample(codes, 2)) for i in range(households)]
    return rows, rooms


def hall(households, spare):
    """Makes households of which half need a feature. One room fewer than these households has it (no), and `spare` more
    (1: yes).
    """
    needing = households // 2
    rooms = [
        room(f"R{i:02}", beds=2 + i % 3, features=[f"x{i}", *(["lift"] if i < needing - 1 + spare else [])])
        for i in range(households + 1)
    ]
    rows = [
        registration(f"A{i:02}", persons=[person()] * 2, private_room=True, room_needs=["lift"] if i < needing else [])
        for i in range(households)
    ]
    return rows, rooms


def pigeons(families, spare):
    """Families of three who take two rooms of two beds each, and one room too few (no), or `spare` more (1: yes).

    Beds enough are left, in rooms that are occupied in part.
    """
    rooms = [room(f"R{i:02}", beds=2, features=[f"x{i}"]) for i in range(2 * families - 1 + spare)]
    lived_in = [{"registration": "X1", "gender": "female"}]
    rooms += [room(f"S{i:02}", beds=3, free_beds=2, occupants=lived_in) for i in range(families)]
    return [registration(f"A{i:02}", persons=[person()] * 3, private_room=True) for i in range(families)], rooms


def odd_numbers(rooms, spare):
    """Makes odd numbers of women and of men, who just fill rooms with even numbers of beds (no); `spare`: so many fewer
    of each.
    """
    r = random.Random(rooms)
    sizes = [2 * r.randint(2, 9) for _ in range(rooms)]
    women = sum(sizes) // 2 + 1 - sum(sizes) // 2 % 2
    rows = []
    for name, gender, number in (("A", "female", women - spare), ("B", "male", sum(sizes) - women - spare)):
        rows += [
            registration(f"{name}{first:03}", persons=[person(gender)] * min(20, number - first))
            for first in range(0, number, 20)
        ]
    return rows, [room(f"R{i:02}", beds=beds) for i, beds in enumerate(sizes)]


def alike(households, spare):
    """Households of two who need two features, of which single rooms have one each: one too few (no)."""
    rooms = [room(f"R{i:02}", features=["lift"]) for i in range(households)]
    rooms += [room(f"S{i:02}", features=["ramp"]) for i in range(households - 1 + spare)]
    rooms += [room("T1", beds=2)]
    rows = [registration(f"A{i:02}", persons=[person()] * 2, room_needs=["lift", "ramp"]) for i in range(households)]
    return rows, rooms


def three_features(seed, households=8, features=4):
    """Makes households of three who need a feature of each of three sorts, in single rooms with a
    feature of each sort.
    """
    r = random.Random(seed)

    def some():
        return [f"{sort}{r.randrange(features)}" for sort in "abc"]

    rooms = [room(f"R{i:02}", features=some()) for i in range(3 * households)]
    return [registration(f"A{i:02}", persons=[person()] * 3, room_needs=some()) for i in range(households)], rooms


def mixture(seed, households=8, rooms=12):
    """Makes a mixture of kinds, private households, occupants, days, features, and rooms with up to three beds."""
    r = random.Random(seed)
    codes = ["lift", "ramp", "bath", "cot"]
    days = ["2026-11-24", "2026-11-24", "2026-11-25"]
    spaces = []
    for i in range(rooms):
        beds, lived_in = r.randint(1, 3), r.random() < 0.2
        occupants = [{"registration": f"X{i}", "gender": r.choice(KINDS), "minor": False}] if lived_in else []
        facts = {"features": r.sample(codes, 2), "free_from": r.choice(days), "occupants": occupants}
        spaces.append(room(f"R{i:02}", beds=beds + lived_in, free_beds=beds, **facts))
    rows = []
    for i in range(households):
        facts = {"room_needs": r.sample(codes, r.choice([0, 1, 1, 2])), "private_room": r.random() < 0.35}
        persons = [person(r.choice(KINDS[:2]))] * r.choice([1, 1, 2, 2, 3])
        rows.append(registration(f"A{i:02}", persons=persons, needed_by=r.choice(days), **facts))
    return rows, spaces


FAMILIES = {  # the crowd, and whether there are rooms for all (`None`: an independent model decides)
    **{f"hall {n}, {spare} more": (hall(n, spare), bool(spare)) for n in (10, 24) for spare in (0, 1)},
    **{f"pigeons {n}, {spare} more": (pigeons(n, spare), bool(spare)) for n in (8, 20) for spare in (0, 1)},
    **{f"odd numbers {n}, {spare} fewer": (odd_numbers(n, spare), bool(spare)) for n in (12, 40) for spare in (0, 1)},
    **{f"alike {n}, {spare} more": (alike(n, spare), bool(spare)) for n in (9, 20) for spare in (0, 1)},
    **{f"pairs of features {seed}": (pairs_of_features(seed), None) for seed in range(6)},
    **{f"pairs of features, ten {seed}": (pairs_of_features(seed, 10, 7), None) for seed in range(3)},
    **{f"three features {seed}": (three_features(seed), None) for seed in range(3)},
    **{f"three features, sixteen {seed}": (three_features(seed, 16, 6), None) for seed in range(3)},
}
