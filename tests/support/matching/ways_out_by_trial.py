"""Ways out again, by trying all subsets of the changes: on plain dictionaries, sharing no code with the engine.

The changes are written from the guide ("Ways out"); `brute_force.py` decides whether a set opens the unit.
"""

import math
import pickle
from datetime import date, timedelta
from itertools import combinations, permutations

from tests.support.matching.brute_force import Brute, km, main_persons, private

IMPOSERS = dict.fromkeys(["gender", "age", "children", "high_care"], "shelter") | {
    **dict.fromkeys(["mixed_accepted", "avoided_region", "together"], "client"),
    "scheme": None,
}
SAFETY = {"threat_distance", "avoided_region", "avoided_location", "avoided_provider", "avoided_unit", "keep_apart"}
BY_HAND = {"gender", "age", "children"} | SAFETY
"""Rules that a person alone sets aside."""
WHO = {
    "accepts_mixed": ["client"],
    "private_room": ["client"],
    "room_need": ["client"],
    "split": ["client"],
    "third_room": ["client", "shelter"],
    "min_age": ["shelter"],
    "max_age": ["shelter"],
    "boys_max_age": ["shelter"],
    "interpreter": ["shelter"],
    "specialism": ["shelter"],
    "high_care_limit": ["shelter"],
    "resident_moved": ["resident", "shelter"],
    "needed_by": ["registrant"],
    "min_km": ["desk", "registrant"],
    "max_km": ["registrant"],
    "avoided_unit": ["coordinator", "desk"],
}
KM = {"min_km": "threats", "max_km": "within"}
LEVELS = ["native", "fluent", "basic"]
LATE = ["resident_moved", "third_room"]  # made after all others, in this order


def step(rule, what, unit, /, **facts):
    agree = WHO.get(what) or sorted({"desk", IMPOSERS.get(rule, "coordinator")} - {None})
    return {"rule": rule, "what": what, "unit": unit["id"], "agree": agree, "safety": rule in SAFETY, "facts": facts}


def copied(rows):
    """Returns a deep copy, several times as fast as by `copy`."""
    return pickle.loads(pickle.dumps(rows))  # noqa: S301  (its own bytes)


class World:
    """A problem under changes, with the registration, or its two parts, in place."""

    def __init__(self, raw, registration, unit):
        self.raw = copied(raw)
        self.parts = [(registration, unit)]
        self.waived = set()

    def unit(self, name):
        return next(row for row in self.raw["units"] if row["id"] == name)

    def pairs(self):
        rows = {row["id"]: row for row in self.raw["registrations"]}
        return [(rows[registration], self.unit(unit)) for registration, unit in self.parts]

    def with_parts_fixed(self):
        fixed = [{"registration": registration, "unit": unit} for registration, unit in self.parts]
        return self.raw | {"fixed": [*self.raw["fixed"], *fixed]}

    def broken(self):
        """Returns the rules that a part breaks, with the other part and the fixed registrations in place."""
        raw = self.with_parts_fixed()
        place = self.unit(self.parts[0][1])["location"]
        units = [row for row in raw["units"] if row["location"] == place]
        names = {row["id"] for row in units}
        near = raw | {"units": units, "rooms": [row for row in raw["rooms"] if row["unit"] in names], "together": []}
        brute = Brute(near | {"fixed": [row for row in raw["fixed"] if row["unit"] in names]})
        found = {rule for part, unit in self.parts for rule in brute.explain(part)[unit]}
        whole = Brute(raw)
        found |= {"together" for part, unit in self.parts if whole.split_by(part, unit, whole.fixed)}
        return found - self.waived

    def total(self):
        """Returns the best total with the registration, or both its parts, in place; `None` if there is no answer."""
        return Brute(self.raw).best(*self.parts, waive=self.waived)

    def is_open(self):
        return not self.broken() and self.total() is not None

    def is_bound(self):
        """Checks whether it must be together with others, without a waiver."""
        own = self.parts[0][0]
        groups = [row for row in self.raw.get("together", []) if row["must"] and own in row["registrations"]]
        return bool(groups) and "together" not in self.waived

    def with_changes(self, changes):
        """Returns the world after these changes, or `None` if they cannot be made together."""
        left = [row["facts"]["room"] for row in changes if row["what"] == "resident_moved"]
        entered = [row["facts"]["to"] for row in changes if row["what"] == "resident_moved"]
        if set(left) & set(entered):
            return None
        new = World(self.raw, *self.parts[0])
        new.parts, new.waived = list(self.parts), set(self.waived)
        in_order = sorted(changes, key=lambda row: LATE.index(row["what"]) if row["what"] in LATE else -1)
        return new if all(new.make(row) for row in in_order) else None

    def make(self, change):
        """Makes the change if it is possible, and returns whether it was."""
        facts, what = change["facts"], change["what"]
        rooms = {row["id"]: row for row in self.raw["rooms"]}
        if what == "waived":
            self.waived.add(change["rule"])
        elif what == "split":
            self.split(facts["persons"], facts["to_unit"])
        elif what == "resident_moved":
            return move(rooms[facts["room"]], rooms[facts["to"]], facts["persons"])
        elif what == "third_room":
            return join(self.raw["rooms"], *(rooms[name] for name in sorted(facts["rooms"])))
        elif WHO[what] == ["shelter"]:
            change_unit(self.unit(change["unit"]), change["rule"], what, facts)
        else:
            for row, _ in self.pairs():
                change_registration(row, what, facts)
        return True

    def split(self, persons, unit):
        [(row, _)] = self.pairs()
        naming = [other["id"] for other in self.raw["registrations"] if row["id"] in other["keep_apart"]]
        other = copied(row) | {"id": f"{row['id']}+", "keep_apart": [*row["keep_apart"], *naming]}
        other["persons"] = [row["persons"][number] for number in persons]
        row["persons"] = [one for number, one in enumerate(row["persons"]) if number not in persons]
        self.raw["registrations"].append(other)
        for group in self.raw.get("together", []):
            if group["must"] and row["id"] in group["registrations"]:
                group["registrations"].append(other["id"])
        self.parts.append((other["id"], unit))


def change_registration(row, what, facts):
    if what == "room_need":
        row["room_needs"] = [code for code in row["room_needs"] if code != facts["need"]]
    elif what == "avoided_unit":
        row["avoided_units"] = [name for name in row["avoided_units"] if name != facts["unit"]]
    elif what in KM:
        points = row[KM[what]]
        number = [one[what] for one in points].index(facts["before"])
        points[number] = points[number] | {what: facts["after"]}
    else:
        row[what] = facts["after"]


def change_unit(row, rule, what, facts):
    if what == "interpreter":
        row["interpreter_languages"] = [*row["interpreter_languages"], facts["language"]]
    elif what == "specialism":
        row["specialisms"] = [*row["specialisms"], facts["need"]]
    else:
        (row["children"] if rule == "children" else row)[what] = facts["after"]


def households(room):
    return [
        [row for row in room["occupants"] if row["registration"] == name]
        for name in sorted({row["registration"] for row in room["occupants"]})
    ]


def move(left, entered, persons):
    """Moves a household of so many persons from one room to the other, if it fits, and returns whether it did."""
    for household in households(left):
        kinds = {(row["gender"], row["minor"]) for row in household}
        whole = len(kinds) > 1 or (not left["free_beds"] and len(household) == len(left["occupants"]))
        met = {(row["gender"], row["minor"]) for row in entered["occupants"]}
        if len(household) == persons <= entered["free_beds"] and not (met if whole else met - kinds):
            left["occupants"] = [row for row in left["occupants"] if row not in household]
            left["free_beds"] += persons
            entered["occupants"] = [*entered["occupants"], *household]
            entered["free_beds"] -= entered["free_beds"] if whole else persons
            return True
    return False


def join(rooms, first, second):
    """Joins two empty rooms as a single room, and returns whether that was possible."""
    if first["occupants"] or second["occupants"] or not (first["free_beds"] and second["free_beds"]):
        return False
    first["beds"] += second["beds"]
    first["free_beds"] += second["free_beds"]
    first["free_from"] = max(first["free_from"], second["free_from"])
    first["features"] = sorted({*first["features"], *second["features"]})
    rooms.remove(second)
    return True


# the changes that there are


def splits(raw, registration, unit):
    """Returns each split, as a change: the first adult stays, the children stay together."""
    persons = registration["persons"]
    adults = [number for number, one in enumerate(persons) if one["age"] > 17]
    children = [number for number, one in enumerate(persons) if one["age"] <= 17]
    seen = []
    for size in range(1, len(adults)):
        for going in combinations(adults[1:], size):
            for apart in (sorted(going), sorted([*going, *children])):
                people = sorted((persons[n]["gender"], persons[n]["age"]) for n in apart)
                if people not in seen:
                    seen.append(people)
                    for other in raw["units"]:
                        if other["location"] == unit["location"]:
                            yield step("rooms", "split", unit, persons=apart, to_unit=other["id"])


def offers(world):
    """Returns, by rule, the changes that it offers in this world; a change that two parts offer is there once."""
    found = {}
    for reg, unit in world.pairs():
        loc = next(row for row in world.raw["locations"] if row["id"] == unit["location"])
        rooms = [row for row in world.raw["rooms"] if row["unit"] == unit["id"]]
        rows = own_changes(reg, unit, loc) | {"rooms": list(room_changes(reg, unit, rooms, world.raw["as_of"]))}
        for rule, changes in rows.items():
            known = [effect(row) for row in found.get(rule, [])]  # a household that moves can have one alike
            found.setdefault(rule, []).extend(row for row in changes if effect(row) not in known)
    return found


def effect(change):
    facts = {name: fact for name, fact in change["facts"].items() if name != "admits"}
    return change["what"], facts, change["unit"] if "shelter" in change["agree"] else None


def own_changes(reg, unit, loc):
    ages = [one["age"] for one in main_persons(reg)]
    kids = [one for one in reg["persons"] if one not in main_persons(reg)]
    boys = [one["age"] for one in kids if one["gender"] == "male"]
    limits = unit["children"] or {}
    best = min(reg["languages"], key=lambda one: LEVELS.index(one["level"]))
    mixed = {"admits": sorted(unit["admits"]), "before": False, "after": True}
    missing = sorted(set(reg["needs"]) - set(unit["specialisms"]))
    found = {
        "mixed_accepted": [step("mixed_accepted", "accepts_mixed", unit, **mixed)],
        "language": [step("language", "interpreter", unit, language=best["code"])],
        "avoided_unit": [step("avoided_unit", "avoided_unit", unit, unit=unit["id"])],
        "needs": [step("needs", "specialism", unit, need=need) for need in missing],
        "age": [],
        "children": [],
        "threat_distance": [],
        "within_reach": [],
        "high_care": [],
    }
    if 0 < unit["min_age"] - min(ages) <= 2 and (min(ages) > 17 or unit["min_age"] < 18):
        found["age"].append(step("age", "min_age", unit, before=unit["min_age"], after=min(ages)))
    if 0 < max(ages) - unit["max_age"] <= 2 and (max(ages) < 18 or unit["max_age"] > 17):
        found["age"].append(step("age", "max_age", unit, before=unit["max_age"], after=max(ages)))
    for limit, theirs in (("max_age", [one["age"] for one in kids]), ("boys_max_age", boys)):
        if limits and theirs and 0 < max(theirs) - limits[limit] <= 2:
            found["children"].append(step("children", limit, unit, before=limits[limit], after=max(theirs)))
    for threat in reg["threats"]:
        far = km(threat, loc)
        if far < threat["min_km"] and math.floor(far) >= 0.75 * threat["min_km"]:
            facts = {"km": math.floor(far * 10) / 10, "before": threat["min_km"], "after": math.floor(far)}
            found["threat_distance"].append(step("threat_distance", "min_km", unit, **facts))
    for point in reg.get("within", []):
        far = km(point, loc)
        if far > point["max_km"] and math.ceil(far) <= 1.25 * point["max_km"]:
            facts = {"km": math.ceil(far * 10) / 10, "before": point["max_km"], "after": math.ceil(far)}
            found["within_reach"].append(step("within_reach", "max_km", unit, **facts))
    limit = unit["high_care_limit"] or 0
    found["high_care"].append(step("high_care", "high_care_limit", unit, before=limit, after=limit + 1))
    return found


def room_changes(reg, unit, rooms, as_of):
    by = max(reg["needed_by"], as_of)
    last = (date.fromisoformat(by) + timedelta(days=7)).isoformat()
    for day in sorted({row["free_from"] for row in rooms if by < row["free_from"] <= last}):
        yield step("rooms", "needed_by", unit, before=by, after=day)
    if reg["private_room"]:
        yield step("rooms", "private_room", unit, before=True, after=False)
    for need in sorted(set(reg["room_needs"])):
        yield step("rooms", "room_need", unit, need=need)
    for left, entered in permutations(rooms, 2):
        if entered["free_from"] <= as_of and set(left["features"]) <= set(entered["features"]):
            for persons in map(len, households(left)):
                if move(copied(left), copied(entered), persons):
                    facts = {"room": left["id"], "to": entered["id"], "persons": persons}
                    yield step("rooms", "resident_moved", unit, **facts)
    if private(reg) and len(reg["persons"]) > 2:
        for pair in combinations(sorted(row["id"] for row in rooms), 2):
            yield step("rooms", "third_room", unit, rooms=list(pair))


def vocabulary(world):
    """Returns the changes for the rules that are broken in this world; a waiver if a rule's own
    changes are not enough.
    """
    offered, found = offers(world), []
    for rule in sorted(world.broken()):
        own = offered.get(rule, [])
        if rule != "rooms":
            changed = world.with_changes(own)
            if not own or changed is None or rule in changed.broken():
                own = [] if rule in BY_HAND else [step(rule, "waived", world.unit(world.parts[0][1]))]
        found += own
    return found


def is_a_smaller_one(less, more):
    """Checks whether `more` contains each change of `less` as often, or the same change with a larger value."""
    return all(less.count(row) <= more.count(row) or any(is_smaller(row, other) for other in more) for row in less)


def is_smaller(change, other):
    facts, of_other = change["facts"], other["facts"]
    return change["what"] == other["what"] == "needed_by" and facts["after"] <= of_other["after"]


def smallest(world, most, first=()):
    """Returns the smallest sets of at most `most` changes that open the unit; tries all of them, the smaller sets
    first.
    """
    words, found = vocabulary(world), []
    for size in range(most + 1):
        for changes in combinations(words, size):
            days = [row for row in changes if row["what"] == "needed_by"]
            joined = [row for row in changes if row["what"] == "third_room"]
            if len(days) > 1 or len(joined) > 1 or any(is_a_smaller_one(less, changes) for less in found):
                continue
            changed = world.with_changes(changes)
            if changed is not None and not changed.broken():
                found = [other for other in found if not is_a_smaller_one(changes, other)] + [changes]
    return [[*first, *changes] for changes in found]


def ways_out(raw, name, most):
    """Returns, by closed unit, the smallest sets of at most `most` changes that open it.

    If a set is enough for the registration but leaves its group without a place, the waiver of the group is added.
    """
    [reg] = [row for row in raw["registrations"] if row["id"] == name]
    found = {}
    for unit in raw["units"]:
        world = World(raw, name, unit["id"])
        if world.broken():
            found[unit["id"]] = smallest(world, most)
            for split in splits(raw, reg, unit):
                sets = smallest(world.with_changes([split]), most - 1, (split,))
                found[unit["id"]] += [changes for changes in sets if not opens_whole(world, changes[1:])]
            sets = (with_the_group(world, changes, most) for changes in found[unit["id"]])
            found[unit["id"]] = [changes for changes in sets if changes is not None]
        elif world.is_bound():
            found[unit["id"]] = list(filter(None, [with_the_group(world, [], most)]))
    return found


def with_the_group(world, changes, most):
    """Returns the changes if the group then has a place, else adds its waiver; `None` if the waiver does not help
    either.
    """
    if not any(group["must"] for group in world.raw.get("together", [])):
        return changes
    changed = world.with_changes(changes)
    if changed.total() is not None:
        return changes
    more = [*changes, step("together", "waived", world.unit(world.parts[0][1]))]
    if not changed.is_bound() or len(more) > most or world.with_changes(more).total() is None:
        return None
    return more


def opens_whole(world, changes):
    """Checks whether some of these changes open the unit to the household as a whole."""
    for size in range(len(changes) + 1):
        for some in combinations(changes, size):
            changed = world.with_changes(some)
            if changed is not None and not changed.broken():
                return True
    return False
