"""Database faults over HTTP: each has its own problem, in Dutch and English, in the API and on pages."""

import json

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from placement.storage.database import Database
from tests.support.stores import OPERATOR, one_store

pytestmark = one_store
CAUSES = [
    (psycopg.errors.AdminShutdown, 503, "5", "database_away", "niet bereikbaar", "cannot be reached"),
    (psycopg.errors.DiskFull, 507, None, "disk_full", "schijf van de database is vol", "disk is full"),
    (psycopg.errors.LockNotAvailable, 503, "2", "busy", "te druk", "too busy"),
    (psycopg.errors.ReadOnlySqlTransaction, 503, None, "database_read_only", "alleen gelezen", "only be read"),
    (psycopg.errors.InternalError_, 503, None, "database_fails", "geeft een fout", "has a fault"),
]


@pytest.fixture
def failing(monkeypatch):
    """Makes every transaction fail in this way, from now on."""

    def fail(kind):
        def transaction(_self):
            raise OperationalError("SELECT", {}, kind("Kanarie"))

        monkeypatch.setattr(Database, "transaction", transaction)

    return fail


@pytest.mark.parametrize("cause", CAUSES)
def test_database_fault_has_its_own_problem(service, failing, cause):
    kind, status, after, code, dutch, english = cause
    service.desk.authorization()
    failing(kind)
    for language, words in (("nl", dutch), ("en", english)):
        answer = service.desk.get("/registrations", Accept_Language=language)
        assert (answer.status_code, answer.headers.get("Retry-After")) == (status, after)
        assert answer.json()["type"] == f"urn:placement:problem:{code}"
        assert words in answer.json()["detail"]
    [line, *_] = [one for one in map(json.loads, service.log.getvalue().splitlines()) if "cause" in one]
    assert (line["event"], line["code"], "Kanarie" in str(line)) == ("database.fault", kind.sqlstate, False)


def test_database_fault_on_a_page_is_shown_in_the_frame(service, failing):
    desk = service.signed_in("desk")
    failing(psycopg.errors.AdminShutdown)
    cookie = "; ".join(f"{name}={value}" for name, value in desk.cookies.items())
    answer = service.client.get("/registrations", headers={"Cookie": cookie, "Accept-Language": "nl"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["content-type"].startswith("text/html")
    assert "niet bereikbaar" in answer.text


def test_ready_without_database_gives_cause_without_address(service, monkeypatch):
    def form(_self):
        raise OperationalError("SELECT", {}, psycopg.OperationalError("10.1.2.3 failed: Connection refused"))

    monkeypatch.setattr(Database, "form", form)
    answer = service.client.get("/health/ready", headers=OPERATOR)
    assert (answer.status_code, answer.json()["database"]) == (503, "away: nobody listens there")
    assert service.client.get("/health/live").is_success


def test_metrics_without_database_have_the_counts_of_processes(service, failing):
    """Without them no alert sees that requests fail."""
    failing(psycopg.errors.AdminShutdown)
    answer = service.client.get("/metrics", headers=OPERATOR)
    assert (answer.status_code, "placement_requests_total" in answer.text) == (200, True)
    assert "placement_messages" not in answer.text
