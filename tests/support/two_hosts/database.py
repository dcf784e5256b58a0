"""A PostgreSQL that listens at an address of a network namespace."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.support.outages import until
from tests.support.postgres_server import server_library
from tests.support.programs import program
from tests.support.two_hosts.network import Network

NAME = "database"
_PORT, _ENDS_WITHIN_SECONDS = 5432, 60


class Server:
    """`beside`: the address by its socket, which no network reaches. `url`: the address in the network."""

    def __init__(self, net: Network, folder: Path) -> None:
        self._net, self._folder = net, folder
        self._made = server_library(folder).get_server(folder / "data", cleanup_mode=None, start=False)
        self._made.ensure_pgdata_inited()
        with (folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {net.block} trust\n")
        self.beside = f"postgresql://postgres@/postgres?host={folder / 'data'}"
        self.url = f"postgresql://postgres@{net.address(NAME)}:{_PORT}/postgres"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        data = self._folder / "data"
        options = ["-h", self._net.address(NAME), "-p", str(_PORT), "-k", str(data), "-c", "max_connections=200"]
        user = [program("runuser"), "-u", str(self._made.system_user), "--"]
        words = [*user, str(self._made.bin_path / "postgres"), "-D", str(data), *options]
        with (self._folder / "log").open("a") as log:
            self._process = subprocess.Popen(self._net.command(NAME, *words), stdout=log, stderr=log)
        until(self._answers, (self._folder / "log").read_text)

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.beside, autocommit=True) as connection:
                return connection.execute("SELECT true").fetchone() is not None
        except psycopg.OperationalError:
            return False

    def stop(self) -> None:
        """Ends the server at once, as nobody needs its data any more."""
        if self._process is not None:
            main = (self._folder / "data" / "postmaster.pid").read_text().split()[0]
            os.kill(int(main), signal.SIGQUIT)
            self._process.wait(_ENDS_WITHIN_SECONDS)


@contextmanager
def database(net: Network, folder: Path) -> Iterator[Server]:
    """Yields a server in a namespace of its own. `folder`: outside pytest's own, as the server is another user."""
    net.join(NAME)
    folder.mkdir(mode=0o700, exist_ok=True)
    made = Server(net, folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
