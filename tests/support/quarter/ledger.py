"""The ledger of the simulation: what its people did and were answered. It is never read from the database.

The opening balance is what people of the desk and the shelters read on the first morning. After that each act changes
the ledger by what the guides promise for it.
"""

import json
from collections import Counter
from datetime import date, datetime, timedelta

LIVES, WAITS = ("placed", "moving", "move_held", "adrift"), ("open", "moving")
"""States of a client who lives in a place, and of a client for whom a place is sought."""
HELD = ("held", "move_held")
LIMIT = timedelta(days=90)


class Ledger:
    """`clients`: by reference. `rooms`, `units`: the places, as the desk and the shelters entered them. `owed`: who
    must be notified of an act, by title of the mail. `late`: the same of a day without mail. `rows`: the finished days.
    """

    def __init__(self, facts=None):
        known = facts or {}
        self.day = known.get("day", 0)
        self.clients = known.get("clients", {})
        self.rooms, self.units = known.get("rooms", {}), known.get("units", {})
        self.mails, self.rows = known.get("mails", []), known.get("rows", [])
        self.wards, self.marks = known.get("wards", {}), known.get("marks", {})
        self.owed, self.late = counts(known.get("owed", {})), counts(known.get("late", {}))

    def write(self, file):
        owed, late = ({"|".join(name): number for name, number in one.items()} for one in (self.owed, self.late))
        file.write_text(json.dumps({**vars(self), "owed": owed, "late": late}, indent=1))

    @classmethod
    def of(cls, file):
        return cls(json.loads(file.read_text()) if file.exists() else None)

    def each(self, *states):
        """Returns the clients in these states, in the order in which they came."""
        return [one for one in self.clients.values() if one["state"] in states]

    def taken(self, *, kept):
        """Returns the beds by room that clients live in, or (`kept`) that are kept for clients who are expected."""
        beds = Counter()
        for one in self.clients.values():
            beds.update(one["next"]["beds"] if kept and one["state"] in HELD else {})
            beds.update(one["beds"] if not kept and one["state"] in LIVES else {})
        return beds

    def beds_on(self, day):
        """Returns the beds in use by room on a day if nobody leaves: of others, and of clients from their first day."""
        beds = Counter({name: self.other_beds(name, "others", day) for name in self.rooms})
        for one in self.clients.values():
            beds.update(one["beds"] if one["state"] in LIVES else {})
            beds.update(one["next"]["beds"] if one["state"] in HELD and one["next"]["starts"] <= day else {})
        return beds

    def held_on(self, day):
        """Returns the beds that are kept for clients who are expected. A bed that others use until then is not held."""
        begun, used = Counter(), self.taken(kept=False)
        for one in self.each(*HELD):
            begun.update(one["next"]["beds"] if one["next"]["starts"] <= day else {})
        left = {
            name: one["beds"] - used[name] - self.other_beds(name, "others", day) - self.other_beds(name, "out", day)
            for name, one in self.rooms.items()
        }
        return sum(max(begun[name], min(kept, left[name])) for name, kept in self.taken(kept=True).items())

    def other_beds(self, name, fact, day):
        """Returns the beds of a room that others use (`others`) or that are out of service (`out`) on a day. `until` is
        the first day on which they are free again (`docs/guide/capacity.md`).
        """
        uses = self.rooms[name][fact]
        return sum(beds for beds, until in uses if until is None or until > day)

    def closes(self, place, until):
        """Notes that a shelter or a unit closes when it is empty, on this day at the earliest."""
        self.marks.setdefault("closing", {})[place] = until
        for unit, facts in self.units.items():
            facts["closes"] = until if unit.startswith(place) else facts["closes"]

    def close_empty_places(self, today):
        """Notes that the places in which nobody lives or is expected have closed, if their day has come."""
        taken = self.taken(kept=False) + self.taken(kept=True)
        for place, until in self.marks.get("closing", {}).items():
            rooms = self.rooms_of(place)
            if until <= today and not any(taken[name] for name in rooms):
                for name in rooms:
                    self.rooms[name] |= {"open": False, "gone": place}

    def rooms_of(self, place):
        """Returns the rooms of a shelter or a unit that are open."""
        return [name for name, one in self.rooms.items() if one["open"] and one["unit"].startswith(place)]

    def owes(self, title, *people):
        """Notes that each of these people must be notified once. A person who is named twice gets a single notice."""
        self.owed.update((f"{name}@placement.example", title) for name in set(people))

    def coordinators(self, region):
        """Returns who is notified about a case of this region: its coordinators, or the desk without a coordinator."""
        return self.wards.get(region) or self.marks["desk"]


def counts(stored):
    return Counter({tuple(name.split("|")): number for name, number in stored.items()})


def new_client(who, region, facts, moment):
    """Returns a client as the person who registered the client knows it."""
    return {
        "id": who,
        "state": "open",
        "region": region,
        "people": [[one["gender"], one.get("age")] for one in facts["persons"]],
        "persons": len(facts["persons"]),
        "urgency": facts["urgency"],
        "needed_by": facts.get("needed_by"),
        "needs": facts.get("needs", []),
        "away_from": [one["place"] for one in facts.get("threats", [])],
        "private": facts.get("private_room", False),
        "basis": facts.get("residence_basis"),
        "waits": moment.isoformat(),
        "looked": None,
        "unit": None, "beds": {}, "stay": None, "since": None, "refused": [], "next": None, "by": None,
    }  # fmt: skip


def day_of_stay(one, today):
    return (today - date.fromisoformat(one["since"])).days + 1


def next_look(one, duty_begins=9):
    """Returns the moment from which somebody must look at a waiting client again (`docs/guide/tasks.md`): for tonight
    each hour, within days each morning, otherwise each week, and each morning from the day on which it is needed.
    """
    last = datetime.fromisoformat(one["looked"] or one["waits"])
    morning = last.replace(hour=duty_begins, minute=0, second=0, microsecond=0)
    morning += timedelta(days=1) if morning <= last else timedelta()
    if one["urgency"] == 1:
        return last + timedelta(hours=1)
    if one["urgency"] == 2:
        return morning
    week = last + timedelta(days=7)
    if one["needed_by"] is None:
        return week
    needed = datetime.combine(date.fromisoformat(one["needed_by"]), morning.timetz())
    return min(week, max(needed, morning))
