"""A shelter without any account by clicks: the desk rings it for a count, a yes, an arrival and an end."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from placement.tables import Account, ApiKey
from placement.text.catalogue import translate
from tests.support.api.resources import asked_hold
from tests.support.browser.frozen_service import Frozen

pytestmark = pytest.mark.wide


def called(page: Page, form: str) -> Page:
    """Fills in the call of the form that goes to this address."""
    there = page.locator(f"form[action='{form}']").first
    there.locator("[name='call.number'][value=placing]").check()
    there.locator("[name='call.caller_role']").fill("groepsleider")
    there.locator("[name='call.caller_name']").fill("Medewerker van dienst")
    return there


def without_accounts(life: Frozen) -> None:
    """Nobody of S01 signs in any more, and no software has a key."""
    with life.service.database.transaction() as session:
        for account in session.exec(select(Account).where(Account.organisation_id == "O-S01")):
            account.disabled_at = life.at
        for key in session.exec(select(ApiKey).where(ApiKey.shelter_id == "S01")):
            key.revoked_at = life.at


def verified(life: Frozen, account: str, path: str) -> Page:
    """The page, right after the second factor was given again."""
    page = life.goes(account, path)
    life.service.verified(account)
    page.reload()
    return page


def gives_a_number(life: Frozen, desk: str, second: str) -> None:
    """A first number for the night, which another person of the desk checks."""
    page = verified(life, desk, "/shelters/S01/telephones")
    page.locator("[name='telephones.night']").fill("030 000 02 11")
    life.press(desk, page.get_by_role("button", name=life.word("Save"), exact=True))
    expect(page.locator("main")).to_contain_text("nieuw tot")
    page = verified(life, second, "/shelters/S01/telephones")
    life.press(second, page.locator("form[action='/shelters/S01/telephones/check'] button[value=in_person]"))
    expect(page.locator("main")).not_to_contain_text("nieuw tot")


def test_shelter_without_an_account_from_count_to_end(life):
    desk, second = life.service.desk.account, life.service.second.account
    hold = asked_hold(life.service, by=life.service.second)
    without_accounts(life)

    page = life.goes(desk, "/register/shelter/S01")
    page.locator("[name=works_by_telephone]").check()
    life.press(desk, page.locator("form[action='/register/shelter/S01/change'] button"))

    gives_a_number(life, desk, second)

    page = life.goes(desk, "/")
    row = page.locator(".task", has_text=translate("task", "to_ring", "nl")).first
    expect(row.locator("a[href^='tel:']")).to_have_count(1)
    life.press(desk, row.get_by_role("link", name=re.compile(translate("task.do", "to_ring", "nl"))))
    form = called(page, f"/holds/{hold}/call/answer")
    form.locator("[name=expected_other]").fill("2026-11-24T18:00")
    form.locator("[name=driver]").select_option("taxi")
    life.press(desk, form.locator("button[value=confirm]"))
    expect(page.locator("main")).to_contain_text(translate("ByTelephone", "entered", "nl"))
    page = life.goes(desk, f"/holds/{hold}/address")
    expect(page.locator("main")).to_contain_text(translate("ByTelephone", "entered", "nl"))

    page = life.goes(second, "/")
    row = page.locator(".task", has_text=translate("task", "call_back", "nl"))
    life.press(second, row.get_by_role("link", name=re.compile(f"^{translate('task.do', 'call_back', 'nl')}")))
    entry = page.locator("li.strip", has_text=translate("Heard", "yes", "nl")).first
    life.press(second, entry.locator("summary", has_text=life.word("Ring back")))
    action = entry.locator("form[action$='/call-back']").get_attribute("action")
    life.press(second, called(page, str(action)).locator("button[value=yes]"))
    expect(page.locator("main")).to_contain_text(life.word("the shelter agrees"))
    page = life.goes(desk, "/holds")
    expect(page.locator("main")).to_contain_text(translate("ByTelephone", "certain", "nl"))

    page = life.goes(desk, "/shelters/S01")
    life.press(desk, page.get_by_role("link", name=life.word("Record a telephone call")))
    life.press(desk, called(page, "/shelters/S01/call").locator("[name=as_shown]"))
    expect(page).to_have_url(f"{life.base}/shelters/S01")

    page = life.goes(desk, f"/holds/{hold}/call")
    life.press(desk, called(page, f"/holds/{hold}/call/arrival").locator("button"))
    expect(page).to_have_url(f"{life.base}/stays")
    stay = life.service.desk.get(f"/holds/{hold}").json()["stay"]
    page = life.goes(desk, f"/stays/{stay}/call")
    form = called(page, f"/stays/{stay}/call/end")
    form.locator("[name=reason]").select_option("own_housing")
    life.press(desk, form.locator("button"))
    expect(page).to_have_url(f"{life.base}/stays")

    page = life.goes(desk, "/shelters/S01/call")
    expect(page.locator("#unread .count")).to_have_text("3")
    form = called(page, "/shelters/S01/call/read-back")
    for box in form.locator("[name=entries]").all():
        box.check()
    life.press(desk, form.get_by_role("button"))
    expect(page.locator("#unread")).to_have_count(0)
