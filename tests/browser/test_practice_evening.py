"""A practice evening of three people in real browsers, whose pictures the guide shows; and the room on both stores."""

import re
import threading

import pytest
from playwright.sync_api import expect

from placement.core import version
from placement.core.practice_codes import RoomState, SceneCode
from placement.practice import room
from tests.support.browser import practice_evening
from tests.support.browser.barriers import barriers_of
from tests.support.browser.geometry import faults_of
from tests.support.browser.practice_evening import LONG_MS, PracticeRoom, enters
from tests.support.browser.reader import PHONE, Reader
from tests.support.paths import ROOT
from tests.support.stores import EACH_STORE, new_database

pytestmark = pytest.mark.wide
PAGES = ("/practice", "/practice/scenes/{0}", "/practice/scenes/{0}?after=true", "/practice/messages")


@pytest.fixture(params=EACH_STORE)
def practice(request, tmp_path):
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else ""
    made = PracticeRoom(tmp_path, {"PLACEMENT_PRACTICE_DATABASE": new_database(server)} if server else {})
    with made.kept(SceneCode.FIRST_NIGHT):
        yield made


@pytest.fixture
def person(chromium, opened, practice):
    def comes(**how):
        made = Reader(chromium, practice, "nl", **how)
        opened.callback(made.close)
        return made

    return comes


def fetches_late(page):
    """Lets the scripts and styles of the next page wait for two seconds, as on a slow line."""
    slow = threading.Event()

    def later(route):
        slow.wait(2)  # the first file waits, and the others behind it
        slow.set()
        route.continue_()

    page.route("**/static/**", later)


def are_open(trainer, scene):
    """Looks at each page of practice with axe and on a phone."""
    for path in (one.format(scene.value) for one in PAGES):
        page = trainer.go(path)
        assert (barriers_of(page), faults_of(page)) == ({}, []), path
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.locator("aside.practice").is_visible()


def test_each_step_of_the_practice_evening_has_its_picture(person, practice):
    steps = []
    practice_evening.goes(person, practice, lambda _, name: steps.append(name))
    shown = re.findall(r"pictures/practice/([\w-]+)\.jpg", (ROOT / "docs/guide/practice.md").read_text())
    assert steps == shown
    assert {one.stem for one in (ROOT / "docs/pictures/practice").iterdir()} == set(shown)


def test_pages_of_practice_are_open_to_axe_keyboard_and_phone(person, practice):
    trainer = person()
    enters(trainer, practice, "desk")
    are_open(trainer, SceneCode.FIRST_NIGHT)
    page = trainer.go("/practice")
    page.locator("button[name=hours][value='1']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[hx-get]")).to_be_visible()
    assert not trainer.outside()


def test_scene_begins_anew_and_commands_know_the_room(person, practice):
    trainer = person()
    page = enters(trainer, practice, "desk")
    trainer.go("/practice")
    fetches_late(page)
    trainer.press(page.locator("button[name=scene][value=raid]"))
    page.wait_for_timeout(4000)  # the files come now, or not at all
    practice.wait(lambda: practice.is_ready_for(SceneCode.RAID))
    expect(page.locator("button[name=role][value=desk]")).to_be_visible(timeout=LONG_MS)  # the page looked again
    enters(trainer, practice, "desk")
    trainer.go("/events")
    expect(page.locator("main")).to_contain_text("Inval kas")
    are_open(trainer, SceneCode.RAID)
    said = practice.command("status")
    assert (said.returncode, said.stdout.splitlines()[:2]) == (0, ["runs", "scene:    raid"])
    assert practice.link in said.stdout
    assert "another `placement serve`" in practice.command("start", "--port", "1").stderr
    assert practice.command("stop").returncode == 0
    assert practice.command("status").stdout.splitlines()[0] == "absent"
    assert "does not run" in practice.command("stop").stderr

    known = room.room_in(practice.folder)
    room.put(practice.folder, known.model_copy(update={"version": "0.9.0"}))
    assert practice.command("status").stdout.splitlines()[0] == RoomState.OTHER_VERSION
    refused = practice.command("start")
    assert refused.returncode == 1
    assert refused.stderr.startswith("placement: version 0.9.0 made this practice room, and this is version")
    assert "placement practice reset" in refused.stderr
    assert practice.command("reset", "--scene", "evacuation").returncode == 0
    again = room.room_in(practice.folder)
    assert (again.version, again.scene) == (version.shown(), SceneCode.EVACUATION)
