"""Acts of the people of the simulation on a day, through the API as signed-in people.

In the morning shelters confirm their counts, clients are registered, and places are sought and decided. Shelters answer
when they have the mail. In the afternoon clients arrive and leave.
"""

from datetime import datetime, timedelta
from random import Random

from tests.support.outages import until
from tests.support.quarter.ledger import HELD, Ledger, new_client, next_look
from tests.support.quarter.people import Refused

ASKED, YES, NO = "Er wordt een plaats gevraagd", "De opvang zegt ja", "De opvang zegt nee"
SILENT = "Een reservering is verlopen"
HEARD = "De desk heeft ingevoerd wat uw opvang per telefoon meldde"
ARRIVED, CLOSED, CHANGED = "Een cliënt is aangekomen", "Een dossier is gesloten", "Uw besluit"
PATIENCE = 600
"""The longest time to wait for a mail, in seconds."""
DESKS = ("desk-1", "desk-2")
COORDINATORS = tuple(f"coordinator-{name}" for name in ("amsterdam", "noordoost", "rotterdam", "zuid"))
SHELTERS = 19
NOT_OURS = {"no_scheme_open", "desk_finds_place", "needed_later"}
"""Why a coordinator gets no proposal: the client is not placed by this service, by the desk alone, or later."""
BASES, OFTEN = ("reflection", "victim_permit", "dutch"), (5, 3, 2)
"""Residence bases of new clients, and how often each is drawn: beds of every kind are used, and shelters of COSM are
short of beds.
"""
PLACES = ("Amsterdam", "Rotterdam", "Den Haag", "Utrecht", "Eindhoven")


class Days:
    """`acts`: counts of the day, for its row in the table. `happened`: the events of the day."""

    def __init__(self, room, people, ledger: Ledger, seed: int):
        self.room, self.people, self.ledger, self._seed = room, people, ledger, seed
        self.acts: dict[str, int] = {}
        self.happened: list[str] = []
        self.random = Random(f"{seed}-{ledger.day}")

    def begins(self):
        self.random, self.acts, self.happened = Random(f"{self._seed}-{self.ledger.day}"), {}, []

    def counts(self, name, number=1):
        self.acts[name] = self.acts.get(name, 0) + number

    def opens(self):
        """Writes the opening balance: what people read on the first morning."""
        desk, ledger = self.people["desk-1"], self.ledger
        ledger.marks["desk"] = list(DESKS)
        for name in COORDINATORS:
            self.people[name].get("/session")
            for region in self.people[name].regions:
                ledger.wards.setdefault(region, []).append(name)
        for number in range(1, SHELTERS + 1):
            self._reads_shelter(desk, f"S{number:02}")
        rows = {one["id"]: one for one in desk.all("/registrations") if one["status"] != "received"}
        for one in rows.values():
            facts = {"persons": [{"gender": None}] * one["persons"], "urgency": one["urgency"]}
            known = new_client(one["id"], one["region"], facts, datetime.fromisoformat(one["waits_since"]))
            known |= {"state": one["status"], "people": None, "needed_by": one["needed_by"]}
            ledger.clients[one["id"]] = known
            if known["state"] == "open" and one["region"] in ledger.wards:
                self._reads_case(known, ledger.wards[one["region"]][0])
        self._reads_stays(desk)

    def _reads_shelter(self, desk, name):
        for house in desk.get(f"/shelters/{name}")["locations"]:
            for unit in house["units"]:
                profile = self.people.staff(name).get(f"/units/{unit['id']}/profile")
                kept = ("admits", "min_age", "max_age", "children", "specialisms")
                known = {"region": house["region"], "scheme": unit["scheme"], "closes": None}
                self.ledger.units[unit["id"]] = known | {fact: profile[fact] for fact in kept}
        for row in self.people.staff(name).get(f"/shelters/{name}/capacity")["rooms"]:
            others = [[one["count"], one["until"]] for one in row["used_by_others"]]
            known = {"unit": row["unit"], "beds": row["beds"], "others": others, "taken": row["taken"]}
            out = row["out_of_service"]
            self.ledger.rooms[row["room"]] = known | {"out": [[out["beds"], out["until"]]], "open": True}

    def _reads_case(self, one, placer):
        """A coordinator reads the facts of a client who waits, and seeks a place from now on."""
        case = self.people[placer].get(f"/registrations/{one['id']}")
        people = [[who["housed_as"] or who["gender"], who["age"]] for who in case["persons"]]
        known = all(age is not None for _, age in people)
        one |= {"placer": placer, "people": people if known else None, "basis": case["residence_basis"]}
        one |= {"needs": case["needs"], "private": case["private_room"]}

    def _reads_stays(self, desk):
        """A household that is alone in its rooms has all their taken beds; otherwise each person has a bed."""
        stays, living = desk.all("/stays?status=in_house"), {}
        for stay in stays:
            for room in stay["rooms"]:
                living.setdefault(room["room"], []).append(stay["registration"])
        for stay in stays:
            one = self.ledger.clients[stay["registration"]]
            one |= {"unit": stay["unit"], "stay": stay["id"], "since": stay["clock_from"], "limit": stay["limit_on"]}
            alone = all(len(living[room["room"]]) == 1 for room in stay["rooms"])
            rooms = [room["room"] for room in stay["rooms"]]
            beds = {room: self.ledger.rooms[room]["taken"] if alone else one["persons"] for room in rooms}
            one["beds"] = beds

    def works(self, events):
        """Does the work of a morning: counts, what happens today, new clients, places sought and decided."""
        for number in range(1, SHELTERS + 1):
            self.people.staff(f"S{number:02}").post(f"/shelters/S{number:02}/capacity/confirm")
        for event in events:
            event(self)
        for _ in range(self.random.choice((1, 2, 2, 3))):
            self.registers(self.random.choice(COORDINATORS), self.drawn())
        for one in self.ledger.each("open", "moving"):
            if "placer" in one and one.get("elsewhere") in {None, "needed_later"} and self.is_time_to_look(one):
                self.seeks(one)

    def is_time_to_look(self, one):
        """Checks whether a place is sought for the first time since the client waits, or again by the guide."""
        return one["looked"] is None or next_look(one) <= self.room.now()

    def drawn(self):
        """Returns the facts of a client, drawn for this day."""
        draw = self.random.random
        people = [{"gender": "female", "age": self.random.randint(18, 50)}]
        if draw() < 0.2:
            people.append({"gender": self.random.choice(("female", "male")), "age": self.random.randint(0, 11)})
            people[0]["guardian"] = True
        elif draw() < 0.25:
            people[0]["gender"] = "male"
        urgency = self.random.choice((1, 1, 2, 2, 3))
        later = timedelta(days=self.random.randint(0, 5) if urgency > 1 else 0)
        facts = {
            "registrant": "ZORGCOORDINATIE",
            "residence_basis": self.random.choices(BASES, OFTEN)[0],
            "urgency": urgency,
            "needed_by": (self.room.now().date() + later).isoformat(),
            "persons": people,
            "languages": [{"code": self.random.choice(("en", "es", "ti", "ro")), "level": "fluent"}],
            "language_required": False,
        }
        if draw() < 0.3:
            facts["threats"] = [{"place": self.random.choice(PLACES), "min_km": 30}]
        return facts

    def registers(self, who, facts):
        person = self.people[who]
        person.get("/session")
        region = self.random.choice(person.regions)
        made = person.post("/registrations", {**facts, "region": region})
        return self.takes_up(made["id"], region, facts, who)

    def takes_up(self, case, region, facts, placer=None):
        """Writes down a new client. `placer`: who seeks a place; otherwise a coordinator of the region."""
        one = new_client(case, region, facts, self.room.now())
        one["placer"] = placer or self.ledger.wards[region][0]
        self.ledger.clients[case] = one
        self.counts("registered")
        return one

    def seeks(self, one):
        """Asks for a proposal, and accepts it if there is a place. The desk confirms what waits for it."""
        placer = self.people[one["placer"]]
        one.pop("elsewhere", None)
        try:
            proposal = placer.post(f"/registrations/{one['id']}/proposals")
        except Refused as refused:
            if refused.code[0] not in NOT_OURS:
                raise
            one["elsewhere"] = refused.code[0]
            return
        one["looked"] = self.room.now().isoformat()
        self.counts("sought")
        if proposal["chosen"] is None:
            return
        decision = placer.post(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
        if decision["status"] == "waiting_for_desk":
            desk = self.people[self.random.choice([name for name in DESKS if name != one["placer"]])]
            decision = desk.post(f"/decisions/{decision['id']}/confirmation", {"granted": True})
            self.ledger.owes(CHANGED, one["placer"])
        assert decision["status"] == "final", decision
        self.is_held(one, decision["hold"], one["placer"])

    def is_held(self, one, hold, by, *, asks=True):
        """Writes down which beds a shelter is asked for. `asks`: false if the mail about another hold asks it too."""
        held = self.people[by].get(f"/holds/{hold}")
        beds = {room["room"]: room["beds"] for room in held["rooms"]}
        one["next"] = {
            "hold": hold, "unit": held["unit"], "beds": beds, "made": held["made_at"], "expires": held["expires_at"],
            "starts": held["starts_on"], "expected": None, "by": by,
        }  # fmt: skip
        one["state"] = "held" if one["state"] == "open" else "move_held"
        if asks:
            self.ledger.owes(ASKED, f"staff-{held['unit'].split('-')[0].lower()}")
        self.counts("asked")

    def answers(self, post):
        """Lets each shelter that is asked answer when it has the mail. A tenth refuses; of the others a few are silent,
        and the beds are free again after four hours.
        """
        self._reads_mail(post)
        for one in self.ledger.each(*HELD):
            if one["next"]["expected"] is None:
                drawn = self.random.random()
                if drawn < 0.95 or self.rings(one["next"]["unit"]):
                    self.answer(one, yes=drawn < 0.85)

    def _reads_mail(self, post):
        """Waits until each shelter has the mail that asks it, because the mail about an answered hold is not sent."""
        owed = sum(number for (_, title), number in self.ledger.owed.items() if title == ASKED)
        until(
            lambda: not post.takes or post.number(ASKED) >= owed,
            lambda: f"{post.number(ASKED)} of {owed} mails to shelters came",
            PATIENCE,
        )

    def lapse(self):
        """Writes down that holds without an answer have expired after four hours."""
        for one in self.ledger.each(*HELD):
            asked = one["next"]
            if asked["expected"] is None and datetime.fromisoformat(asked["expires"]) <= self.room.now():
                one |= {"state": "open" if one["state"] == "held" else "moving", "next": None, "looked": None}
                shelter = f"staff-{asked['unit'].split('-')[0].lower()}"
                self.ledger.owes(SILENT, shelter, *self.ledger.coordinators(one["region"]), *DESKS)
                self.counts("silent")

    def answer(self, one, *, yes):
        asked, told = one["next"], [*self.ledger.coordinators(one["region"]), *DESKS]
        staff = self.people.staff(asked["unit"])
        if yes:
            times = staff.get(f"/holds/{asked['hold']}")["offered_times"]
            expected = times[min(self.random.choice((2, 4, 14)), len(times) - 1)]
            sent = {"answer": "confirm", "expected_at": expected, "driver": "registrant"}
            if self.rings(asked["unit"]):
                answer = self.hears(asked, sent)
            else:
                answer = staff.post(f"/holds/{asked['hold']}/answer", sent)
            asked |= {"expected": answer["expected_at"], "stay": answer["stay"]}
            self.ledger.owes(YES, *told)
        else:
            staff.post(f"/holds/{asked['hold']}/answer", {"answer": "refuse", "reason": "house_mix"})
            one["refused"].append(asked["unit"])
            one |= {"state": "open" if one["state"] == "held" else "moving", "next": None}
            one["looked"] = None
            self.ledger.owes(NO, *told)
        self.counts("yes" if yes else "no")

    def rings(self, unit):
        """Checks whether the desk rings the shelter of this unit, because it works by telephone."""
        return unit.split("-")[0] in self.ledger.marks.get("telephone", [])

    def hears(self, asked, sent):
        """A person of the desk rings the shelter, and enters its yes; another rings back to check it."""
        first = next(name for name in DESKS if name != asked["by"])
        second = next(name for name in DESKS if name != first)
        call = {"number": "placing", "caller_role": "groepsleider", "caller_name": "De stem"}
        answer = self.people[first].post(f"/holds/{asked['hold']}/telephone/answer", {**sent, "call": call})
        entries = self.people[second].get("/telephone-entries")["items"]
        entry = next(one["id"] for one in entries if one["hold"] == asked["hold"])
        self.people[second].post(f"/telephone-entries/{entry}/call-back", {"call": call, "agrees": True})
        self.ledger.owes(HEARD, f"staff-{asked['unit'].split('-')[0].lower()}")
        self.ledger.owed[f"{first}@placement.example", YES] -= 1
        return answer

    def arrivals(self):
        """Lets those arrive in the afternoon who are expected."""
        for one in self.ledger.each(*HELD):
            expected = one["next"]["expected"]
            if expected is not None and datetime.fromisoformat(expected) <= self.room.now():
                self.arrives(one)

    def arrives(self, one):
        new = one["next"]
        stay = self.people.staff(new["unit"]).post(f"/holds/{new['hold']}/arrival", {})
        today = self.room.now().date()
        since = one["since"] if one["state"] == "move_held" else today.isoformat()
        one |= {"state": "placed", "unit": new["unit"], "beds": new["beds"], "stay": stay["id"], "since": since}
        one |= {"next": None, "limit": one.get("limit") or (today + timedelta(days=90)).isoformat()}
        self.ledger.owes(ARRIVED, new["by"])
        self.counts("arrived")

    def leave(self, number):
        """Some clients leave for good."""
        for one in self.random.sample(self.ledger.each("placed"), number):
            self.leaves(one)

    def leaves(self, one, reason="own_housing"):
        self.people.staff(one["unit"]).post(f"/stays/{one['stay']}/end", {"reason": reason})
        one |= {"state": "closed", "beds": {}, "stay": None}
        self.ledger.owes(CLOSED, *self.ledger.coordinators(one["region"]))
        self.counts("left")


__all__ = ["Days", "Refused"]
