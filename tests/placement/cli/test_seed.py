"""A synthetic country goes into an empty database only, never into one in use."""

import pytest
from sqlmodel import select

from placement.accounts import accounts, invitations
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.core.errors import Misconfigured
from placement.tables import Invitation, Organisation, Provider, Shelter
from tests.support.ports import free_port
from tests.support.stores import one_store
from tests.support.town import AT


@pytest.fixture
def command(empty, command_over):
    return command_over(empty)


def begun(empty, what):
    with empty.database.transaction() as session:
        act = Act(session, SYSTEM, AT, empty.settings)
        if what == "an admin was invited":
            invitations.invite(act, "admin@placement.example", Role.ADMIN, [], accounts.coordination_centre(act).id)
        elif what == "an organisation":
            accounts.coordination_centre(act)
        else:
            session.add(Provider(id="P1", name="-"))


@one_store
@pytest.mark.parametrize("what", ["an admin was invited", "an organisation", "a provider"])
@pytest.mark.parametrize("words", [("seed", "--size", "small"), ("serve", "--demo", "--port", str(free_port()))])
def test_synthetic_country_in_a_database_in_use_is_refused(empty, command, what, words):
    begun(empty, what)
    before = [row.id for table in (Organisation, Invitation) for row in all_of(empty, table)]
    with pytest.raises(Misconfigured, match="empty"):
        command(*words)
    assert all_of(empty, Shelter) == []
    assert [row.id for table in (Organisation, Invitation) for row in all_of(empty, table)] == before


def all_of(empty, table):
    with empty.database.transaction() as session:
        return session.exec(select(table)).all()


@one_store
def test_seed_fills_an_empty_database(empty, command):
    assert command("seed", "--size", "small").exit_code == 0
    assert len(all_of(empty, Shelter)) > 0
