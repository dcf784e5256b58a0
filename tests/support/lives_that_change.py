"""Changes of a life apart from its places: births, deaths, a partner, a return; reversals; and shelters that close and
open.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from sqlmodel import select

from placement.capacity import unit_profile
from placement.capacity.report import RoomInput
from placement.core.clock import day_of, start_of
from placement.core.codes import DecisionStatus, HoldStatus, RegistrationStatus, StayStatus, Urgency
from placement.core.context import SYSTEM
from placement.core.place_codes import PlaceStatus
from placement.core.reason_codes import ChangeReason
from placement.placements.stays import fact_changes, reversals
from placement.registrations import registrations, returns
from placement.shelters import closing
from placement.tables import (
    Bed,
    BedClaim,
    Decision,
    Hold,
    Location,
    Registration,
    Room,
    RoomClosure,
    RoomReport,
    Shelter,
    Stay,
    Unit,
)
from tests.support import waiting_work
from tests.support.town import DESK, ROOMS, SHELTER_OF, F, M, case_of, person_of, shelter

PLACES = (*((Room, room) for rooms in ROOMS.values() for room in rooms), *((Unit, unit) for unit in SHELTER_OF),
          (Location, "L1"), (Shelter, "S2"))  # fmt: skip
UNIT_OF = {
    "R1": "U1-women", "R2": "U1-women", "R3": "U2-family", "R4": "U3-omm", "R5": "U4-crisis", "R6": "U4-crisis",
    "R7": "U5-social",
}  # fmt: skip
DIED = "deceased"
MOST_PERSONS = 4
JOINS_AT = 31
MOST_WAITING = 4
YOUNG, OLDEST = 27, 120
KEPT = {HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER}


class LivesThatChange:
    """Verbs of `AnyLife`, with what the model knows of persons: how many of each gender and age there are."""

    def is_born(self, drawn):
        self.household(drawn, "birth", ChangeReason.BIRTH, lambda persons: (*persons, (F if drawn % 2 else M, 0)))

    def partner_joins(self, drawn):
        self.household(drawn, "join", ChangeReason.JOINS, lambda persons: (*persons, (M if drawn % 2 else F, JOINS_AT)))

    def is_not_there_yet(self, drawn):
        here = Stay.status == StayStatus.IN_HOUSE, Stay.hold_id.is_not(None)
        stay = self.any_row(select(Stay).where(*here).order_by(Stay.id), drawn)
        actor = stay and self.placer(stay.registration_id)
        if stay and self.tries("await", lambda: self.town.do(reversals.reverse_arrival, stay.hold_id, actor=actor)):
            client = self.clients[stay.registration_id]
            client.lives, client.kept, client.since, client.lost = client.before

    def lives_on_after_all(self, drawn):
        stay = self.any_row(select(Stay).where(Stay.status == StayStatus.ENDED).order_by(Stay.id), drawn)
        actor = stay and self.placer(stay.registration_id)
        if stay and self.tries("live on", lambda: self.town.do(reversals.reverse_end, stay.id, actor=actor)):
            client = self.clients[stay.registration_id]
            client.lives, _, client.since, client.lost = client.before
            client.missing = False
            if self.town.registration(stay.registration_id).status is not RegistrationStatus.MOVE_HELD:
                client.kept = None

    def dies(self, drawn):
        """Enters the death of a person. If the person was alone, the stay or the waiting ends."""
        key = self.one_of(drawn, lambda one: one.lives or not one.kept)
        if key is None:
            return
        client = self.clients[key]
        if len(client.persons) > 1:
            self.household(drawn, "death", ChangeReason.DEATH, lambda persons: persons[1:] or persons, key=key)
        elif client.lives is not None:
            stay = self.stay_of(client.lives).id
            if self.tries("death in house", lambda: self.town.end(stay, DIED)):
                client.remembers()
                client.lives = client.kept = None
                client.lost = False

    def household(self, drawn, what, reason, changed, key=None):
        """Persons more or fewer, at any time of a case; what then breaks a rule is confirmed, and a task."""
        key = key or self.one_of(drawn, lambda one: one.lives or one.kept or one.lost is not None)
        if key is None or self.status(key) is RegistrationStatus.CLOSED:
            return
        persons = changed(self.clients[key].persons)
        if len(persons) > MOST_PERSONS:
            return
        said = {"persons": [person_of(one, persons) for one in persons], "reason": reason, "confirm": True}
        version, actor = self.town.registration(key).version, self.placer(key)
        verb = lambda: self.town.do(fact_changes.change, key, version, {}, actor=actor, **said)  # noqa: E731
        if self.tries(what, verb):
            self.clients[key].persons = persons

    def is_taken_over(self, drawn):
        room = sorted(UNIT_OF)[drawn % len(UNIT_OF)]
        persons = ((F, 40 + len(self.clients)),)  # else this client would resemble another client
        given = {"confirm": True}
        verb = lambda: self.town.take_over(UNIT_OF[room], room, ago=drawn % 95, persons=persons, given=given)  # noqa: E731
        stay = self.tries("take over", verb)
        if stay is not None:
            case = self.town.one("stay", stay).registration_id
            self.clients[case] = self.client("amsterdam", persons, lives=stay)

    def waited_before(self, drawn):
        """Takes over a client who waited before the service began, alone or with a placed client. A client who
        resembles another client is refused until the request is confirmed.
        """
        if sum(one.lives is None and one.kept is None for one in self.clients.values()) > MOST_WAITING:
            return
        placed = self.one_of(drawn, lambda one: one.lives is not None)
        persons = ((F, 40 + drawn % 3),)
        facts = {"ago": drawn % 60, "persons": persons, "urgency": Urgency(1 + drawn % 4)}
        parts = {"stay_with": [placed]} if placed and drawn % 2 else {}
        for given in ({}, {"confirm": True}):
            verb = partial(self.town.take_over_waiting, given={**parts, **given}, **facts)
            made = self.tries(f"take over waiting{' after all' if given else ''}", verb)
            if made is not None:
                since = start_of(day_of(self.town.at) - timedelta(days=facts["ago"]))
                self.clients[made] = replace(self.client("amsterdam", persons), since=since)
                return

    def comes_back(self, drawn):
        """Opens a new case at once for a client whose case was closed."""
        key = self.one_of(drawn, lambda one: one.lives is None and one.kept is None)
        if key is None or self.status(key) is not RegistrationStatus.CLOSED:
            return
        actor = self.placer(key)

        def verb():
            with self.town.act(actor) as act:
                made = returns.take_back(act, key)
                facts = case_of({"urgency": Urgency(1 + drawn % 4)})
                return registrations.change(act, made.id, made.version, facts, open_it=True).id

        made = self.tries("return", verb)
        if made is not None:
            self.clients[made] = self.client(self.clients[key].area, self.clients[key].persons)

    def takes_others(self, drawn):
        """Sets a unit to take no adult who is older than so many years, or everybody again."""
        unit = self.town.one("unit", sorted(SHELTER_OF)[drawn % len(SHELTER_OF)])
        said = {name: getattr(unit, name) for name in ("languages", "interpreter_languages")}
        profile = {**said, "max_age": YOUNG if unit.max_age != YOUNG else OLDEST}
        staff = shelter(SHELTER_OF[unit.id])
        verb = lambda: self.town.do(unit_profile.change_profile, unit.id, unit.version, profile, actor=staff)  # noqa: E731
        self.tries("take others", verb)

    def counts_less(self, drawn):
        """Reports every bed of a room out of service."""
        room = sorted(UNIT_OF)[drawn % len(UNIT_OF)]
        here = SHELTER_OF[UNIT_OF[room]]
        word = RoomInput(room, out_of_service=ROOMS[here][room])
        self.reports("report less", here, **{room: word})

    def counts(self, drawn):
        self.reports("report", sorted(ROOMS)[drawn % len(ROOMS)])

    def reports(self, what, here, **rooms):
        """Reports a count, which carries out the acts that waited for it. A place is given up if it is closed now, or
        if a person has no bed in it. It is also given up if it no longer takes the client, or if this count removes its
        beds.
        """
        with self.town.act(SYSTEM) as act:
            cases = act.session.exec(select(Registration)).all()
            claims = [one for one in waiting_work.claims(act.session) if one.ends_on is None]
            breaks = without_bed(act.session, cases, claims) | barred(act.session, cases)
            waits = select(Hold, Decision).join(Decision).where(Decision.status == DecisionStatus.WAITING_FOR_SHELTER)
            asked = [(hold.registration_id, hold.id, decision.id) for hold, decision in act.session.exec(waits)
                     if SHELTER_OF[hold.unit_id] == here]  # fmt: skip
        shut = {hold for _, hold, _ in asked if any(map(self.is_shut, self.places_of(hold)))}
        if not self.tries(what, lambda: self.town.report(here, **rooms)):
            return
        for key, hold, decision in asked:
            if self.town.one("decision", decision).status is DecisionStatus.LAPSED:
                assert rooms or key in breaks or hold in shut, (key, hold)
                self.happened["lapsed by a count"] += 1
                self.clients[key].loses(self.town.at)

    def place_closes(self, drawn):
        table, key = PLACES[drawn % len(PLACES)]
        place, until = self.town.one(table.__tablename__, key), self.town.at.date() + timedelta(days=drawn % 3)
        if place.status is not PlaceStatus.CLOSING:
            self.tries("close", lambda: self.town.do(closing.close, table, key, place.version, until, actor=DESK))

    def place_reopens(self, drawn):
        found = [(table, key) for table, key in PLACES if self.is_shut(self.town.one(table.__tablename__, key))]
        if found:
            table, key = found[drawn % len(found)]
            version = self.town.one(table.__tablename__, key).version
            if self.tries("reopen", lambda: self.town.do(closing.reopen, table, key, version, actor=DESK)):
                assert not self.is_shut(self.town.one(table.__tablename__, key)), key
                still = select(RoomClosure).where(RoomClosure.cause == key, RoomClosure.until.is_(None))
                assert self.town.all(still) == [], key

    @staticmethod
    def is_shut(place):
        return place.status in {PlaceStatus.CLOSING, PlaceStatus.CLOSED}

    def is_not_given_out(self, hold):
        """Checks that no bed was kept just now in a room that is shut, by itself or with the place around it."""
        places = self.places_of(hold)
        assert places, hold
        assert not any(map(self.is_shut, places)), [(place.id, place.status) for place in places]

    def places_of(self, hold):
        """Returns the rooms in which beds are kept, with their units, locations and shelters."""
        claims = self.town.all(select(BedClaim).where(BedClaim.hold_id == hold))
        beds = select(Bed.room_id).where(Bed.id.in_([one.bed_id for one in claims if not one.cancelled]))
        found = []
        for room in self.town.all(beds):
            unit = self.town.one("unit", UNIT_OF[room])
            found += [self.town.one("room", room), unit, self.town.one("location", unit.location_id)]
            found.append(self.town.one("shelter", SHELTER_OF[unit.id]))
        return found


def barred(session, cases):
    """Returns the clients who have a place but have not come, and who are now too old for the unit. At the decision the
    unit still took them.
    """
    planned = {one.hold_id for one in session.exec(select(Stay)) if one.status is StayStatus.PLANNED}
    found = set()
    for hold, decision in session.exec(select(Hold, Decision).join(Decision, Hold.decision_id == Decision.id)):
        if (hold.status in KEPT or hold.id in planned) and "age" not in decision.broken:
            limit = session.get_one(Unit, hold.unit_id).max_age
            [case] = [one for one in cases if one.id == hold.registration_id]
            if any(person.age > limit for person in case.persons):
                found.add(case.id)
    return found


def counted_away(session, claims):
    """Finds rooms with fewer beds in their newest count than residents and expected persons; returns the expected
    clients by room.
    """
    counts = {one.room_id: one for one in session.exec(select(RoomReport).order_by(RoomReport.id))}
    rooms = {one.id: one.room_id for one in session.exec(select(Bed))}
    planned = {one.hold_id for one in session.exec(select(Stay)) if one.status is StayStatus.PLANNED}
    kept = {one.id for one in session.exec(select(Hold)) if one.status in KEPT or one.id in planned}
    found = []
    for room, count in counts.items():
        here = [one for one in claims if rooms[one.bed_id] == room and one.person_id]
        left = sum(where == room for where in rooms.values()) - count.out_of_service
        if len(here) > left - sum(use["count"] for use in count.other_use):
            found.append({one.registration_id for one in here if one.hold_id in kept})
    return [clients for clients in found if clients]


def without_bed(session, cases, claims):
    """Returns the clients with a place in which a person has no bed. Also checks that no bed belongs to an absent
    person.
    """
    stays = {one.id: one.status for one in session.exec(select(Stay))}
    found = set()
    for case in cases:
        persons = {one.id for one in case.known("persons") or ()}
        places = {}
        for one in claims:
            assert one.person_id or one.whole_room, "a bed that is kept for no person"
            if one.registration_id == case.id and (one.stay_id is None or stays[one.stay_id] is not StayStatus.ENDED):
                places.setdefault(one.hold_id or one.stay_id, set()).add(one.person_id)
        for seated in places.values():
            assert seated - {None} <= persons, (seated, persons)
            if persons - seated:
                found.add(case.id)
    return found
