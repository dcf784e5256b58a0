"""The page on which a second person or the desk decides: the client, the colleague's words, and the
clients who lose.
"""

import re

import pytest
from sqlmodel import select

from placement.accounts import details
from placement.accounts.details import Details
from placement.tables import Hold
from tests.support.api.housed_client import breaking, lives_somewhere, overridden
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold, offered
from tests.support.api.service import somebody
from tests.support.stores import one_store

WORDS = "Her sister lives in the same street, and she asks for it herself."
RARE = {"languages": [{"code": "fj", "level": "native"}], "language_required": False}


def asked_of_desk(service, decision, language="en"):
    return signed_in(service, "desk", language=language).get(f"/decisions/{decision['id']}")


def rows_of(answer):
    """Returns the facts of the page, by their name."""
    found = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd></div>", answer.text, re.DOTALL)
    return {name: " ".join(re.sub(r"<[^>]+>", " ", value).split()) for name, value in found}


def named(service, account, name):
    with service.database.transaction() as session:
        details.keep(session, account, Details(name, None, "+31301234567"))


@pytest.mark.wide
@one_store
def test_second_person_reads_words_and_what_follows(service):
    service.close_all()
    named(service, service.coordinator.account, "Medewerker 7")
    decision = overridden(service, offered(service), text=WORDS)
    answer = asked_of_desk(service, decision)
    rows, words = rows_of(answer), words_of(answer)
    assert f"<blockquote>{WORDS}</blockquote>" in answer.text
    assert "Medewerker 7 wrote this, " in rows["Why this place"]
    assert 'href="tel:+31301234567"' in answer.text
    assert rows["The client's answer to this place"] == "not asked yet"
    assert "Refused before" not in rows
    assert "Medewerker 7 asks you to answer before " in words
    assert f"May woman 30 go to {decision['place']}?" in words
    assert rows["Who"] == "woman 30. English"
    assert rows["Why now"].startswith("tonight, by ")
    assert rows["The client's whereabouts"].startswith("Has no place yet. Registered by: National Police.")
    assert "If you accept The shelter is asked" in words
    assert "If you refuse The beds are free for others at once. The client has no place, and waits again" in words
    assert "Points of all clients" not in words
    chosen = service.desk.get(f"/proposals/{decision['proposal']}").json()["chosen"]
    assert rows["What was proposed"] == f"{chosen['name']}, {chosen['shelter']}. No rule is broken there."


@pytest.mark.wide
@one_store
def test_second_person_reads_what_client_and_shelter_answered(service):
    hold = asked_hold(service, region="amsterdam")
    refusal = {"answer": "refuse", "reason": "no_interpreter"}
    held = service.staff.made(f"/holds/{hold}/answer", refusal)
    proposal = service.coordinator.made(f"/registrations/{held['registration']}/proposals")
    refused = next(one["unit"] for one in proposal["others"] if one["unit"] == held["unit"])
    body = {"decision": "override", "unit": refused, "reason": "client_preference", "client_says": "yes"}
    verified = service.verified(service.coordinator.account)
    decision = verified.made(f"/proposals/{proposal['id']}/decision", {**body, "review_on": "2026-11-27"})
    rows = rows_of(asked_of_desk(service, decision))
    assert rows["The client's answer to this place"] == "yes"
    assert rows["Refused before"] == "This shelter refused this client on Tue 24 Nov: No interpreter available."


@pytest.mark.wide
@one_store
def test_second_person_is_told_that_nothing_was_written(service):
    service.close_all()
    named(service, service.coordinator.account, "Medewerker 7")
    rows = rows_of(asked_of_desk(service, overridden(service, offered(service)), "nl"))
    assert "Medewerker 7 gaf geen toelichting" in rows["Waarom deze plaats"]


@pytest.mark.wide
def test_answer_is_possible_until_the_beds_are_given_back(service):
    service.close_all()
    decision = overridden(service, offered(service))
    shown = service.desk.get(f"/decisions/{decision['id']}").json()
    with service.database.transaction() as session:
        held = session.exec(select(Hold).where(Hold.decision_id == decision["id"])).one()
        assert shown["answer_until"] == held.expires_at.isoformat().replace("+00:00", "Z")
    listed = service.desk.get("/decisions").json()["items"]
    assert [one["answer_until"] for one in listed if one["id"] == decision["id"]] == [None]
    service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": False, "text": "te ver"})
    assert service.desk.get(f"/decisions/{decision['id']}").json()["answer_until"] is None


@pytest.mark.wide
@one_store
def test_second_person_reads_where_a_moving_client_lives(service):
    placed = lives_somewhere(service)
    version = service.coordinator.get(placed).json()["version"]
    wish = {"kind": "transfer", "ground": "wish", "urgency": 2, "text": "Closer to school"}
    service.coordinator.post(f"{placed}/requests", wish, If_Match=f'"{version}"')
    decision = overridden(service, service.coordinator.made(f"{placed}/proposals"))
    answer = asked_of_desk(service, decision)
    rows = rows_of(answer)
    [stay] = [
        one for one in service.desk.get("/stays?status=in_house").json()["items"]
        if one["registration"] == decision["registration"]
    ]  # fmt: skip
    assert rows["The client's whereabouts"].startswith(f"Lives at {stay['place']} since ")
    assert rows["Why now"].endswith("Transfer: wish of the client. Closer to school")
    assert f"The client stays at {stay['place']}, and another place is sought." in words_of(answer)


@pytest.fixture
def tied(service):
    """Makes a proposal with a tie, for a client who speaks with the staff, when there are more women than places."""
    service.close_all()
    elsewhere = [{"kind": "unit", "target": "S03-L1-U2"}]  # as good, and nothing that the desk confirms
    case = service.coordinator.made("/registrations", somebody(avoided=elsewhere))["id"]
    for _ in range(14):
        service.desk.made(
            "/registrations", somebody(region="limburg", persons=[{"gender": "female", "age": 47}], **RARE)
        )
    proposal = service.coordinator.made(f"/registrations/{case}/proposals")
    assert proposal["near_tie"]["other"]["registration"] == "…"
    return proposal


@pytest.mark.wide
@one_store
def test_desk_confirms_a_near_tie_with_the_other_named(service, tied):
    decision = service.coordinator.made(f"/proposals/{tied['id']}/decision", {"decision": "accept"})
    assert decision["status"] == "waiting_for_desk"
    answer = asked_of_desk(service, decision)
    others = rows_of(answer)["Effect on others"]
    assert others.startswith("This place is nearly as good for another household of the same urgency.")
    assert "woman 47 · Fijian , waits 0 minutes, tonight" in others
    assert "Nobody loses a place" not in words_of(answer)
    assert "Accepted as proposed." in words_of(answer)


@pytest.mark.wide
@one_store
def test_coordinator_reads_no_name_or_age_of_another_region(service, tied):
    other = service.desk.get("/registrations?region=limburg").json()["items"]
    decision = service.coordinator.made(f"/proposals/{tied['id']}/decision", {"decision": "accept"})
    page = signed_in(service, "coordinator", language="en").get(f"/decisions/{decision['id']}")
    assert "a household of another region; the placement desk sees both" in words_of(page)
    assert "47" not in rows_of(page)["Effect on others"]
    assert all(one["id"] not in page.text for one in other)


@pytest.mark.wide
@one_store
def test_households_that_would_lose_are_named_as_people(service):
    """To a coordinator those of another region are a number."""
    service.close_all()
    for _ in range(15):
        service.desk.made("/registrations", somebody(region="limburg", persons=[{"gender": "female", "age": 47}]))
    case = service.coordinator.made("/registrations", somebody(**RARE))["id"]
    proposal = service.coordinator.made(f"/registrations/{case}/proposals")
    unit = next(one for one in proposal["alternatives"] if one["cost"]["others"])
    path = f"/proposals/{proposal['id']}/units/{unit['unit']}"
    service.opened(case)
    others = rows_of(signed_in(service, "desk", language="en").get(path))["Effect on others"]
    assert re.match(r"Would then get no place: woman 47 · English , waits 0 minutes, tonight \w+ \w+ R-", others)
    others = rows_of(signed_in(service, "coordinator", language="en").get(path))["Effect on others"]
    assert others.startswith("Would then get no place: 1 household of another region. You may choose this place.")
    assert "ring the desk first" in others
    assert "woman 47" not in others


@pytest.mark.wide
@one_store
def test_term_of_agreement_is_shown_before_the_decision(service):
    service.close_all()
    proposal = offered(service)
    reader = signed_in(service, "coordinator", language="en")
    assert re.search(
        r"Who decides after you:.*At the latest: \w+ \d\d:\d\d\.", words_of(reader.get(f"/proposals/{proposal['id']}"))
    )
    unit = breaking(proposal)["unit"]
    agree = rows_of(reader.get(f"/proposals/{proposal['id']}/units/{unit}"))["Who decides after you"]
    assert re.match(r"A second person of the desk, because a rule is broken\. At the latest: \w+ \d\d:\d\d\.", agree)
