"""The cost of the board: its statements do not grow in number with the clients whose place breaks a rule."""

import pytest

from bench.pages import counted
from placement.core.reason_codes import ChangeReason
from placement.placements.stays import fact_changes
from placement.registrations.case import PointInput, ThreatInput
from placement.shelters import register
from tests.support import task_board
from tests.support.town import COORDINATOR, DESK

ACTORS = DESK, COORDINATOR
NEAR = [ThreatInput(PointInput(place="Alkmaar"), 10)]


def statements(town, actor):
    town.do(task_board.board, actor=actor)  # what is looked up once
    with counted(town.database) as counts:
        found = town.do(task_board.board, actor=actor).tasks
    return counts["statements"], sum(task.kind.value == "breaks_rule" for task in found)


def endangered(town, case):
    """A danger near the place becomes known."""
    version, why = town.registration(case).version, {"reason": ChangeReason.NEW_DANGER, "confirm": True}
    town.do(fact_changes.change, case, version, {}, threats=NEAR, **why)


def lives(town):
    case = town.register()
    town.house(case, "U1-women")
    endangered(town, case)


def awaited(town):
    case = town.register()
    town.confirm(town.hold_in(case, "U1-women"))
    endangered(town, case)


def kept_far(town):
    """Far from the danger when it was decided."""
    case = town.register(parts={"threats": [ThreatInput(PointInput(place="Zwolle"), 10)]})
    town.confirm(town.hold_in(case, "U1-women"))


def move(town, near):
    """Moves the location elsewhere in the register."""
    town.later(minutes=5)
    town.do(register.change_location, "L1", town.one("location", "L1").version, {}, PointInput(place=near))
    town.later(minutes=5)


@pytest.mark.wide
@pytest.mark.parametrize("broken", [lives, awaited])
def test_board_of_broken_places_does_not_grow_with_them(town, broken):
    broken(town)
    one = [statements(town, actor) for actor in ACTORS]
    for _ in range(2):
        broken(town)
    many = [statements(town, actor) for actor in ACTORS]
    assert [told for _, told in (*one, *many)] == [1, 1, 3, 3]
    assert [taken for taken, _ in many] == [taken for taken, _ in one]


@pytest.mark.wide
def test_board_of_moved_kept_places_does_not_grow_with_them(town):
    kept_far(town)
    move(town, "Zwolle")
    one = [statements(town, actor) for actor in ACTORS]
    move(town, "Alkmaar")
    for _ in range(2):
        kept_far(town)
    move(town, "Zwolle")
    many = [statements(town, actor) for actor in ACTORS]
    assert [told for _, told in (*one, *many)] == [1, 1, 3, 3]
    assert [taken for taken, _ in many] == [taken for taken, _ in one]
