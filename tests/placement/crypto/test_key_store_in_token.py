"""The store of data keys whose master keys are in a token (SoftHSM): as in a file, and nothing opens later."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet

from placement.core import clock
from placement.core.errors import Conflict, KeyMissing, TokenAway
from placement.crypto import key_cache
from placement.crypto.cipher import Place
from placement.crypto.key_ring import KeyRing
from placement.crypto.key_store import KeyStore
from placement.crypto.master_keys import NOTICED_WITHIN
from tests.support.softhsm import go_on, token_of_test

pytestmark = pytest.mark.system

HERE = Place("a table", "a column", ("R-1",))

token = pytest.fixture(token_of_test)


@pytest.fixture
def keys(token):
    made = token.keys()
    made.add()
    return made


@pytest.fixture
def store(tmp_path, keys):
    made = KeyStore(tmp_path / "data", keys)
    made.found()
    return made


def rotate(keys, monkeypatch):
    with monkeypatch.context() as patch:
        go_on(patch, NOTICED_WITHIN)
        keys.add()


def test_data_key_is_wrapped_by_the_token_and_opens_elsewhere(store, token):
    sealed = store.make("R-1").encrypt(b"x", HERE)
    assert (store.folder / "R-1.key").read_text().partition(".")[0] == store.masters.listed()[0].name
    assert KeyStore(store.folder, token.keys()).key("R-1").decrypt(sealed, HERE) == b"x"


def test_copied_file_opens_under_no_other_name(store):
    store.make("R-1")
    (store.folder / "R-2.key").write_bytes((store.folder / "R-1.key").read_bytes())
    with pytest.raises(KeyMissing, match="R-2 is damaged"):
        store.key("R-2")


def test_destroyed_key_is_gone_and_the_token_cannot_help(store, token, keys, monkeypatch):
    """Nothing that is left opens it; a copy of the file only until the master key that wrapped it is retired."""
    store.make("R-1")
    file, other = store.folder / "R-1.key", KeyStore(store.folder, token.keys())
    other.key("R-1")  # it is in another process's cache
    copy = file.read_bytes()
    store.destroy("R-1")
    assert file.read_bytes() == b""
    for one in (store, other):
        for use in (one.key, one.key_text, one.make):
            with pytest.raises(Conflict, match="content_erased"):
                use("R-1")
    rotate(keys, monkeypatch)
    assert not store.rewrap("R-1")
    keys.keep_newest(clock.now() + 2 * NOTICED_WITHIN)
    (store.folder / "R-9.key").write_bytes(copy)
    file.write_bytes(copy)  # from a backup
    for name in ("R-1", "R-9"):
        with pytest.raises(KeyMissing):
            store.key(name)
    with pytest.raises(InvalidTag):
        keys.decrypt(copy.decode(), Place("key store", "key", ("R-1",)))


def test_rewrapped_key_opens_after_the_old_master_key_is_gone(store, keys, monkeypatch):
    sealed = store.make("R-1").encrypt(b"x", HERE)
    rotate(keys, monkeypatch)
    assert not store.is_wrapped_by_newest("R-1")
    assert (store.rewrap("R-1"), store.rewrap("R-1")) == (True, False)
    keys.keep_newest(clock.now() + 2 * NOTICED_WITHIN)
    assert KeyStore(store.folder, keys).key("R-1").decrypt(sealed, HERE) == b"x"


def test_key_is_kept_for_a_minute_while_the_token_is_away(store, token, monkeypatch):
    sealed = store.make("R-1").encrypt(b"x", HERE)
    store.masters._token._close()
    token.tokens.rename(token.folder / "elsewhere")
    assert store.key("R-1").decrypt(sealed, HERE) == b"x"
    later = store._cache._now() + key_cache.LONGEST_SECONDS
    monkeypatch.setattr(store._cache, "_now", lambda: later)
    with pytest.raises(TokenAway):  # not missing, and not damaged: it comes back
        store.key("R-1")
    with pytest.raises(TokenAway):
        store.opens("R-1")


def test_moved_key_is_the_same_and_its_former_wrapping_is_gone(tmp_path, keys):
    ring = KeyRing((Fernet.generate_key().decode(),))
    before = KeyStore(tmp_path / "data", ring)
    before.found()
    sealed = before.make("R-1").encrypt(b"x", HERE)
    for name in ("R-2", "R-3"):
        before.make(name)
    before.destroy("R-2")
    (before.folder / "R-3.key").write_text("damaged.AAAA")
    store = KeyStore(before.folder, keys)
    with pytest.raises(KeyMissing):
        store.key("R-1")
    assert [store.move(name, ring) for name in store.names()] == [True, False, False]
    assert [store.move(name, ring) for name in store.names()] == [False, False, False]
    assert store.key("R-1").decrypt(sealed, HERE) == b"x"
    assert store.is_destroyed("R-2")
    with pytest.raises(KeyMissing):
        KeyStore(before.folder, ring).key("R-1")
