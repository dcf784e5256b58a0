"""`make screenshots`: every page in every state, light, dark and on a phone, with a sheet of them all."""

import html
from itertools import count

import pytest

from placement.core.practice_codes import SceneCode
from tests.support.browser import evening, night, practice_evening
from tests.support.browser.beginning import goes
from tests.support.browser.beginning_pictures import PICTURES
from tests.support.browser.journey import Way, ways
from tests.support.browser.raid import Clerk, evacuation, hotel_answers, raid
from tests.support.browser.raid_troubles import troubles
from tests.support.browser.reader import DESKTOP, PHONE, Reader
from tests.support.browser.views import VIEWS
from tests.support.browser.workbook_journey import PICTURES as WORKBOOK
from tests.support.browser.workbook_journey import CountedMouse, WorkbookJourney
from tests.support.paths import ROOT
from tests.support.ringing import ringing
from tests.support.stores import one_store

FOLDER = ROOT / "build" / "screenshots"
LOOKS = {
    "light": {"viewport": DESKTOP},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2},
}
README = {
    "today": {"width": 1280, "height": 700},
    "proposal": {"width": 1280, "height": 700},
    "capacity": {"width": 360, "height": 640},
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_picture_of_it(view, look, shown):
    FOLDER.mkdir(parents=True, exist_ok=True)
    shown(language="nl", **LOOKS[look]).page.screenshot(path=FOLDER / f"{view}-{look}.png", full_page=True)


def test_a_sheet_of_all():
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = "".join(
        f"<h2>{html.escape(str(view))}</h2>" + "".join(f'<img src="{view}-{look}.png" alt="{look}">' for look in LOOKS)
        for view in VIEWS
    )
    style = "body{font:1rem system-ui}img{height:32rem;margin:.5rem;border:1px solid #999}"
    (FOLDER / "index.html").write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{rows}")


@pytest.mark.parametrize("way", ["mouse", "phone"])
def test_a_picture_of_each_step_of_the_beginning(way, tmp_path, chromium, opened):
    (FOLDER / "begin").mkdir(parents=True, exist_ok=True)
    number = count(1)

    def look(one, step):
        one.page.screenshot(path=FOLDER / "begin" / f"{way}-{next(number):02}-{step}.png", full_page=True)

    goes(chromium, tmp_path, ways("nl")[way], look, opened)


def test_the_beginning_in_pictures(tmp_path, chromium, opened):
    """Draws what is to be copied to docs/pictures/beginning when the pages have changed."""
    folder = FOLDER / "beginning"
    folder.mkdir(parents=True, exist_ok=True)
    left = dict(PICTURES)

    def look(one, step):
        if name := left.pop(step, None):
            one.page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=30)

    goes(chromium, tmp_path, ways("nl")["mouse"], look, opened)
    assert left == {}


def test_the_way_of_a_workbook_in_pictures(tmp_path, chromium, opened):
    """Draws what is to be copied to docs/pictures/workbook when the pages have changed."""
    folder = FOLDER / "workbook"
    folder.mkdir(parents=True, exist_ok=True)
    left = dict(WORKBOOK)

    def look(one, step):
        if name := left.pop(step, None):
            one.page.screenshot(path=folder / f"{name}.jpg", type="jpeg", quality=30)

    goes(chromium, tmp_path, Way("nl", CountedMouse()), look, opened, beginning=WorkbookJourney)
    assert left == {}


@pytest.mark.parametrize(("name", "size"), README.items())
def test_a_small_picture_for_the_readme(name, size, reader, things):
    """To be copied to docs/pictures when the pages have changed."""
    (FOLDER / "readme").mkdir(parents=True, exist_ok=True)
    seen = next(view for view in VIEWS if view.name == name)
    page = seen.show(reader(things.get(seen.who, seen.who), viewport=size), things | {"proposal": things["decided"]})
    page.screenshot(path=FOLDER / "readme" / f"{name}.jpg", type="jpeg", quality=26)


def test_an_evening_in_pictures(reader_on):
    """To be copied to docs/pictures/evening when the pages have changed."""
    (FOLDER / "evening").mkdir(parents=True, exist_ok=True)

    def look(page, name):
        page.screenshot(path=FOLDER / "evening" / f"{name}.jpg", type="jpeg", quality=30)

    evening.goes(reader_on("sqlite-evening"), look)


@one_store
def test_a_night_in_pictures(life):
    """To be copied to docs/pictures/night when the pages have changed."""
    (FOLDER / "night").mkdir(parents=True, exist_ok=True)

    def look(page, name):
        page.screenshot(path=FOLDER / "night" / f"{name}.jpg", type="jpeg", quality=30)

    with ringing() as server:
        night.goes(life, server, look)


@one_store
def test_a_raid_and_an_evacuation_in_pictures(life):
    """To be copied to docs/pictures/events when the pages have changed."""
    (FOLDER / "events").mkdir(parents=True, exist_ok=True)

    def look(page, name):
        page.screenshot(path=FOLDER / "events" / f"{name}.jpg", type="jpeg", quality=30)

    hotel_answers(life, raid(life, Clerk(), look, pasted=True), Clerk(), look)
    evacuation(life, Clerk(), look)


@one_store
def test_an_event_with_troubles_in_pictures(life):
    """To be copied to docs/pictures/events when the pages have changed."""
    (FOLDER / "events").mkdir(parents=True, exist_ok=True)
    troubles(life, lambda page, name: page.screenshot(path=FOLDER / f"events/{name}.jpg", type="jpeg", quality=30))


def test_a_practice_evening_in_pictures(chromium, opened, tmp_path):
    """To be copied to docs/pictures/practice when the pages have changed."""
    (FOLDER / "practice").mkdir(parents=True, exist_ok=True)

    def person(**how):
        made = Reader(chromium, practice, "nl", **how)
        opened.callback(made.close)
        return made

    def look(page, name):
        page.screenshot(path=FOLDER / "practice" / f"{name}.jpg", type="jpeg", quality=30)

    practice = practice_evening.PracticeRoom(tmp_path, {})
    with practice.kept(SceneCode.FIRST_NIGHT):
        practice_evening.goes(person, practice, look)
