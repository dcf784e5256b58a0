"""The practice room as a process: whatever ends its keeper, nothing of the room is left running."""

from datetime import timedelta

import httpx
import pytest

from placement.core import clock
from placement.core.practice_codes import RoomState, SceneCode
from placement.practice import room
from placement.practice.room import Asked
from placement.text.catalogue import languages, translate
from tests.support.browser.practice_evening import PracticeRoom
from tests.support.outages import is_alive, until

pytestmark = pytest.mark.wide


def test_killed_keeper_leaves_no_process_and_starts_again(tmp_path):
    practice = PracticeRoom(tmp_path, {})
    with practice.kept(SceneCode.FIRST_NIGHT):
        link, below = practice.link, practice.kill()
        until(lambda: not any(map(is_alive, below)))
        assert practice.command("status").stdout.splitlines()[0] == RoomState.ABSENT
        assert "does not run" in practice.command("stop").stderr
    with practice.kept(SceneCode.FIRST_NIGHT):
        room.ask(practice.folder, Asked(until=clock.now() + timedelta(days=30)))
        practice.wait(lambda: practice.has("move"))
        below = practice.kill()
        until(lambda: not any(map(is_alive, below)))
    with practice.kept(SceneCode.RAID):
        known = room.room_in(practice.folder)
        assert (practice.link, known.state, known.scene) == (link, RoomState.RUNS, SceneCode.FIRST_NIGHT)
        room.ask(practice.folder, Asked(scene=SceneCode.EVACUATION))
        practice.wait(lambda: httpx.get(practice.base).status_code == httpx.codes.SERVICE_UNAVAILABLE)
        page = httpx.get(f"{practice.base}/events").text
        for word in ("mark", "banner", "making"):
            assert all(translate("practice", word, language) in page for language in languages())
