"""Cut connections to the database, at each point of a transaction: no acknowledged write is lost or done twice.

The service goes on by itself. At full size 1,000 cuts, a seventh of them by the server; back within ten seconds.
"""

from contextlib import closing, contextmanager
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.support.acknowledged_writes import BACK_WITHIN_SECONDS, Client, Writers, assert_each_once
from tests.support.cutting_proxy import CuttingProxy, Point
from tests.support.ledger import Ledger, commit
from tests.support.proof import FULL
from tests.support.service_process import Service, environment_for
from tests.support.stores import new_database

ENDED = "the server ends every connection"
FAULTS = (*Point, ENDED)
CUTS, AT_ONCE = (1_000, 100) if FULL else (70, 70)


@contextmanager
def proxied(postgresql, folder):
    """A service that reaches its database through the proxy: the service, the proxy, and the way past it."""
    folder.mkdir()
    direct = new_database(postgresql)
    found = urlsplit(direct)
    where, name = parse_qs(found.query)["host"][0], found.path.removeprefix("/")
    with closing(CuttingProxy(f"{where}/.s.PGSQL.5432")) as proxy:
        through = f"postgresql://postgres@127.0.0.1:{proxy.port}/{name}?sslmode=disable&gssencmode=disable"
        service = Service(folder, environment_for(through))
        service.start()
        try:
            yield service, proxy, direct
        finally:
            service.stop()


def end_connections(direct):
    """Ends all connections but its own, as an administrator or a restart of the server would."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = %s"
    with psycopg.connect(direct, autocommit=True) as connection:
        connection.execute(others, (connection.info.dbname,))


@pytest.mark.parametrize(
    "cuts", [pytest.param(len(FAULTS), marks=pytest.mark.wide), pytest.param(CUTS, marks=pytest.mark.long)]
)
def test_cut_connection_loses_or_doubles_no_acknowledged_write(cuts, postgresql, tmp_path, capsys):
    """A cut that passed at this commit is not done again: `make prove` can be ended and taken up."""
    passed = Ledger("cuts", commit() if cuts == CUTS else None)
    while numbers := passed.left(range(cuts), AT_ONCE):
        took = []
        with proxied(postgresql, tmp_path / str(numbers[0])) as (service, proxy, direct):
            with Writers(service) as writers:
                writers.go_on()
                for number in numbers:
                    fault = FAULTS[number % len(FAULTS)]
                    if fault == ENDED:
                        end_connections(direct)
                    else:
                        proxy.cut(fault)
                    took.append(writers.go_on())
            with closing(Client(service)) as client:
                assert_each_once(service, client, writers.acknowledged)
        if cuts == CUTS:
            with capsys.disabled():
                told = f"{len(numbers)} cuts, {len(writers.acknowledged)} writes"
                print(f"\n{told}; back after {max(took):.1f} s at most")  # noqa: T201
            assert max(took) <= BACK_WITHIN_SECONDS
        passed.add(numbers)
