"""Checks of each morning, by the guides. A fault is a sentence; a morning without faults is an empty list."""

from collections import Counter
from datetime import datetime, timedelta

from tests.support.quarter.days import ARRIVED, ASKED, CHANGED, CLOSED, COORDINATORS, HEARD, NO, SHELTERS, SILENT, YES
from tests.support.quarter.events import ENDED, MISSING
from tests.support.quarter.ledger import HELD, LIVES, WAITS, day_of_stay, next_look

COUNTED = (ASKED, YES, NO, SILENT, ARRIVED, CLOSED, CHANGED, MISSING, ENDED, HEARD)
"""Titles of mails about acts: each person gets exactly a single mail of an act."""
MOOT = (ASKED, YES, NO, SILENT, MISSING)
"""Titles of late mails that are not sent if their subject has ended (`docs/guide/outbox.md`)."""
FOR_OTHERS = {None, "desk_finds_place"}
"""Clients who must be looked at again: also those for whom only the desk may seek."""
SEARCHES = {"search_again", "urgent", "still_waiting"}
LOCAL = ("womens", "mens", "social")
OPEN_TO = {"reflection": ("cosm", "crisis"), "victim_permit": LOCAL, "dutch": LOCAL}
"""Schemes that are open by residence basis, without multiple problems (`docs/domain.md`, section 1.4)."""
REGION_OF = {
    "Amsterdam": "amsterdam", "Rotterdam": "rotterdam", "Den Haag": "den-haag", "Utrecht": "utrecht",
    "Eindhoven": "oost-brabant",
}  # fmt: skip


class Morning:
    """The checks of a morning. `post`: of the messages since the last morning with mail."""

    def __init__(self, room, people, ledger, post):
        self.room, self.people, self.ledger, self.post = room, people, ledger, post
        self.now = room.now()
        self.faults = []

    def looks(self):
        for check in (self.beds, self.cases, self.rules, self.tasks, self.notices, self.report, self.clocks):
            check()
        return self.faults

    def is_so(self, *, right, fault):
        if not right:
            self.faults.append(fault)

    def beds(self):
        """No bed twice: by the ledger, and the service shows the same beds as the ledger."""
        lived, kept = self.ledger.taken(kept=False), self.ledger.taken(kept=True)
        today = self.now.date().isoformat()
        days = {today, *(one["next"]["starts"] for one in self.ledger.each(*HELD) if one["next"]["starts"] > today)}
        used = {day: self.ledger.beds_on(day) for day in sorted(days)}
        for number in range(1, SHELTERS + 1):
            shelter = f"S{number:02}"
            for row in self.people.staff(shelter).get(f"/shelters/{shelter}/capacity")["rooms"]:
                name, room = row["room"], self.ledger.rooms[row["room"]]
                mine = lived[name] + kept[name]
                self.is_so(right=row["taken"] == mine, fault=f"{name}: {row['taken']} beds taken, ledger {mine}")
                for day, beds in used.items():
                    right = beds[name] <= room["beds"]
                    self.is_so(right=right, fault=f"{name}: a bed twice on {day}, {beds[name]} of {room['beds']}")

    def cases(self):
        """Nobody lost: each client is in the list with the state of the ledger, and no stranger is."""
        rows = {one["id"]: one["status"] for one in self.people["desk-1"].all("/registrations")}
        for one in self.ledger.clients.values():
            seen = rows.pop(one["id"], "closed")
            self.is_so(right=seen == one["state"], fault=f"{one['id']} is {seen}, in the ledger {one['state']}")
        strangers = [who for who, state in rows.items() if state not in {"closed", "received", "draft"}]
        self.is_so(right=not strangers, fault=f"in no ledger: {strangers}")

    def rules(self):
        """No rule broken, for each client whose facts the ledger has."""
        rooms = {}
        for one in self.ledger.each(*LIVES, *HELD):
            for place in [one] * (one["state"] in LIVES) + [one["next"]] * (one["state"] in HELD):
                for room in place["beds"]:
                    rooms.setdefault(room, []).append(one)
                if one["people"] is not None and "breaks" not in one:
                    self.faults += [f"{one['id']} in {place['unit']}: {why}" for why in self.broken(one, place["unit"])]
        for room, living in rooms.items():
            known = [one for one in living if one["people"] is not None and "breaks" not in one]
            kinds = {kind_of(person) for one in known for person in one["people"]}
            fits = len(living) == 1 or len(kinds) < 2
            self.is_so(right=fits, fault=f"{room} is shared by {sorted(kinds)}")

    def broken(self, one, name):
        """Yields the rules that this unit breaks for the client."""
        unit, adults = self.ledger.units[name], [age for _, age in one["people"] if age >= 18]
        if unit["scheme"] not in OPEN_TO.get(one["basis"], (unit["scheme"],)):
            yield f"scheme {unit['scheme']}"
        for gender, age in one["people"]:
            limits = unit["children"]
            is_child = age < 18 and adults
            if is_child:
                most = None if limits is None else limits["boys_max_age" if gender == "male" else "max_age"]
                if most is None or age > most:
                    yield f"a child of {age}"
            elif gender not in unit["admits"] or not unit["min_age"] <= age <= unit["max_age"]:
                yield f"{gender} of {age}"
        if not set(one["needs"]) <= set(unit["specialisms"]):
            yield f"needs {one['needs']}"
        if any(REGION_OF[place] == unit["region"] for place in one["away_from"]):
            yield f"in the region of a danger, {unit['region']}"
        if name in one["refused"] and name != one["unit"]:
            yield "it refused"

    def tasks(self):
        """Each waiting state has a task, of the kind that the guide names for it."""
        people = ["desk-1", *COORDINATORS, *(f"staff-s{number:02}" for number in range(1, SHELTERS + 1))]
        found = {}
        for name in people:
            for task in self.people[name].get("/tasks")["items"]:
                found.setdefault(task["registration"] or task["hold"], set()).add(task["kind"])
        for one in self.ledger.clients.values():
            kinds, needed = found.get(one["id"], set()), self.needed(one)
            held = found.get(one["next"]["hold"], set()) if one["next"] else set()
            has = not needed or kinds & needed or held & needed
            self.is_so(right=has, fault=f"{one['id']} ({one['state']}) has no task of {sorted(needed)}: {kinds | held}")

    def needed(self, one):
        """Returns the kinds of which a task must exist now; an empty set if nobody has to act."""
        state = one["state"]
        if state in WAITS:
            return SEARCHES if next_look(one) < self.now and one.get("elsewhere") in FOR_OTHERS else set()
        if state in HELD:
            expected = one["next"]["expected"]
            late = expected and datetime.fromisoformat(expected) + timedelta(hours=1) < self.now
            return {"hold"} if expected is None else {"late"} if late else {"arrival", "late"}
        if state == "missing":
            return {"whereabouts"}
        if state == "placed" and "breaks" in one:
            return {"breaks_rule"}
        if state == "placed" and one["people"] is not None and day_of_stay(one, self.now.date()) > 60:
            return {"stay_is_long"}
        return set()

    def notices(self):
        """Each person is notified once: no message twice, and of each act exactly those whom the guide names. After a
        day without mail the mails of that day come with those of the next.
        """
        if not self.post.takes:
            self.ledger.late.update(self.ledger.owed)
            self.ledger.owed.clear()
            return
        mails = [one for one in self.post.taken() if one["channel"] == "mail"]
        twice = [name for name, number in Counter(one["name"] for one in mails).items() if number > 1]
        self.is_so(right=not twice, fault=f"mails that came twice: {twice}")
        got = Counter()
        for one in mails:
            title = one["title"].removeprefix("[OEFENING] ")
            for begin in COUNTED:
                if title.startswith(begin):
                    got[one["to"], begin] += 1
        late = self.ledger.late
        for key in sorted(got.keys() | self.ledger.owed.keys() | late.keys()):
            least = self.ledger.owed[key] + (0 if key[1] in MOOT else late[key])
            most = self.ledger.owed[key] + late[key]
            right = least <= got[key] <= most
            self.is_so(right=right, fault=f"{key[0]}: {got[key]} mails “{key[1]}”, ledger {least} to {most}")
        self.ledger.owed.clear()
        late.clear()

    def report(self):
        """The report of 07:00 is equal to the ledger."""
        today = self.now.date().isoformat()
        report = self.people["desk-1"].get(f"/reports/{today}")
        seen, rooms = report["country"], [name for name, one in self.ledger.rooms.items() if one["open"]]
        mine = {
            "beds": sum(self.ledger.rooms[name]["beds"] for name in rooms),
            "used": self.ledger.taken(kept=False).total(),
            "held": self.ledger.held_on(today),
            "used_by_others": sum(self.ledger.other_beds(name, "others", today) for name in rooms),
            "out_of_service": sum(self.ledger.other_beds(name, "out", today) for name in rooms),
        }
        for figure, number in mine.items():
            self.is_so(right=seen[figure] == number, fault=f"report: {figure} {seen[figure]}, ledger {number}")
        gone = ("used", "held", "used_by_others", "out_of_service", "withheld", "not_ready")
        free = seen["beds"] - sum(seen[figure] for figure in gone)
        self.is_so(right=seen["free"] == free, fault=f"report: free {seen['free']}, by its own figures {free}")
        self.is_so(right=not report["late"], fault="the report was made late")
        total, least = report["waiting"]["total"], len(self.ledger.each("open"))
        if report["people_on"] == today:
            right = any(is_within(least + number, total) for number in range(len(self.ledger.each("held")) + 1))
            self.is_so(right=right, fault=f"report: {total} wait, ledger {least}")

    def clocks(self):
        """Each clock runs from the first arrival, through all moves."""
        stays = {one["registration"]: one for one in self.people["desk-1"].all("/stays?status=in_house")}
        for one in self.ledger.each("placed", "moving", "move_held"):
            stay, day = stays.pop(one["id"], None), day_of_stay(one, self.now.date())
            if stay is None:
                self.faults.append(f"{one['id']} has no stay")
                continue
            right = (stay["day"], stay["limit_on"]) == (day, one["limit"])
            self.is_so(right=right, fault=f"{one['id']}: day {stay['day']} to {stay['limit_on']}, ledger {day}")
            self.is_so(right=stay["unit"] == one["unit"], fault=f"{one['id']} lives in {stay['unit']}")
        self.is_so(right=not stays, fault=f"stays of nobody: {sorted(stays)}")


def kind_of(person):
    gender, age = person
    return (gender, "adult" if age >= 18 else "minor")


def is_within(number, shown):
    """Checks a figure of the report: a number, `<7`, or a range with a dash."""
    if shown.isdecimal():
        return number == int(shown)
    if shown.startswith("<"):
        return number < int(shown[1:])
    least, most = (int(one) for one in shown.split("\u2013"))
    return least <= number <= most
