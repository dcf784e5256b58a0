"""Work stops at a browser, and goes on after two persons have looked at the same rows; a picture of each step."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from placement.text.catalogue import translate
from tests.support.api.service import somebody
from tests.support.attacks.thief import Thief, pass_a_minute
from tests.support.browser.barriers import barriers_of
from tests.support.browser.frozen_service import Frozen
from tests.support.browser.geometry import faults_of
from tests.support.browser.reader import DESKTOP, PHONE
from tests.support.paths import ROOT
from tests.support.stores import one_store

pytestmark = [pytest.mark.wide, one_store]
PICTURES = ROOT / "build" / "release"
STATED = translate("task", "difference", "nl")


def look(page: Page, step: str) -> None:
    """Takes a picture at both widths."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.screenshot(path=PICTURES / f"{step}-{size['width']}.png", full_page=True)
    page.set_viewport_size(DESKTOP)


def verified(life: Frozen, account: str) -> Page:
    """Opens the page as a person who has just given the second factor."""
    page = life.goes(account, "/doubt")
    life.service.verified(account)
    page.reload()
    return page


@pytest.fixture
def case(life: Frozen) -> str:
    service = life.service
    made = service.desk.made("/registrations", somebody())["id"]
    with Thief(service).writing() as connection:
        connection.execute(text("UPDATE room SET name = 'x' WHERE id LIKE 'S01%' OR id LIKE 'S02%'"))
        connection.execute(text("UPDATE unit SET min_age = 99 WHERE id = 'S01-L1-U1'"))
        connection.execute(text("DELETE FROM apikey WHERE id = (SELECT max(id) FROM apikey)"))
        connection.execute(text("UPDATE registration SET waits_on = '2020-01-01' WHERE id = :id").bindparams(id=made))
    pass_a_minute(service)
    return str(made)


def test_two_persons_release_what_has_stopped(life: Frozen, case: str):
    desk, auditor = life.service.desk.account, life.service.auditor.account
    page = life.goes(desk, f"/registrations/{case}")
    life.press(desk, page.get_by_role("button", name=life.word("Find a place")))
    expect(page.locator("main")).to_contain_text("030 000 00 01")
    look(page, "1-refused")
    page = life.goes(desk, "/")
    expect(page.locator("#part-needs li").first).to_contain_text(STATED)
    look(page, "2-task")
    life.press(desk, page.locator("#part-needs li").first.locator("a.do"))
    page.wait_for_url("**/doubt")
    look(page, "3-rows")
    assert (faults_of(page), barriers_of(page)) == ([], {})
    page = verified(life, desk)
    look(page, "4-ask")
    page.locator("form[action='/doubt/ask'] button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("form[action='/doubt/ask']")).to_have_count(0)
    page = life.goes(auditor, "/second-person")
    look(page, "5-asked")
    page = verified(life, auditor)
    look(page, "6-grant")
    life.press(auditor, page.get_by_role("button", name=life.word("Release, as second person")))
    expect(page.locator("main .note.warn")).to_have_count(0)
    look(page, "7-released")
