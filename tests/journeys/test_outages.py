"""The database goes and comes, processes are killed: the service waits, reports it, and recovers by itself."""

import ctypes
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import httpx
import psutil
import pytest

from tests.support.outages import PATIENCE, command, family, is_alive, own_server, until, workers_of
from tests.support.ports import free_port
from tests.support.postgres_server import Postgres
from tests.support.service_process import Service, environment_for
from tests.support.stores import OPERATOR, new_database

WITHOUT_PASSKEYS = {"PLACEMENT_WEBAUTHN": "off"}  # they need the address of the service


class Real(Service):
    """`placement serve` without --demo, with two workers by default."""

    def launch(self, workers: int = 2, *options: str) -> "subprocess.Popen[bytes]":
        serve = ["serve", "--port", str(self.port), "--workers", str(workers), *options]
        with self._log.open("a") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "placement", *serve],
                env=self.environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        return self._process

    def run(self, *command: str) -> None:
        subprocess.run([sys.executable, "-m", "placement", *command], env=self.environment, check=True)

    def ready(self) -> tuple[int, dict[str, str]]:
        """Returns the status and the words; 0 if nobody answers."""
        try:
            answer = httpx.get(f"{self.base}/health/ready", headers=OPERATOR, timeout=PATIENCE)
        except httpx.TransportError:
            return 0, {}
        return answer.status_code, answer.json()

    def until(self, status: int) -> dict[str, str]:
        return until(lambda: self.ready()[1] if self.ready()[0] == status else None, self.log)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with own_server() as made:
        yield made


@pytest.fixture
def service(postgres, tmp_path) -> Iterator[Real]:
    postgres.start()  # a test that failed left it stopped
    made = Real(tmp_path, {**environment_for(new_database(postgres.url)), **WITHOUT_PASSKEYS})
    made.run("keys", "new")
    yield made
    if made._process is not None and made._process.poll() is None:
        made.stop()


@pytest.fixture
def alone(tmp_path) -> Iterator[Real]:
    """On SQLite."""
    made = Real(tmp_path, {**environment_for(), **WITHOUT_PASSKEYS})
    made.run("keys", "new")
    made.run("migrate")
    yield made
    if made._process is not None and made._process.poll() is None:
        made.stop()


@pytest.fixture
def migrated(service):
    service.run("migrate")
    return service


@pytest.mark.wide
def test_serve_database_away_at_start_waits_and_comes_back(migrated, postgres):
    postgres.stop()
    process = migrated.launch()
    said = migrated.until(503)
    assert said == {"database": "away: nobody listens there"}
    with closing(httpx.Client(base_url=migrated.base, headers={"Accept-Language": "nl"})) as client:
        assert client.get("/health/live").json() == {"status": "live"}
        answer = client.get("/api/v1/session")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.json()["type"] == "urn:placement:problem:database_away"
        assert "niet bereikbaar" in answer.json()["detail"]
    assert process.poll() is None
    postgres.start()
    assert migrated.until(200)["database"] == "ok"
    assert httpx.get(f"{migrated.base}/api/v1/session").status_code == 401
    assert postgres.url not in migrated.log()


@pytest.mark.wide
def test_serve_database_away_and_worker_killed_comes_back(migrated, postgres):
    process = migrated.launch()
    migrated.until(200)
    postgres.stop()
    migrated.until(503)
    for _ in range(3):  # of one slot or another, within seconds: what ends the web server
        worker = workers_of(process.pid)[0]
        worker.kill()
        until(lambda gone=worker: not is_alive(gone))
        migrated.until(503)
    assert process.poll() is None
    postgres.start()
    assert migrated.until(200)["database"] == "ok"
    assert "Traceback" not in migrated.log()


@pytest.mark.wide
def test_serve_database_comes_back_not_migrated_ends_and_says_so(service, postgres):
    postgres.stop()
    process = service.launch()
    service.until(503)
    postgres.start()
    assert process.wait(PATIENCE) == 1
    assert "placement: the database has no tables" in service.log()


@pytest.mark.wide
def test_serve_sigterm_to_another_thread_ends_the_service(migrated):
    process = migrated.launch()
    migrated.until(200)
    other = max(thread.id for thread in psutil.Process(process.pid).threads())
    assert other != process.pid
    assert ctypes.CDLL(None).tgkill(process.pid, other, signal.SIGTERM) == 0
    assert process.wait(PATIENCE) == 0


@pytest.mark.wide
def test_serve_main_killed_nothing_is_left_and_port_is_free(migrated):
    process = migrated.launch()
    migrated.until(200)
    below = family(process.pid)
    started = " ".join(part for one in below for part in one.cmdline())
    assert all(name in started for name in ("serve", "scheduler", "placement.solver.engine_process"))
    process.kill()
    process.wait()
    until(lambda: not any(map(is_alive, below)), migrated.log)
    with socket.create_server(("127.0.0.1", migrated.port)):
        """Nobody listens there any more."""


def engines_below(pid: int) -> list[psutil.Process]:
    return [one for one in family(pid) if "placement.solver.engine_process" in command(one)]


@pytest.mark.wide
def test_engines_are_the_machine_s_and_come_again(alone):
    """Their number does not depend on the web processes; a killed engine comes again with a web process that asks."""
    alone.environment["PLACEMENT_ENGINES"] = "3"
    process = alone.launch(workers=1)
    alone.until(200)
    engines = until(lambda: len(engines_below(process.pid)) == 3 and engines_below(process.pid))
    [web] = workers_of(process.pid)
    assert {one.ppid() for one in engines} == {process.pid}
    web.kill()
    until(lambda: web not in workers_of(process.pid) and workers_of(process.pid))
    alone.until(200)
    assert engines_below(process.pid) == engines
    alone.stop()
    assert not any(map(is_alive, engines))


@pytest.mark.wide
def test_liveness_beside_fails_while_a_worker_hangs(migrated):
    """A stopped process accepts connections without an answer."""
    port = free_port()

    def live(status):
        answer = httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=PATIENCE)
        return answer.json() if answer.status_code == status else None

    process = migrated.launch(2, "--health-port", str(port))
    migrated.until(200)
    assert until(lambda: live(200), migrated.log) == {"status": "live"}
    hanging = workers_of(process.pid)[0]
    hanging.suspend()
    assert until(lambda: live(503)) == {"status": "not live", "going_on": 1, "of": 2}
    hanging.resume()
    assert until(lambda: live(200))
    hanging.kill()
    until(lambda: hanging not in workers_of(process.pid))
    until(lambda: f'"process": {hanging.pid}, "code": -9, "event": "server.process_ended"' in migrated.log())
    assert until(lambda: live(200))
    migrated.stop()
    assert process.returncode == 0
    with socket.create_server(("127.0.0.1", port)):
        """Nobody listens there any more."""


@pytest.mark.wide
def test_serve_health_port_in_use_is_refused(alone):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert alone.launch(1, "--health-port", port).wait(PATIENCE) == 1
    assert f"cannot listen at 127.0.0.1:{port}" in alone.log()


@pytest.mark.wide
def test_serve_worker_killed_twice_at_once_begins_again(alone):
    """The two kills end the web server: it is begun again, and still stops by its signal."""
    process = alone.launch(workers=1)
    alone.until(200)
    [first] = workers_of(process.pid)
    first.kill()
    [second] = until(lambda: [one for one in workers_of(process.pid) if one != first])
    second.kill()
    until(lambda: "server.crash_loop" in alone.log(), alone.log)
    alone.until(200)
    assert process.poll() is None
    alone.stop()
    assert process.returncode == 0
