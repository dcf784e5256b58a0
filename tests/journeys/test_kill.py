"""A service that is killed at random points: no acknowledged write is lost, or done twice by a repetition.

Nor is there an act without its line in the log, or a line without its act.
"""

import random
import threading
import time
from contextlib import closing

import pytest

from tests.support.acknowledged_writes import Client, assert_each_once
from tests.support.ledger import Ledger, commit
from tests.support.proof import FULL

PATIENCE = 600.0
"""Seconds: on a busy machine it is killed several times before it comes to an answer."""
KILLS, AT_ONCE = (200, 25) if FULL else (10, 10)


@pytest.mark.parametrize(
    "kills", [pytest.param(1, marks=pytest.mark.wide), pytest.param(KILLS, marks=pytest.mark.long)]
)
def test_killed_service_loses_or_doubles_no_acknowledged_write(kills, service, stores):
    """A kill that passed at this commit is not done again: `make prove` can be ended and taken up."""
    passed = Ledger(f"kill_service-{stores.kind}", commit() if kills == KILLS else None)
    acknowledged = []
    with closing(Client(service, PATIENCE)) as client:
        while numbers := passed.left(range(kills), AT_ONCE):
            register_under_kills(service, client, numbers, acknowledged)
            assert_each_once(service, client, acknowledged)
            passed.add(numbers)


def register_under_kills(service, client, numbers, acknowledged):
    chance, done = random.Random(numbers[0]), threading.Event()

    def kill_and_start_again() -> None:
        for _ in numbers:
            time.sleep(chance.uniform(0.1, 0.6))
            service.kill()
            service.start()
        done.set()

    killer, wanted = threading.Thread(target=kill_and_start_again), len(acknowledged) + len(numbers)
    killer.start()
    while not done.is_set() or len(acknowledged) <= wanted:
        number = len(acknowledged)
        acknowledged.append((f"number {number}", client.register(number)))
    killer.join()
