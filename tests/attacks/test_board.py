"""An attacker with the key of a coordinator, who reads the capacity of the country, finds no client of other regions.

The attacker polls the board and knows within five minutes when each client was placed, or reads the history and knows
the day. With the key of the desk, which sees every unit by name, the same attacker finds them.
"""

from datetime import timedelta
from random import Random

import pytest

from tests.support.attacks.board import Board
from tests.support.proof import FULL

CLIENTS = 110 if FULL else 20


@pytest.fixture
def country(stores):
    return stores.make("national")


@pytest.fixture
def board(service):
    made = Board(service, service.coordinator.software, service.desk.software, Random(1))
    made.empty_beds(0.8)
    return made


@pytest.mark.wide
def test_polls_find_no_client_better_than_by_beds(board):
    for _ in range(CLIENTS):
        board.place()
        board.pass_by(timedelta(minutes=board.draws.randint(20, 100)))
    board.pass_by(timedelta(hours=3))
    assert board.hits(board.guesses_at_the_desk).one > 0.9 * len(board.placed), "the attacker does not know how to win"
    assert board.hits(board.guesses_by_polls).is_no_better_than(board.hits(lambda _: board.by_beds()))


@pytest.mark.wide
def test_history_finds_no_client_better_than_by_beds(board, service):
    service.moment.pass_by(days=1)
    for _ in range(CLIENTS):
        board.place()
        service.moment.pass_by(hours=board.draws.randint(2, 12))
    service.moment.pass_by(days=7)
    public = board.hits(lambda _: board.by_beds())
    assert board.hits(board.guesses_by_history(board.reads_all)).one > public.one, "it does not know how to win"
    assert board.hits(board.guesses_by_history(board.reader)).is_no_better_than(public)
