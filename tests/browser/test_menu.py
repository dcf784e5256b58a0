"""The daily pages come first in the menu, and the others are folded in groups; on a phone all are behind one button."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.browser.input_methods import Keys
from tests.support.browser.reader import PHONE
from tests.support.browser.resources import DESK, REGISTRAR


@pytest.mark.wide
@pytest.mark.parametrize("scripts", [True, False])
def test_menu_opens_by_key_in_groups_and_closes(reader, scripts):
    desk = reader(DESK, viewport=PHONE, java_script_enabled=scripts, hand=Keys())
    page = desk.go("/help")
    menu, today = page.get_by_role("button", name="Menu"), page.get_by_role("link", name="Today")
    review = page.get_by_role("link", name="Review")
    expect(today).to_be_hidden()
    menu.focus()
    page.keyboard.press("Enter")
    expect(today).to_be_visible()
    expect(review).to_be_hidden()
    page.keyboard.press("Tab")
    expect(today).to_be_focused()
    page.locator("#menu summary").focus()
    page.keyboard.press("Enter")
    expect(review).to_be_visible()
    groups = page.locator("#menu details").get_by_role("list")
    assert [one.get_attribute("aria-label") for one in groups.all()] == [
        "Placing", "Help desk", "Overview", "Oversight", "Running the service",
    ]  # fmt: skip
    page.keyboard.press("Escape")
    expect(today).to_be_hidden()
    expect(menu).to_be_focused()


@pytest.mark.wide
def test_axe_finds_nothing_in_the_open_menu(reader):
    page = reader(DESK, viewport=PHONE, bypass_csp=True, reduced_motion="reduce").go("/help")
    page.get_by_role("button", name="Menu").click()
    page.locator("#menu summary").click()
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_wide_screen_shows_the_daily_pages_in_one_line(reader, language):
    """The other pages open below this line and above the page."""
    page = reader(DESK, language=language).go("/on-call")
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    tops = lambda row: {round(one.bounding_box()["y"]) for one in row.all()}  # noqa: E731
    daily, more = page.locator("#menu > nav > ul a"), page.locator("#menu summary")
    before = tops(daily)
    assert len(before) == 1
    assert more.locator("b").count() == 1  # this page is among the others
    more.click()
    assert tops(daily) == before
    others, main = page.locator("#menu details div"), page.locator("main")
    assert others.bounding_box()["y"] + others.bounding_box()["height"] <= main.bounding_box()["y"]
    head = tops(page.locator(".brand, .search [type=search], .who a, .who button"))
    assert max(head) - min(head) < 30


@pytest.mark.wide
def test_only_the_nearest_entry_of_the_menu_is_marked(reader):
    page = reader(REGISTRAR).go("/counts/new")
    assert page.locator("#menu [aria-current]").all_inner_texts() == ["Count"]
