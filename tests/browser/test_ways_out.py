"""A client for whom nothing is free, at a browser: who is rung first, and what no way out proposes."""

import re

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from placement.core.codes import Gender, Scheme
from placement.tables import Unit
from tests.support.api.service import somebody
from tests.support.silent_shelter import NUMBER, add_uncounted_unit

pytestmark = pytest.mark.wide
NEEDS = ["pregnancy", "infant", "medical", "psychiatric"]
"""What no unit of the small country offers together."""


def proposal_page(life):
    """Returns the page on which the desk asks for a place for a woman of 24, without a proposed place."""
    desk = life.service.desk
    case = desk.made("/registrations", somebody(persons=[{"gender": "female", "age": 24}], needs=NEEDS))["id"]
    page = life.goes(desk.account, f"/registrations/{case}")
    life.press(desk.account, page.get_by_role("button", name=life.word("Find a place")))
    expect(page).to_have_url(re.compile("/proposals/"))
    return page


def test_proposal_names_the_number_to_ring_before_other_ways(life):
    with life.service.database.transaction() as session:
        add_uncounted_unit(session, NEEDS)
    page = proposal_page(life)
    first = page.locator(".ways > li").first
    expect(first).to_contain_text("Zolder")
    expect(first).to_contain_text("bel de opvang: de bedden zijn nog nooit geteld")
    expect(first.locator(f"a[href='tel:{NUMBER}']")).to_be_visible()
    expect(page.locator("#others")).to_contain_text("deze unit is nog nooit geteld")
    page = life.goes(life.service.desk.account, "/country")
    row = page.locator("tr", has=page.get_by_role("rowheader", name="Zolder", exact=True))
    expect(row).to_contain_text("nog nooit gemeld: 2 bedden")
    expect(row.locator(f"a[href='tel:{NUMBER}']")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Bel deze eerst")


def test_unit_for_men_is_no_way_out_and_can_be_chosen_by_hand(life):
    with life.service.database.transaction() as session:
        unit = session.exec(select(Unit).where(Unit.scheme == Scheme.COSM).order_by(Unit.id)).first()
        unit.name, unit.admits, unit.specialisms = "Mannenhuis", [Gender.MALE], [*unit.specialisms, *NEEDS]
    page = proposal_page(life)
    assert page.locator(".ways > li").count()
    expect(page.locator(".ways > li", has_text="Mannenhuis")).to_have_count(0)
    page.locator("#others summary", has_text=life.word("Not possible")).click()
    found = page.locator("#others li", has_text="Mannenhuis")
    found.get_by_role("link", name=re.compile("Vraag een uitzondering: Mannenhuis")).click()
    expect(page).to_have_url(re.compile("/units/"))
    expect(page.locator("main")).to_contain_text("Mannenhuis")
