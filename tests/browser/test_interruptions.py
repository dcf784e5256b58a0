"""Interruptions in the browser: a concurrent decision, an ended session, a lost connection."""

import re

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from placement.tables import Account, AccountSession
from tests.support.browser.reader import PHONE
from tests.support.browser.resources import COORDINATOR, DESK, MAN, SOMEBODY, Caller, staff_of

ROTTERDAM = "coordinator-rotterdam@placement.example"
REGIONS = {COORDINATOR: "amsterdam", ROTTERDAM: "rotterdam"}
SOUTH = "coordinator-zuid@placement.example"
NORTH_EAST = "coordinator-noordoost@placement.example"
STAFF = "staff-s05@placement.example"
ALIAS = "Zilveren Merel"


def end_sessions(session, email):
    account = session.exec(select(Account.id).where(Account.email == email)).one()
    for one in session.exec(select(AccountSession).where(AccountSession.account_id == account)):
        one.ended_at = one.began_at


@pytest.mark.wide
def test_concurrent_decisions_refuse_the_slower_with_a_message(reader, sqlite):
    with Caller(sqlite, DESK) as desk:
        case = desk.post("/registrations", **{**SOMEBODY, **MAN})["id"]  # of women some have waited longer by now
        proposal = desk.post(f"/registrations/{case}/proposals")["id"]
    both = [reader(who) for who in (DESK, COORDINATOR)]
    buttons = [one.go(f"/proposals/{proposal}").locator("form:has([value=accept]) button") for one in both]
    for button in buttons:
        button.evaluate("button => setTimeout(() => button.click())")
    for one in both:
        expect(one.page.locator("form:has([value=accept])")).to_have_count(0)
    alerts = [one.page.get_by_role("alert").count() for one in both]
    assert sorted(alerts) == [0, 1]
    with Caller(sqlite, DESK) as desk:
        mine = [row for row in desk.get("/decisions?limit=200")["items"] if row["registration"] == case]
    assert len(mine) == 1


@pytest.mark.wide
def test_last_bed_goes_to_one_of_two_coordinators(serve, reader_on):
    service, reader = serve("sqlite-last-bed"), reader_on("sqlite-last-bed")
    proposals = {who: proposed_by(service, who, region) for who, region in REGIONS.items()}
    unit = min(set.intersection(*(at_once(proposal) for proposal in proposals.values())))
    with Caller(service, staff_of(unit)) as staff:
        one_bed_is_left(staff, unit)
    readers = {who: reader(who) for who in REGIONS}
    for who, one in readers.items():
        chosen = proposals[who]["chosen"]
        if chosen and chosen["unit"] == unit:
            one.go(f"/proposals/{proposals[who]['id']}")
        else:
            one.go(f"/proposals/{proposals[who]['id']}/units/{unit}").locator("#reason").select_option(
                "client_preference"
            )
    for one in readers.values():
        one.page.locator("main form[action$='/decide']").first.evaluate(
            "form => setTimeout(() => form.requestSubmit())"
        )
    for one in readers.values():
        expect(one.page).to_have_url(re.compile("/registrations/R-|/decide$"))
    alerts = [said for one in readers.values() for said in one.page.get_by_role("alert").all_inner_texts()]
    assert len(alerts) == 1
    assert "too few free beds" in alerts[0]
    with Caller(service, DESK) as desk:
        decided = {row["registration"] for row in desk.get("/decisions?limit=200")["items"]}
    assert sum(proposal["registration"] in decided for proposal in proposals.values()) == 1


def proposed_by(service, who, region):
    with Caller(service, who) as one:
        case = one.post("/registrations", **{**SOMEBODY, **MAN, "region": region})["id"]
        return one.post(f"/registrations/{case}/proposals")


def at_once(proposal):
    """Returns the units for which only the shelter has to agree."""
    units = [*([proposal["chosen"]] if proposal["chosen"] else []), *proposal["alternatives"]]
    return {unit["unit"] for unit in units if unit["must_agree"] == ["shelter"]}


def one_bed_is_left(staff, unit):
    """Leaves a single bed of the beds that are free now in this unit."""
    shelter = unit.partition("-")[0]
    rooms, kept = [], False
    for room in staff.get(f"/shelters/{shelter}/capacity")["rooms"]:
        out = room["out_of_service"]
        if room["unit"] == unit:
            free = room["beds"] - room["taken"] - sum(one["beds"] for one in room["used_by_others"])
            left = int(not kept and room["free_now"] > 0)
            kept, out = kept or bool(left), {"beds": free - left, "reason": "repair"}
        rooms.append(
            {
                "room": room["room"],
                "used_by_others": room["used_by_others"],
                "out_of_service": out if out["beds"] else None,
            }
        )
    staff.put(f"/shelters/{shelter}/capacity", rooms=rooms)


@pytest.mark.wide
def test_session_end_within_a_form_keeps_the_input(reader, sqlite):
    coordinator = reader(java_script_enabled=False)
    coordinator.go("/registrations/new")
    coordinator.sign_in(SOUTH)
    page = coordinator.page
    page.locator("#region").select_option(index=1)
    page.locator("#registrant").select_option("ZORGCOORDINATIE")
    page.locator("#residence_basis").select_option("reflection")
    page.locator("#alias").fill(ALIAS)
    page.locator("[name='persons.0.age']").fill("71")  # no registration of the country is similar
    page.locator("[name='languages.0.code']").fill("Tigrinya")
    for name, code in (("persons.0.gender", "female"), ("urgency", "2"), ("languages.0.level", "fluent")):
        page.locator(f"[name='{name}']").select_option(code)
    with sqlite.store() as (database, _), database.transaction() as session:
        end_sessions(session, SOUTH)
    page.get_by_role("button", name=coordinator.word("Register"), exact=True).click()
    coordinator.sign_in(SOUTH, later=1)
    expect(page.locator("main")).to_contain_text(ALIAS)
    expect(page.locator("dt").first).to_be_hidden()  # the names of the form's fields, for readers who understand them
    expect(page.get_by_role("link", name=coordinator.word("Do not send it"))).to_have_attribute("href", "/")
    page.get_by_role("button", name=coordinator.word("Send what I filled in")).click()
    expect(page).to_have_url(re.compile(r"/registrations/R-[^/]+$"))
    expect(page.locator("main")).to_contain_text(ALIAS)


@pytest.mark.wide
def test_page_shows_no_client_once_its_session_has_ended(reader, sqlite):
    page = reader(NORTH_EAST).go("/")
    expect(page.locator("#board [data-part]").first).to_be_visible()
    with sqlite.store() as (database, _), database.transaction() as session:
        end_sessions(session, NORTH_EAST)
    expect(page).to_have_url(re.compile(r"/sign-in\?ended=1"), timeout=20_000)


@pytest.mark.wide
def test_rooms_report_offline_is_sent_once_when_connected(reader):
    staff = reader(STAFF)
    page = staff.go("/capacity")
    page.locator("details.tile > summary").first.click()
    beds = page.locator("[name$='.others']").first
    before = int(beds.input_value())
    page.get_by_role("button", name=re.compile(staff.word("one more"))).first.click()
    assert int(beds.input_value()) == before + 1
    page.locator("[name$='.gender']").first.select_option("female")
    staff.context.set_offline(True)
    page.get_by_role("button", name=staff.word("Send %(num)d change", num=1)).click()
    expect(page.locator("#offline")).to_be_visible()
    assert int(beds.input_value()) == before + 1
    with page.expect_navigation():
        staff.context.set_offline(False)
    expect(page.locator("[name$='.others']").first).to_have_value(str(before + 1))
    sent = [one for one in staff.answered if one.url.endswith("/capacity") and one.request.method == "POST"]
    assert [one.status for one in sent] == [303]


@pytest.mark.wide
def test_board_update_keeps_the_focus(reader, sqlite):
    desk = reader(DESK)
    page = desk.go("/")
    page.locator("#waits").click()
    link = page.get_by_role("link", name=desk.word("All registrations"))
    link.focus()
    waiting = page.locator("#waits .count")
    before = int(waiting.inner_text())
    with Caller(sqlite, DESK) as other:
        other.post("/registrations", **SOMEBODY)
    expect(waiting).to_have_text(str(before + 1), timeout=20_000)
    expect(link).to_be_focused()


@pytest.mark.wide
def test_one_changed_room_of_ten_is_sent_without_scrolling(reader):
    """A room among the full rooms is opened by a tap; the bar with the button is in sight all the time."""
    staff = reader("staff-s01@placement.example", viewport=PHONE, has_touch=True, is_mobile=True)
    page = staff.go("/capacity")
    same = page.get_by_role("button", name=staff.word("Everything is as shown"))
    expect(same).to_be_in_viewport(ratio=1)
    assert page.locator(".tile").count() == 10
    full = page.locator(".chips > details").last
    full.locator("> summary").tap()
    full.get_by_role("button", name=re.compile(staff.word("one more"))).first.tap()
    full.locator("[name$='.gender']").select_option("female")
    send = page.get_by_role("button", name=staff.word("Send %(num)d change", num=1))
    expect(send).to_be_in_viewport(ratio=1)
    expect(full.locator("[name$='.others']")).to_be_in_viewport(ratio=1)
    expect(same).to_be_hidden()
    with page.expect_navigation():
        send.tap()
    answered = [one.status for one in staff.answered if one.request.method == "POST" and one.url.endswith("/capacity")]
    assert answered == [303]


@pytest.mark.wide
def test_rooms_are_reported_without_scripts(reader):
    staff = reader(STAFF, java_script_enabled=False)
    page = staff.go("/capacity")
    with page.expect_navigation():
        page.get_by_role("button", name=staff.word("Report the rooms")).click()
    with page.expect_navigation():
        page.get_by_role("button", name=staff.word("Everything is as shown")).click()
    assert not page.get_by_role("alert").count()


@pytest.mark.wide
@pytest.mark.parametrize("leaves", ["nav a[href='/shelters']", "form[action='/language'] button"])
def test_page_with_unsent_input_is_left_after_a_question(reader, leaves):
    one = reader(DESK)
    page = one.go("/on-call")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    field = page.locator("main form[method=post] input:not([type=hidden])").first
    field.fill("06 12345678" if field.get_attribute("type") != "date" else "2026-11-30")
    filled = field.input_value()
    page.locator(leaves).first.click(no_wait_after=True)
    expect(field).to_have_value(filled)
    assert asked == ["beforeunload"]
    field.fill(field.evaluate("field => field.defaultValue"))
    with page.expect_navigation():
        page.locator(leaves).first.click()
    assert asked == ["beforeunload"]


@pytest.mark.wide
def test_registration_is_left_after_a_question_until_it_is_saved(reader):
    one = reader(DESK)
    page = one.go("/registrations/new")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    leave = page.locator("nav a[href='/shelters']").first
    page.locator("#alias").fill(ALIAS)
    leave.click(no_wait_after=True)
    expect(page.locator("#alias")).to_have_value(ALIAS)
    assert asked == ["beforeunload"]
    page.locator("#region").select_option(index=1)
    page.locator("#registrant").select_option("ZORGCOORDINATIE")
    page.locator("#residence_basis").select_option("reflection")
    page.locator("[name='persons.0.gender']").select_option("female")
    page.locator("[name='persons.0.age']").fill("24")
    page.locator("[name='persons.0.age']").press("Tab")
    expect(page.locator("#saved")).to_contain_text("R-")
    expect(page.locator("#filling [data-unsaved]")).to_have_count(0)
    with page.expect_navigation():
        leave.click()
    assert asked == ["beforeunload"]
