"""The service is killed at random points: no acknowledged write is lost, and none is done twice by a repetition.

Nor is there an act without its line in the log, or a line without its act.
"""

import random
import threading
import time
from contextlib import closing

import pytest

from tests.support.acknowledged import Client, assert_each_once
from tests.support.proof import FULL

KILLS = 200 if FULL else 10


@pytest.mark.parametrize(
    "kills", [pytest.param(1, marks=pytest.mark.wide), pytest.param(KILLS, marks=pytest.mark.long)]
)
def test_killed_service_loses_or_doubles_no_acknowledged_write(kills, service):
    chance = random.Random(kills)
    done = threading.Event()

    def kill_and_start_again() -> None:
        for _ in range(kills):
            time.sleep(chance.uniform(0.1, 0.6))
            service.kill()
            service.start()
        done.set()

    killer = threading.Thread(target=kill_and_start_again)
    acknowledged = []
    with closing(Client(service)) as client:
        killer.start()
        while not done.is_set() or len(acknowledged) <= kills:
            number = len(acknowledged)
            acknowledged.append((f"number {number}", client.register(number)))
        killer.join()
        assert_each_once(service, client, acknowledged)
