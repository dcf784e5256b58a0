"""A client who lived in a place, and lost it, is sought for at once: what was asked for before counts no more."""

from placement.tasks.task import TaskKind
from tests.support import task_board
from tests.support.moving_client import ask, moving
from tests.support.town import DESK


def searches(town):
    tasks = town.do(task_board.board).tasks
    return [(one.registration, one.cause) for one in tasks if one.kind is TaskKind.SEARCH_AGAIN]


def leaves(town, stay):
    town.later(minutes=1)
    town.end(stay, "wants_to_leave")


def declines(town, client):
    town.later(minutes=1)
    town.decline(town.propose(client), "declines_place")


def test_moving_client_that_declines_and_leaves_is_sought_for(town):
    client, stay = moving(town)
    declines(town, client)
    leaves(town, stay)
    assert searches(town) == [(client, "wants_to_leave")]
    declines(town, client)
    assert searches(town) == []


def test_client_taken_over_that_declines_and_leaves_is_sought(town):
    stay = town.take_over("U4-crisis", "R5", ago=3)
    client = town.one("stay", stay).registration_id
    ask(town, client, actor=DESK)
    declines(town, client)
    leaves(town, stay)
    assert searches(town) == [(client, "wants_to_leave")]


def test_client_with_next_place_given_back_is_sought_for(town):
    client, stay = moving(town)
    town.later(minutes=1)
    town.release(town.hold_in(client, "U1-women"))
    leaves(town, stay)
    assert searches(town) == [(client, "wants_to_leave")]


def test_client_with_a_place_that_the_desk_gives_back_is_not(town):
    client, stay = moving(town)
    leaves(town, stay)
    town.later(minutes=1)
    town.release(town.hold_in(client, "U1-women"))
    assert searches(town) == []
