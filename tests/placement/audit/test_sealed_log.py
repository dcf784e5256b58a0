"""A copy of the database without the log's key: it shows no actor, act or case of an event, nor links two events."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Role
from placement.core.context import Act, Actor
from placement.storage import log_index
from placement.storage.idempotency import Answer, claim, finish
from placement.storage.log_index import Wanted, find
from placement.tables import Account, AuditEvent, AuditIndex, Registration
from tests.support.audit_log import NEW, OLD, anomaly, as_known, logged, replace_key, write_lines
from tests.support.stores import AT

TABLES = ("auditevent", "auditindex", "audittruncation", "auditoddity", "idempotentrequest")
BLOCK = 16


@pytest.fixture
def _small_blocks(monkeypatch):
    monkeypatch.setattr(log_index, "BLOCK", BLOCK)


def bytes_of_the_log(country):
    """Every value of every row of the log's tables, as it is stored."""
    with country.database.engine.connect() as connection:
        rows = [row for table in TABLES for row in connection.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608
    return b"\n".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode() for row in rows for value in row
    )


def leave_traces(country):
    """A list and a look at every case, a write that is answered, and an anomaly, of an account that there is."""
    with country.database.transaction() as session:
        accounts = [row.id for row in session.exec(select(Account))]
        cases = [row.id for row in session.exec(select(Registration))]
        anomaly(session, "O-1", AT, actor=accounts[0], registration_id=cases[0], span=f"{accounts[0]} {AT}")
    attempt = claim(country.database, accounts[0], "a-key", "f", AT)
    with country.database.transaction() as session:
        finish(session, attempt, Answer(201, {"Location": f"/api/v1/registrations/{cases[0]}"}, "{}", cases[0]))
        for one in cases:
            write_event(country, session, one, accounts[0], cases)
    return {*accounts, *cases, "a-key"}


def write_event(country, session, case, actor, shown):
    act = Act(session, Actor(actor, Role.DESK), AT, country.settings)
    audit_log.write(act, Event.REGISTRATION_READ, registration=case)
    audit_log.write(act, Event.REGISTRATIONS_LISTED, shown=shown)


@pytest.mark.usefixtures("_small_blocks")
def test_dump_of_the_log_names_no_actor_case_or_event(country):
    secrets = leave_traces(country) | {event.value for event in Event} | {"coordinator", "search", "refused"}
    with country.database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM auditindex")).scalar_one() > BLOCK
    stored = bytes_of_the_log(country)
    assert [secret for secret in sorted(secrets) if secret.encode() in stored] == []


@pytest.mark.usefixtures("_small_blocks")
def test_token_is_in_one_row_and_differs_between_days_and_kinds(empty):
    write_lines(empty, 4 * BLOCK)  # the same user, on every day
    with empty.database.transaction() as session:
        rows = session.exec(select(AuditIndex)).all()
    key = empty.database.audit_keys.known[0]
    assert max(Counter(row.token for row in rows).values()) == 1
    same = {log_index.token_of(key, row.line, kind, "A-desk") for row in rows for kind in ("actor", "case", "event")}
    assert len(same) == 3 * 4
    assert len(same & {row.token for row in rows}) == 4


@pytest.mark.usefixtures("_small_blocks")
def test_every_row_of_the_index_is_as_long_as_another(empty):
    """How often a user or a case occurs shows in nothing."""
    write_lines(empty, 2 * BLOCK)
    with empty.database.transaction() as session:
        assert len({len(row.cipher) for row in session.exec(select(AuditIndex))}) == 1
        assert {len(event.cipher) for event in session.exec(select(AuditEvent))} == {512 + 28}


WANTED = [
    {"actor": "A-desk"},
    {"actor": "A-nobody"},
    {"case": "R-7"},
    {"case": "R-7", "about": True},
    {"event": Event.REGISTRATIONS_LISTED.value},
    {"event": Event.REGISTRATIONS_LISTED.value, "case": "R-10"},
    {"actor": "A-desk", "before": 41, "after": 3},
    {"before": 30},
    {"since": AT + timedelta(days=1)},
]


def meant(event, wanted):
    """The same, without the index."""
    case = wanted.get("case")
    about = {event.registration_id} if wanted.get("about") else {event.registration_id, *event.facts.get("shown", ())}
    return (
        wanted.get("actor", event.actor) == event.actor
        and wanted.get("event", event.event) == event.event
        and (case is None or case in about)
        and wanted.get("after", 0) < event.id < wanted.get("before", 10_000)
        and wanted.get("since", event.at) <= event.at
    )


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize("length", [BLOCK - 1, BLOCK, 3 * BLOCK + 5])
def test_index_finds_what_looking_through_the_log_finds(empty, length):
    write_lines(empty, length)
    everything = logged(empty)
    for wanted in WANTED:
        expected = [event.id for event in reversed(everything) if meant(event, wanted)]
        with empty.database.transaction() as session:
            assert [event.id for event in find(session, Wanted(**wanted))] == expected, wanted
            assert [event.id for event in find(session, Wanted(**wanted), 3)] == expected[:3], wanted


@pytest.mark.usefixtures("_small_blocks")
def test_events_of_a_former_key_are_found_and_opened(empty):
    before, both = as_known(empty, OLD), as_known(empty, NEW, OLD)
    write_lines(before, BLOCK + 4)
    write_lines(both, 2)
    replace_key(both)
    write_lines(both, 2 * BLOCK)
    with both.database.transaction() as session:
        found = find(session, Wanted(case="R-7"))
        expected = [event.id for event in reversed(logged(session)) if meant(event, WANTED[2])]
        assert [event.id for event in found] == expected
        assert {event.key for event in found} == {event.key for event in logged(session)}
