"""A way out is asked for in place: of whom, by name and number, and the decision that waits for them."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.accounts import details
from placement.accounts.details import Details
from placement.core.codes import Role
from placement.core.context import Act, Actor
from placement.duty import absences
from placement.placements.proposals.ways_out_contacts import way_contacts
from placement.tables import Account, Message
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import offered
from tests.support.stores import one_store

pytestmark = one_store
NEEDS = ["pregnancy", "infant", "medical", "psychiatric"]
DESK = Actor(id="A-desk-1", role=Role.DESK)


def choosable(proposal):
    units = {unit["unit"]: unit for unit in proposal["others"]}
    ways = [(way, units[way["unit"]]) for way in proposal["ways_out"]]
    return [(way, unit) for way, unit in ways if unit["can_be_chosen"] and not unit["review_needed"]]


@pytest.fixture
def proposal(service):
    service.close_all()
    found = offered(service, needs=NEEDS)
    assert found["chosen"] is None
    assert choosable(found)
    return found


@pytest.mark.wide
def test_request_for_a_way_out_waits_for_the_desk(service, proposal):
    unit = choosable(proposal)[0][1]
    reader = signed_in(service, "coordinator", language="nl")
    page = reader.get(f"/proposals/{proposal['id']}").text
    assert re.findall(r"<textarea[^>]*>([^<]*)", page) == [""] * len(choosable(proposal))  # the service writes no words
    words = "Haar arts werkt daar om de hoek"
    action = f"/proposals/{proposal['id']}/decide"
    wrong = reader.send(action, text=words)
    assert wrong.status_code == 400
    assert "Kies " + unit["name"] in words_of(wrong)
    reader.get(f"/proposals/{proposal['id']}")
    assert reader.send(action, text=words, reason="client_preference").status_code == 200
    decided = service.desk.get(f"/decisions?proposal={proposal['id']}").json()["items"][0]
    assert (decided["status"], decided["unit"]) == ("waiting_for_second", unit["unit"])
    assert decided["hold"]
    tasks = service.desk.get("/tasks").json()["items"]
    assert [one["registration"] for one in tasks if one["kind"] == "decision"] == [proposal["registration"]]
    with service.database.transaction() as session:
        assert f"decision.waits {decided['id']}" in session.exec(select(Message.once)).all()


@pytest.mark.wide
@pytest.mark.parametrize(("basis", "asks"), [("unknown", True), ("reflection", False)])
def test_proposal_without_a_place_asks_for_an_unknown_residence(service, basis, asks):
    service.close_all()
    found = offered(service, needs=NEEDS, residence_basis=basis)
    assert found["nobody"]
    coordinator = signed_in(service, "coordinator", language="en")
    page = coordinator.get(f"/proposals/{found['id']}")
    assert ("The residence of the client is not known." in words_of(page)) is asks
    part = f"/registrations/{found['registration']}/edit#residence_basis"
    assert (f'href="{part}"' in page.text) is asks
    assert 'id="residence_basis"' in coordinator.get(part).text


@pytest.mark.wide
def test_party_of_a_way_out_has_name_and_number(service, proposal):
    with service.database.transaction() as session:
        desk = session.exec(select(Account.id).where(Account.role == Role.DESK).order_by(Account.id)).all()
        for account in desk:
            details.keep(session, account, Details("Medewerker 7", None, "+31301234567"))
    page = signed_in(service, "coordinator", language="en").get(f"/proposals/{proposal['id']}").text
    assert "Send the request to Medewerker 7" in page
    assert 'href="tel:+31301234567"' in page


def test_actor_and_absent_desk_are_not_named(service):
    with service.database.transaction() as session:
        act = Act(session, DESK, service.moment.at, service.country.settings)
        desk = session.exec(select(Account.id).where(Account.role == Role.DESK).order_by(Account.id)).all()
        for number, account in enumerate(desk):
            details.keep(session, account, Details(f"Medewerker {number}", None, None))
        others = [one for one in desk if one != DESK.id]
        named = way_contacts(act, "limburg", {"desk"}, set()).persons["desk"]
        assert [one.name for one in named] == [f"Medewerker {desk.index(one)}" for one in others][:2]
        theirs = Act(
            session, Actor(id=others[0], role=Role.DESK, session_id="-"), service.moment.at, service.country.settings
        )
        absences.name(theirs, act.day, act.day, None)
        left = way_contacts(act, "limburg", {"desk"}, set()).persons["desk"]
    assert named[0] not in left


@pytest.mark.wide
@pytest.mark.parametrize(("hours", "is_there"), [(0, True), (13, False)])
def test_way_out_names_its_deadline_and_who_is_on_duty(service, hours, is_there):
    service.moment.at += timedelta(hours=hours)
    service.close_all()
    found = offered(service, needs=NEEDS)
    words = words_of(signed_in(service, "coordinator", language="en").get(f"/proposals/{found['id']}"))
    assert re.search(r"the beds are kept until [A-Z][a-z]{2} \d\d:\d\d\.", words)
    assert ("Nobody else of the desk is on duty now" in words) is not is_there


@pytest.mark.wide
def test_decided_proposal_has_no_request(service, proposal):
    reader = signed_in(service, "coordinator", language="en")
    service.coordinator.made(
        f"/proposals/{proposal['id']}/decision", {"decision": "decline", "reason": "declines_place"}
    )
    assert not re.search("Send the request", reader.get(f"/proposals/{proposal['id']}").text)


@pytest.fixture
def asks_client(service):
    """Makes a proposal whose first way out only the client must agree to: a wish for the room is given up."""
    service.close_all()
    found = offered(service, needs=["pregnancy"], room_needs=["wheelchair", "ground_floor", "private_bathroom"])
    assert found["chosen"] is None
    assert found["ways_out"][0]["agree"] == ["client"]
    return found


def first_way(reader, proposal):
    page = reader.get(f"/proposals/{proposal['id']}").text
    return re.search(r'<ol class="ways">\s*<li>.*?</li>\s*(?=<li><strong>|</ol>)', page, re.DOTALL)[0]


@pytest.mark.wide
@pytest.mark.parametrize(
    ("language", "words"), [("en", "First ask the client."), ("nl", "Vraag het eerst aan de cliënt.")]
)
def test_coordinator_is_told_to_ask_the_client(service, asks_client, language, words):
    way = first_way(signed_in(service, "coordinator", language=language), asks_client)
    assert words in way
    assert f'href="/registrations/{asks_client["registration"]}/edit#part-needs"' in way
    assert "<form" not in way


@pytest.mark.wide
def test_desk_is_told_which_coordinator_to_ask(service, asks_client):
    with service.database.transaction() as session:
        coordinators = session.exec(select(Account.id).where(Account.role == Role.COORDINATOR)).all()
        for account in coordinators:
            details.keep(session, account, Details("Medewerker 8", None, "+31301234567"))
    service.opened(asks_client["registration"])
    way = first_way(signed_in(service, "desk", language="en"), asks_client)
    assert "First ask the care coordinator, who speaks with the client:" in way
    assert "Medewerker 8" in way
    assert 'href="tel:+31301234567"' in way
