"""Things out of the actor's reach are not found, as if they did not exist."""

import pytest

from placement.access import scoped_queries
from placement.core.codes import Role
from placement.core.context import SYSTEM, Actor
from placement.core.errors import NotFound
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, shelter


@pytest.fixture
def things(town):
    """Returns a town and ids of a registration in Amsterdam, of its proposal, decision, hold and stay, and a unit."""
    client = town.register(actor=COORDINATOR)
    decision = town.decide_on(client, "U1-women")
    held = town.hold_of(decision.id).id
    stay = town.confirm(held).id
    return town, {
        "registration_of": client,
        "proposal_of": decision.proposal_id,
        "decision_of": decision.id,
        "hold_of": held,
        "stay_of": stay,
        "unit_of": "U1-women",
        "shelter_of": "S1",
    }


def sees(town, actor, lookup, key, **how):
    with town.act(actor) as act:
        try:
            return getattr(scoped_queries, lookup)(act.session, actor, key, **how).id == key
        except NotFound:  # it has one code and no facts, whatever the reason
            return False


HERS = {"registration_of", "proposal_of", "decision_of", "hold_of", "stay_of"}
HOUSES = {"unit_of", "shelter_of"}
WHO = [
    (DESK, HERS),
    (SYSTEM, HERS),
    (COORDINATOR, HERS),
    (ELSEWHERE, set()),
    (Actor("A-none", Role.COORDINATOR), set()),
    (shelter("S1"), {"hold_of", "stay_of"} | HOUSES),
    (shelter("S2"), set()),
    (Actor("S-none", Role.SHELTER), set()),
]


@pytest.mark.wide
@pytest.mark.parametrize(("actor", "own"), WHO, ids=[actor.id for actor, _ in WHO])
def test_actor_finds_own_things_only(things, actor, own):
    town, keys = things
    assert {lookup for lookup, key in keys.items() if sees(town, actor, lookup, key)} == own
    assert {lookup for lookup, key in keys.items() if sees(town, actor, lookup, key, lock=True)} == own
    assert not any(sees(town, actor, lookup, "X-NONE") for lookup in keys)


def test_lists_hold_what_can_be_found(things):
    town, keys = things
    for actor, own in WHO:
        with town.act(actor) as act:
            listed = {
                "registration_of": scoped_queries.registrations_of(actor),
                "decision_of": scoped_queries.decisions_of(actor),
                "hold_of": scoped_queries.holds_of(act.session, actor),
                "stay_of": scoped_queries.stays_of(act.session, actor),
            }
            found = {name for name, query in listed.items() if [row.id for row in act.session.exec(query)]}
            assert found == own & set(listed), actor
            seen = scoped_queries.visible_registrations(act.session, actor, [keys["registration_of"], "X-NONE"])
            assert seen == ({keys["registration_of"]} if "registration_of" in own else set())
