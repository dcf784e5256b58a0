"""Lists by keyboard: an order, a filter that stays until it is ended, and several things done at once."""

import pytest
from playwright.sync_api import expect

from placement.core.codes import MessageKind, MessageStatus
from placement.core.context import SYSTEM, Act
from placement.outbox import outbox
from tests.support.api.service import somebody
from tests.support.messages import settle_all
from tests.support.stores import one_store

pytestmark = one_store


def given_up(life):
    """Three mails that were given up."""
    service = life.service
    to = [one.account for one in (service.desk, service.second, service.admin)]
    with service.database.transaction() as session:
        act = Act(session, SYSTEM, life.at, service.country.settings)
        outbox.put(act, MessageKind.CHANGE_ANSWERED, "x", accounts=to, change="Q-1")
        settle_all(session, MessageStatus.FAILED, life.at, kind=MessageKind.CHANGE_ANSWERED, trouble="smtp_550")


def tabs_to(page, wanted, most=60):
    """By the tabulator alone."""
    for _ in range(most):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


@pytest.mark.wide
def test_several_messages_are_tried_again_by_keyboard(life):
    given_up(life)
    page = life.goes(life.service.admin.account, "/messages")
    boxes, bar = page.locator("[name=chosen]"), page.locator("form.several")
    expect(bar.get_by_role("status")).to_have_text(f"0 {life.word('chosen')}")
    tabs_to(page, boxes.first)
    page.keyboard.press("Space")
    tabs_to(page, boxes.nth(1))
    page.keyboard.press("Space")
    expect(bar.get_by_role("status")).to_have_text(f"2 {life.word('chosen')}")
    expect(bar).to_be_in_viewport()
    tabs_to(page, bar.get_by_role("button"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#became")).to_be_focused()
    expect(page.locator("#became")).to_contain_text("2")
    expect(page.locator("#failed .count")).to_have_text("1")


@pytest.mark.wide
def test_all_are_chosen_by_one_key(life):
    given_up(life)
    page = life.goes(life.service.admin.account, "/messages")
    every = page.locator("[data-all]")
    every.focus()
    page.keyboard.press("Space")
    expect(page.locator("[name=chosen]:checked")).to_have_count(3)
    expect(page.locator("form.several").get_by_role("status")).to_have_text(f"3 {life.word('chosen')}")
    page.locator("[name=chosen]").first.uncheck()
    expect(every).to_have_js_property("indeterminate", value=True)


@pytest.mark.wide
def test_number_chosen_is_shown_without_scripts(life):
    given_up(life)
    one = life.person(life.service.admin.account)
    context = life.chromium.new_context(java_script_enabled=False, storage_state=one.context.storage_state())
    page = context.new_page()
    page.goto(f"{life.base}/messages")
    page.locator("[name=chosen]").first.check()
    shown = page.locator(".counted").evaluate("one => getComputedStyle(one, '::before').content")
    expect(page.locator("[data-all]")).to_be_hidden()
    context.close()
    assert "chosen" in shown


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
def test_filter_and_order_stay_and_end_by_keyboard(life, language):
    life.language = language
    for urgency in (4, 1, 2):
        life.service.desk.made("/registrations", somebody(region="den-haag", urgency=urgency))
    page = life.goes(life.service.desk.account, "/registrations")
    rows = page.locator("table.cases tbody tr")
    head = page.get_by_role("columnheader", name=life.word("Urgency"))
    expect(head).to_have_attribute("aria-sort", "ascending")
    tabs_to(page, head.get_by_role("link"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    tabs_to(page, page.locator("#urgency"))
    page.keyboard.press("ArrowDown")
    tabs_to(page, page.locator("form.filters button"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    page.goto(f"{life.base}/")
    page.get_by_role("navigation").get_by_role("link", name=life.word("Registrations"), exact=True).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(page.locator("#filtered")).to_contain_text(life.word("A filter is on."))
    tabs_to(page, page.locator("#filtered a"))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(rows).to_have_count(3)
    expect(head).to_have_attribute("aria-sort", "descending")
