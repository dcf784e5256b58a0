"""Clients who wait and who must leave, by clicks: whose task each is in the morning, and how its case opens."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from placement.text.catalogue import translate
from tests.support.api.service import somebody
from tests.support.browser.frozen_service import Frozen
from tests.support.browser.lives import lives

pytestmark = pytest.mark.wide
NOWHERE = ["psychiatric", "addiction", "intellectual_disability", "medical", "wheelchair"]
"""Needs that no unit meets together."""
WEDNESDAY, THURSDAY = (datetime(2026, 11, day, 8, 0, tzinfo=UTC) for day in (25, 26))
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
ONWARD = translate("task", "onward", "nl")


def strip(page: Page, case: str, kind: str):
    return page.locator(f"#part-needs #t-{kind}-{case}")


def test_client_past_the_day_of_need_is_a_task_each_morning(life: Frozen):
    """Within days, needed today: the coordinator searches in vain. A day after the task came the desk has it, too, and
    opens the case by it.
    """
    service = life.service
    coordinator, desk = service.coordinator.account, service.desk.account
    case = service.coordinator.made("/registrations", somebody(urgency=2, needed_by="2026-11-24", needs=NOWHERE))["id"]
    page = life.goes(coordinator, f"/registrations/{case}")
    expect(page.locator("main")).to_contain_text("25 nov")  # the next look
    life.press(coordinator, page.get_by_role("button", name=life.word("Find a place")))
    page.wait_for_url("**/proposals/**")
    expect(strip(life.goes(coordinator, "/"), case, "still_waiting")).to_have_count(0)
    expect(
        life.goes(desk, f"/registrations/{case}").locator("select[name=reason], [name=reason]").first
    ).to_be_visible()

    life.sets(WEDNESDAY)
    row = strip(life.goes(coordinator, "/"), case, "still_waiting")
    expect(row).to_contain_text("de dag waarop een plaats nodig was, is voorbij")
    expect(strip(life.goes(desk, "/"), case, "still_waiting")).to_have_count(0)

    life.sets(THURSDAY)
    page = life.goes(desk, "/")
    row = strip(page, case, "still_waiting")
    expect(row.get_by_role("button")).to_contain_text(translate("task.do", "still_waiting", "nl"))
    life.press(desk, row.locator("a.id"))
    page.wait_for_url(f"**/registrations/{case}*")
    expect(page.locator("#by-task")).to_be_visible()
    life.press(desk, page.get_by_role("button", name=life.word("Find a place")).first)
    page.wait_for_url("**/proposals/**")
    expect(strip(life.goes(desk, "/"), case, "still_waiting")).to_have_count(0)


def test_closing_shelter_stands_first_on_its_last_day(life: Frozen):
    service = life.service
    coordinator, desk = service.coordinator.account, service.desk.account
    life.sets(NOON - timedelta(hours=1))
    service.shelter.made("/shelters/S01/capacity/confirm")
    case, _ = lives(life)
    shelter = service.desk.get("/shelters/S01").json()
    closes = {"until": "2026-11-24"}
    service.desk.made("/shelters/S01/close", closes, If_Match=f'"{shelter["version"]}"')
    rota = {"account": service.second.account, "starts_on": "2026-11-24", "ends_on": "2026-11-24"}
    service.desk.made("/on-call", rota)
    first = life.goes(coordinator, "/").locator("#part-needs li").first
    expect(first).to_contain_text(ONWARD)
    expect(first.locator("time")).to_contain_text("24 nov")
    expect(strip(life.goes(desk, "/"), case, "onward")).to_have_count(0)

    life.sets(NOON)
    page = life.goes(service.second.account, "/")
    row = strip(page, case, "onward")
    expect(row).to_contain_text(ONWARD)
    life.press(service.second.account, row.get_by_role("link", name=translate("task.do", "onward", "nl")))
    expect(page.locator("#urgency")).to_have_value("1")
    page.locator("#text").fill("De opvang sluit vandaag")
    life.press(service.second.account, page.locator("form[action$='/requests'] button"))
    expect(page).to_have_url(f"{life.base}/")  # the task is done, and opens the case no more
    expect(strip(page, case, "onward")).to_have_count(0)
