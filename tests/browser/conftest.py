"""A browser and a service for the tests of this folder, and readers who are signed in already."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Response, StorageState, sync_playwright

from tests.support.api.service import Service as Served
from tests.support.api.service import served
from tests.support.api.serving import serving
from tests.support.browser.barriers import barriers_of
from tests.support.browser.chromium import FLAGS
from tests.support.browser.frozen_service import Frozen, frozen
from tests.support.browser.geometry import faults_of, write_longer
from tests.support.browser.reader import PHONE, TWICE_AS_LARGE, Reader, readers
from tests.support.browser.resources import make_things
from tests.support.browser.views import FIRST, VIEWS, View
from tests.support.service_process import Service, environment_for
from tests.support.stores import new_database


@pytest.fixture(scope="package")
def chromium(browser_program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_program, args=list(FLAGS), chromium_sandbox=False, headless=True
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def serve(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Callable[[str], Service]]:
    """Yields a function that starts the service on a store at the first request; a suffix gives a new store."""
    running: dict[str, Service] = {}

    def start(store: str) -> Service:
        if store not in running:
            folder = tmp_path_factory.mktemp(store)
            if store.startswith("postgresql"):
                url = new_database(request.getfixturevalue("postgresql"))
                running[store] = Service(folder, environment_for(url))
            else:
                running[store] = Service(folder, environment_for(), request.getfixturevalue("demo"))
            running[store].start()
        return running[store]

    yield start
    for service in running.values():
        service.stop()


@pytest.fixture(scope="package")
def sqlite(serve) -> Service:
    """The one service of the tests that no store can change."""
    return serve("sqlite")


@pytest.fixture(scope="package")
def sessions() -> dict[tuple[str, str], StorageState]:
    """Keeps the state of a signed-in browser, by service and person: a code is valid once, so each signs in once."""
    return {}


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def reader_on(chromium, serve, sessions, opened) -> Callable[[str], Callable[..., Reader]]:
    return lambda store: readers(chromium, sessions, opened, serve(store))


@pytest.fixture
def reader(reader_on) -> Callable[..., Reader]:
    """`reader(email)`: signed in, on the first page; `reader()`: nobody yet."""
    return reader_on("sqlite")


@pytest.fixture(scope="package")
def things(sqlite) -> dict[str, str]:
    return make_things(sqlite)


FIRST_ACT = "main :is(button, .button):not(.second, .plain, .menu, .unseen, [open] > summary)"
EACH_VIEW = [pytest.param(view, marks=() if view.name in FIRST else pytest.mark.wide) for view in VIEWS]


@pytest.fixture(scope="package", params=EACH_VIEW, ids=str)
def view(request: pytest.FixtureRequest) -> View:
    """Every page in every state. Tests of one view follow each other."""
    return request.param


@pytest.fixture
def shown(view, reader, things) -> Callable[..., Reader]:
    """`shown()`: a reader who looks at the view."""

    def show(**how: Any) -> Reader:
        looking = reader(things.get(view.who, view.who), **how)
        looking.forget()
        view.show(looking, things)
        return looking

    return show


@dataclass(frozen=True)
class Looked:
    """Results of a single look at a view, in Dutch."""

    outside: list[str]
    complaints: list[str]
    missing: list[str]
    widths: dict[int, int]
    weight: int
    language: str
    lines: frozenset[str]
    barriers: dict[str, str]
    """What axe found, in light and in dark."""
    faults: list[str]
    """Of its layout, at each width."""
    faults_longer: list[str]
    """The same with longer texts."""
    first_acts: list[str]
    """Buttons of the first rank that are in sight."""


def is_stream(answer: Response) -> bool:
    """A stream has no size while the page is open: to ask for it is to wait for the end of the session."""
    return answer.headers.get("content-type", "").startswith("text/event-stream")


@pytest.fixture(scope="package")
def looked(view, chromium, sqlite, sessions, things) -> Looked:
    with ExitStack() as opened:
        who = things.get(view.who, view.who)
        one = readers(chromium, sessions, opened, sqlite)(who, language="nl", reduced_motion="reduce")
        one.forget()
        page = view.show(one, things)
        page.wait_for_load_state("load")
        whole = {answer.url: answer for answer in one.answered if not is_stream(answer)}
        sizes = [answer.request.sizes() for answer in whole.values()]
        lines = page.locator("body").inner_text().splitlines()
        widths = {}
        for size in (PHONE, TWICE_AS_LARGE):
            page.set_viewport_size(size)
            widths[size["width"]] = page.evaluate("document.documentElement.scrollWidth")
        first_acts = page.locator(FIRST_ACT).filter(visible=True).all_inner_texts()
        faults, barriers = faults_of(page), barriers_of(page)
        write_longer(page)
        return Looked(
            outside=one.outside(),
            complaints=[result for result in one.complaints if not result.startswith("Failed to load resource")],
            missing=[
                answer.url
                for answer in one.answered
                if answer.status >= 500 or (answer.status >= 400 and "/static/" in answer.url)
            ],
            widths=widths,
            weight=sum(one["responseBodySize"] + one["responseHeadersSize"] for one in sizes),
            language=page.locator("html").get_attribute("lang") or "",
            lines=frozenset(line.strip() for line in lines),
            barriers=barriers,
            faults=faults,
            faults_longer=faults_of(page),
            first_acts=first_acts,
        )


@pytest.fixture
def life(stores, solver, applications, chromium) -> Iterator[Frozen]:
    """The small country at a browser, in which nobody waits, and the first shelter has counted just now."""
    country = stores.make("served", served)
    with serving(applications, country, solver) as parts, frozen(Served(country, *parts), chromium) as made:
        made.service.close_all()
        made.service.shelter.made("/shelters/S01/capacity/confirm")
        yield made
        assert made.complaints() == []
