"""Stored sign-ins lose their moments in clear on the way up, and have them again on the way down; pseudonyms get one
length, and their own again.
"""

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from placement.accounts import api_keys
from placement.audit import row_check
from placement.tables import AccessToken, Account, AccountSession, ApiKey, BedClaim, KnownDevice, Registration
from tests.support.accounts import person
from tests.support.stores import AT, both_stores
from tests.support.town import town_of

BEFORE = "0073"
TABLES = (AccountSession, AccessToken, KnownDevice, ApiKey, BedClaim, Registration)


def rows(town):
    with town.database.transaction() as session:
        assert list(row_check.broken_rows(session)) == []
        found = {kind.__name__: session.exec(select(kind)).all() for kind in (*TABLES, Account)}
        return {
            name: sorted(repr(row.model_dump(exclude={"seal", "certified_on"})) for row in known)
            for name, known in found.items()
        }


def stored(town, query):
    with town.database.engine.connect() as connection:
        return connection.execute(text(query)).all()


@pytest.mark.wide
@both_stores
def test_sign_ins_keep_their_facts_through_the_migration(stores):
    town = town_of(stores)
    town.hold_in(town.register())
    client = person(town, AT)
    client.sign_in()
    with town.database.transaction() as session:
        api_keys.issue_token(session, AT, town.settings, api_keys.new_key(session, AT, shelter_id="S1"))
    before, lengths = rows(town), "SELECT DISTINCT length(region) FROM registration"
    assert stored(town, lengths) == [(160,)]
    with town.database.migrating() as configuration:
        command.downgrade(configuration, BEFORE)
    assert stored(town, lengths) == [(2 * (16 + len('"amsterdam"')),)]
    [session] = stored(town, "SELECT account_id, began_at FROM accountsession")
    assert (session[0], str(session[1])[:10]) == (client.account, "2026-11-24")
    assert stored(town, "SELECT count(*) FROM accesstoken JOIN apikey ON apikey.id = key_id") == [(1,)]
    town.database.migrate()
    assert rows(town) == before
