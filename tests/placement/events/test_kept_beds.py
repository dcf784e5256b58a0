"""A bed that is kept for an event of a later day, given up for a client who needs it tonight."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import HoldStatus
from placement.core.errors import Conflict, NotAllowed, NotFound
from placement.core.event_codes import EventKind
from placement.events import event_plans, events, kept_beds, members, replanning
from placement.events.events import EventInput
from placement.tables import Hold
from tests.support.event_plans import Engine, accept, plan
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, TODAY, F, M


@pytest.fixture
def ahead(town):
    """Two women who come in ten days, with kept beds in all rooms of a unit; the rest of the town is full."""
    town.full("R2", "R3", "R4", "R5", "R6", "R7")
    day = TODAY + timedelta(days=10)
    women = [
        town.register(persons=[(F, 30 + one)], urgency=3, needed_from=day, needed_by=day + timedelta(days=7))
        for one in range(2)
    ]
    made = town.do(events.make, EventInput("Later", EventKind.RAID, day)).id
    town.do(members.add_cases, made, women)
    town.do(events.start, made)
    _, version = plan(town, made)
    done, changed = accept(town, made, version)
    assert (len(done), changed) == (2, [])
    return made, women


def beds(town, client, actor=DESK):
    with town.act(actor) as act:
        return [(one.event.id, one.registration, one.unit) for one in kept_beds.beds_for(act, client)]


@pytest.mark.wide
def test_client_of_tonight_gets_a_bed_kept_for_a_later_day(town, ahead):
    event, women = ahead
    client = town.register(persons=[(F, 24)], urgency=1)
    proposal = town.one("proposal", town.propose(client))
    assert proposal.unit_id is None
    assert beds(town, client) == [(event, one, "U1-women") for one in sorted(women)]
    town.do(kept_beds.withdraw, event, women[0], actor=OTHER_DESK)
    assert {one.registration_id: one.status for one in town.all(select(Hold))}[women[0]] is HoldStatus.RELEASED
    assert town.one("proposal", town.propose(client)).unit_id == "U1-women"
    town.decide_on(client)
    assert replanning.due(town.database, town.settings, town.at) == [event]
    replanning.plan_one(town.database, town.settings, event, town.at, Engine())
    with town.act() as act:
        found = event_plans.newest(act, events.event_of(act, event))[1]
    assert (found.lost, found.places) == ((women[0],), {})
    with pytest.raises(Conflict, match="bed_not_kept_for_later"):
        town.do(kept_beds.withdraw, event, women[0])


@pytest.mark.wide
def test_kept_bed_is_for_tonight_and_the_desk_alone(town, ahead):
    event, women = ahead
    later, man = town.register(persons=[(F, 24)], urgency=3), town.register(persons=[(M, 24)], urgency=1)
    assert (beds(town, later), beds(town, man)) == ([], [])
    with pytest.raises(NotAllowed):
        beds(town, later, COORDINATOR)
    with pytest.raises(NotFound):
        town.do(kept_beds.withdraw, event, later)
    town.later(days=10)
    with pytest.raises(Conflict, match="bed_not_kept_for_later"):
        town.do(kept_beds.withdraw, event, women[0])
