"""Connections to the database are cut at each point of a transaction: no acknowledged write is lost or done twice.

The service goes on by itself. At full size 1,000 cuts, one in seven by the server; back within ten seconds.
"""

import threading
import time
from contextlib import closing
from itertools import count, cycle, islice
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.support.acknowledged import PATIENCE, Client, assert_each_once
from tests.support.cutting_proxy import CuttingProxy, Point
from tests.support.proof import FULL
from tests.support.service_process import Service, environment_for
from tests.support.stores import new_database

ENDED = "the server ends every connection"
FAULTS = (*Point, ENDED)
CUTS = 1_000 if FULL else 70
BACK_WITHIN_SECONDS = 10.0
CLIENTS = 4


class Writers:
    """Clients that register one after another, each again until it is answered."""

    def __init__(self, service):
        self.acknowledged, self._service = [], service
        self._numbers, self._end, self._wrong = count(), threading.Event(), []
        self._changed = threading.Condition()
        self._threads = [threading.Thread(target=self._write) for _ in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join()
        assert self._wrong == []

    def _write(self):
        try:
            with closing(Client(self._service.base, self._service.token("desk"))) as client:
                while not self._end.is_set():
                    number = next(self._numbers)
                    made = client.register(number)
                    with self._changed:
                        self.acknowledged.append((f"number {number}", made))
                        self._changed.notify_all()
        except BaseException as error:
            self._wrong.append(repr(error))
            raise

    def go_on(self):
        """Waits until a write that begins now is acknowledged; how long that took."""
        began, least = time.monotonic(), len(self.acknowledged) + CLIENTS + 1
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.acknowledged) >= least or self._wrong, PATIENCE)
        return time.monotonic() - began


@pytest.fixture
def proxied(postgresql, tmp_path):
    """A service that reaches its database through the proxy: the service, the proxy, and the way past it."""
    direct = new_database(postgresql)
    found = urlsplit(direct)
    folder, name = parse_qs(found.query)["host"][0], found.path.removeprefix("/")
    with closing(CuttingProxy(f"{folder}/.s.PGSQL.5432")) as proxy:
        through = f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}?sslmode=disable&gssencmode=disable"
        service = Service(tmp_path, environment_for(through))
        service.start()
        yield service, proxy, direct
        service.stop()


def end_connections(direct):
    """All but this one, as an administrator or a restart of the server would."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = %s"
    with psycopg.connect(direct, autocommit=True) as connection:
        connection.execute(others, (connection.info.dbname,))


@pytest.mark.parametrize(
    "cuts", [pytest.param(len(FAULTS), marks=pytest.mark.wide), pytest.param(CUTS, marks=pytest.mark.long)]
)
def test_cut_connection_loses_or_doubles_no_acknowledged_write(cuts, proxied, capsys):
    service, proxy, direct = proxied
    took = []
    with Writers(service) as writers:
        writers.go_on()
        for fault in islice(cycle(FAULTS), cuts):
            if fault == ENDED:
                end_connections(direct)
            else:
                proxy.cut(fault)
            took.append(writers.go_on())
    with closing(Client(service.base, service.token("desk"))) as client:
        assert_each_once(service, client, writers.acknowledged)
    if cuts == CUTS:
        with capsys.disabled():
            print(f"\n{cuts} cuts, {len(writers.acknowledged)} writes; back after {max(took):.1f} s at most")  # noqa: T201
        assert max(took) <= BACK_WITHIN_SECONDS
