"""The command menu and the sheet of shortcuts: by key, with the focus back at its place, and absent without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser.resources import DESK, SOMEBODY, Caller

STAFF = "staff-s01@placement.example"


@pytest.fixture
def desk(reader):
    one = reader(DESK)
    one.go("/country")
    return one


def opened(one):
    """The command menu; its options."""
    one.page.keyboard.press("Control+k")
    expect(one.page.locator("#command")).to_be_focused()
    return one.page.locator("#command-list [role=option]")


@pytest.mark.wide
def test_command_is_found_by_typing_and_followed_by_enter(desk):
    options = opened(desk)
    desk.page.keyboard.type(desk.word("Registrations")[:8].lower())
    expect(options.first).to_have_attribute("aria-selected", "true")
    with desk.page.expect_navigation():
        desk.page.keyboard.press("Enter")
    expect(desk.page).to_have_url(desk.service.base + "/registrations")


@pytest.mark.wide
def test_escape_closes_and_the_focus_is_where_it_was(desk):
    link = desk.page.get_by_role("navigation").get_by_role("link", name=desk.word("Today"))
    link.focus()
    options = opened(desk)
    desk.page.keyboard.press("ArrowDown")
    expect(desk.page.locator("#command")).to_have_attribute("aria-activedescendant", "command-1")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#commands")).to_be_hidden()
    expect(link).to_be_focused()


@pytest.mark.wide
def test_typed_words_can_be_looked_for_as_a_case(desk):
    options = opened(desk)
    desk.page.keyboard.type("no such words here")
    expect(options).to_have_count(1)
    with desk.page.expect_navigation():
        desk.page.keyboard.press("Enter")
    expect(desk.page).to_have_url(desk.service.base + "/search")


@pytest.mark.wide
def test_act_that_only_asks_is_done_by_enter(desk, sqlite):
    with Caller(sqlite, DESK) as caller:
        case = caller.post("/registrations", **{**SOMEBODY, "threats": []})["id"]
    desk.go(f"/registrations/{case}")
    opened(desk)
    desk.page.keyboard.type(desk.word("Find a place"))
    desk.page.keyboard.press("Enter")
    expect(desk.page).to_have_url(re.compile("/proposals/"))


@pytest.mark.wide
def test_form_is_opened_at_its_first_field(desk):
    desk.go("/places")
    options = opened(desk)
    desk.page.keyboard.type(desk.word("Show places"))
    options.first.click()
    expect(
        desk.page.locator("main form.filters select, main form.filters input:not([type=hidden])").first
    ).to_be_focused()
    expect(desk.page).to_have_url(desk.service.base + "/places")


@pytest.mark.wide
def test_act_that_stays_is_asked_about_first(desk):
    desk.go("/account")
    words = desk.word("End all others")
    options = opened(desk)
    desk.page.keyboard.type(words)
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#commands [role=status]")).to_contain_text(desk.word("This cannot be taken back"))
    assert options.all_inner_texts() == [desk.word("Look at it first"), f"{desk.word('Do it')}: {words}"]
    desk.page.keyboard.press("Enter")
    button = desk.page.get_by_role("button", name=words)
    expect(button).to_be_focused()
    opened(desk)
    desk.page.keyboard.type(words)
    for key in ("Enter", "ArrowDown"):
        desk.page.keyboard.press(key)
    with desk.page.expect_request(lambda one: one.method == "POST"):
        desk.page.keyboard.press("Enter")


@pytest.mark.wide
def test_decision_comes_before_the_other_places(desk, sqlite):
    with Caller(sqlite, DESK) as caller:
        case = caller.post("/registrations", **{**SOMEBODY, "threats": []})["id"]
        proposal = caller.post(f"/registrations/{case}/proposals")
    desk.go(f"/proposals/{proposal['id']}")
    found = opened(desk).all_inner_texts()
    accept = desk.word("Accept the place: %(unit)s", unit=proposal["chosen"]["name"])
    assert found[0] == f"{accept}, {proposal['chosen']['shelter']}"
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("main .decide button").first).to_be_focused()
    expect(desk.page).to_have_url(f"{desk.service.base}/proposals/{proposal['id']}")


@pytest.mark.wide
def test_menu_has_only_what_its_reader_may_do(reader):
    staff = reader(STAFF)
    staff.go("/capacity")
    found = opened(staff).all_inner_texts()
    assert staff.word("My rooms") in found
    assert staff.word("Everything is as shown") in found
    assert staff.word("Registrations") not in found


@pytest.mark.wide
def test_sheet_opens_by_its_key_unless_single_keys_are_off(desk):
    sheet = desk.page.locator("#shortcuts")
    desk.page.keyboard.press("?")
    expect(sheet).to_be_visible()
    sheet.locator("#single-keys").uncheck()
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("?")
    desk.page.keyboard.press("/")
    expect(sheet).to_be_hidden()
    expect(desk.page.locator("[data-search]")).not_to_be_focused()
    desk.page.get_by_role("button", name=desk.word("Shortcuts")).click()
    expect(sheet).to_be_visible()


@pytest.mark.wide
def test_key_that_is_typed_into_a_field_stays_a_letter(desk):
    search = desk.page.locator("[data-search]")
    search.click()
    desk.page.keyboard.type("who?")
    expect(search).to_have_value("who?")
    expect(desk.page.locator("#shortcuts")).to_be_hidden()


@pytest.mark.wide
def test_without_scripts_neither_is_there(reader):
    one = reader(DESK, java_script_enabled=False)
    page = one.go("/country")
    expect(page.locator("dialog").first).to_be_hidden()
    expect(page.locator("[data-opens]").first).to_be_hidden()


@pytest.mark.wide
def test_command_brings_the_next_required_field_that_is_empty(reader):
    page = reader(DESK).go("/registrations/new")
    button = page.locator("main button[name=then][value=open]").inner_text()
    for name in ("persons.0.gender", "persons.0.age"):
        page.keyboard.press("Control+k")
        page.keyboard.type(button)
        page.keyboard.press("Enter")
        expect(page.locator(f"[name='{name}']")).to_be_focused()
        if name == "persons.0.gender":
            page.locator(f"[name='{name}']").select_option("female")
