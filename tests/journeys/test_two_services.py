"""Two services on a machine: the second is refused with the folder of the first, and disturbs nothing with its own."""

from contextlib import contextmanager, suppress
from threading import Event, Thread

import httpx
import pytest

from tests.support.api.processes import client_of, person_of, serving
from tests.support.api.service import somebody
from tests.support.outages import until
from tests.support.stores import OPERATOR, one_store

DESK = "desk-1@placement.example"
on_postgresql = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)


def ready(base):
    found = httpx.get(f"{base}/health/ready", headers=OPERATOR, timeout=60).json()
    return {name: found[name] for name in ("engine", "liveness")}


def is_well(base):
    """Each web process is heard within a second of its start."""
    return until(lambda: ready(base) == {"engine": "ok", "liveness": "ok"}, lambda: str(ready(base)))


def propose(base, country):
    """Requires a proposal of the engine for a new client; on a busy machine the first proposals may only be late."""
    with person_of(base, country, DESK) as desk:
        made = desk.post("/registrations", json=somebody())
        assert made.is_success, made.text
        proposals = f"/registrations/{made.json()['id']}/proposals"

        def engine():
            answer = desk.post(proposals)
            assert answer.is_success or answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
            return answer.is_success and answer.json()["engine"]["status"] != "degraded"

        until(engine, lambda: str(ready(base)))


@contextmanager
def load(base, country):
    """Two clients that read lists without a pause."""
    end = Event()

    def read():
        with client_of(base, country.key_of("desk")) as client:
            while not end.is_set():
                with suppress(httpx.TimeoutException):
                    client.get("/registrations")

    threads = [Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        end.set()
        for thread in threads:
            thread.join()


def both(country, folder, workers):
    """The first goes on as before: when the second is refused, while it runs beside it, and after it stopped."""
    other, var = folder / "other", folder / "var"
    other.mkdir()
    with serving(country, folder, workers) as first:
        is_well(first)
        with load(first, country):
            with (
                pytest.raises(AssertionError, match=r"runs with the folder .*PLACEMENT_RUN"),
                serving(country, other, workers, more={"PLACEMENT_VAR": str(var)}),
            ):
                pass
            propose(first, country)
            with serving(
                country, other, workers, more={"PLACEMENT_VAR": str(var), "PLACEMENT_RUN": str(other)}
            ) as second:
                is_well(second)
                propose(second, country)
            propose(first, country)
            is_well(first)
            assert {oct(path.lstat().st_mode & 0o077) for path in (var, *var.rglob("*"))} == {"0o0"}


@pytest.mark.wide
@one_store
def test_second_service_takes_nothing_from_the_first(country, tmp_path):
    both(country, tmp_path, 1)


@pytest.mark.wide
@on_postgresql
def test_second_group_of_four_processes_takes_nothing(country, tmp_path):
    both(country, tmp_path, 4)
