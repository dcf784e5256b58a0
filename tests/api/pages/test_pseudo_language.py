"""Every page in a language that is made up: each word that it shows is of the catalogue, or is data."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from babel import Locale
from babel.dates import format_timedelta
from litestar.testing import TestClient
from playwright.sync_api import Route, sync_playwright
from sqlmodel import select

from placement.areas.first import first_places
from placement.core import version
from placement.dated_rules.first import first_rules
from placement.tables import Account, AccountDetails, Organisation, Room, Shelter, Unit
from placement.text import catalogue
from placement.text.guidance import TERMS
from placement.text.languages import own_name, spoken_names
from tests.support.api.pages import PRIVATE, Reader, signed_in
from tests.support.api.service import somebody
from tests.support.browser.chromium import FLAGS
from tests.support.paths import ROOT
from tests.support.pseudo_language import CODE, OPENS, words_from_elsewhere, write
from tests.support.stores import AT, one_store

PAGES = {
    "desk": ("/", "/registrations", "/registrations/new", "/takeovers/new?shelter=S01", "/holds", "/stays", "/country",
             "/country/shortage", "/reports", "/retention", "/leave", "/on-call", "/mandates", "/webhooks", "/help",
             "/help/rules", "/help/glossary", "/account", "/subscription", "/places"),
    "coordinator": ("/", "/registrations", "/places", "/help", "/registrations/R-2222-2222-2222"),
    "shelter_staff": ("/capacity", "/holds", "/stays", "/webhooks", "/help", "/subscription"),
    "admin": ("/accounts", "/settings", "/encryption-keys", "/messages", "/webhooks", "/help"),
    "auditor": ("/log", "/log/cases", "/review", "/retention", "/help"),
    "reader": ("/reports", "/help"),
}  # fmt: skip
CREDIT = "svg-maps netherlands CC BY"
"""Of the map."""

PICTURES = ROOT / "build" / "pseudo-language"


_OF_PLACES = [str(row.facts["name"]) for row in first_places(AT)]


@pytest.fixture
def language(tmp_path, monkeypatch) -> str:
    write(tmp_path)
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    assert CODE in catalogue.languages()
    return CODE


@pytest.fixture
def data(service) -> set[str]:
    """Words that are no texts: names in the database, sources, and what Babel writes in a date or calls a language."""
    columns = (Account.email, Organisation.name, Shelter.name, Unit.name, Room.name)
    with service.database.transaction() as session:
        names = [str(name) for column in columns for name in session.exec(select(column)).all()]
        names += [str(word) for one in session.exec(select(AccountDetails)) for word in (one.name, one.job_title)]
    locale = Locale(CODE)
    formats = [
        name
        for names_of in (locale.months, locale.days)
        for forms in names_of.values()
        for every in forms.values()
        for name in every.values()
    ]
    spans = [
        timedelta(**{unit: n}) for unit in ("seconds", "minutes", "hours", "days", "weeks") for n in (-1, 1, 2, 30)
    ]
    lasting = [format_timedelta(span, add_direction=way, locale=locale) for span in spans for way in (True, False)]
    spoken = [*locale.languages.values(), *(Locale(one).get_display_name(one) for one in catalogue.languages())]
    sources = (*TERMS.values(), *(rule.legal_ground for rule in first_rules(AT)), *_OF_PLACES, CREDIT)
    own = [own_name(code) for code in spoken_names(catalogue.SOURCE).values()]
    known = " ".join(map(str, (*names, *formats, *lasting, *spoken, *own, *sources, version.shown(), PRIVATE)))
    return {word.strip(".:'") for word in re.findall(r"[^\W\d_][\w'.@:-]*", known)}


@pytest.mark.wide
@pytest.mark.parametrize("role", PAGES)
@one_store
def test_every_word_of_a_page_is_of_the_catalogue(service, language, data, role):
    reference = service.coordinator.made("/registrations", somebody())["id"]
    proposal = service.coordinator.made(f"/registrations/{reference}/proposals")["id"]
    reader = signed_in(service, role)
    reader.choose_language(language)
    of_the_case = (f"/registrations/{reference}", f"/proposals/{proposal}", f"/registrations/{reference}/legal-hold")
    paths = [*PAGES[role], *(of_the_case if role in {"desk", "coordinator"} else ())]
    left = {}
    for path in paths:
        page = reader.get(path)
        assert page.text.count(OPENS) > 15, path
        assert f'<html lang="{CODE}"' in page.text
        left[path] = words_from_elsewhere(page.text, data)
    assert {path: words for path, words in left.items() if words} == {}


@pytest.mark.wide
@one_store
def test_every_word_is_of_the_catalogue_without_a_session(service, language, data):
    stranger, desk = Reader(service, "desk"), signed_in(service, "desk")
    stranger.get("/sign-in")
    for one in (stranger, desk):
        one.choose_language(language)
    desk.get("/registrations/new")
    shown = {
        "/sign-in": stranger.get("/sign-in"),
        "/about": stranger.get("/about"),
        "/invitation": stranger.get("/invitation"),
        "wrong": desk.send("/registrations/new"),
        "refused": desk.get("/accounts"),
    }
    assert 'aria-invalid="true"' in shown["wrong"].text
    assert {name: found for name, page in shown.items() if (found := words_from_elsewhere(page.text, data))} == {}


def _wider_than_the_window(program: str, pages: dict[str, str], client: TestClient[Any]) -> list[str]:
    """Returns the pages that are wider than a phone, or than a desk, and takes a picture of each."""
    files: dict[str, dict[str, object]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS), chromium_sandbox=False)
        page = browser.new_page(base_url="http://placement.test", java_script_enabled=False)

        def answer(route: Route) -> None:
            path = urlsplit(route.request.url).path
            if path.removeprefix("/") in pages:
                route.fulfill(body=pages[path.removeprefix("/")], content_type="text/html; charset=utf-8")
                return
            if path not in files:
                found = client.get(path)
                files[path] = {"body": found.content, "content_type": found.headers["content-type"]}
            route.fulfill(**files[path])

        page.route("**/*", answer)
        too_wide = []
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            for name in pages:
                page.goto(f"/{name}")
                page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
                if page.locator("html").evaluate("html => html.scrollWidth") > width:
                    too_wide.append(f"{name}-{width}")
        browser.close()
    return too_wide


@pytest.mark.wide
@one_store
def test_long_words_fit_on_a_page_in_the_browser(service, language, browser_program):
    """The pages of this process, at the width of a phone and of a desk: nothing is wider than the window."""
    reference = service.coordinator.made("/registrations", somebody())["id"]
    proposal = service.coordinator.made(f"/registrations/{reference}/proposals")["id"]
    desk, staff = (signed_in(service, role, language=language) for role in ("desk", "shelter_staff"))
    views = {
        "today": (desk, "/"),
        "registration-new": (desk, "/registrations/new"),
        "proposal": (desk, f"/proposals/{proposal}"),
        "capacity": (staff, "/capacity"),
        "report": (desk, "/reports"),
        "help-rules": (desk, "/help/rules"),
    }
    PICTURES.mkdir(parents=True, exist_ok=True)
    pages = {name: reader.get(path).text for name, (reader, path) in views.items()}
    # In a thread of its own: Playwright does not start beside the browser that other tests of this process use.
    with ThreadPoolExecutor(1) as thread:
        too_wide = thread.submit(_wider_than_the_window, browser_program, pages, service.client).result()
    assert len(list(PICTURES.glob("*.png"))) >= 2 * len(views)
    assert too_wide == []
