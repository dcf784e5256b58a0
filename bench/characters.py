"""Three generators of problems with different characters. All have the same sizes and seeds. All persons are
fictitious.

- `plain`: mostly registrations of a single person, in format 1 (`bench/generator.py`).
- `groups`: the same shelters in format 2, with groups at every level, places to reach, and old counts of beds.
- `rooms`: problems with hard room allocation: large households, room needs, minors, and cliques to keep apart.
"""

import json
from collections import defaultdict

import numpy as np

from bench.generator import FEATURES, SCHEMES, Draw, Row, Size
from matching import PROBLEM_FORMAT, Problem, read_problem
from matching.eligibility import pair_tables
from matching.index import Index

LEVELS = ("unit", "location", "region")
FRESHNESS = ("fresh", "ageing", "stale", "never"), (0.55, 0.25, 0.15, 0.05)
GROUPED = 0.25  # the share of registrations that belong to a group
GROUP = (2, 3, 4, 5), (0.5, 0.25, 0.15, 0.1)  # sizes of a group in registrations, and the share of each size
REACHING = 0.15  # the share of registrations with a place that must be within reach
CLIQUE = (4, 5, 6, 7, 8)


class Groups(Draw):
    """Problems in format 2. Half of the groups must be placed together; the others get points for it. Every group has a
    place that is open to all its members.
    """

    def problem(self) -> Row:
        raw = super().problem() | {"format": PROBLEM_FORMAT}
        for unit in raw["units"]:
            unit["freshness"] = self.one(*FRESHNESS)
        open_to = self.open_to(raw)
        location_of = {unit["id"]: unit["location"] for unit in raw["units"]}
        places = {place["id"]: place for place in raw["locations"]}
        for row in raw["registrations"]:
            if open_to[row["id"]] and self.chance(REACHING):
                near = places[location_of[self.one(tuple(open_to[row["id"]]))]]
                reach = {"lat": round(near["lat"] + 0.012, 5), "lon": near["lon"], "max_km": self.one((25, 50, 100))}
                row["within"] = [reach]
        return raw | {"together": self.groups(raw, self.open_to(raw))}

    def open_to(self, raw: Row) -> dict[str, list[str]]:
        """Returns, by registration, the units that no pair rule forbids."""
        index = Index(read_problem(json.dumps(raw).encode()))
        rows = list(index.registrations.values())
        allowed = np.ones((len(rows), len(index.units)), dtype=np.bool_)
        for _, table, of in pair_tables(index, rows):
            allowed &= table[of]
        units = np.array(list(index.units))
        return {row.id: units[open_units].tolist() for row, open_units in zip(rows, allowed, strict=True)}

    def groups(self, raw: Row, open_to: dict[str, list[str]]) -> list[Row]:
        location_of = {unit["id"]: unit["location"] for unit in raw["units"]}
        region_of = {place["id"]: place["region"] for place in raw["locations"]}
        at: dict[tuple[str, str], list[str]] = defaultdict(list)  # registrations, by level of the group and place
        for name, units in open_to.items():
            for unit in units:
                for level, place in zip(LEVELS, (unit, location_of[unit], region_of[location_of[unit]]), strict=True):
                    at[level, place].append(name)
        free, groups = dict.fromkeys(open_to), []
        while len(open_to) - len(free) < GROUPED * len(open_to):
            level = LEVELS[len(groups) % len(LEVELS)]
            place = self.one(tuple(sorted(place for where, place in at if where == level)))
            mates = [name for name in dict.fromkeys(at[level, place]) if name in free]
            members = [str(name) for name in self.random.permutation(mates)[: self.one(*GROUP)]]
            if len(members) >= GROUP[0][0]:
                groups.append({"id": f"G{len(groups):05}", "registrations": members, "where": level})
                groups[-1]["must"] = len(groups) % 2 == 0
                for name in members:
                    del free[name]
            elif not mates:
                del at[level, place]
        return groups


class HardRooms(Draw):
    """Problems with rooms of three and four beds. Half of the rooms already have occupants, all of the same kind. Some
    households may share a room; others need whole rooms.
    """

    BEDS = (0.15, 0.25, 0.25, 0.35)
    PARTLY = 0.2

    def __init__(self, size: Size, seed: int) -> None:
        """Draws more beds than the other generators, because a registration has about three persons here. The number of
        beds for each person is the same.
        """
        super().__init__(size._replace(beds=round(1.8 * size.beds)), seed)

    def problem(self) -> Row:
        raw = super().problem()
        rows, first = raw["registrations"], 0
        while first < len(rows) // 3:  # the first third of the registrations gets cliques
            clique = [row["id"] for row in rows[first : first + self.one(CLIQUE)]]
            for row in rows[first : first + len(clique)]:
                row["keep_apart"] = [name for name in clique if name > row["id"]]
            first += len(clique)
        return raw

    def unit(self, number: int, locations: list[Row]) -> Row:
        unit = super().unit(number, locations)
        return unit | {"min_age": min(unit["min_age"], 14)} if self.chance(0.4) else unit

    def room(self, number: int, unit: Row, beds: int) -> Row:
        return super().room(number, unit, beds) | {"features": self.some(FEATURES, 0.4)}

    def registration(self, number: int, locations: list[Row]) -> Row:
        row = super().registration(number, locations)
        gender, age = row["persons"][0].values()
        kind = self.one(("alone", "sharing", "family", "minors"), (0.35, 0.3, 0.2, 0.15))
        more: list[Row] = []
        if kind == "sharing":
            more = [{"gender": gender, "age": age}] * int(self.random.integers(1, 5))
        elif kind == "family":
            ages = self.random.integers(0, 17, int(self.random.integers(3, 7))).tolist()
            more = [{"gender": self.one(("female", "male")), "age": child} for child in ages]
        elif kind == "minors":
            age = int(self.random.integers(14, 18))
            more = [{"gender": gender, "age": age}] * int(self.random.integers(0, 3))
        if kind == "family":
            age = max(age, 18)
        schemes = SCHEMES if kind == "minors" else row["schemes"]
        return row | {
            "persons": [{"gender": gender, "age": age}, *more],
            "schemes": [str(scheme) for scheme in self.random.permutation(schemes)],
            "room_needs": self.some(FEATURES, 0.2),
            "private_room": False,
        }


CHARACTERS: dict[str, type[Draw]] = {"plain": Draw, "groups": Groups, "rooms": HardRooms}


def generated(size: Size, seed: int, character: str) -> Problem:
    """Returns a problem. `character`: the generator to use."""
    return read_problem(json.dumps(CHARACTERS[character](size, seed).problem()).encode())
