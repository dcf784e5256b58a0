"""The contract again, by trying everything: on plain dictionaries, sharing no code with the engine or its checker.

Only for problems of a few registrations and rooms. `without` leaves one rule out, to prove that tests can fail.
"""

import math
from functools import wraps
from itertools import combinations, product

RULES = [
    "scheme",
    "gender",
    "mixed_accepted",
    "age",
    "children",
    "language",
    "threat_distance",
    "within_reach",
    "avoided_region",
    "avoided_location",
    "avoided_provider",
    "avoided_unit",
    "needs",
    "keep_apart",
    "together",
    "high_care",
    "rooms",
]
REASONS = ["too_few_beds", "too_late", "occupied", "gender_or_minors", "room_needs"]


def main_persons(reg):
    adults = [p for p in reg["persons"] if p["age"] > 17]
    return adults or reg["persons"]


def kids(reg):
    main = main_persons(reg)
    return [p for p in reg["persons"] if p not in main]


def private(reg):
    return bool(reg["private_room"] or kids(reg) or len({p["gender"] for p in main_persons(reg)}) > 1)


def km(a, b):
    p, q = math.radians(a["lat"]), math.radians(b["lat"])
    h = math.sin((p - q) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin(math.radians(a["lon"] - b["lon"]) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


def once(method):
    """Caches a method for each registration and unit, as the problem does not change."""

    @wraps(method)
    def known(self, reg, unit, *level):
        asked = (method.__name__, reg["id"], unit["id"], *level)
        if asked not in self.known:
            self.known[asked] = method(self, reg, unit, *level)
        return self.known[asked]

    return known


class Brute:
    """Tries everything. The problem must not change while this is asked."""

    def __init__(self, problem, without=()):
        self.p = problem
        self.without = without
        self.units = {u["id"]: u for u in problem["units"]}
        self.locs = {x["id"]: x for x in problem["locations"]}
        self.regs = {r["id"]: r for r in problem["registrations"]}
        self.fixed = {f["registration"]: f["unit"] for f in problem["fixed"]}
        self.rooms = {r["id"]: r for r in problem["rooms"]}
        self.groups = problem.get("together", [])
        self.known, self.shared_as = {}, {}
        self.housed = {name: set() for name in self.locs}
        for room in problem["rooms"]:
            self.housed[self.units[room["unit"]]["location"]] |= {o["registration"] for o in room["occupants"]}

    def kind(self, reg):
        """Returns the gender, and whether it is a minor, of the people who may share rooms with it; `None` if it needs
        private rooms.
        """
        if reg["id"] not in self.shared_as:
            main = main_persons(reg)[0]
            self.shared_as[reg["id"]] = None if private(reg) else (main["gender"], main["age"] < 18)
        return self.shared_as[reg["id"]]

    @once
    def pair_broken(self, reg, unit):
        loc = self.locs[unit["location"]]
        spoken = {x["code"] for x in reg["languages"]}
        lim = unit["children"]
        main = main_persons(reg)
        bad_child = [
            c
            for c in kids(reg)
            if lim is None or c["age"] > lim["max_age"] or (c["gender"] == "male" and c["age"] > lim["boys_max_age"])
        ]
        understood = spoken & set(unit["languages"]) or spoken & set(unit["interpreter_languages"])
        understood = understood or ("*" in unit["interpreter_languages"] and spoken)
        verdict = {
            "scheme": unit["scheme"] not in reg["schemes"],
            "gender": not {p["gender"] for p in main} <= set(unit["admits"]),
            "mixed_accepted": not reg["accepts_mixed"]
            and not set(unit["admits"]) - {"other"} <= {p["gender"] for p in main},
            "age": not all(unit["min_age"] <= p["age"] <= unit["max_age"] for p in main),
            "children": bool(bad_child),
            "language": reg["language_required"] and not understood,
            "threat_distance": any(km(t, loc) < t["min_km"] for t in reg["threats"]),
            "within_reach": not all(km(w, loc) <= w["max_km"] for w in reg.get("within", [])),
            "avoided_region": loc["region"] in reg["avoided_regions"],
            "avoided_location": loc["id"] in reg["avoided_locations"],
            "avoided_provider": loc["provider"] in reg["avoided_providers"],
            "avoided_unit": unit["id"] in reg["avoided_units"],
            "needs": not set(reg["needs"]) <= set(unit["specialisms"]),
        }
        return {rule for rule, broken in verdict.items() if broken and rule not in self.without}

    def meets(self, reg, loc, others):
        """Returns the people from whom the registration must be kept apart and who are at the location, housed or among
        the others.
        """
        named = {o for o in others if o in reg["keep_apart"] or reg["id"] in self.regs[o]["keep_apart"]}
        return (self.housed[loc] & set(reg["keep_apart"])) | named

    @once
    def choices(self, reg, unit, level=5):
        """Returns all ways to take rooms in the unit alone, as `{room: persons}`, by the first `level` reasons only."""
        by = max(reg["needed_by"], self.p["as_of"])
        n = len(reg["persons"])
        rooms = [r for r in self.p["rooms"] if r["unit"] == unit["id"] and r["free_beds"] > 0]
        if level >= 2:
            rooms = [r for r in rooms if r["free_from"] <= by]
        found = []
        mine = self.kind(reg)
        if mine is None:
            if level >= 3:
                rooms = [r for r in rooms if not r["occupants"]]
            found = [{r["id"]: n} for r in rooms if r["free_beds"] >= n]
            for a, b in combinations(rooms, 2):
                if max(a["free_beds"], b["free_beds"]) < n <= a["free_beds"] + b["free_beds"]:
                    found.append({a["id"]: a["free_beds"], b["id"]: n - a["free_beds"]})
        else:
            if level >= 4:
                rooms = [r for r in rooms if all((o["gender"], o["minor"]) == mine for o in r["occupants"])]
            for spread in product(*(range(min(n, r["free_beds"]) + 1) for r in rooms)):
                if sum(spread) == n:
                    found.append({r["id"]: k for r, k in zip(rooms, spread, strict=True) if k})
        if level >= 5:
            has = {rid: set(self.rooms[rid]["features"]) for rid in self.rooms}
            found = [c for c in found if set(reg["room_needs"]) <= set().union(*(has[rid] for rid in c))]
        return found

    def fit_together(self, taken, level=5):
        """Checks whether `[(registration, rooms)]` can be in their rooms at the same time."""
        for rid in {rid for _, c in taken for rid in c}:
            room = self.rooms[rid]
            here = [(self.kind(reg), c[rid]) for reg, c in taken if rid in c]
            kinds = {kind for kind, _ in here}
            if None in kinds and len(here) > 1:
                return False
            if sum(k for _, k in here) > room["free_beds"]:
                return False
            kinds |= {(o["gender"], o["minor"]) for o in room["occupants"]} if None not in kinds else set()
            if level >= 4 and len(kinds) > 1:
                return False
        return True

    def points(self, reg, unit, chosen):
        pol, n = self.p["policy"], len(reg["persons"])
        total = n * (
            pol["serve"][str(reg["urgency"])] + pol["waiting_day"] * min(reg["waiting_days"], pol["waiting_cap"])
        )
        direct = [pol["language"][x["level"]] for x in reg["languages"] if x["code"] in unit["languages"]]
        inter = [x for x in reg["languages"] if {x["code"], "*"} & set(unit["interpreter_languages"])]
        total += max(direct) if direct else pol["language"]["interpreter"] if inter else 0
        total += pol["preferred_need"] * len(set(reg["preferred_needs"]) & set(unit["specialisms"]))
        if unit["scheme"] in reg["schemes"]:
            total -= pol["scheme_step"] * reg["schemes"].index(unit["scheme"])
        if reg["near"]:
            total -= min(pol["near_cap"], pol["near_km"] * int(km(reg["near"], self.locs[unit["location"]])))
        total -= n * {"fresh": 0, **pol.get("stale", {})}[unit.get("freshness", "fresh")]
        idle = set(unit["specialisms"]) - set(reg["needs"]) - set(reg["preferred_needs"])
        beds = 0
        for rid, k in chosen.items():
            room = self.rooms[rid]
            here = room["free_beds"] if self.kind(reg) is None else k
            beds += here
            codes = [*idle, *(set(room["features"]) - set(reg["room_needs"]))]
            total -= here * sum(pol["scarce"].get(code, 0) for code in codes)
        return total - pol["blocked_bed"] * (beds - n) - pol["extra_room"] * (len(chosen) - 1)

    @once
    def options(self, reg, unit):
        """Returns `[(points, unit, rooms)]` of all choices."""
        return [(self.points(reg, unit, c), unit["id"], c) for c in self.choices(reg, unit)]

    def place(self, uid, where):
        loc = self.locs[self.units[uid]["location"]]
        return {"unit": uid, "location": loc["id"], "region": loc["region"]}[where]

    def split_by(self, reg_id, uid, others):
        """Checks whether a member of `others` ({registration: unit}) that must be together with it
        is at another place.
        """
        return any(
            self.place(others[o], g["where"]) != self.place(uid, g["where"])
            for g in self.groups
            if g["must"] and reg_id in g["registrations"]
            for o in g["registrations"]
            if o in others and o != reg_id
        )

    def points_of_groups(self, where_is):
        """Returns `{group: points}` of the groups without `must`, with the registrations in these units."""
        found = {}
        for g in self.groups:
            there = [self.place(where_is[o], g["where"]) for o in g["registrations"] if o in where_is]
            if not g["must"]:
                found[g["id"]] = self.p["policy"]["together"] * (len(there) - len(set(there)))
        return found

    def all_of_groups(self):
        """Returns the points of all groups without `must`, if everybody of them is at one place."""
        return sum(self.p["policy"]["together"] * (len(g["registrations"]) - 1) for g in self.groups if not g["must"])

    def whole(self, where_is):
        """Checks that each group with `must` is placed completely and at one place, or not at all. A waived member is
        left out.
        """
        for g in self.groups:
            bound = [o for o in g["registrations"] if "together" not in self.waived.get(o, set()) | set(self.without)]
            there = [self.place(where_is[o], g["where"]) for o in bound if o in where_is]
            if g["must"] and there and (len(there) < len(bound) or len(set(there)) > 1):
                return False
        return True

    def contradictions(self):
        """Returns `{(registration, unit, rule)}`: the reasons why `fixed` leaves no answer."""
        if self.best() is not None:
            return set()
        alone = {(o, u, rule) for o, u in self.fixed.items() for rule in self.explain(o)[u]}
        part = [g["registrations"] for g in self.groups if g["must"] and not set(g["registrations"]) <= set(self.fixed)]
        return alone or {(o, self.fixed[o], "together") for members in part for o in members if o in self.fixed}

    def explain(self, reg_id):
        """Returns `{unit: {rule: reason or None}}`, if only the other members of `fixed` are placed."""
        reg = self.regs[reg_id]
        answer = {}
        for uid, unit in self.units.items():
            broken = dict.fromkeys(self.pair_broken(reg, unit))
            others = {o: u for o, u in self.fixed.items() if o != reg_id}
            if self.meets(
                reg, unit["location"], [o for o, u in others.items() if self.units[u]["location"] == unit["location"]]
            ):
                broken["keep_apart"] = None
            if self.split_by(reg_id, uid, others):
                broken["together"] = None
            there = [self.regs[o] for o, u in others.items() if u == uid]
            limit = unit["high_care_limit"]
            if reg["high_care"] and limit is not None and 1 + sum(o["high_care"] for o in there) > limit:
                broken["high_care"] = None
            for level, reason in enumerate(REASONS, start=1):
                ways = product(*(self.choices(r, unit, level) for r in (reg, *there)))
                if not any(self.fit_together(list(zip((reg, *there), way, strict=True)), level) for way in ways):
                    broken["rooms"] = reason
                    break
            answer[uid] = broken
        return answer

    def best(self, *forced, waive=()):
        """Returns the best total, or `None` if `fixed` and `forced` (pairs (registration, unit)) cannot be obeyed.
        `waive`: rules that do not hold for the forced pairs.
        """
        must = {**self.fixed, **dict(forced)}
        self.waived = {name: set(waive) for name, _ in forced}
        options = []
        for rid, reg in self.regs.items():
            mine = [] if rid in must else [(0, None, None)]
            for uid, unit in self.units.items():
                if must.get(rid, uid) == uid and not self.pair_broken(reg, unit) - self.waived.get(rid, set()):
                    mine += self.options(reg, unit)
            options.append((reg, sorted(mine, key=lambda option: -option[0])))
        options.sort(key=lambda row: len(row[1]))
        if not all(mine for _, mine in options):
            return None
        rest = [self.all_of_groups()]
        for _, mine in reversed(options):
            rest.append(rest[-1] + mine[0][0])
        self.top = None
        self._try(options, rest[::-1], 0, 0, [])
        return self.top

    def _try(self, options, rest, at, total, taken):
        if self.top is not None and total + rest[at] <= self.top:
            return
        if at == len(options):
            where_is = {reg["id"]: uid for reg, uid, _ in taken}
            total += sum(self.points_of_groups(where_is).values())
            if self.whole(where_is) and (self.top is None or total > self.top):
                self.top = total
            return
        reg, mine = options[at]
        for points, uid, chosen in mine:
            if uid is None:
                self._try(options, rest, at + 1, total, taken)
            elif self.joins(reg, uid, chosen, taken):
                self._try(options, rest, at + 1, total + points, [*taken, (reg, uid, chosen)])

    def joins(self, reg, uid, chosen, taken):
        unit, waived = self.units[uid], self.waived.get(reg["id"], set())
        here = [r["id"] for r, u, _ in taken if self.units[u]["location"] == unit["location"]]
        here = [r for r in here if "keep_apart" not in self.waived.get(r, set())]
        if "keep_apart" not in waived | set(self.without) and self.meets(reg, unit["location"], here):
            return False
        counted = [
            r for r, u, _ in taken if u == uid and r["high_care"] and "high_care" not in self.waived.get(r["id"], ())
        ]
        elsewhere = {r["id"]: u for r, u, _ in taken if "together" not in self.waived.get(r["id"], set())}
        if "together" not in waived | set(self.without) and self.split_by(reg["id"], uid, elsewhere):
            return False
        limit = unit["high_care_limit"]
        limited = reg["high_care"] and not {"high_care"} & (waived | set(self.without)) and limit is not None
        if limited and len(counted) + 1 > limit:
            return False
        return self.fit_together([*((r, c) for r, _, c in taken), (reg, chosen)])


def most(raw):
    """Returns the sum of everybody's serve and fit, each in its best unit without a broken rule, and of all groups."""
    brute, policy = Brute(raw), raw["policy"]
    total = brute.all_of_groups()
    for reg in raw["registrations"]:
        broken = brute.explain(reg["id"])
        own = brute.fixed.get(reg["id"])
        units = [brute.units[uid] for uid, rules in broken.items() if not rules and own in {None, uid}]
        nothing = (
            policy["blocked_bed"] * len(reg["persons"]) + policy["extra_room"]
        )  # `points` of no room gives it back
        values = [brute.points(reg, unit, {}) - nothing for unit in units]
        total += max(values) if own else max([0, *values])
    return total
