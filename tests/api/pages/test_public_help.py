"""The page for the public: off by default; without an account, script, cookie, form or anything stored."""

import re

import pytest
from playwright.sync_api import sync_playwright
from sqlmodel import func, select

from api.pages.public_help import EXIT
from placement.core.setting_parts import Contact
from placement.tables import AuditEvent
from tests.support.browser.barriers import barriers_of
from tests.support.browser.chromium import FLAGS
from tests.support.browser.geometry import faults_of
from tests.support.browser.reader import PHONE
from tests.support.settings import changed
from tests.support.stores import one_store

NUMBER = "+31301234567"


@pytest.fixture
def opened(service):
    """Opens the page, with a number and an address."""
    contact = Contact("Centrum", "hulp@placement.example", "")
    settings = changed(service.app.state.settings, public_telephone=NUMBER, contact=contact)
    service.app.state.settings = settings
    return service


def test_public_page_without_a_number_does_not_exist(service):
    assert service.client.get("/public").status_code == 404


@pytest.mark.parametrize("number", ["112", "0301234567", "+31 30"])
def test_public_number_without_its_country_is_refused(service, number):
    with pytest.raises(ValueError, match=r"public_telephone|PLACEMENT_PUBLIC_TELEPHONE"):
        changed(service.app.state.settings, public_telephone=number)


@pytest.mark.parametrize("first", ["nl", "en"])
def test_public_page_shows_both_numbers_in_both_languages(opened, first):
    answer = opened.client.get("/public", headers={"Accept-Language": first})
    assert answer.status_code == 200
    assert answer.text.count(f'href="tel:{NUMBER}"') == answer.text.count('href="tel:112"') == 2
    assert answer.text.count(f'href="{EXIT}"') == answer.text.count("mailto:hulp@placement.example") == 2
    assert re.findall(r'<section lang="(\w+)"', answer.text)[0] == first
    assert "maandag, dinsdag, woensdag, donderdag, vrijdag, van 09:00 tot 17:00" in answer.text
    assert "Friday, from 09:00 to 17:00" in answer.text


def test_public_page_stores_nothing_and_runs_no_script(opened):
    def events():
        with opened.database.transaction() as session:
            return session.exec(select(func.count()).select_from(AuditEvent)).one()

    before = events()
    answer = opened.client.get("/public")
    assert events() == before
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<(script|form|input|iframe|img)|\son\w+=", answer.text)
    [style] = re.findall(r'<link rel="stylesheet" href="([^"]+)"', answer.text)
    assert opened.client.get(style).headers["cache-control"] == "no-store"


@pytest.mark.wide
@one_store
def test_public_page_is_open_to_keyboard_phone_and_axe(opened, browser_program):
    pages = {path: opened.client.get(path) for path in ("/public", "/static/start.css")}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_program, args=list(FLAGS), chromium_sandbox=False)
        page = browser.new_page(base_url="http://placement.test", viewport=PHONE)
        page.route("**", lambda route: route.fulfill(
            body=pages["/" + route.request.url.split("/", 3)[3]].text,
            content_type=pages["/" + route.request.url.split("/", 3)[3]].headers["content-type"],
        ))  # fmt: skip
        page.goto("/public")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert (faults_of(page), barriers_of(page)) == ([], {})
        page.set_viewport_size(PHONE)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.href") == EXIT
        page.mouse.wheel(0, 4000)
        assert page.locator(".exit a").last.is_visible()
        browser.close()
