"""The service on a small disk that is really full: it reads, refuses writes with the cause, and does not die."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.service_process import Service, environment_for

SIZE_MB, RESERVE_MB = 160, 8
PERSON = {"region": "den-haag", "registrant": "NP", "residence_basis": "reflection", "language_required": False}
PERSON |= {"persons": [{"gender": "female", "age": 30}]}


def may_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        mounted = os.geteuid() == 0 and _run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)
        return mounted and _run("umount", folder)


def _run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def fill(disk: Path) -> None:
    """To the last byte."""
    for size in (1 << 20, 1 << 12, 1):
        with (disk / f"filled-{os.urandom(4).hex()}").open("wb", buffering=0) as out:
            try:
                while out.write(b"x" * size) == size:
                    """More."""
            except OSError:
                continue


def empty(disk: Path) -> None:
    for file in disk.glob("filled-*"):
        file.unlink()


@pytest.fixture
def disk() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        assert _run("mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", folder)
        try:
            yield Path(folder)
        finally:
            assert _run("umount", "--lazy", folder)


# Where no disk can be mounted, the parts are tried alone: tests/api/http/test_full_disk.py and test_metrics.py,
# tests/placement/storage/test_disk_reserve.py.
if may_mount():

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
                assert client.get("/metrics").status_code in {200, 507}
                assert client.get("/sign-in").status_code == 200
                empty(disk)
                assert client.post("/api/v1/registrations", json=PERSON).status_code == 201
                assert [one.is_running() for one in processes] == [True] * len(processes)  # no other took a place
            finally:
                service.stop()
