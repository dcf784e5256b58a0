"""A mother and a girl who leave to an unknown destination: from the shelter's phone to the end of the search."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from placement.core.codes import Role
from placement.text.catalogue import translate
from tests.support.api.bodies import CONFIRM
from tests.support.api.resources import offered
from tests.support.browser.geometry import faults_of
from tests.support.browser.lives import STAFF, lives
from tests.support.browser.reader import PHONE

MISSING = translate("mail.subject", "client.missing", "nl")
ENDED = translate("mail.subject", "client.search_ended", "nl")
HOUSEHOLD = [{"gender": "female", "age": 34, "guardian": True}, {"gender": "female", "age": 9}]


@pytest.fixture
def missing(life):
    """The case of a household that a shelter reported as gone, on its phone, and what was mailed then."""
    case, hold = lives(life, persons=HOUSEHOLD)
    life.sets(life.at + timedelta(days=2))
    page = life.goes(STAFF, "/stays")
    page.set_viewport_size(PHONE)
    row = page.locator("li.stay", has=page.locator(f"form[action='/stays/{hold['stay']}/end']"))
    row.locator("summary", has_text="Wijzigen").press("Enter")
    form = row.locator(f"form[action='/stays/{hold['stay']}/end']")
    expect(form.locator("[name=persons]")).to_have_count(2)  # one person alone can leave, too
    form.locator("[name=reason]").select_option("left_to_unknown_destination")
    expect(form).to_contain_text("geldt als vermist")
    form.get_by_role("button").press("Enter")
    expect(page.locator("li.stay form[action='/stays/{}/end']".format(hold["stay"]))).to_have_count(0)
    return case, life.told()


def first_task(life, account):
    return life.goes(account, "/").locator("#part-needs li").first


def informs(page, who, said):
    form = page.locator("form[action$='/informed']")
    form.locator("[name=who]").select_option(who)
    form.locator("[name=text]").fill(said)
    form.get_by_role("button").press("Enter")
    expect(page.locator("li", has_text=said)).to_be_visible()


@pytest.mark.wide
def test_search_for_a_minor_is_ended_by_two_persons(life, missing):
    case, mails = missing
    desk, coordinator = life.service.desk.account, life.service.coordinator.account
    assert life.desks() | life.mailed(coordinator) <= {mail.to for mail in mails if mail.subject == MISSING}
    for account in (coordinator, desk):
        task = first_task(life, account)
        expect(task).to_contain_text("is vermist")
        expect(task.locator("a.do")).to_have_attribute("href", f"/registrations/{case}/whereabouts")

    page = life.person(desk).page
    first_task(life, desk).locator("a.do").press("Enter")
    expect(page.locator("h1")).to_have_text(re.compile("Waar zijn vrouw 34 en meisje 9"))
    expect(page.locator(".alarm a.button")).to_have_text("Bel de politie: 112")
    informs(page, "police", "Signalement doorgegeven")
    expect(page.locator("li.urgent")).to_contain_text("aanmelder")
    expect(page.locator(".alarm")).to_contain_text("Breng nu op de hoogte: aanmelder (Nationale Politie")
    informs(page, "registrant", "Belt terug")
    expect(page.locator("li.urgent")).to_have_count(0)
    expect(page.locator(".alarm a.button")).to_have_text("Bel de opvang: 030 000 01 00")
    for width in (1280, PHONE["width"]):
        page.set_viewport_size({"width": width, "height": PHONE["height"]})
        assert faults_of(page) == []
    expect(first_task(life, desk)).to_contain_text("is vermist")  # the task stays

    life.sets(life.at + timedelta(minutes=59))
    assert life.told(within=timedelta(seconds=30)) == []
    assert life.desks() <= {mail.to for mail in life.told(within=timedelta(minutes=2))}  # the next look

    page = life.goes(desk, f"/registrations/{case}/whereabouts")
    page.locator("summary", has_text="Beëindig de zoektocht").press("Enter")
    form = page.locator("form[action$='/close']")
    form.get_by_role("button").press("Enter")
    expect(page.locator("#reason-fault")).to_be_visible()
    page.locator("form[action$='/close'] [name=reason]").select_option("police_search_on")
    page.locator("form[action$='/close']").get_by_role("button").press("Enter")
    expect(page.locator("section.note.warn")).to_contain_text("De politie zoekt verder")
    expect(page.locator("form[action$='/close/answer']")).to_have_count(0)  # not by the same person
    assert life.service.desk.get(f"/registrations/{case}").json()["status"] == "missing"

    second = life.service.person(Role.DESK).account
    other = life.goes(second, "/")
    other.locator(f"#part-needs a.do[href='/registrations/{case}/whereabouts']").last.press("Enter")
    expect(other.locator("section.note.warn")).to_contain_text("De politie zoekt verder")
    other.locator("button[name=granted][value=yes]").press("Enter")
    expect(other).to_have_url(f"{life.base}/")
    assert life.service.coordinator.get(f"/registrations/{case}").json()["closed_reason"] == "police_search_on"
    assert ENDED in {mail.subject for mail in life.told()}
    expect(life.goes(desk, "/").locator("#part-needs", has_text="is vermist")).to_have_count(0)
    assert life.complaints() == []


@pytest.mark.wide
def test_household_that_is_back_lives_on_in_the_same_bed(life, missing):
    case, _ = missing
    coordinator = life.service.coordinator.account
    page = life.goes(coordinator, f"/registrations/{case}/whereabouts")
    expect(page.get_by_text("Het bed is nog vrij")).to_be_visible()
    page.locator("form[action$='/returned'] button").press("Enter")
    expect(page).to_have_url(f"{life.base}/")
    expect(life.goes(coordinator, f"/registrations/{case}").locator("#why")).to_contain_text("Woont")
    stays = life.service.coordinator.get("/stays?status=in_house&limit=200").json()["items"]
    [stay] = [one for one in stays if one["registration"] == case]
    assert (stay["day"], stay["hold"]) == (3, None)
    assert life.complaints() == []


@pytest.mark.wide
@pytest.mark.parametrize(
    ("rung", "wants_place", "status", "task"),
    [
        ("no_answer", "", "missing", "is vermist"),
        ("not_coming", "yes", "open", "opnieuw een plaats"),
        ("not_coming", "no", "closed", ""),
    ],
)
def test_no_show_that_a_shelter_reports_on_its_phone(life, rung, wants_place, status, task):
    service = life.service
    proposal = offered(service, needs=["pregnancy"])
    decision = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    hold = service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})["hold"]
    service.staff.made(f"/holds/{hold}/answer", CONFIRM)
    life.sets(life.at + timedelta(hours=10))
    page = life.goes(STAFF, "/capacity")
    page.set_viewport_size(PHONE)
    page.locator(f"#missed-{hold} > summary").press("Enter")
    form = page.locator(f"form[action='/holds/{hold}/no-show']")
    form.locator("[name=rung]").select_option(rung)
    form.locator("[name=wants_place]").select_option(wants_place)
    form.get_by_role("button").press("Enter")
    expect(form).to_have_count(0)
    case = proposal["registration"]
    assert service.coordinator.get(f"/registrations/{case}").json()["status"] == status
    whose = (service.coordinator.account, *([service.desk.account] if status == "missing" else []))
    for account in whose:
        about = life.goes(account, "/").locator(f"#part-needs li:has(a[href*='{case}'])")
        expect(about).to_have_count(1 if task else 0)
        if task:
            expect(about).to_contain_text(task)
    assert life.complaints() == []
