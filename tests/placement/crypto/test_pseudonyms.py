"""Pseudonyms: equal for equal values of one column, readable with the key alone, and the same through a rotation."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet

from placement.core.errors import Conflict, Misconfigured
from placement.crypto.key_ring import KeyRing
from placement.crypto.key_store import KeyStore
from placement.crypto.pseudonyms import PSEUDONYMS, named_by, pseudonym_of
from tests.support.town import key_store_of


@pytest.fixture
def store(tmp_path):
    made = KeyStore(tmp_path, KeyRing((Fernet.generate_key().decode(),)))
    made.make(PSEUDONYMS)
    return made


def test_pseudonym_is_equal_for_equal_values_and_read_back(store):
    assert pseudonym_of(store, "bedclaim.bed_id", 7) == pseudonym_of(store, "bedclaim.bed_id", 7)
    assert pseudonym_of(store, "bedclaim.bed_id", 7) != pseudonym_of(store, "bedclaim.bed_id", 8)
    assert named_by(store, "bedclaim.bed_id", pseudonym_of(store, "bedclaim.bed_id", 7)) == 7


def test_pseudonym_of_another_column_is_not_read(store):
    with pytest.raises(InvalidTag):
        named_by(store, "bedclaim.person_id", pseudonym_of(store, "bedclaim.bed_id", 7))


def test_pseudonym_stays_the_same_through_a_rotation(tmp_path):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    store = KeyStore(tmp_path, KeyRing((old,)))
    store.make(PSEUDONYMS)
    before = pseudonym_of(store, "bedclaim.bed_id", 7)
    rotating = KeyStore(tmp_path, KeyRing((new, old)))
    assert rotating.rewrap(PSEUDONYMS)
    assert pseudonym_of(KeyStore(tmp_path, KeyRing((new,))), "bedclaim.bed_id", 7) == before


def test_missing_key_of_pseudonyms_refuses_the_start(town):
    (town.settings.key_store / f"{PSEUDONYMS}.key").unlink()
    with pytest.raises(Misconfigured, match=PSEUDONYMS):
        town.database.require_usable()
    assert key_store_of(town).names() == []


def test_pseudonym_is_named_no_more_once_the_key_is_destroyed(store):
    """With all other keys, when a service is left: what this process knew of it is gone with its file."""
    made = pseudonym_of(store, "bedclaim.bed_id", 7)
    assert [named_by(store, "bedclaim.bed_id", made) for _ in range(2)] == [7, 7]
    KeyStore(store.folder, store.masters).destroy(PSEUDONYMS)
    for use in (lambda: named_by(store, "bedclaim.bed_id", made), lambda: pseudonym_of(store, "bedclaim.bed_id", 7)):
        with pytest.raises(Conflict) as refused:
            use()
        assert refused.value.code == "content_erased"
