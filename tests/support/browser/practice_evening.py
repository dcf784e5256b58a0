"""A practice evening of three people in a practice room: a trainer, a person of the desk, and a new worker of a shelter
on a phone, who has nothing but the link (`docs/guide/practice.md`).
"""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect
from psutil import Process

from placement.core.practice_codes import RoomState, SceneCode
from placement.core.setting_files import practice_folder
from placement.practice import room
from tests.support.browser.evening import DESKTOP, Look, says_yes
from tests.support.browser.reader import PHONE, Reader
from tests.support.outages import command, family
from tests.support.ports import free_port
from tests.support.registrants import NUMBER

LONG_MS = 120_000
"""For a scene that is made and a clock that moves, on a machine with more to do."""


class PracticeRoom:
    """A room that `placement practice start` serves, in a process of its own."""

    def __init__(self, var: Path, variables: dict[str, str]) -> None:
        self.var, self.folder, self._port = var, practice_folder(var), free_port()
        self.base = f"http://127.0.0.1:{self._port}"
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PLACEMENT", "DATABASE"))}
        self._variables = {**plain, "PLACEMENT_VAR": str(var), **variables}
        self._keeper: subprocess.Popen[bytes] | None = None

    @property
    def link(self) -> str:
        return room.link_of(self.folder, self.base)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "placement", "practice", *words]
        return subprocess.run(line, env=self._variables, capture_output=True, text=True, check=False)

    @contextmanager
    def kept(self, scene: SceneCode) -> Iterator[None]:
        line = [sys.executable, "-m", "placement", "practice", "start", "--port", str(self._port), "--scene", scene]
        self._keeper = subprocess.Popen(line, env=self._variables, stderr=subprocess.DEVNULL)
        try:
            self.wait(lambda: httpx.get(f"{self.base}/health/live").status_code == httpx.codes.OK)
            yield
        finally:
            self._keeper.send_signal(signal.SIGTERM)
            self._keeper.wait()

    def kill(self) -> list[Process]:
        """Kills the keeper alone. Returns the processes that it and its processes had started."""
        assert self._keeper
        below = family(self._keeper.pid)
        self._keeper.kill()
        self._keeper.wait()
        return below

    def has(self, word: str) -> bool:
        """Checks whether the keeper has started a process with this word in its command."""
        assert self._keeper
        return any(word in command(one) for one in family(self._keeper.pid))

    def wait(self, ready: Callable[[], bool]) -> None:
        for _ in range(1200):
            try:
                if ready():
                    return
            except httpx.TransportError:
                pass
            threading.Event().wait(0.1)
        raise AssertionError("it does not come so far")

    def is_ready_for(self, scene: SceneCode) -> bool:
        known = room.room_in(self.folder)
        runs = known is not None and known.scene is scene and room.state_of(self.folder) is RoomState.RUNS
        return runs and httpx.get(f"{self.base}/health/live").status_code == httpx.codes.OK


def goes(person: Callable[..., Reader], practice: PracticeRoom, look: Look) -> None:
    """Plays the first night, and compares at its end. `person`: returns a browser of its own."""
    desk = person(viewport=DESKTOP)
    page = desk.go(practice.link.removeprefix(practice.base))
    look(page, "01-link")
    desk.press(page.locator("button[name=role][value=desk]"))
    page = desk.go("/practice/scenes/first_night")
    look(page, "02-task")
    case = _is_placed(desk, page, look)
    staff = person(viewport=PHONE, has_touch=True, is_mobile=True)
    hold, email = _asked(desk, case)
    enters(staff, practice, email)
    says_yes(staff, case, look, "04-shelter")
    trainer = person(viewport=DESKTOP)
    enters(trainer, practice, "coordinator")
    _moves_the_clock(trainer, look)
    _arrives(staff, hold)
    look(trainer.go("/practice/messages"), "06-messages")
    page = trainer.go("/practice/scenes/first_night?after=true")
    expect(page.locator("tbody tr .quiet")).to_have_count(0)
    look(page, "07-compared")


def enters(one: Reader, practice: PracticeRoom, who: str) -> Page:
    page = one.go(practice.link.removeprefix(practice.base))
    if "@" in who:
        value = page.locator("option", has_text=who).get_attribute("value")
        page.locator("select[name=role]").select_option(value)
        one.press(page.locator("form:has(select[name=role]) button"))
    else:
        one.press(page.locator(f"button[name=role][value={who}]"))
    expect(page.locator("form[action='/sign-out']")).to_have_count(1)
    return page


def _is_placed(desk: Reader, page: Page, look: Look) -> str:
    """Rings back, accepts and places. Returns the reference of the case."""
    sent = page.locator("dd a").inner_text()
    page = desk.go(f"/received/{sent}")
    page.locator("[name=number]").fill(NUMBER)
    desk.press(page.locator("button[name=knows][value=yes]"))
    desk.press(page.locator(f"form[action='/received/{sent}/accept'] button"))
    expect(page).to_have_url(re.compile("/edit$"))
    desk.press(page.locator("#filling button[name=then][value=open]:not(.unseen)"))
    expect(page).to_have_url(re.compile(r"/registrations/R-[^/]+(/links)?$"))
    case = re.findall(r"R-[^/]+", page.url)[0]
    page = desk.go(f"/registrations/{case}")
    desk.press(page.get_by_role("button", name=desk.word("Find a place")))
    expect(page.locator("#decide")).to_be_visible()
    look(page, "03-desk")
    desk.press(page.locator("form:has(input[name=decision][value=accept]) button"))
    expect(page.locator("#why")).to_be_visible()
    return case


def _asked(desk: Reader, case: str) -> tuple[str, str]:
    """Returns the hold of the case, and the address of the staff of the shelter that is asked."""
    found = desk.page.request.get("/api/v1/holds?limit=200").json()["items"]
    [held] = [one for one in found if one["registration"] == case]
    return held["id"], f"staff-{held['unit'].split('-')[0].lower()}@placement.example"


def _moves_the_clock(trainer: Reader, look: Look) -> None:
    page = trainer.go("/practice")
    trainer.press(page.locator("button[name=hours][value='1']"))
    expect(page.locator("[hx-get]")).to_be_visible()
    look(page, "05-clock")
    expect(page.locator("button[name=hours][value='1']")).to_be_visible(timeout=LONG_MS)


def _arrives(staff: Reader, hold: str) -> None:
    page = staff.go("/holds")
    staff.press(page.locator(f"form[action='/holds/{hold}/arrive'] button"))
    expect(page).to_have_url(re.compile("/stays$"))
