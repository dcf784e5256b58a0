"""A broken rule that is looked at again, on the pages: the task leads to the decision, and the button ends it."""

from datetime import timedelta

import pytest

from placement.core.context import SYSTEM, Act
from placement.retention.erasure import erase_frozen
from tests.support.api.bodies import CONFIRM
from tests.support.api.pages import signed_in
from tests.support.api.resources import confirm_counts
from tests.support.api.service import somebody
from tests.support.stores import one_store


@pytest.fixture
def reviewed(service):
    """Places a client in an avoided unit by a decision of two of the desk, and moves to the day of its review."""
    service.close_all()
    confirm_counts(service)
    case = service.coordinator.made("/registrations", somebody(avoided=[{"kind": "unit", "target": "S01-L1-U1"}]))["id"]
    proposal = service.coordinator.made(f"/registrations/{case}/proposals")
    service.opened(case)
    said = {"decision": "override", "unit": "S01-L1-U1", "reason": "safety_judgement", "review_on": "2026-11-25"}
    desk, second = service.verified(service.desk.account), service.verified(service.second.account)
    decision = desk.made(f"/proposals/{proposal['id']}/decision", said)
    second.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})
    service.staff.made(f"/holds/{decision['hold']}/answer", CONFIRM)
    service.staff.made(f"/holds/{decision['hold']}/arrival")
    service.moment.at += timedelta(days=1)
    return decision


@pytest.mark.wide
@one_store
def test_decision_is_looked_at_after_its_proposal_is_erased(service, reviewed):
    with service.database.transaction() as session:
        act = Act(session, SYSTEM, service.moment.at, service.country.settings)
        erase_frozen(act, [reviewed["proposal"]])
    desk, path = signed_in(service, "desk"), f"/decisions/{reviewed['id']}"
    assert "Look at it again" in desk.get(path).text
    assert reviewed["place"] in desk.page.text
    desk.send(f"{path}/look", again_on="2026-12-09")
    assert path not in desk.get("/").text


@pytest.mark.wide
@one_store
def test_task_leads_to_the_decision_and_ends_with_the_button(service, reviewed):
    desk = signed_in(service, "desk")
    path = f"/decisions/{reviewed['id']}"
    assert path in desk.get("/").text
    page = desk.get(path).text
    assert "Look at it again" in page
    assert "Who decides after you" not in page
    missing = desk.send(f"{path}/look")
    assert missing.status_code == 400
    assert "breaks safety rules" in missing.text
    desk.send(f"{path}/look", again_on="2026-12-24")
    found = service.desk.get(path).json()
    assert (found["review_on"], found["looked_at"][:10]) == ("2026-12-24", "2026-11-25")
    assert path not in desk.get("/").text
    told = service.coordinator.get(f"/registrations/{reviewed['registration']}/timeline").json()["items"]
    [entry] = [one for one in told if one["event"] == "override:looked_at"]
    assert [one["words"] for one in entry["details"] if one["about"] == "again_on"] == ["24 december 2026"]


@pytest.mark.wide
@one_store
def test_second_of_the_desk_reads_why_a_rule_is_broken(service):
    service.close_all()
    confirm_counts(service)
    case = service.coordinator.made("/registrations", somebody(avoided=[{"kind": "unit", "target": "S01-L1-U1"}]))["id"]
    proposal = service.coordinator.made(f"/registrations/{case}/proposals")
    said = {"decision": "override", "unit": "S01-L1-U1", "reason": "safety_judgement", "review_on": "2026-11-25"}
    coordinator = service.verified(service.coordinator.account)
    decision = coordinator.made(f"/proposals/{proposal['id']}/decision", said | {"text": "Het gevaar is voorbij"})
    assert decision["text"] == "Het gevaar is voorbij"
    assert "Het gevaar is voorbij" in signed_in(service, "desk").get(f"/decisions/{decision['id']}").text
    desk = service.verified(service.desk.account)
    assert desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})["text"] is None
    listed = service.coordinator.get("/decisions").json()["items"]
    assert [one["text"] for one in listed if one["id"] == decision["id"]] == [None]
    for reader, told in ((service.desk, None), (service.coordinator, "Het gevaar is voorbij")):
        assert reader.get(f"/decisions/{decision['id']}").json()["text"] == told
