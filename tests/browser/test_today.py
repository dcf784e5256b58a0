"""The first page of who places: an evening of 17 tasks on a page, with a single first act."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.support.api.service import somebody
from tests.support.browser.frozen_service import Frozen

HIGHEST = 1_600
"""The height of the page in pixels, at 1280 wide (4,230 for 17 tasks, 5,399 for 32, while each task was a box)."""
PRIMARY = ":is(button, .button):not(.second, .plain, .menu)"


@pytest.mark.wide
def test_seventeen_tasks_are_a_page_of_a_single_first_act(life: Frozen):
    who = life.service.coordinator
    for urgency in (*[1] * 6, *[2] * 10):
        facts = somebody(urgency=urgency, needed_by="2026-11-24")
        who.made("/registrations", facts | {"persons": [{"gender": "female", "age": 20 + urgency}]})
    life.sets(life.at + timedelta(days=1))
    page = life.goes(who.account, "/")
    expect(page.locator("#needs .count")).to_have_text("17")
    assert page.evaluate("document.documentElement.scrollHeight") <= HIGHEST
    expect(page.locator(f"main {PRIMARY}").filter(visible=True)).to_have_count(1)
    expect(page.locator("#part-needs > ol > li").first.locator(PRIMARY)).to_have_count(1)
    handles = page.locator("main a.id .handle").all_text_contents()
    assert len(handles) == len({*handles}) == 17
    fold = page.locator("#k-still_waiting")
    fold.locator("summary").click()
    expect(fold.locator("li").first.locator("button")).to_be_visible()
