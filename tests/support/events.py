"""A raid of the town, and an event for the matrices of rights."""

from datetime import timedelta

from placement.core.codes import Registrant, Role
from placement.core.event_codes import EventKind
from placement.events import events, members
from placement.events.events import EventInput
from placement.tables.event import SharedDanger, SharedFacts
from tests.support.api.bodies import BODIES
from tests.support.town import TODAY

RAID = EventInput(
    "Inval haven",
    EventKind.RAID,
    TODAY + timedelta(days=10),
    shared=SharedFacts(
        registrant=Registrant.NLA, region="amsterdam", languages=["pl"], dangers=[SharedDanger(place="Rotterdam")]
    ),
)


def raid(town, *cases):
    made = town.do(events.make, RAID).id
    town.do(members.add_cases, made, cases)
    return made


def events_of(desk, *cases):
    """Makes an event with each case as its only member; returns their ids by kind and role."""
    found = [_event(desk, case) for case in cases]
    events, rows = zip(*found, strict=True)
    return {("event", Role.DESK): events, ("event", Role.COORDINATOR): events, ("event_member", Role.DESK): rows}


def _event(desk, case):
    made = desk.post("/events", BODIES["EventIn"]).json()["id"]
    return made, desk.post(f"/events/{made}/cases", {"registrations": [case]}).json()["items"][0]["id"]
