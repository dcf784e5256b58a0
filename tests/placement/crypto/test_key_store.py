"""The store of data keys: a key is made once, by the first process, and never again once destroyed."""

import errno
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet

from placement.core.errors import Conflict, KeyMissing, Misconfigured
from placement.crypto.cipher import Place
from placement.crypto.key_files import erase_draft
from placement.crypto.key_ring import KeyRing
from placement.crypto.key_store import KeyStore
from tests.support.simultaneous_acts import at_once, worked

HERE = Place("a table", "a column", ("R-1",))
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def store(tmp_path):
    made = KeyStore(tmp_path / "data", KeyRing((OLD,)))
    made.found()
    return made


def test_a_key_is_made_once_and_found_again(store):
    cipher = store.make("R-1").encrypt(b"x", HERE)
    assert store.make("R-1").decrypt(cipher, HERE) == b"x"
    assert KeyStore(store.folder, KeyRing((OLD,))).key("R-1").decrypt(cipher, HERE) == b"x"
    assert store.names() == ["R-1"]


def test_key_file_is_wrapped_and_readable_by_its_owner_only(store):
    store.make("R-1")
    file = store.folder / "R-1.key"
    assert (file.stat().st_mode & 0o777, store.folder.stat().st_mode & 0o777) == (0o600, 0o700)
    with pytest.raises(KeyMissing, match="R-1 is damaged"):
        KeyStore(store.folder, KeyRing((NEW,))).key("R-1")


def test_key_for_which_there_is_no_room_leaves_no_file(store, monkeypatch):
    before = {file.name for file in store.folder.iterdir()}

    def full(_):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        store.make("R-1")
    assert {file.name for file in store.folder.iterdir()} == before


def test_destroyed_key_is_overwritten_and_never_made_again(store, monkeypatch):
    wrapped = store.folder / "R-1.key"
    store.make("R-1")
    before = wrapped.read_bytes()
    monkeypatch.setattr(os, "ftruncate", lambda *_: None)  # as if the power went just before
    store.destroy("R-1")
    assert wrapped.read_bytes() == bytes(len(before))
    assert store.is_destroyed("R-1")
    monkeypatch.undo()
    store.destroy("R-1")
    assert wrapped.read_bytes() == b""
    for use in (store.key, store.make):
        with pytest.raises(Conflict) as refused:
            use("R-1")
        assert refused.value.code == "content_erased"


def test_absent_key_is_missing_not_destroyed(store):
    with pytest.raises(Misconfigured, match=r"no key R-2.*PLACEMENT_KEY_STORE"):
        store.key("R-2")


def test_missing_key_store_makes_no_key(tmp_path):
    with pytest.raises(Misconfigured, match="mounted"):
        KeyStore(tmp_path / "nowhere", KeyRing((OLD,))).make("R-1")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("name", ["../field", "", "a/b", "R-1.key", "x" * 61])
def test_a_name_from_a_forged_row_leads_nowhere_else(store, name):
    with pytest.raises(Misconfigured, match="no name of a key"):
        store.key(name)


def test_concurrent_creation_makes_one_key(store):
    made = at_once(*[lambda: store.make("R-1").encrypt(b"x", HERE)] * 8)
    assert [store.key("R-1").decrypt(cipher, HERE) for cipher in made] == [b"x"] * 8


def test_a_key_is_on_the_disk_before_it_is_used(store, monkeypatch):
    done = []
    monkeypatch.setattr(os, "fsync", lambda file: done.append(Path(f"/proc/self/fd/{file}").readlink()))
    store.make("R-1")
    assert [path.name for path in done] == [".R-1.key.draft", "data"]


@pytest.mark.wide
def test_killed_process_leaves_whole_keys(store):
    """It makes keys until it is killed: each file of a key can be read, and what is half-written is no key."""
    makes = (
        "import sys; from pathlib import Path; from itertools import count\n"
        "from placement.crypto.key_ring import KeyRing; from placement.crypto.key_store import KeyStore\n"
        "store = KeyStore(Path(sys.argv[1]), KeyRing((sys.argv[2],)))\n"
        "for n in count():\n"
        "    store.make(f'R-{n}'); print(n, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", makes, str(store.folder), OLD], stdout=subprocess.PIPE, text=True)
    acknowledged = [process.stdout.readline().strip() for _ in range(20)]
    process.kill()
    process.communicate()
    assert set(store.names()) >= {f"R-{number}" for number in acknowledged}
    for name in store.names():
        store.key(name)


IN_THE_WRITE = (
    "import os, sys, time; from pathlib import Path\n"
    "from placement.crypto.key_ring import KeyRing; from placement.crypto.key_store import KeyStore\n"
    "def stands_still(_): print('there', flush=True); time.sleep(600)\n"
    "os.fsync = stands_still\n"
    "store = KeyStore(Path(sys.argv[1]), KeyRing(sys.argv[3:]))\n"
    "getattr(store, sys.argv[2])('R-1')\n"
)
"""A process that comes to the middle of a write and no further."""


def killed_in_the_write(store, verb, *keys):
    command = [sys.executable, "-c", IN_THE_WRITE, str(store.folder), verb, *keys]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "there\n"
            [draft] = store.folder.glob(".*.draft")
            assert (draft.stat().st_size > 0, erase_draft(draft)) == (True, False)  # a process writes it
        finally:
            process.kill()
    return draft


def test_draft_of_a_killed_process_is_no_key_and_in_no_backup(store):
    draft = killed_in_the_write(store, "make", OLD)
    assert (store.names(), [name for name, _ in store.copied()]) == ([], ["store.id"])
    with pytest.raises(KeyMissing):
        store.key("R-1")
    cipher = store.make("R-1").encrypt(b"x", HERE)
    assert not draft.exists()
    assert KeyStore(store.folder, KeyRing((OLD,))).key("R-1").decrypt(cipher, HERE) == b"x"


@pytest.mark.wide
def test_draft_of_a_killed_process_is_erased(store):
    draft = killed_in_the_write(store, "make", OLD)
    os.link(draft, store.folder / "seen")
    written = draft.stat().st_size
    assert [erase_draft(draft), erase_draft(draft)] == [True, False]
    assert (store.folder / "seen").read_bytes() == bytes(written)


@pytest.mark.wide
def test_destroyed_key_lives_on_in_no_draft(store):
    store.make("R-1")
    draft = killed_in_the_write(store, "rewrap", NEW, OLD)
    store.destroy("R-1")
    assert not draft.exists()


def test_rewrapped_key_is_the_same_destroyed_stays_destroyed(store):
    cipher = store.make("R-1").encrypt(b"x", HERE)
    store.make("R-2")
    store.destroy("R-2")
    both = KeyStore(store.folder, KeyRing((NEW, OLD)))
    assert not both.is_wrapped_by_newest("R-1")
    assert [both.rewrap(name) for name in ("R-1", "R-2", "R-1")] == [True, False, False]
    assert both.is_wrapped_by_newest("R-1")
    assert KeyStore(store.folder, KeyRing((NEW,))).key("R-1").decrypt(cipher, HERE) == b"x"
    assert both.is_destroyed("R-2")


def test_key_destroyed_during_rewrapping_does_not_come_back(store):
    """One waits for the other, in either order: 50 times."""
    both = KeyStore(store.folder, KeyRing((NEW, OLD)))
    for number in range(50):
        name = f"R-{number}"
        store.make(name)
        assert len(worked(at_once(partial(both.rewrap, name), partial(both.destroy, name)))) == 2
        assert both.is_destroyed(name)


def test_key_file_copied_over_another_is_damaged(store):
    store.make("R-1")
    store.make("R-2")
    (store.folder / "R-2.key").write_bytes((store.folder / "R-1.key").read_bytes())
    assert store.key("R-1")
    assert not store.opens("R-2")
    with pytest.raises(KeyMissing, match="R-2 is damaged"):
        store.key("R-2")


def in_first_form(store, *names):
    """Files as they were before a name was bound: one key, wrapped by itself."""
    wrapped = Fernet(OLD).encrypt(Fernet.generate_key())
    for name in names:
        (store.folder / f"{name}.key").write_bytes(wrapped)


def test_key_file_of_the_first_form_opens_and_is_renewed(store):
    in_first_form(store, "R-1")
    cipher = store.key("R-1").encrypt(b"x", HERE)
    assert not store.is_wrapped_by_newest("R-1")
    assert [store.rewrap("R-1"), store.rewrap("R-1")] == [True, False]
    assert KeyStore(store.folder, KeyRing((OLD,))).key("R-1").decrypt(cipher, HERE) == b"x"


def test_key_of_the_first_form_under_two_names_is_two_keys(store):
    in_first_form(store, "R-1", "R-2")
    cipher = store.key("R-1").encrypt(b"x", HERE)
    with pytest.raises(InvalidTag):
        store.key("R-2").decrypt(cipher, HERE)
