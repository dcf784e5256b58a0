"""A thief with the password of the database switches off the check of rows, hides what it found, and puts a revoked
key back: the check runs all the same, what was hidden is found, and the key opens for a minute at most.
"""

import pytest
from sqlalchemy import text

from placement.audit import row_check
from placement.doctor import log as doctor
from placement.doctor.findings import Found
from tests.support.api.service import API
from tests.support.attacks.thief import Thief, pass_a_minute
from tests.support.audit_log import logged
from tests.support.proof import FULL
from tests.support.stores import OPERATOR, each_store

MINUTES = 60 if FULL else 4


@pytest.fixture
def thief(service):
    return Thief(service)


@pytest.fixture
def revoked(service, thief):
    """Revokes a coordinator's key by HTTP, and keeps its row as it was before."""
    coordinator = service.signed_in("coordinator")
    listed = coordinator.get("/keys").json()
    [key] = [one["id"] for one in listed["items"]]
    row = thief.row("apikey", id=key)
    coordinator.made(f"/keys/{key}/revoke")
    return service.coordinator.key, row


def opens(service, key):
    """Returns whether the key is let in, and reads cases."""
    answer = service.client.post(f"{API}/token", json={"key": key})
    if answer.status_code != 200:
        return False
    token = {"Authorization": f"Bearer {answer.json()['token']}"}
    return service.client.get(f"{API}/registrations", headers=token).status_code == 200


def differences(service):
    return logged(service, event="rows:differ")


def waiting(service):
    found = service.session_of(service.auditor.account).get("/audit/review?status=waiting").json()["items"]
    return {one["rule"]: one["id"] for one in found}


@pytest.mark.wide
@each_store
def test_key_put_back_opens_for_a_minute_at_most(service, thief, revoked):
    """It stops at once when the check finds it, and does not come back."""
    key, row = revoked
    assert not opens(service, key)
    thief.put_back("apikey", row)
    assert opens(service, key)
    for _ in range(8):
        pass_a_minute(service)
        assert not opens(service, key)
    assert [event.facts["rows"] for event in differences(service)] == [[f"apikey/{row['id']}"]]


@pytest.mark.wide
@each_store
def test_rows_of_the_coming_minutes_in_jobrun_silence_no_check(service, thief, revoked):
    key, row = revoked
    let_in = []
    for _ in range(MINUTES):
        thief.silence_jobs(service.moment.at)
        thief.put_back("apikey", row)
        pass_a_minute(service)
        let_in.append(opens(service, key))
    assert not any(let_in)
    assert differences(service)
    assert "rows_differ" in waiting(service)


@each_store
def test_late_check_makes_readiness_fail(service, thief):
    pass_a_minute(service)
    assert service.client.get("/health/ready", headers=OPERATOR).status_code == 200
    thief.silence_jobs(service.moment.at)
    service.moment.pass_by(minutes=4)
    answer = service.client.get("/health/ready", headers=OPERATOR)
    assert (answer.status_code, list(answer.json())) == (503, ["check"])


@pytest.mark.wide
@each_store
def test_mark_far_ahead_hides_no_anomaly(service, thief, revoked):
    service.moment.pass_by(minutes=15)
    pass_a_minute(service)
    with thief.writing() as connection:
        known = connection.dialect.has_table(connection, "auditmark")
        if known:
            connection.execute(text("UPDATE auditmark SET line = 1000000000, at = '2036-01-01 00:00:00+00:00'"))
    _, row = revoked
    thief.put_back("apikey", row)
    pass_a_minute(service)
    service.moment.pass_by(minutes=15)
    pass_a_minute(service)
    assert "rows_differ" in waiting(service)


@pytest.fixture
def reviewed(service):
    """Anomalies that wait for an auditor: ten refusals of one user within an hour, a key made, an account changed."""
    for _ in range(11):
        assert service.elsewhere.get("/registrations/R-2222-2222-2222").status_code == 404
    service.verified(service.coordinator.account).made("/keys", {"scopes": ["read"], "days": 30})
    service.moment.pass_by(minutes=15)
    pass_a_minute(service)
    found = waiting(service)
    assert {"many_refused", "key_made"} <= set(found)
    return found


def is_found(service, *anomalies):
    """Returns whether the check, `audit verify` and `placement doctor` find what was done to these anomalies."""
    pass_a_minute(service)
    by_check = differences(service) or logged(service, event="rows:seal_broken")
    _, rows = row_check.verify(service.database, [])
    by_verify = {f"auditoddity/{one}" for one in anomalies} <= set(map(str, (*rows.broken, *rows.others)))
    with service.database.transaction() as session:
        [by_doctor] = doctor.rows(session, ends_well=True)
    return bool(by_check) and by_verify and by_doctor.found in {Found.ROWS_CHANGED, Found.ROWS_DIFFER}


@pytest.mark.wide
@each_store
def test_anomaly_acknowledged_by_the_thief_is_found(service, thief, reviewed):
    with thief.writing() as connection:
        forged = "UPDATE auditoddity SET outcome = 'explained', ticked_at = found_at, ticked_by = :by WHERE id = :id"
        connection.execute(text(forged).bindparams(by=service.auditor.account, id=reviewed["many_refused"]))
    assert is_found(service, reviewed["many_refused"])


@pytest.mark.wide
@each_store
def test_deleted_anomalies_are_found(service, thief, reviewed):
    with thief.writing() as connection:
        connection.execute(text("DELETE FROM auditoddity"))
    assert is_found(service, *reviewed.values())
