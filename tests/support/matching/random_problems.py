"""Small random problems in which every rule bites now and then. Seeded: the same seed gives the same problem."""

import random

import msgspec

from matching import DEFAULT_POLICY

AS_OF = "2026-11-24"
DAYS = ["2026-11-22", "2026-11-24", "2026-11-24", "2026-11-24", "2026-11-26"]
SCHEMES = ["cosm", "omm", "womens"]
CODES = ["psychiatric", "addiction"]
FEATURES = ["ground_floor", "private_bathroom"]
POLICY_2 = msgspec.to_builtins(DEFAULT_POLICY)
POLICY = {name: weight for name, weight in POLICY_2.items() if name not in {"stale", "together"}}


def some(r, things, chance):
    return [thing for thing in things if r.random() < chance]


EASY = {"schemes": SCHEMES, "language_required": False, "needs": [], "accepts_mixed": True, "threats": []} | {
    key: [] for key in ("avoided_regions", "avoided_locations", "avoided_providers", "avoided_units")
}


def small(seed, most=5, *, easy=False):
    """Makes a small random problem. With `easy` it has only the rules about company, high care and rooms, so that there
    is more to choose.
    """
    r = random.Random(seed)
    locations = [
        {"id": f"L{i}", "provider": f"P{r.randint(1, 2)}", "region": r.choice(["noord", "zuid"])}
        | {"lat": 51.5 + 0.31 * i, "lon": 4.5 + 0.23 * i}
        for i in range(r.randint(1, 3))
    ]
    units, rooms = [], []
    for i in range(r.randint(1, 4)):
        children = r.choice([None, {"max_age": 17, "boys_max_age": 12}, {"max_age": 10, "boys_max_age": 10}])
        units.append(
            {
                "id": f"U{i}",
                "location": r.choice(locations)["id"],
                "scheme": r.choice(SCHEMES),
                "admits": r.choice([["female"], ["female", "other"], ["female", "male"], ["female", "male", "other"]]),
                "min_age": r.choice([16, 16, 18, 21]),
                "max_age": r.choice([40, 120]),
                "children": children,
                "languages": some(r, ["nl", "en"], 0.5),
                "interpreter_languages": r.choice([[], [], ["ti"], ["*"]]),
                "specialisms": some(r, CODES, 0.4),
                "high_care_limit": r.choice([None, 0, 1, 1]),
            }
        )
    for i in range(r.randint(2, 6)):
        beds = r.choice([1, 1, 2, 2, 3])
        occupants = [
            {"registration": f"X{r.randint(1, 3)}", "gender": r.choice(["female", "male"]), "minor": r.random() < 0.2}
            for _ in range(r.choice([0, 0, 0, 1]))
        ]
        free = max(0, beds - len(occupants) - r.choice([0, 0, 0, 1]))
        rooms.append(
            {
                "id": f"R{i}",
                "unit": r.choice(units)["id"],
                "beds": beds,
                "free_beds": free,
                "free_from": r.choice(DAYS),
                "features": some(r, FEATURES, 0.35),
                "occupants": occupants,
            }
        )
    registrations = [registration(r, i, locations, units) for i in range(r.randint(3, most))]
    fixed = []
    if r.random() < 0.15:
        fixed = [
            {"registration": row["id"], "unit": r.choice(units)["id"]}
            for row in r.sample(registrations, r.randint(1, 2))
        ]
    policy = POLICY | {"blocked_bed": r.choice([350, 350, 40000]), "scheme_step": r.choice([0, 800])}
    if easy:
        for row in registrations:
            row.update(EASY)
        for unit in units:
            unit.update(admits=["female", "male", "other"], min_age=0, children={"max_age": 17, "boys_max_age": 17})
    return {
        "format": "placement-problem/1",
        "as_of": AS_OF,
        "policy": policy,
        "locations": locations,
        "units": units,
        "rooms": rooms,
        "registrations": registrations,
        "fixed": fixed,
    }


def registration(r, i, locations, units):
    gender = r.choice(["female"] * 6 + ["male"] * 2 + ["other"])
    first = {"gender": gender, "age": r.choice([17, 19, 25, 30, 35, 45])}
    more = r.choice([0, 0, 0, 1, 1, 2])
    shape = r.choice(["children", "sisters", "couple"])
    persons = [first]
    for _ in range(more):
        age = r.randint(0, 17) if shape == "children" else first["age"]
        persons.append({"gender": r.choice(["female", "male"]) if shape != "sisters" else gender, "age": age})
    languages = [{"code": r.choice(["nl", "en", "ti"]), "level": r.choice(["native", "fluent", "basic"])}]
    place = r.choice(locations)
    return {
        "id": f"A{i}",
        "persons": persons,
        "schemes": r.sample(SCHEMES, r.randint(2, 3)),
        "urgency": r.randint(1, 4),
        "waiting_days": r.choice([0, 3, 70]),
        "needed_by": r.choice(DAYS),
        "languages": languages,
        "language_required": r.random() < 0.3,
        "needs": some(r, CODES, 0.08),
        "preferred_needs": some(r, CODES, 0.15),
        "room_needs": some(r, FEATURES, 0.08),
        "private_room": r.random() < 0.12,
        "accepts_mixed": r.random() < 0.7,
        "high_care": r.random() < 0.35,
        "threats": [{"lat": place["lat"] + 0.1, "lon": place["lon"], "min_km": r.choice([10, 30])}]
        * (r.random() < 0.25),
        "avoided_regions": some(r, ["noord", "zuid"], 0.07),
        "avoided_locations": some(r, [x["id"] for x in locations], 0.07),
        "avoided_providers": some(r, ["P1", "P2"], 0.07),
        "avoided_units": some(r, [x["id"] for x in units], 0.08),
        "keep_apart": some(r, ["A0", "A1", "A2", "X1", "X2", "Z9"], 0.1),
        "near": {"lat": 52.0, "lon": 5.01} if r.random() < 0.3 else None,
    }


def second(seed, most=5, *, easy=True):
    """Makes the same in format 2: groups with and without `must`, points to reach, old counts; and difficult shapes.

    These are several persons who share and need features, minors without an adult, and fixed registrations of a group.
    """
    raw, r = small(seed, most, easy=easy), random.Random(seed)
    raw["format"] = "placement-problem/2"
    raw["policy"] = POLICY_2 | raw["policy"] | {"together": r.choice([0, 700, 700, 30000])}
    for number, unit in enumerate(raw["units"]):
        beds = r.choice([1, 2, 2, 3])
        empty = {"id": f"S{number}", "unit": unit["id"], "beds": beds, "free_beds": beds, "free_from": AS_OF}
        raw["rooms"].append(empty | {"features": some(r, FEATURES, 0.5), "occupants": []})
        unit["freshness"] = r.choice(["fresh", "fresh", "ageing", "stale", "never"])
    for row in raw["registrations"]:
        place = r.choice(raw["locations"])
        point = {"lat": place["lat"] + 0.1, "lon": place["lon"], "max_km": r.choice([20, 50])}
        row["within"] = [point] * (r.random() < (0.12 if easy else 0.25))
        if r.random() < 0.2:
            row["persons"] = [row["persons"][0] | {"age": r.choice([16, 30])}] * r.choice([2, 2, 3])
        if r.random() < 0.15:
            row["room_needs"] = some(r, FEATURES, 0.5)
    raw["together"] = groups(r, [row["id"] for row in raw["registrations"]])
    for group in raw["together"]:
        first = group["registrations"][0]
        if r.random() < 0.15 and first not in {row["registration"] for row in raw["fixed"]}:
            raw["fixed"].append({"registration": first, "unit": r.choice(raw["units"])["id"]})
    return raw


def groups(r, names):
    """Groups of two and three, of some of them."""
    names, found = r.sample(names, len(names)), []
    while len(names) >= 2 and r.random() < 0.8:
        size = r.choice([2, 2, 3])
        members, names = names[:size], names[size:]
        where = r.choice(["unit", "location", "region"])
        found.append({"id": f"G{len(found)}", "registrations": members, "where": where, "must": r.random() < 0.5})
    return [group for group in found if len(group["registrations"]) >= 2]
