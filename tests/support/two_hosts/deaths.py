"""How a host dies while clients write, and what the other host does: the steps of the trial under faults."""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from itertools import count
from typing import Self

from placement.core import clock
from tests.support.acknowledged_writes import assert_each_once
from tests.support.outages import until
from tests.support.two_hosts.database import NAME as DATABASE
from tests.support.two_hosts.host import Host
from tests.support.two_hosts.pair import Pair
from tests.support.two_hosts.people import PatientClient, Person
from tests.support.two_hosts.table import Table

HOLDER = "tests.support.two_hosts.holder"
_CLIENTS, _PATIENCE, _PAUSE_SECONDS = 4, 120.0, 0.2
_READS_FOR_SECONDS = 60.0


def killed(pair: Pair, host: Host) -> None:
    """Every process of the host ends at once."""
    _ = pair
    host.kill()


def cut(pair: Pair, host: Host) -> None:
    """The cable of the host is taken away."""
    pair.net.cut(host.name)


def silent(pair: Pair, host: Host) -> None:
    """Every packet of the host is lost, and each connection hangs."""
    pair.net.lose(host.name)


def without_database(pair: Pair, host: Host) -> None:
    """The host answers its clients, and its packets to the database are lost."""
    pair.net.part(host.name, DATABASE)


Death = Callable[[Pair, Host], None]
DEATHS: tuple[Death, ...] = (cut, silent, without_database, killed)


def _revive(pair: Pair, host: Host, death: Death) -> None:
    if death is killed:
        host.start()
    elif death is without_database:
        pair.net.join_again(host.name, DATABASE)
    else:
        pair.net.plug_in(host.name)


class HostWriters:
    """Signed-in clients that register one after another, half of them first at each host. `acknowledged`: each alias
    with its reference, of all rounds.
    """

    def __init__(self, pair: Pair, person: Person) -> None:
        self.acknowledged: list[tuple[str, str]] = []
        self._pair, self._person, self._numbers = pair, person, count()
        self._wrong: list[str] = []
        self._end = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._end.clear()
        ways = [self._pair.hosts, self._pair.hosts[::-1]]
        self._threads = [threading.Thread(target=self._write, args=[ways[at % 2]]) for at in range(_CLIENTS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()
        assert self._wrong == []

    def client(self, hosts: list[Host]) -> PatientClient:
        return PatientClient(self._person, hosts, _PATIENCE)

    def _write(self, hosts: list[Host]) -> None:
        try:
            with closing(self.client(hosts)) as client:
                while not self._end.wait(_PAUSE_SECONDS):
                    self._register(client)
        except BaseException as error:
            self._wrong.append(repr(error))
            raise

    def _register(self, client: PatientClient) -> None:
        number = next(self._numbers)
        self.acknowledged.append((f"number {number}", client.register(number)))

    def register_first_at(self, *hosts: Host) -> None:
        """Registers a client at the first of these hosts that answers."""
        with closing(self.client(list(hosts))) as client:
            self._register(client)

    def lost(self) -> set[str]:
        """Returns the acknowledged references that are not in the database."""
        stored = {name for (name,) in self._pair.sql("SELECT id FROM registration")}
        return {reference for _, reference in self.acknowledged} - stored

    def some_more(self) -> None:
        """Waits until the clients have registered some more."""
        wanted = len(self.acknowledged) + 2 * _CLIENTS
        until(lambda: len(self.acknowledged) >= wanted or self._wrong, self._pair.logs)


def hold_the_log(host: Host) -> None:
    """Lets a process of the host hold the locks of the log in an open transaction, as an act does at its end."""
    held = host.run(HOLDER)
    assert held.stdout is not None
    assert held.stdout.readline() == "holds\n"


def dies(pair: Pair, table: Table, death: Death, host: Host, writers: HostWriters) -> float:
    """A host dies under load, with the locks of the log in its hands, and comes back. Returns the seconds until a new
    write was acknowledged.
    """
    [other] = [one for one in pair.hosts if one is not host]
    name = f"{host.name.upper()} {death.__name__.replace('_', ' ')}"
    first = time.monotonic()
    with writers:
        writers.some_more()
        hold_the_log(host)
        began, at = time.monotonic(), clock.now()
        death(pair, host)
        writers.register_first_at(host, other)
        took = time.monotonic() - began
        table.add(f"{name}: until a new write is acknowledged", took)
        until(lambda: jobs_ran_since(pair, at), pair.logs)
        table.add(f"{name}: until jobs run again", time.monotonic() - began)
        writers.some_more()
        began = time.monotonic()
        _revive(pair, host, death)
        writers.register_first_at(host)
        until(host.is_ready, host.log)
        table.add(f"{name}: until the host is back", time.monotonic() - began)
        writers.some_more()
    table.add(f"{name}: writes until now", time.monotonic() - first, len(writers.acknowledged), len(writers.lost()))
    return took


def all_is_there(pair: Pair, table: Table, writers: HostWriters) -> None:
    """Checks that each acknowledged write is stored once, with a single line in the log."""
    client = PatientClient(pair.person("desk-1"), pair.hosts, _PATIENCE, _READS_FOR_SECONDS)
    with closing(client), table.step("each acknowledged write is read once, and the log has a line for each"):
        assert_each_once(pair, client, writers.acknowledged)


def jobs_ran_since(pair: Pair, at: datetime) -> bool:
    """Checks whether the job of five seconds has run for a slot after this moment."""
    return pair.sql("SELECT count(*) > 0 FROM jobrun WHERE job = 'tell_of_tasks' AND slot > %s", at) == [(True,)]
