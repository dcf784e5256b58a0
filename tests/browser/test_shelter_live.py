"""The first page of a shelter updates by itself: what is asked of it is there without a reload, and goes away again."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.api.resources import offered
from tests.support.browser.lives import STAFF

pytestmark = pytest.mark.wide
SOON = 20_000


def test_what_is_asked_of_a_shelter_appears_by_itself(life):
    service = life.service
    page = life.goes(STAFF, "/capacity")
    typed = page.locator("[name='rooms.0.others']")
    typed.fill("1")
    expect(page.locator("#asked")).to_have_count(0)
    before = int(page.locator("#needs .count").inner_text())
    decision = service.coordinator.made(
        f"/proposals/{offered(service, needs=['pregnancy'])['id']}/decision", {"decision": "accept"}
    )
    hold = service.desk.made(f"/decisions/{decision['id']}/confirmation", {"granted": True})["hold"]
    expect(page.locator("#asked li")).to_have_count(1, timeout=SOON)
    expect(page).to_have_title(re.compile(rf"^\({before + 1}\) "))
    expect(page.locator("#news")).to_have_text(f"Nu te doen {before + 1}")
    expect(page.locator("#changed")).to_be_visible()  # the tiles are as they were
    expect(typed).to_have_value("1")
    expect(page.locator("[data-stepper]").first).to_be_visible()
    service.desk.made(f"/holds/{hold}/release", {"reason": "declines_place"})
    expect(page.locator("#asked")).to_have_count(0, timeout=SOON)
    expect(page).to_have_title(re.compile(rf"^\({before}\) "))
    expect(typed).to_have_value("1")
