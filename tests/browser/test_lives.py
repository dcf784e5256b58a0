"""Lives of cases by clicks, with a clock that stands: what each person saw, and was sent, after how many seconds."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from placement.retention.schedule_of_cases import CONTENT_FOR
from placement.text.catalogue import translate
from tests.support.api.resources import confirm_counts, offered
from tests.support.api.service import rooms_as_they_are, somebody
from tests.support.browser.frozen_service import Frozen
from tests.support.browser.geometry import faults_of
from tests.support.browser.lives import STAFF, accepts, agrees, arrives, confirms, edits, finds, lives, saves

pytestmark = pytest.mark.wide
AT_20, AT_23 = (datetime(2026, 11, 24, hour, 0, tzinfo=UTC) for hour in (19, 22))
WHERE = translate("task", "whereabouts", "nl")
GONE = translate("mail.subject", "client.missing", "nl")
FRIDAY_AT_18 = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
MONDAY_AT_9 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
ASKED, AGREED, WAITS, TASK, MISSED, BACK = (
    translate("mail.subject", kind, "nl")
    for kind in ("hold.asked", "hold.confirmed", "decision.waits", "task.due", "stay.no_show", "stay.no_show_reversed")
)


def kept(life: Frozen, **facts) -> tuple[str, str]:
    """A case of the coordinator for which the first shelter is asked: its reference, and the hold."""
    service = life.service
    proposal = offered(service, needs=["pregnancy"], **facts)
    decision = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    hold = service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})["hold"]
    return decision["registration"], hold


@pytest.mark.parametrize("late", ["comes", "lost"])
def test_no_show_at_night_with_no_one_on_duty(life, late):
    service = life.service
    desk, coordinator = service.desk.account, service.coordinator.account
    desks, placers = life.desks(), life.desks() | life.mailed(coordinator)
    life.sets(AT_20)
    case, hold = kept(life)
    life.told()
    confirms(life, hold, "2026-11-24T22:00")
    assert {mail.subject for mail in life.told()} == {AGREED}

    life.sets(AT_23 - timedelta(seconds=5))
    assert "is niet aangekomen" not in life.goes(coordinator, "/").inner_text("#part-needs")
    told = life.told()
    assert {(mail.to, mail.after.seconds) for mail in told} == {(to, 5) for to in placers}
    for account in (coordinator, desk):
        page = life.goes(account, "/")
        strip = page.locator("#part-needs li", has_text="is niet aangekomen")
        expect(strip).to_contain_text("22:00")
        expect(strip.locator("a[href='tel:+31612345678']")).to_be_visible()
        assert faults_of(page) == []  # two buttons in one row

    life.sets(AT_23 + timedelta(hours=1) - timedelta(seconds=5))
    assert {mail.to for mail in life.told()} == desks  # nobody is on call: the desk once more

    page = life.goes(coordinator, "/")
    life.press(coordinator, page.locator(f"#part-needs a[href='/holds/{hold}/arrival']"))
    expect(page.get_by_text("Hebt u gebeld")).to_be_visible()
    life.press(coordinator, page.get_by_role("button", name="Is niet gekomen"))
    expect(page.locator("#rung-fault")).to_be_visible()
    page.locator("#rung").select_option("no_answer")
    said = life.at
    life.press(coordinator, page.get_by_role("button", name="Is niet gekomen"))
    expect(page).to_have_url(f"{life.base}/holds/{hold}/arrival")
    assert service.coordinator.get(f"/registrations/{case}").json()["status"] == "missing"
    told = life.told(said)
    assert {mail.to for mail in told if mail.subject == MISSED} == life.mailed(STAFF)
    assert {mail.to for mail in told if mail.subject == GONE} == desks
    assert {mail.after for mail in told} == {timedelta(seconds=5)}
    expect(life.goes(coordinator, "/").locator("#part-needs li").first).to_contain_text(WHERE)

    life.sets(said + timedelta(minutes=10 if late == "comes" else 31))
    page = life.goes(STAFF, "/holds")
    back = page.get_by_role("button", name="Wordt toch verwacht")
    if late == "lost":
        expect(back).to_have_count(0)
        return
    said = life.at
    life.press(STAFF, back)
    expect(page.get_by_text("bevestigd")).to_be_visible()
    told = life.told(said)
    assert {mail.to for mail in told if mail.subject == BACK} == placers
    assert WHERE not in life.goes(coordinator, "/").inner_text("#part-needs")
    page = life.goes(STAFF, "/holds")
    life.press(STAFF, page.get_by_role("button", name="Is aangekomen"))
    expect(page).to_have_url(f"{life.base}/stays")
    assert service.coordinator.get(f"/registrations/{case}").json()["status"] == "placed"


def test_transfer_for_safety_from_the_call_to_the_arrival(life):
    service = life.service
    coordinator = service.coordinator.account
    case, left = lives(life)
    confirm_counts(service)
    life.told()

    page = life.goes(coordinator, f"/registrations/{case}")
    life.press(coordinator, page.get_by_role("link", name=life.word("Ask for another place")))
    page.locator("#kind").select_option("transfer")
    page.locator("#ground").select_option("safety")
    page.locator("#urgency").select_option("1")
    life.press(coordinator, page.get_by_role("button", name=life.word("Ask for another place")))
    expect(page.locator("#moves")).to_contain_text("houdt het huidige bed")
    hold = finds(life, case)
    assert hold["unit"][:6] != left["unit"][:6]  # never the location that is left
    staff = f"A-staff-{hold['unit'][:3]}"
    asked = life.told()
    assert [mail.subject for mail in asked if mail.to in life.mailed(staff)] == [ASKED]

    assert service.coordinator.get(f"/holds/{left['id']}").json()["end_reason"] is None
    said = life.at
    confirms(life, hold["id"], "2026-11-24T15:00", staff)
    assert life.mailed(coordinator) <= {mail.to for mail in life.told(said) if mail.subject == AGREED}
    page = life.goes(coordinator, f"/registrations/{case}")
    for said_there in ("de aanmelder", "15:00", "06 12 34 56 78"):
        expect(page.locator("p.note", has_text="Reservering bij").first).to_contain_text(said_there)
    arrives(life, hold["id"], staff)
    assert service.coordinator.get(f"/registrations/{case}").json()["status"] == "placed"
    assert service.coordinator.get(f"/holds/{left['id']}").json()["end_reason"] == "moved_on"
    stay = next(
        one
        for one in service.desk.get("/stays").json()["items"]
        if one["registration"] == case and one["status"] == "in_house"
    )
    assert stay["clock_from"] == "2026-11-24"  # the clock of the stay goes on
    assert case not in life.goes(STAFF, "/stays").content()  # and the old bed is free


def test_onward_place_after_the_permit(life):
    service = life.service
    coordinator = service.coordinator.account
    case, left = lives(life)
    confirm_counts(service)
    lasting = [{**room, "used_by_others": []} for room in rooms_as_they_are(service.crisis_shelter, "S03")]
    assert service.crisis_shelter.put("/shelters/S03/capacity", {"rooms": lasting}).is_success
    life.told()

    page = edits(life, case, residence_basis="victim_permit", reason="residence")
    expect(page.locator("#confirm-fault")).to_be_visible()
    said = life.at
    saves(life, page, confirm=True)
    expect(page.locator("#lives-against")).to_be_visible()
    assert [(mail.to, mail.subject, mail.after.seconds) for mail in life.told(said)] == [
        (*life.mailed(coordinator), TASK, 5)
    ]
    page = life.goes(coordinator, "/")
    life.press(coordinator, page.locator("#part-needs a[href*='kind=onward']"))
    expect(page.locator("#kind")).to_have_value("onward")
    page.locator("#urgency").select_option("3")
    life.press(coordinator, page.get_by_role("button", name=life.word("Ask for another place")))
    assert "kind=onward" not in life.goes(coordinator, "/").content()
    hold = finds(life, case)
    staff = f"A-staff-{hold['unit'][:3]}"
    confirms(life, hold["id"], "2026-11-24T15:00", staff)
    arrives(life, hold["id"], staff)
    told = service.coordinator.get(f"/registrations/{case}").json()
    assert (told["status"], told["lives_against"]) == ("placed", [])
    assert service.coordinator.get(f"/holds/{left['id']}").json()["end_reason"] == "moved_on"


def test_birth_gives_a_child_a_bed_beside_the_mother(life):
    service = life.service
    case, hold = lives(life, needs=["pregnancy"], expected_birth="2026-12-01")
    page = life.goes(service.coordinator.account, "/")
    expect(page.locator("#part-needs li", has_text="geboorte")).to_have_count(1)
    page = edits(
        life, case, **{"persons.1.gender": "female", "persons.1.age": "0", "reason": "birth", "expected_birth": ""}
    )
    expect(page).to_have_url(f"{life.base}/registrations/{case}")
    expect(life.goes(service.coordinator.account, "/").locator("#part-needs li", has_text="geboorte")).to_have_count(0)
    told = service.shelter.get(f"/holds/{hold['id']}").json()
    assert sorted((one["gender"], one["age"]) for one in told["persons"]) == [("female", 0), ("female", 30)]
    assert sum(room["persons"] for room in told["rooms"]) == 2
    page = life.goes(service.coordinator.account, f"/registrations/{case}/changes")
    expect(page.locator("main")).to_contain_text("geboorte")


def test_wrong_gender_corrected_is_a_task_and_moves_no_client(life):
    service = life.service
    coordinator = service.coordinator.account
    case, hold = lives(life)
    life.told()
    page = edits(life, case, **{"persons.0.gender": "male", "reason": "correction"})
    expect(page.locator("#confirm-fault")).to_be_visible()  # what breaks is shown before it is saved
    assert service.shelter.get(f"/holds/{hold['id']}").json()["persons"][0]["gender"] == "female"
    said = life.at
    saves(life, page, confirm=True)
    expect(page.locator("#lives-against")).to_be_visible()
    assert [(mail.to, mail.subject, mail.after.seconds) for mail in life.told(said)] == [
        (*life.mailed(coordinator), TASK, 5)
    ]
    strip = life.goes(coordinator, "/").locator("#part-needs li", has_text="een regel")
    expect(strip).to_have_count(1)
    held = service.shelter.get(f"/holds/{hold['id']}").json()
    assert (held["persons"][0]["gender"], held["end_reason"]) == ("male", None)
    page = edits(life, case, **{"persons.0.gender": "female", "reason": "correction"})
    expect(page).to_have_url(f"{life.base}/registrations/{case}")
    expect(life.goes(coordinator, "/").locator("#part-needs li", has_text="een regel")).to_have_count(0)


def test_coordinators_decision_on_friday_waits_for_monday(life):
    service = life.service
    coordinator = service.coordinator.account
    life.sets(FRIDAY_AT_18)
    service.shelter.made("/shelters/S01/capacity/confirm")
    case = service.coordinator.made("/registrations", somebody(needs=["pregnancy"]))["id"]
    free = service.shelter.get("/shelters/S01/capacity").json()["free_now"]
    said = life.at
    accepts(life, case)
    why = life.goes(coordinator, f"/registrations/{case}").locator("#why")
    expect(why).to_contain_text("tot ma 10:00")
    told = life.told(said)
    assert {(mail.to, mail.subject, mail.after.seconds) for mail in told} == {(to, WAITS, 5) for to in life.desks()}
    again = service.coordinator.post(f"/registrations/{case}/proposals")
    assert again.status_code == 409
    assert service.shelter.get("/shelters/S01/capacity").json()["free_now"] == free - 1
    assert case not in life.goes(STAFF, "/holds").content()  # kept, and nobody asked yet

    life.sets(MONDAY_AT_9)
    [decision] = [one for one in service.desk.get("/decisions").json()["items"] if one["registration"] == case]
    said = life.at
    agrees(life, decision["id"])
    assert [mail.subject for mail in life.told(said) if mail.to in life.mailed(STAFF)] == [ASKED]
    [hold] = service.coordinator.get(f"/holds?registration={case}").json()["items"]
    assert hold["status"] == "waiting_for_shelter"


def test_duplicate_client_is_seen_beside_the_form_and_merged(life):
    service = life.service
    coordinator = service.coordinator.account
    known = service.coordinator.made("/registrations", somebody(alias="Zilveren Merel"))["id"]
    life.sets(life.at + timedelta(days=1))
    page = life.goes(coordinator, "/registrations/new")
    for name, value in (("region", "amsterdam"), ("registrant", "NP"), ("residence_basis", "reflection")):
        page.locator(f"#{name}").select_option(value)
    page.locator("[name='persons.0.gender']").select_option("female")
    page.locator("[name='persons.0.age']").fill("30")
    page.locator("[name='languages.0.code']").fill("Engels")
    page.locator("[name='languages.0.level']").select_option("fluent")
    page.locator("#alias").fill("Zilveren Merel")
    page.locator("#alias").press("Tab")
    expect(page.locator("#alike")).to_contain_text(known)
    draft = page.locator("#saved [name=registration]").input_value()
    life.press(coordinator, page.get_by_role("link", name=life.word("Compare, link or merge them")))
    expect(page.locator("main")).to_contain_text(known)
    life.press(coordinator, page.get_by_role("button", name=life.word("Merge into that case")))
    expect(page.locator("main")).to_contain_text(known)
    closed = service.coordinator.get("/registrations?status=closed").json()["items"]
    assert draft in {one["id"] for one in closed}


@pytest.mark.parametrize("days", [335, 395])
def test_return_of_a_client_begins_with_what_is_still_there(life, days):
    service = life.service
    coordinator = service.coordinator.account
    avoided = [{"kind": "region", "target": "den-haag"}]
    case, hold = lives(life, needs=["pregnancy"], alias="Zilveren Merel", avoided=avoided)
    service.staff.made(f"/stays/{hold['stay']}/end", {"reason": "own_housing"})
    life.sets(life.at + timedelta(days=days))
    service.staff.made("/shelters/S01/capacity/confirm")  # its key has ended meanwhile
    page = life.goes(coordinator, f"/registrations/{case}")
    is_erased = days > CONTENT_FOR.days
    assert ("Gewist, omdat de bewaartermijn" in page.inner_text("#why")) is is_erased
    life.press(coordinator, page.get_by_role("button", name=life.word("The client returns")))
    expect(page).to_have_url(re.compile(r"/registrations/R-[^/]+/edit$"))
    new = page.url.split("/")[-2]
    expect(page.locator("#returns")).to_contain_text(case)
    assert ("Vraag ze opnieuw aan de cliënt" in page.inner_text("#returns")) is is_erased
    expect(page.locator("[name='persons.0.age']")).to_have_value("30" if days < CONTENT_FOR.days else "31")
    expect(page.locator("#alias")).to_have_value("" if is_erased else "Zilveren Merel")
    page.locator("#urgency").select_option("1")
    life.press(coordinator, page.get_by_role("button", name=life.word("Register"), exact=True))
    expect(page.locator("#returns")).to_contain_text(case)
    found = service.coordinator.get(f"/registrations/{new}").json()
    assert (bool(found["avoided"]), bool(found["erased"])) == (not is_erased, is_erased)
    hold = finds(life, new)
    confirms(life, hold["id"], f"{life.at.date() + timedelta(days=1)}T15:00")
    arrives(life, hold["id"])
    [stay] = [one for one in service.desk.get("/stays").json()["items"] if one["registration"] == new]
    assert (stay["status"], stay["day"]) == ("in_house", 1)
