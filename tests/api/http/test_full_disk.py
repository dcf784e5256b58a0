"""A full disk over HTTP: reads are answered, and writes are refused with the true cause."""

import errno

import pytest
from sqlalchemy import event

from placement.storage.disk_reserve import DiskReserve
from tests.support.api.service import somebody
from tests.support.stores import OPERATOR, one_store

pytestmark = one_store
ROOM = 100 << 20


@pytest.fixture
def disk(service, tmp_path):
    """Returns a list with the free space that the service sees, which a test may change."""
    free = [ROOM]
    service.app.state.reserve = DiskReserve(tmp_path / "kept", 1 << 20, lambda _: free[0])
    assert service.desk.get("/registrations").is_success
    return free


@pytest.mark.wide
def test_full_disk_reads_go_on_and_writes_are_refused(service, disk, tmp_path):
    disk[0] = 0
    assert service.desk.get("/registrations").is_success
    assert not (tmp_path / "kept").exists()
    before = service.digest()
    for language, words in (("nl", "schijf van de database is vol"), ("en", "disk is full")):
        answer = service.coordinator.post("/registrations", somebody(), Accept_Language=language)
        assert (answer.status_code, answer.headers.get("Retry-After")) == (507, None)
        assert answer.json()["type"] == "urn:placement:problem:disk_full"
        assert words in answer.json()["detail"]
    assert service.digest() == before
    assert service.client.get("/health/ready", headers=OPERATOR).json()["disk"].startswith("full")
    disk[0] = ROOM
    assert service.coordinator.post("/registrations", somebody()).status_code == 201
    assert "disk" not in service.client.get("/health/ready", headers=OPERATOR).json()


@pytest.mark.wide
def test_full_disk_without_reserve_is_reported_health_answers(service):
    """SQLite refuses one more page, as on a disk without any free page."""

    def no_page_more(connection, *_):
        connection.execute("PRAGMA max_page_count = 1")

    service.desk.authorization()
    event.listen(service.database.engine, "checkout", no_page_more)
    try:
        answers = [service.desk.get("/registrations") for _ in range(200)]
    finally:
        event.remove(service.database.engine, "checkout", no_page_more)
        with service.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 4294967294")
    full = [answer for answer in answers if not answer.is_success]
    assert {(one.status_code, one.headers.get("Retry-After"), one.json()["type"]) for one in full} == {
        (507, None, "urn:placement:problem:disk_full")
    }
    assert service.client.get("/health/live").is_success
    assert '"cause": "full"' in service.log.getvalue()


def test_full_disk_of_the_key_store_is_reported_as_full(service, monkeypatch):
    def full(*_args, **_facts):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr("placement.registrations.registrations.register", full)
    answer = service.coordinator.post("/registrations", somebody())
    assert (answer.status_code, answer.json()["type"]) == (507, "urn:placement:problem:disk_full")
