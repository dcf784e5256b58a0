"""On a phone the pages are behind one button, in groups; it works without a script, by keys and by finger."""

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
    menu, log = page.get_by_role("button", name="Menu"), page.get_by_role("link", name="Review")
    expect(log).to_be_hidden()
    menu.focus()
    page.keyboard.press("Enter")
    expect(log).to_be_visible()
    groups = page.get_by_role("navigation", name="Pages").get_by_role("list")
    assert [one.get_attribute("aria-label") for one in groups.all()] == [
        "Placing", "Help desk", "Overview", "Oversight", "Running the service",
    ]  # fmt: skip
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Today")).to_be_focused()
    page.keyboard.press("Escape")
    expect(log).to_be_hidden()
    expect(menu).to_be_focused()


@pytest.mark.wide
def test_axe_finds_nothing_in_the_open_menu(reader):
    page = reader(DESK, viewport=PHONE, bypass_csp=True, reduced_motion="reduce").go("/help")
    page.get_by_role("button", name="Menu").click()
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_wide_screen_shows_the_pages_without_a_menu(reader, language):
    """The desk has most entries: its groups stand on two lines, and each group is whole."""
    page = reader(DESK, language=language).go("/on-call")  # whose entry is the longest, and bold here
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    tops = lambda row: {round(one.bounding_box()["y"]) for one in row.all()}  # noqa: E731
    groups = [tops(group.locator("a")) for group in page.locator("#menu > nav > ul").all()]
    assert [len(group) for group in groups] == [1] * len(groups)
    assert len(set.union(*groups)) <= 2
    head = tops(page.locator(".brand, .search [type=search], .who a, .who button"))
    assert max(head) - min(head) < 30


@pytest.mark.wide
def test_only_the_nearest_entry_of_the_menu_is_marked(reader):
    page = reader(REGISTRAR).go("/counts/new")
    assert page.locator("#menu [aria-current]").all_inner_texts() == ["Count"]
