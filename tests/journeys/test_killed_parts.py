"""One part of the service is killed at random points, again and again: no acknowledged write is lost or done twice.

The others go on, and the part comes again by itself: a web process, the scheduler, the database. A main process that is
killed takes the others with it, and is started again as systemd does. At full size 200 each; back within ten seconds.
"""

import random
import time
from contextlib import closing, contextmanager

import pytest

from tests.support.acknowledged_writes import BACK_WITHIN_SECONDS, Client, Writers, assert_each_once
from tests.support.ledger import Ledger, commit
from tests.support.outages import command, family, is_alive, kill_server, own_server, until, workers_of
from tests.support.proof import FULL
from tests.support.service_process import Service, environment_for
from tests.support.stores import new_database

KILLS, AT_ONCE = (200, 25) if FULL else (5, 5)
BETWEEN_SECONDS = 6.0
"""Pause between kills of web processes: two deaths within 5.5 seconds end the web server (`test_outages.py`)."""
SCHEDULER_WITHIN_SECONDS = 180.0
SCHEDULER_AT_ONCE = 4
"""Of one service: a scheduler that dies again and again is begun again later each time, at most after a minute."""


@contextmanager
def killable(folder):
    folder.mkdir()
    with own_server() as postgres:
        service = Service(folder, environment_for(new_database(postgres.url)), workers=2)
        service.start()
        try:
            yield service, postgres
        finally:
            service.stop()


def kill_main(service, _):
    below = family(service.pid)
    service.kill_main()
    until(lambda: not any(map(is_alive, below)))
    service.start()


def kill_worker(service, _):
    time.sleep(BETWEEN_SECONDS)
    random.choice(until(lambda: workers_of(service.pid))).kill()


def kill_scheduler(service, _):
    def schedulers():
        return [one for one in family(service.pid) if "scheduler" in command(one)]

    until(schedulers, patience=SCHEDULER_WITHIN_SECONDS)[0].kill()


def kill_database(_, postgres):
    kill_server(postgres)


@pytest.mark.parametrize("kill", [kill_main, kill_worker, kill_scheduler, kill_database])
@pytest.mark.parametrize(
    "kills", [pytest.param(1, marks=pytest.mark.wide), pytest.param(KILLS, marks=pytest.mark.long)]
)
def test_killed_part_loses_or_doubles_no_acknowledged_write(kills, kill, tmp_path, capsys):
    """A kill that passed at this commit is not done again: `make prove` can be ended and taken up."""
    passed = Ledger(kill.__name__, commit() if kills == KILLS else None)
    while numbers := passed.left(range(kills), SCHEDULER_AT_ONCE if kill is kill_scheduler else AT_ONCE):
        took = []
        with killable(tmp_path / str(numbers[0])) as (service, postgres):
            with Writers(service) as writers:
                for _ in numbers:
                    time.sleep(random.uniform(0.1, 0.6))
                    kill(service, postgres)
                    took.append(writers.go_on())
            with closing(Client(service)) as client:
                assert_each_once(service, client, writers.acknowledged)
        if kills == KILLS:
            with capsys.disabled():
                told = f"{kill.__name__} {len(numbers)}: {len(writers.acknowledged)} writes"
                print(f"\n{told}; back in {max(took):.1f} s at most")  # noqa: T201
            assert max(took) <= BACK_WITHIN_SECONDS
        passed.add(numbers)
