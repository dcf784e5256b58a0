"""An erasure that is done a second time, or that a crash cut off between the key and the row."""

import pytest

from placement.retention import erasure
from placement.storage.field_sealing import destroy_keys
from placement.tables.registration import key_of_facts
from tests.support.town import F, key_store_of


@pytest.fixture
def client(town):
    return town.register(((F, 31), (F, 4)), alias="Merel")


def test_second_erasure_of_content_leaves_the_facts_of_the_first(town, client):
    for _ in range(2):
        town.do(erasure.erase_content, [client])
        assert [person.age for person in town.registration(client).persons] == [31, 4]
    town.later(days=1)
    first = town.registration(client).content_erased_at
    town.do(erasure.erase_content, [client])
    assert town.registration(client).content_erased_at == first


def test_erasure_cut_off_after_its_key_empties_the_row(town, client):
    key_store_of(town).destroy(client)
    town.do(erasure.erase_content, [client])
    row = town.registration(client)
    assert (row.content, row.alias, row.alias_index) == (None, None, None)
    assert row.content_erased_at == town.at


@pytest.mark.parametrize("by", ["crash", "list"])
def test_facts_with_a_destroyed_key_are_emptied(town, client, by):
    town.do(erasure.erase_content, [client])
    if by == "crash":
        key_store_of(town).destroy(key_of_facts(client))
    else:
        town.do(destroy_keys, [key_of_facts(client)])
    town.do(erasure.anonymise, [client])
    assert town.registration(client).content is None


def test_facts_outlive_the_key_of_content_at_the_next_step(town, client):
    town.do(erasure.erase_content, [client])
    assert key_store_of(town).is_destroyed(client)
    town.do(erasure.anonymise, [client])
    left = town.registration(client)
    assert left.known("residence_basis") is not None or left.content is not None
