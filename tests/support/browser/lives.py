"""Acts of the people of a life at their browsers, from the search to the stay of a client."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.support.api.resources import housed
from tests.support.browser.frozen_service import Frozen

STAFF = "A-staff-S01"


def lives(life: Frozen, **facts: Any) -> tuple[str, dict[str, Any]]:
    """Places a client of the coordinator in the first shelter, and returns the case and its hold."""
    return housed(life.service, **facts)


def accepts(life: Frozen, case: str) -> None:
    """Asks for a place as the coordinator, and accepts the proposal."""
    who = life.service.coordinator.account
    page = life.goes(who, f"/registrations/{case}")
    life.press(who, page.get_by_role("button", name=life.word("Find a place")))
    expect(page).to_have_url(re.compile("/proposals/"))
    life.press(who, page.locator("form:has(input[name=decision][value=accept]) button"))
    expect(page).to_have_url(re.compile(f"/registrations/{case}$"))


def finds(life: Frozen, case: str) -> dict[str, Any]:
    """Accepts a proposal, also for the desk if the decision waits for it. Returns the hold that waits for a shelter."""
    accepts(life, case)
    [decision] = [
        one for one in life.service.coordinator.get("/decisions?limit=200").json()["items"]
        if one["registration"] == case and one["status"] in {"waiting_for_desk", "final"} and one["hold"] != ""
    ][:1]  # fmt: skip
    if decision["status"] == "waiting_for_desk":
        agrees(life, decision["id"])
    holds = life.service.coordinator.get(f"/holds?registration={case}").json()["items"]
    return dict(next(one for one in holds if one["status"] == "waiting_for_shelter"))


def agrees(life: Frozen, decision: str) -> None:
    desk = life.service.desk.account
    page = life.goes(desk, "/")
    life.press(desk, page.locator(f"#part-needs a[href='/decisions/{decision}']"))
    life.press(desk, page.get_by_role("button", name=life.word("Grant"), exact=True))
    expect(page.get_by_role("button", name=life.word("Grant"), exact=True)).to_have_count(0)


def confirms(life: Frozen, hold: str, at: str, staff: str = STAFF) -> None:
    """Confirms a hold for the shelter, with the time of arrival, the registrant as driver, and a
    number for the road.
    """
    page = life.goes(staff, "/holds")
    form = page.locator(f"form[action='/holds/{hold}/answer']").first
    form.locator("[name=expected_other]").fill(at)
    form.locator("[name=driver]").select_option("registrant")
    form.locator("[name=road_telephone]").fill("06 12 34 56 78")
    life.press(staff, form.get_by_role("button"))
    expect(page.locator(f"form[action='/holds/{hold}/arrive']")).to_be_visible()


def arrives(life: Frozen, hold: str, staff: str = STAFF) -> None:
    page = life.goes(staff, "/holds")
    life.press(staff, page.locator(f"form[action='/holds/{hold}/arrive'] button"))
    expect(page).to_have_url(f"{life.base}/stays")


def edits(life: Frozen, case: str, **facts: str) -> Page:
    """Changes facts on the form and saves them for the coordinator. If a second person gets an age, the guardianship of
    the first is confirmed.
    """
    who = life.service.coordinator.account
    page = life.goes(who, f"/registrations/{case}/edit")
    for name, value in facts.items():
        at = page.locator(f"#filling [name='{name}']")
        if at.evaluate("one => one.tagName") == "SELECT":
            at.select_option(value)
        else:
            at.fill(value)
    if "persons.1.age" in facts:
        page.locator("[name='persons.0.guardian']").check()
    saves(life, page)
    return page


def saves(life: Frozen, page: Page, *, confirm: bool = False) -> None:
    if confirm:
        page.locator("#filling [name=confirm]").check()
    life.press(life.service.coordinator.account, page.locator("#filling button[name=then][value=open]:not(.unseen)"))
    page.wait_for_load_state("load")
