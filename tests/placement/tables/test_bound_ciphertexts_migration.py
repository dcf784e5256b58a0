"""Revision 0026: every encrypted value of a store is carried over, bound to its row; a missing key stops it first."""

import json

import pytest
from alembic import command
from cryptography.fernet import Fernet
from sqlalchemy import inspect, text
from sqlmodel import SQLModel
from sqlmodel import select as rows_of

from placement.core.errors import Misconfigured
from placement.crypto.encrypted_columns import Encrypted, Sealed
from placement.registrations.case_rows import PointInput, ThreatInput
from placement.storage.idempotency import Answer, claim, finish
from placement.tables import Decision, IdempotentRequest, Location, Proposal, Registration
from tests.support.town import key_store_of

pytestmark = pytest.mark.wide
SECRETS = {
    "near": PointInput(place="Breda"),
    "threats": [ThreatInput(PointInput(place="Alkmaar"), 5), ThreatInput(PointInput(place="Breda"), 9)],
}


@pytest.fixture
def filled(town):
    client = town.register(alias="Merel", parts=SECRETS)
    town.decline(town.propose(client), "unreachable", text="Kanarie")
    attempt = claim(town.database, "A", "k", "f", town.at)
    with town.database.transaction() as session:
        finish(session, attempt, Answer(200, {}, '"answer"'))
    town.client = client
    return town


OF_BEFORE = {"registration.near", "threat.point", "reachpoint.point", "registeredperson.adult_on"}
"""Columns that a later revision took away."""


def stored(town):
    """Every encrypted value, by column, of the columns that are there."""
    declared = {
        str(column)
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Encrypted | Sealed)
    }
    with town.database.engine.connect() as connection:
        found = inspect(connection)
        there = {f"{table}.{row['name']}" for table in found.get_table_names() for row in found.get_columns(table)}
        return {
            name: connection.execute(
                text(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")  # noqa: S608
            ).scalars().all()
            for name in sorted((declared | OF_BEFORE) & there)
            for table, _, column in [name.partition(".")]
        }  # fmt: skip


def told(town):
    """What the rows say."""
    registration = town.registration(town.client)
    [proposal] = town.all(rows_of(Proposal))
    [request] = town.all(rows_of(IdempotentRequest))
    return (
        registration.alias,
        registration.near,
        sorted(row.point["place"] for row in registration.threats),
        [row.text for row in town.all(rows_of(Decision))],
        [row.address for row in town.all(rows_of(Location).order_by(Location.id))],
        (town.problem_of(proposal.id), len(proposal.advice)),
        (request.fingerprint, request.body),
    )


def before(town):
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0025")


def test_store_of_before_is_carried_over_and_reads_the_same(filled):
    wanted = told(filled)
    before(filled)
    ring = Fernet(filled.settings.field_keys[0])
    assert json.loads(ring.decrypt(stored(filled)["location.address"][0]))
    key = Fernet(ring.decrypt((key_store_of(filled).folder / f"{filled.client}.key").read_bytes()))
    assert json.loads(key.decrypt(stored(filled)["registration.alias"][0].partition(":")[2])) == "Merel"
    filled.database.migrate()
    assert told(filled) == wanted
    assert not [value for values in stored(filled).values() for value in values if "gAAAA" in value]


def test_value_carried_over_is_bound_to_its_row(filled):
    before(filled)
    with filled.database.migrating() as configuration:
        command.upgrade(configuration, "0026")
    with filled.database.engine.begin() as connection:
        connection.execute(text("UPDATE threat SET point = (SELECT point FROM threat WHERE min_km = 5)"))
    with pytest.raises(Misconfigured, match=r"threat\.point of .* does not open"):
        filled.database.migrate()


def test_missing_key_stops_the_migration_unchanged(filled):
    before(filled)
    then = stored(filled)
    file = key_store_of(filled).folder / f"{filled.client}.key"
    wrapped = file.read_bytes()
    file.unlink()
    with pytest.raises(OSError, match=f"{filled.client} is missing"):
        filled.database.migrate()
    assert (stored(filled), filled.database.is_current()) == (then, False)
    file.write_bytes(wrapped)
    filled.database.migrate()
    assert filled.registration(filled.client).alias == "Merel"


def test_missing_key_of_a_day_and_a_destroyed_one_stop_nothing(filled):
    before(filled)
    store = key_store_of(filled)
    store.destroy(filled.client)
    [day] = [name for name in store.names() if name.startswith("answers-")]
    (store.folder / f"{day}.key").unlink()
    then = stored(filled)
    with filled.database.migrating() as configuration:
        command.upgrade(configuration, "0026")
    now = stored(filled)
    same = {column for column in now if now[column] and now[column] == then[column]}
    assert same >= {"registration.alias", "threat.point", "idempotentrequest.body"}
    filled.database.migrate()
    assert filled.all(rows_of(Registration.id)) == [filled.client]
