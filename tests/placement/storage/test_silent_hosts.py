"""A host whose network is lost keeps no lock of PostgreSQL, and notices that its connection is dead.

Without limits a lock lasts until the database ends the idle transaction, or the operating system gives up after hours.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from placement.storage.hash_chain import _LOCK
from tests.support.service_process import environment_for
from tests.support.two_hosts.database import Server, database
from tests.support.two_hosts.network import Network, network

PATIENCE, ENDS_WITHIN = 30, 120
"""Seconds: the longest wait of another for the lock, and for the end of the holder on a busy machine. Without limits
both take minutes: those of the settings are longer here.
"""


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with network() as made:
        made.join("host")
        yield made


@pytest.fixture(scope="module")
def server(net) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="placement-silent-") as folder, database(net, Path(folder)) as made:
        yield made


@pytest.mark.system
@pytest.mark.parametrize("state", ["idle", "busy"])
@pytest.mark.parametrize("loss", ["lose", "cut"])
def test_lock_of_a_lost_host_ends_and_the_host_notices(net, server, tmp_path, loss, state):
    environment = environment_for(server.url) | {
        "PLACEMENT_VAR": str(tmp_path),
        "PLACEMENT_IDLE_SECONDS": "600",
        "PLACEMENT_STATEMENT_SECONDS": "600",
    }
    words = net.command("host", sys.executable, "-m", "tests.support.two_hosts.holder", state)
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=environment, stdin=pipe, stdout=pipe, text=True) as holder:
        try:
            assert holder.stdout.readline() == "holds\n"
            getattr(net, loss)("host")
            with psycopg.connect(server.beside, options=f"-c lock_timeout={PATIENCE}s") as other:
                other.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            assert holder.communicate("\n", timeout=ENDS_WITHIN) == ("away\n", None)
        finally:
            holder.kill()
            net.plug_in("host")
