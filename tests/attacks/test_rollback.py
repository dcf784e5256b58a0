"""A thief puts the whole database of a minute ago back, between two hourly heads: the key that was revoked since is
there again, and rows and log agree. It is found within a minute, and at the next start.
"""

import pytest

from placement.audit.watcher import Watcher
from placement.storage import hash_chain
from placement.storage.watch import Mark, lost_of, watch_of
from tests.support.attacks.thief import Thief, pass_a_minute
from tests.support.audit_log import logged
from tests.support.stores import each_store


@pytest.fixture
def revoked(service):
    """Makes a copy of the whole database from just before a key was revoked."""
    thief = Thief(service)
    pass_a_minute(service)
    with thief.copy() as copied:
        revoke(service)
        yield copied


@pytest.fixture
def put_back(service, revoked):
    revoked.put_back()
    return service


def revoke(service):
    coordinator = service.signed_in("coordinator")
    [key] = [one["id"] for one in coordinator.get("/keys").json()["items"]]
    coordinator.made(f"/keys/{key}/revoke")


def is_lost(service):
    database = service.database
    states = watch_of(database.engine.dialect).states(database.audit_keys)
    with database.transaction() as session:
        return lost_of(session, states, Mark(*hash_chain.head(session))) is not None


@pytest.mark.wide
@each_store
def test_whole_database_put_back_is_found_within_a_minute(put_back):
    pass_a_minute(put_back)
    [event] = logged(put_back, event="rows:differ")
    assert event.facts["by"].startswith("line ")
    found = put_back.session_of(put_back.auditor.account).get("/audit/review?status=waiting").json()["items"]
    assert "rows_differ" in {one["rule"] for one in found}


@each_store
def test_database_put_back_is_found_at_the_next_start(put_back):
    Watcher(put_back.database, put_back.country.settings).look()
    assert logged(put_back, event="rows:differ")


@pytest.mark.wide
@each_store
def test_log_that_grew_past_the_mark_is_found_all_the_same(put_back):
    """The service goes on writing before anybody looks."""
    for _ in range(9):
        put_back.coordinator.get("/registrations")
    revoke(put_back)
    assert is_lost(put_back)
    pass_a_minute(put_back)
    pass_a_minute(put_back)
    assert is_lost(put_back)
    assert len(logged(put_back, event="rows:differ")) == 1


@pytest.mark.wide
@each_store
@pytest.mark.usefixtures("revoked")
def test_database_that_was_not_put_back_is_right(service):
    pass_a_minute(service)
    assert not is_lost(service)
    assert not logged(service, event="rows:differ")


@pytest.mark.wide
@each_store
@pytest.mark.usefixtures("revoked")
def test_state_from_before_a_commit_is_no_false_alarm(service):
    """The state is older after a crash between the commit and the writing of the state."""
    watch = watch_of(service.database.engine.dialect)
    folder = service.country.settings.key_store
    before = {file: file.read_bytes() for file in folder.glob("*.watch")}
    service.coordinator.get("/registrations")
    watch.close()
    for file, content in before.items():
        file.write_bytes(content)
    pass_a_minute(service)
    assert not is_lost(service)
    assert not logged(service, event="rows:differ")
