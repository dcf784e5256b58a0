"""Links from before each had a key of its own are carried over, and back, and lose nothing."""

import pytest
from alembic import command
from sqlalchemy import text
from sqlmodel import select

from placement.core.link_codes import LinkKind
from placement.registrations import links
from placement.tables import RegistrationLink
from placement.tables.registration_link import key_of_link
from tests.support.stores import both_stores
from tests.support.town import COORDINATOR, key_store_of


def stored(town):
    with town.database.engine.connect() as connection:
        rows = connection.execute(text("SELECT id, content FROM registrationlink"))
        return {row.id: row.content.partition(":")[0] for row in rows}


def keys_listed(town):
    with town.database.engine.connect() as connection:
        return set(connection.execute(text("SELECT owner FROM datakey WHERE owner LIKE 'link%'")).scalars())


@pytest.mark.wide
@both_stores
def test_links_are_sealed_by_keys_of_their_own_both_ways(town):
    one, other, third = (town.register(actor=COORDINATOR) for _ in range(3))
    town.do(links.link, one, other, LinkKind.RELATED, actor=COORDINATOR)
    town.do(links.link, one, third, LinkKind.RELATED, actor=COORDINATOR)
    before = {row.id: row.content for row in town.all(select(RegistrationLink))}
    own = {link: key_of_link(link) for link in before}
    assert stored(town) == own
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0042")
    assert (set(stored(town).values()), keys_listed(town)) == ({"links"}, {"links"})
    town.database.migrate()
    assert (stored(town), keys_listed(town)) == (own, set(own.values()))
    assert {row.id: row.content for row in town.all(select(RegistrationLink))} == before


@pytest.mark.wide
@both_stores
def test_link_with_a_destroyed_key_stays_as_it_is(town):
    one, other = (town.register(actor=COORDINATOR) for _ in range(2))
    town.do(links.link, one, other, LinkKind.RELATED, actor=COORDINATOR)
    [(link, owner)] = stored(town).items()
    key_store_of(town).destroy(owner)
    with town.database.migrating() as configuration:
        command.downgrade(configuration, "0042")
    town.database.migrate()
    assert stored(town) == {link: owner}
