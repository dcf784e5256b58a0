"""The service on a small disk that is really full: it reads, refuses writes with the cause, and does not die."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.service_process import Service, environment_for
from tests.support.small_disk import empty, fill, on_a_small_disk, small_disk
from tests.support.stores import OPERATOR

SIZE_MB, RESERVE_MB = 160, 8
PERSON = {"region": "den-haag", "registrant": "NP", "residence_basis": "reflection", "language_required": False}
PERSON |= {"persons": [{"gender": "female", "age": 30}]}


@pytest.fixture
def disk() -> Iterator[Path]:
    with small_disk(SIZE_MB) as folder:
        yield folder


@on_a_small_disk
@pytest.mark.wide
def test_serve_on_a_full_disk_reads_refuses_writes_and_lives(disk, demo):
    service = Service(disk, environment_for() | {"PLACEMENT_DISK_RESERVE_MB": str(RESERVE_MB)}, demo)
    service.start()
    headers = {"Authorization": f"Bearer {service.token('desk')}"}
    processes = psutil.Process(service._process.pid).children(recursive=True)
    with closing(httpx.Client(base_url=service.base, headers=headers, timeout=60)) as client:
        try:
            assert client.post("/api/v1/registrations", json=PERSON).status_code == 201
            fill(disk)
            assert [client.get("/api/v1/registrations").status_code for _ in range(20)] == [200] * 20
            refused = client.post("/api/v1/registrations", json=PERSON)
            assert (refused.status_code, "Retry-After" in refused.headers) == (507, False)
            fill(disk)  # the reserve, too
            after = {client.get("/api/v1/registrations").status_code for _ in range(40)}
            assert after <= {200, 507}
            assert client.get("/health/live").status_code == 200
            assert client.get("/metrics", headers=OPERATOR).status_code in {200, 507}
            assert client.get("/sign-in").status_code == 200
            empty(disk)
            assert client.post("/api/v1/registrations", json=PERSON).status_code == 201
            assert [one.is_running() for one in processes] == [True] * len(processes)  # no other took a place
        finally:
            service.stop()
