"""Days by clicks: a stay begins on the day of arrival, and a hotel takes clients until its last day."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.support.api.resources import offered
from tests.support.api.service import somebody
from tests.support.browser.frozen_service import Frozen
from tests.support.browser.geometry import faults_of
from tests.support.browser.lives import STAFF, arrives, confirms

pytestmark = pytest.mark.wide
THREE_DAYS_LATER = datetime(2026, 11, 27, 14, 0, tzinfo=UTC)
LAST = "2026-12-15"
LAST_WEEK = datetime(2026, 12, 8, 9, 0, tzinfo=UTC)


def looks(page, name):
    """Asserts that the page that is shown has no fault of geometry; `name`: of the page."""
    assert faults_of(page) == [], name


def test_client_on_the_day_of_a_late_arrival_is_on_day_one(life: Frozen):
    service = life.service
    case = service.coordinator.made("/registrations", somebody(needs=["pregnancy"]))["id"]
    proposal = service.coordinator.made(f"/registrations/{case}/proposals")["id"]
    decision = service.coordinator.made(f"/proposals/{proposal}/decision", {"decision": "accept"})["id"]
    hold = service.desk.made(f"/decisions/{decision}/confirmation", {"granted": True})["hold"]
    confirms(life, hold, "2026-11-27T15:00")
    [planned] = [one for one in service.desk.get("/stays?status=planned").json()["items"] if one["hold"] == hold]
    assert [planned[name] for name in ("starts_on", "day", "limit_on")] == [None] * 3

    life.sets(THREE_DAYS_LATER)
    arrives(life, hold)
    staff = life.goes(STAFF, "/stays")
    row = staff.locator("li.stay", has_text="27 nov")
    expect(row).to_contain_text("dag 1 van 90")
    expect(row).to_contain_text("24 feb")
    looks(staff, "stays")
    page = life.goes(service.coordinator.account, f"/registrations/{case}")
    expect(page.locator("main")).to_contain_text("sinds 27 nov 2026")
    expect(page.locator("main")).to_contain_text("dag 1 van 90")
    looks(page, "case")


def test_hotel_of_three_weeks_takes_a_client_until_its_last_day(life: Frozen):
    service = life.service
    desk = service.desk.account
    page = life.goes(desk, "/register/shelter/S01")
    form = page.locator("form[action='/register/shelter/S01/change']")
    form.locator("[name=open_until]").fill(LAST)
    life.press(desk, form.get_by_role("button"))
    expect(page.locator("h1")).to_contain_text("open tot 15 dec 2026")
    looks(page, "register")
    page = life.goes(desk, "/country")
    expect(page.locator(".scroll table")).to_contain_text("open tot 15 dec 2026")
    looks(page, "country")

    proposal = offered(service, needs=["pregnancy"])
    case = proposal["registration"]
    assert (proposal["chosen"]["open_until"], proposal["chosen"]["runs_past"]) == (LAST, True)
    page = life.goes(service.coordinator.account, f"/proposals/{proposal['id']}")
    expect(page.locator("article.best")).to_contain_text("Open tot 15 dec 2026: de cliënt verhuist uiterlijk die dag.")
    expect(page.locator("article.best")).to_contain_text("Een heel verblijf zou na die dag nog doorlopen.")
    expect(page.locator(".quiet", has_text="open tot 15 dec 2026")).to_have_count(1)  # another unit of the same house
    looks(page, "proposal")
    decision = service.coordinator.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    hold = service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})["hold"]
    confirms(life, hold, "2026-11-24T22:00")
    life.sets(life.at + timedelta(hours=12))
    arrives(life, hold)

    life.sets(LAST_WEEK - timedelta(days=1))
    assert "onward" not in tasks_about(service, case)
    life.sets(LAST_WEEK)
    assert tasks_about(service, case) == ["onward"]
    page = life.goes(service.coordinator.account, "/")
    expect(page.locator("main")).to_contain_text(case.removeprefix("R-"))
    looks(page, "tasks")

    life.sets(datetime(2026, 12, 15, 9, 0, tzinfo=UTC))
    page = life.goes(desk, "/register/shelter/S01")
    expect(page.locator("#close ~ p").first).to_contain_text("Vanaf 15 dec 2026 komt er niemand meer bij")
    looks(page, "last day")


def tasks_about(service, case):
    return [one["kind"] for one in service.coordinator.get("/tasks").json()["items"] if one["registration"] == case]


def test_shelter_closes_to_new_clients_later_and_reopens(life: Frozen):
    desk = life.service.desk.account
    page = life.goes(desk, "/register/shelter/S01")
    form = page.locator("form[action='/register/shelter/S01/close']")
    page.locator("summary", has=page.locator("#close")).click()
    form.locator("[name=until]").fill(LAST)
    form.locator("[name=no_new_from]").fill("2026-12-01")
    life.press(desk, form.get_by_role("button"))
    expect(page.locator("main")).to_contain_text(
        "Vanaf 1 dec 2026 komt er niemand meer bij. Uiterlijk op 15 dec 2026 moet het leeg zijn."
    )
    looks(page, "closing")
    life.press(desk, page.locator("form[action='/register/shelter/S01/reopen'] button"))
    expect(page.locator("form[action='/register/shelter/S01/close']")).to_be_attached()
