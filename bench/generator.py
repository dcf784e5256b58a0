"""Random problems of any size. The same size and seed give the same problem. All persons are fictitious.

Beds are scarce: there are at least as many persons as free beds. Each registration is eligible at 5 to 40 % of the
locations; in tiny problems at a single location or more.
"""

import json
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from matching import Problem, read_problem
from matching.eligibility import pair_rows
from matching.index import Index

Row = dict[str, Any]
AS_OF = "2026-11-24"
DAYS = ("2026-11-24", "2026-11-24", "2026-11-24", "2026-11-26", "2026-12-01")
NEEDED_BY = ("2026-11-24", "2026-11-24", "2026-11-25", "2026-11-27", "2026-12-02")
SCHEMES = ("cosm", "omm", "womens", "mens", "social", "minors", "crisis")
SCHEME_SHARES = (0.22, 0.18, 0.2, 0.08, 0.16, 0.06, 0.1)
ADMITS = (("female", "other"), ("female",), ("male",), ("female", "male", "other"))
LANGUAGES = ("nl", "en", "fr", "ar", "es", "ti", "ro", "zh", "pl", "vi")
LEVELS = ("native", "fluent", "basic")
CODES = ("psychiatric", "addiction", "pregnancy", "infant", "family")
FEATURES = ("ground_floor", "private_bathroom", "wheelchair")
ADULT, YOUNG = 18, 21
SPARSE = 0.05, 0.4  # smallest and largest share of the locations at which a registration is eligible
ROWS_AT_ONCE = 1_000
CANDIDATES = 4  # candidates drawn for each registration


class Size(NamedTuple):
    """The size of a problem. `occupied`: the share of rooms that are full. `spread`: the extent of the country in
    degrees.
    """

    registrations: int
    beds: int
    locations: int
    units_per_location: float
    occupied: float
    spread: float


SIZES = {
    "tiny": Size(8, 24, 6, 1.8, 0.4, 1.0),
    "national": Size(25, 120, 30, 1.7, 0.64, 2.5),
    "national-empty": Size(25, 120, 30, 1.7, 0.0, 2.5),
    "eu": Size(2_000, 3_000, 300, 1.91, 0.08, 12.0),
    "world": Size(20_000, 30_000, 2_000, 2.6, 0.08, 40.0),
}


def size_for(registrations: int) -> Size:
    """Returns the size of a problem with this number of registrations. Beds and locations are in the same proportion as
    in `eu`.
    """
    locations = max(4, round(registrations * 0.13))
    return Size(registrations, round(registrations * 1.5), locations, 2.0, 0.08, 12.0)


def generate(size: Size, seed: int) -> bytes:
    """Returns a random problem as JSON."""
    return json.dumps(Draw(size, seed).problem(), separators=(",", ":")).encode()


def problem(size: Size, seed: int) -> Problem:
    return read_problem(generate(size, seed))


class Draw:
    """The generator of a problem. It draws the shelters first, then registrations that are eligible at some of them.
    Subclasses draw other kinds of problems.
    """

    BEDS: tuple[float, ...] = (0.45, 0.33, 0.1, 0.12)  # shares of rooms with 1, 2, 3 and 4 beds
    PARTLY = 0.08  # the share of taken beds in rooms that are not full

    def __init__(self, size: Size, seed: int) -> None:
        self.size = size
        self.random = np.random.default_rng(seed)
        self.regions = [f"region-{number}" for number in range(max(4, size.locations // 12))]

    def one(self, things: tuple[Any, ...], shares: tuple[float, ...] | None = None) -> Any:
        return things[int(self.random.choice(len(things), p=shares))]

    def some(self, things: tuple[str, ...], chance: float) -> list[str]:
        return [thing for thing in things if self.random.random() < chance]

    def chance(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def point(self) -> Row:
        spread = self.size.spread
        lat, lon = self.random.uniform(-0.5, 0.5, 2) * spread
        return {"lat": round(52.0 * min(1.0, 20 / spread) + lat, 5), "lon": round(5.0 + lon, 5)}

    def problem(self) -> Row:
        locations = [
            {"id": f"L{i:05}", "provider": f"P{int(self.random.integers(0, max(3, self.size.locations // 3)))}"}
            | {"region": self.regions[int(self.random.integers(0, len(self.regions)))]}
            | self.point()
            for i in range(self.size.locations)
        ]
        units = [self.unit(i, locations) for i in range(round(self.size.locations * self.size.units_per_location))]
        rooms = self.rooms(units)
        rest = {"format": "placement-problem/1", "as_of": AS_OF, "locations": locations, "units": units, "rooms": rooms}
        registrations = self.sparse(rest)
        for row in registrations:
            if self.chance(0.04):
                other = registrations[int(self.random.integers(0, len(registrations)))]["id"]
                row["keep_apart"] = [other] if other != row["id"] else []
        return rest | {"registrations": registrations}

    def sparse(self, rest: Row) -> list[Row]:
        """Returns the candidates that are eligible at neither too few nor too many locations."""
        drawn = [self.registration(i, rest["locations"]) for i in range(CANDIDATES * self.size.registrations)]
        index = Index(read_problem(json.dumps(rest | {"registrations": drawn}).encode()))
        least, most = (share * self.size.locations for share in SPARSE)
        place = {name: number for number, name in enumerate(index.locations)}
        of_unit = np.array([place[unit.location] for unit in index.units.values()])
        candidates = list(index.registrations.values())
        fitting = (
            drawn[first + row]
            for first, rows in pair_rows(index, candidates, ROWS_AT_ONCE)
            for row, open_to in enumerate(rows)
            if max(1, least) <= len(np.unique(of_unit[open_to])) <= max(2, most)
        )
        return list(islice(fitting, self.size.registrations))

    def unit(self, number: int, locations: list[Row]) -> Row:
        at = number if number < len(locations) else int(self.random.integers(0, len(locations)))
        scheme = self.one(SCHEMES, SCHEME_SHARES)
        admits = ("male",) if scheme == "mens" else self.one(ADMITS, (0.42, 0.2, 0.08, 0.3))
        children = {"max_age": 17, "boys_max_age": int(self.one((12, 15, 17)))} if self.chance(0.6) else None
        interpreters = ["*"] if self.chance(0.35) else self.some(LANGUAGES[3:], 0.15)
        youngest = 12 if scheme == "minors" else int(self.one((16, 18, 18)))
        return {"id": f"U{number:05}", "location": locations[at]["id"], "scheme": scheme, "admits": list(admits)} | {
            "min_age": youngest,
            "max_age": 20 if scheme == "minors" else int(self.one((60, 120, 120))),
            "children": children,
            "languages": ["nl", *self.some(LANGUAGES[1:], 0.2)],
            "interpreter_languages": interpreters,
            "specialisms": self.some(CODES, 0.35),
            "high_care_limit": self.one((None, 1, 2, 3)),
        }

    def rooms(self, units: list[Row]) -> list[Row]:
        """Returns at least a room for every unit, until the number of beds is reached."""
        rooms: list[Row] = []
        left, turn = self.size.beds, 0
        while left > 0:
            at = turn if turn < len(units) else int(self.random.integers(0, len(units)))
            beds = min(left, int(self.one((1, 2, 3, 4), self.BEDS)))
            turn, left = turn + 1, left - beds
            rooms.append(self.room(len(rooms), units[at], beds))
        return rooms

    def room(self, number: int, unit: Row, beds: int) -> Row:
        gender = self.one(tuple(unit["admits"]))
        taken = beds if self.chance(self.size.occupied) else sum(self.chance(self.PARTLY) for _ in range(beds))
        minor = unit["scheme"] == "minors"
        occupants = [{"registration": f"X{number}-{bed}", "gender": gender, "minor": minor} for bed in range(taken)]
        return {"id": f"R{number:06}", "unit": unit["id"], "beds": beds, "free_beds": beds - taken} | {
            "free_from": self.one(DAYS),
            "features": self.some(FEATURES, 0.2),
            "occupants": occupants,
        }

    def registration(self, number: int, locations: list[Row]) -> Row:
        gender = self.one(("female", "male", "other"), (0.72, 0.25, 0.03))
        age = int(self.random.integers(18, 50)) if self.chance(0.92) else int(self.random.integers(14, 18))
        persons = [{"gender": gender, "age": age}]
        kind = self.one(("alone", "children", "sisters", "couple"), (0.68, 0.2, 0.09, 0.03))
        for _ in range(0 if kind == "alone" else 1 + int(self.random.integers(0, 3 if kind == "children" else 2))):
            if kind == "children" and age >= ADULT:
                persons.append({"gender": self.one(("female", "male")), "age": int(self.random.integers(0, 16))})
            elif kind == "sisters":
                persons.append({"gender": gender, "age": age})
        if kind == "couple" and age >= ADULT:
            persons.append({"gender": "male" if gender == "female" else "female", "age": age})
        first = int(self.random.integers(1, len(LANGUAGES)))
        spoken = [{"code": LANGUAGES[first], "level": "native"}]
        if first != 1 and self.chance(0.5):
            spoken.append({"code": "en", "level": self.one(LEVELS[1:])})
        schemes = ["mens" if gender == "male" else "womens", *self.some(("cosm", "omm", "social", "crisis"), 0.35)]
        if age < YOUNG:
            schemes.append("minors")
        near, threat = self.point(), locations[int(self.random.integers(0, len(locations)))]
        danger = {"lat": round(threat["lat"] + 0.013, 5), "lon": threat["lon"], "min_km": float(self.one((25, 50, 75)))}
        return {
            "id": f"A{number:06}",
            "persons": persons,
            "schemes": [str(x) for x in self.random.permutation(schemes)],
        } | {
            "urgency": int(self.one((1, 2, 3, 4), (0.1, 0.25, 0.4, 0.25))),
            "waiting_days": int(self.random.integers(0, 70)),
            "needed_by": self.one(NEEDED_BY),
            "languages": spoken,
            "language_required": self.chance(0.6),
            "needs": self.some(CODES, 0.05),
            "preferred_needs": self.some(CODES, 0.12),
            "room_needs": self.some(FEATURES, 0.04),
            "private_room": self.chance(0.06),
            "accepts_mixed": self.chance(0.75),
            "high_care": self.chance(0.15),
            "threats": [danger] if self.chance(0.4) else [],
            "avoided_regions": [self.regions[int(self.random.integers(0, len(self.regions)))]]
            if self.chance(0.15)
            else [],
            "near": near if self.chance(0.5) else None,
        }
