"""The state of a practice room while its keeper takes a request, and the steps of its clock."""

from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from placement.core import version
from placement.core.codes import DecisionKind
from placement.core.practice_codes import RoomState, SceneCode
from placement.practice import clock_moves, room
from placement.practice.room import Asked, Room
from placement.storage.database import Database

TEN = datetime(2026, 12, 8, 9, tzinfo=UTC)


def a_room(state=RoomState.RUNS, until=None):
    address = "http://127.0.0.1:8001"
    return Room(address=address, version=version.shown(), state=state, scene=SceneCode.RAID, began_at=TEN, until=until)


def test_room_moves_while_its_keeper_takes_the_request(tmp_path, monkeypatch):
    until = TEN + timedelta(hours=8)
    room.put(tmp_path, a_room())
    room.ask(tmp_path, Asked(until=until))

    def is_kept(folder):
        room.put(folder, a_room(RoomState.MOVING, until))
        room.forget_request(folder)
        return True

    monkeypatch.setattr(room, "is_kept", is_kept)
    assert [room.state_of(tmp_path) for _ in range(2)] == [RoomState.MOVING] * 2


@pytest.mark.wide
def test_short_steps_begin_with_a_hold_and_end_with_its_answer(town):
    with closing(Database.open(town.settings)) as database:
        waits = [clock_moves._does_a_hold_wait(database)]
        held = town.hold_of(town.decide(town.propose(town.register()), DecisionKind.ACCEPT).id)
        waits.append(clock_moves._does_a_hold_wait(database))
        town.confirm(held.id)
        waits.append(clock_moves._does_a_hold_wait(database))
    assert waits == [False, True, False]
