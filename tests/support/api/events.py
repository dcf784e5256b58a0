"""An event with members, through the service."""

from datetime import timedelta

from placement.core.clock import day_of
from placement.core.codes import ResidenceBasis, Role
from placement.core.context import Act, Actor
from placement.core.event_codes import EventKind
from placement.events import events, members
from placement.events.events import EventInput
from placement.tables.event import SharedFacts
from tests.support.api.service import somebody

SHARED = SharedFacts(region="amsterdam", residence_basis=ResidenceBasis.NONE_YET)


def raid(service, number=5, **facts):
    """Returns the id of an event of today, and the references of its members, whom the desk registered."""
    service.close_all()
    cases = [service.desk.made("/registrations", somebody(**{"urgency": 1, **facts}))["id"] for _ in range(number)]
    return event_of(service, cases), cases


def event_of(service, cases, days=0):
    with service.database.transaction() as session:
        desk = Actor(service.desk.account, Role.DESK, session_id="Z")
        act = Act(session, desk, service.moment.at, service.country.settings)
        day = day_of(service.moment.at) + timedelta(days=days)
        made = events.make(act, EventInput("Inval haven", EventKind.RAID, day, shared=SHARED))
        members.add_cases(act, made.id, cases)
        return made.id


def planned(service, event, **asked):
    return service.desk.made(f"/events/{event}/plan", asked)


def accepted(service, event, version, by=None, **wanted):
    return (by or service.desk).made(f"/events/{event}/plan/acceptance", wanted, If_Match=f'"{version}"')
