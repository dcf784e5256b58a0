"""Nights under a standing mandate by clicks: what each person saw, and was sent, after how many seconds."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from placement.core.duty_codes import OutOfHours
from placement.text.catalogue import translate
from placement.text.labels import label
from tests.support.api.service import somebody
from tests.support.browser.frozen_service import Frozen
from tests.support.browser.lives import STAFF, accepts, arrives, confirms
from tests.support.settings import changed

pytestmark = pytest.mark.wide
AT_20, AT_23 = (datetime(2026, 11, 24, hour, 0, tzinfo=UTC) for hour in (19, 22))
FRIDAY_AT_18 = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)
MONDAY_AT_9 = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
ASKED, AGREED, SETTLED, REFUSED, WAITS, MISSED, TASK = (
    translate("mail.subject", kind, "nl")
    for kind in (
        "hold.asked",
        "hold.confirmed",
        "hold.settled",
        "decision.refused",
        "decision.waits",
        "stay.no_show",
        "task.due",
    )
)
TURNED = translate("mail.subject", "decision.changed", "nl", status=label("DecisionStatus", "final", "nl"))
SEEK = translate("task", "search_again", "nl")
FIRST = translate("task", "provisional", "nl")


@pytest.fixture
def night(life) -> Frozen:
    """Sets the nights to `provisional`, with a mandate for the week from a person of the desk."""
    service = life.service
    service.app.state.settings = changed(service.app.state.settings, out_of_hours=OutOfHours.PROVISIONAL)
    week = {"starts_on": "2026-11-24", "ends_on": "2026-11-30"}
    service.verified(service.desk.account).made("/mandates", {"schemes": ["cosm", "omm"], **week})
    return life


def carried_out(night: Frozen) -> tuple[str, str, str]:
    """A client of the coordinator, whose first proposal is accepted now: the case, the decision and its hold."""
    service = night.service
    service.shelter.made("/shelters/S01/capacity/confirm")
    case = service.coordinator.made("/registrations", somebody(needs=["pregnancy"]))["id"]
    night.told()
    said = night.at
    accepts(night, case)
    expect(night.person(service.coordinator.account).page.locator("main")).to_contain_text("voorlopig")
    told = night.told(said)
    assert {(mail.to, mail.subject, mail.after.seconds) for mail in told} == {
        *((to, ASKED, 5) for to in night.mailed(STAFF)),
        *((to, TASK, 5) for to in night.desks()),  # before ten in the evening, and for the morning
    }
    [decision] = [one for one in service.desk.get("/decisions").json()["items"] if one["registration"] == case]
    assert decision["status"] == "provisional"
    return case, decision["id"], decision["hold"]


def seen_by_the_shelter(night: Frozen, path: str) -> str:
    return night.goes(STAFF, path).inner_text("main")


def answers(night: Frozen, decision: str, text: str = "") -> datetime:
    """The desk answers its first task of the morning: confirms it or, with a reason, sends it back."""
    desk = night.service.desk.account
    page = night.goes(desk, "/")
    strip = page.locator("#part-needs li").first
    expect(strip).to_contain_text(FIRST)
    night.press(desk, strip.locator(f"a[href='/decisions/{decision}']"))
    said = night.at
    if text:
        night.press(desk, page.get_by_role("button", name="Stuur terug"))
        expect(page.locator("#text-fault")).to_be_visible()
        page.locator("#text").fill(text)
        night.press(desk, page.get_by_role("button", name="Stuur terug"))
    else:
        night.press(desk, page.locator("button[name=granted][value=yes]"))
    expect(page.locator("button[name=granted]")).to_have_count(0)
    assert FIRST not in night.goes(desk, "/").inner_text("#part-needs")
    return said


@pytest.mark.parametrize("answer", ["agrees", "sends_back"])
def test_coordinators_decision_on_friday_is_carried_out(night, answer):
    service = night.service
    coordinator = service.coordinator.account
    night.sets(FRIDAY_AT_18)
    case, decision, hold = carried_out(night)
    first = night.goes(STAFF, "/capacity").locator("#provisional")
    expect(first).to_contain_text("Daarvan is er 1 voorlopig")
    expect(first).to_contain_text("10:00")
    assert "Voorlopig: gevraagd onder een doorlopend mandaat" in seen_by_the_shelter(night, "/holds")
    confirms(night, hold, "2026-11-27T22:00")
    night.sets(FRIDAY_AT_18 + timedelta(hours=4))
    arrives(night, hold)
    assert "Voorlopig" in seen_by_the_shelter(night, "/stays")

    night.sets(MONDAY_AT_9)
    service.shelter.made("/shelters/S01/capacity/confirm")
    if answer == "agrees":
        said = answers(night, decision)
        told = night.told(said)
        assert {(mail.to, mail.after.seconds) for mail in told if mail.subject == SETTLED} == {
            (to, 5) for to in night.mailed(STAFF)
        }
        assert {mail.to for mail in told if mail.subject == TURNED} == night.mailed(coordinator)
        assert "Voorlopig" not in seen_by_the_shelter(night, "/stays")
        assert service.coordinator.get(f"/registrations/{case}").json()["status"] == "placed"
        return
    said = answers(night, decision, "Te ver van de school")
    told = night.told(said)
    assert {mail.to for mail in told if mail.subject == SETTLED} == night.mailed(STAFF)
    assert night.mailed(coordinator) <= {mail.to for mail in told if mail.subject == REFUSED}
    page = seen_by_the_shelter(night, "/stays")
    assert "Iedereen mag blijven tot die plaats er is" in page
    assert "school" not in page
    page = night.goes(coordinator, f"/registrations/{case}")
    expect(page.locator("#moves")).to_contain_text("houdt het huidige bed")
    assert "Te ver van de school" in night.goes(coordinator, f"/registrations/{case}/timeline").content()


def test_provisional_no_show_at_night_with_no_one_on_duty(night):
    service = night.service
    desk, coordinator = service.desk.account, service.coordinator.account
    desks, placers = night.desks(), night.desks() | night.mailed(coordinator)
    night.sets(AT_20)
    case, decision, hold = carried_out(night)
    said = night.at
    confirms(night, hold, "2026-11-24T22:00")
    assert {mail.to for mail in night.told(said) if mail.subject == AGREED} == placers

    night.sets(AT_23 - timedelta(seconds=5))
    assert {(mail.to, mail.after.seconds) for mail in night.told()} == {(to, 5) for to in placers}
    for account in (coordinator, desk):
        expect(night.goes(account, "/").locator("#part-needs li", has_text="is niet aangekomen")).to_be_visible()
    expect(night.goes(STAFF, "/capacity").locator("#provisional")).to_be_visible()

    night.sets(AT_23 + timedelta(hours=1) - timedelta(seconds=5))
    assert {mail.to for mail in night.told()} == desks  # nobody is on call: the desk once more
    page = night.goes(coordinator, f"/holds/{hold}/arrival")
    page.locator("#rung").select_option("not_coming")
    page.locator("#wants_place").select_option("yes")
    said = night.at
    night.press(coordinator, page.get_by_role("button", name="Is niet gekomen"))
    assert {mail.to for mail in night.told(said) if mail.subject == MISSED} == desks | night.mailed(STAFF)
    expect(night.goes(STAFF, "/capacity").locator("#provisional")).to_have_count(0)
    expect(night.goes(coordinator, "/").locator("#part-needs")).to_contain_text(SEEK)

    said = night.at  # the second place of the night is not a first proposal: it waits for the desk
    accepts(night, case)
    expect(page.locator("#why")).to_contain_text("tot wo 10:00")
    assert {mail.subject for mail in night.told(said) if mail.to in desks} == {WAITS}

    night.sets(datetime(2026, 11, 25, 8, 0, tzinfo=UTC))
    page = night.goes(desk, f"/decisions/{decision}")
    expect(page.locator("main")).to_contain_text("er geen bedden meer terug te geven")
    answers(night, decision)
    assert SETTLED not in {mail.subject for mail in night.told()}  # there is nobody to notify the shelter about
