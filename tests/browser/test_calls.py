"""The help desk by keyboard: twenty calls, a second call during the first, and a browser that dies."""

import os

import pytest
from playwright.sync_api import expect

from placement.core.enquiry_codes import EnquiryStatus
from tests.support.browser.resources import ADVISER, DESK, Caller, load_first_entries
from tests.support.browser.twenty_calls import CALLS, NEW, PAGE, enter, with_table

pytestmark = pytest.mark.wide


@pytest.fixture
def adviser(sqlite):
    """The API, with the first texts loaded."""
    with Caller(sqlite, ADVISER) as caller:
        load_first_entries(caller)
        yield caller


def test_twenty_calls_by_keys_take_less_than_thirty_seconds_each(reader, adviser):
    desk = reader(DESK, language="nl")
    page, found = desk.go(NEW), []
    for call in CALLS:
        expect(page.locator("#filling [name=asker]")).to_be_focused()
        found.append(enter(page, call))
        if not page.url.endswith(NEW):
            desk.go(NEW)
    assert max(one.seconds for one in found) < 30
    assert desk.complaints == []
    if os.environ.get("WRITE_FIGURES"):
        PAGE.write_text(with_table(PAGE.read_text(), found))
    assert PAGE.read_text() == with_table(PAGE.read_text(), found), "run with WRITE_FIGURES=yes"
    kinds = [one["asker"] for one in adviser.get("/enquiries")["items"]]
    assert {"police", "kmar", "lawyer", "client"} <= set(kinds)


def test_registration_form_has_what_was_typed(reader, adviser):
    desk = reader(DESK, language="nl")
    page = desk.go("/enquiries/new")
    page.keyboard.type("pol")
    page.locator("#filling [name=region]").select_option("limburg")
    page.locator("#filling [name=subjects][value=shelter]").check()
    page.locator("#filling [name=note]").fill("belt vanaf het bureau")
    page.keyboard.press("F8")
    page.wait_for_url("**/registrations/new")
    expect(page.locator("[name=registrant]")).to_have_value("NP")
    expect(page.locator("[name=region]")).to_have_value("limburg")
    expect(page.get_by_text("belt vanaf het bureau")).to_be_visible()
    newest = adviser.get("/enquiries")["items"][0]
    assert (newest["became"], newest["status"]) == (["registration"], "done")


def test_second_call_and_dead_browser_lose_nothing(reader, adviser):
    desk = reader(DESK, language="nl")
    page = desk.go("/enquiries/new")
    page.keyboard.type("adv")
    page.locator("#filling [name=note]").fill("eerste gesprek")
    page.keyboard.press("F4")
    page.wait_for_url(f"**{NEW}")
    expect(page.locator("#filling [name=note]")).to_have_value("")
    page.locator("#filling [name=note]").press_sequentially("tweede gesprek")
    expect(page.locator("#saved [role=status]")).to_contain_text("Bewaard")
    desk.context.close()  # without a word to the page

    again = reader(DESK, language="nl").go("/enquiries")
    waiting = [one for one in adviser.get("/enquiries")["unfinished"] if one["status"] == EnquiryStatus.OPEN]
    notes = {adviser.get(f"/enquiries/{one['id']}")["note"] for one in waiting}
    assert {"eerste gesprek", "tweede gesprek"} <= notes
    first = next(one["id"] for one in waiting if one["asker"] == "lawyer")
    again.goto(f"/enquiries/{first}")
    expect(again.locator("#filling [name=note]")).to_have_value("eerste gesprek")


def test_two_writers_of_an_entry_keep_what_they_typed(reader, adviser):
    entry = adviser.post("/entries", titles={"nl": "Twee"}, texts={"nl": "Oud."}, mark="assumed")["newest"]["id"]
    one, other = reader(DESK, language="nl"), reader(ADVISER, language="nl")
    pages = [each.go(f"/entries/{entry}/edit") for each in (one, other)]
    for page, text in zip(pages, ("Van de een.", "Van de ander."), strict=True):
        page.locator("[name='texts.nl']").fill(text)
        page.get_by_role("button", name="Stuur ter controle").click()
    expect(pages[0].get_by_text("Van de een.").first).to_be_visible()
    expect(pages[1].get_by_role("alert")).to_be_visible()
    expect(pages[1].locator("#passed")).to_contain_text("Versie 2")
    expect(pages[1].get_by_text("Van de een.")).to_be_visible()
    expect(pages[1].locator("[name='texts.nl']")).to_have_value("Van de ander.")
    pages[1].get_by_role("button", name="Stuur ter controle").click()
    expect(pages[1].locator("h1")).to_contain_text("Twee")
    assert adviser.get(f"/entries/{entry}")["newest"]["texts"] == {"nl": "Van de ander."}
