"""Connections to the database are cut at each point of a transaction: no acknowledged write is lost or done twice.

The service goes on by itself. At full size 1,000 cuts, one in seven by the server; back within ten seconds.
"""

from contextlib import closing
from itertools import cycle, islice
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.support.acknowledged import BACK_WITHIN_SECONDS, Client, Writers, assert_each_once
from tests.support.cutting_proxy import CuttingProxy, Point
from tests.support.proof import FULL
from tests.support.service_process import Service, environment_for
from tests.support.stores import new_database

ENDED = "the server ends every connection"
FAULTS = (*Point, ENDED)
CUTS = 1_000 if FULL else 70


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
    with closing(Client(service)) as client:
        assert_each_once(service, client, writers.acknowledged)
    if cuts == CUTS:
        with capsys.disabled():
            print(f"\n{cuts} cuts, {len(writers.acknowledged)} writes; back after {max(took):.1f} s at most")  # noqa: T201
        assert max(took) <= BACK_WITHIN_SECONDS
