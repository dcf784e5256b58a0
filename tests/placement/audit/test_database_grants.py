"""On PostgreSQL the service runs as a role that adds lines to the log and reads them, and can do nothing else to it."""

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from placement.audit import database_grants
from placement.audit.events import Event
from placement.audit.verification import verify
from placement.core.codes import Protocol
from placement.core.context import OPERATOR
from placement.core.errors import Misconfigured
from placement.jobs import periodic
from placement.placements import reads
from placement.storage.database import Database
from placement.tables import AuditEvent
from tests.support.audit_log import logged
from tests.support.settings import changed
from tests.support.stores import one_store
from tests.support.town import DESK, Town

on_postgresql = pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
ROLE = "placement_service"


@pytest.fixture
def role(town):
    with town.database.engine.begin() as connection:
        if not connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": ROLE}).first():
            connection.execute(text(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'synthetic'"))
    return ROLE


@pytest.fixture
def as_the_service(town, role):
    """The town, as the restricted role sees it."""
    for _ in range(2):  # harmless when repeated
        with town.database.transaction() as session:
            database_grants.grant(session, role)
    url = make_url(town.settings.database_url).set(username=role, password="synthetic")  # noqa: S106
    settings = changed(town.settings, database_url=url.render_as_string(hide_password=False))
    database = Database.open(settings)
    yield Town(database, settings)
    database.close()


@pytest.mark.wide
@on_postgresql
def test_the_service_works_as_that_role(as_the_service):
    story = as_the_service
    story.database.require_usable()
    client = story.register()
    stay = story.house(client)
    story.do(reads.stays, None, 10, 0)
    for job in periodic.JOBS:
        assert periodic.run(story.database, story.settings, job, story.at)
    assert stay
    assert story.all(select(AuditEvent).order_by(AuditEvent.id))[-1].actor in {DESK.id, "system"}
    assert verify(story.database, []).first_bad is None


@on_postgresql
def test_command_that_grants_rights_has_an_audit_event(town, role, command_over):
    command_over(town)("audit", "grant", role)
    [granted] = logged(town, event=Event.RIGHTS_GRANTED)
    assert (granted.protocol, granted.facts) == (Protocol.COMMAND_LINE, {"to": role})
    assert granted.actor.startswith(OPERATOR)


FORBIDDEN = (
    "UPDATE auditevent SET link = 'x'",
    "DELETE FROM auditevent",
    "TRUNCATE auditevent CASCADE",
    "UPDATE auditindex SET line = 1",
    "DELETE FROM auditindex",
    "TRUNCATE auditindex",
    "ALTER TABLE auditevent DISABLE TRIGGER ALL",
    "ALTER TABLE auditevent DISABLE TRIGGER auditevent_is_append_only",
    "DROP TRIGGER auditevent_is_append_only ON auditevent",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
    "DROP TABLE auditevent CASCADE",
    "ALTER TABLE auditevent DROP COLUMN link",
    "SET session_replication_role = replica",
)


@on_postgresql
def test_service_role_cannot_change_the_log_or_drop_its_guard(as_the_service):
    engine = create_engine(as_the_service.settings.database_url)
    for statement in FORBIDDEN:
        with engine.connect() as connection, pytest.raises(DBAPIError) as refused:
            connection.execute(text(statement))
        message = str(refused.value.orig)
        assert "permission denied" in message or "must be owner" in message, (statement, message)
    engine.dispose()


@pytest.mark.parametrize("statement", ["UPDATE auditevent SET link = 'x'", "DELETE FROM auditevent"])
def test_owner_cannot_change_the_log_with_the_guard_in_place(town, statement):
    with pytest.raises(DBAPIError, match="only added"), town.database.engine.begin() as connection:
        connection.execute(text(statement))


@on_postgresql
def test_missing_or_superuser_role_is_named(town):
    for role in ("nobody_of_that_name", "postgres"):
        with pytest.raises(Misconfigured, match=role), town.database.transaction() as session:
            database_grants.grant(session, role)


@one_store
def test_sqlite_has_no_roles(town):
    with pytest.raises(Misconfigured, match="PostgreSQL"), town.database.transaction() as session:
        database_grants.grant(session, ROLE)
