"""Keys in memory: for a minute at most, and never one whose file was destroyed or replaced, in whichever process."""

import subprocess
import sys

import pytest

from placement.core.errors import Conflict
from placement.crypto import key_cache
from placement.crypto.cipher import Place, new_key
from placement.crypto.key_cache import LONGEST_SECONDS, KeyCache, Stamps
from placement.crypto.key_ring import KeyRing
from placement.crypto.key_store import KeyStore

HERE = Place("a table", "a column", ("R-1",))
RING = KeyRing((new_key(),))
STAMP = (1, 2, 3)


@pytest.fixture
def clock():
    return [0.0]


@pytest.fixture
def cache(clock):
    return KeyCache(lambda: clock[0])


@pytest.fixture
def store(tmp_path):
    made = KeyStore(tmp_path / "data", RING)
    made.found()
    return made


def test_key_is_found_for_a_minute_and_no_longer(cache, clock):
    kept = cache.keep("R-1", STAMP, object())
    clock[0] = LONGEST_SECONDS - 0.1
    assert cache.found("R-1", STAMP) is kept
    clock[0] = LONGEST_SECONDS
    assert cache.found("R-1", STAMP) is None


def test_key_of_another_file_is_not_found(cache):
    cache.keep("R-1", STAMP, object())
    assert cache.found("R-1", (1, 0, 4)) is None
    assert cache.found("R-2", STAMP) is None


def test_sweep_forgets_what_is_not_asked_for_in_time(cache, clock):
    for number in range(5):
        clock[0] = number * 15.0
        cache.keep(f"R-{number}", STAMP, object())
        cache.sweep()
        assert len(cache) == min(number + 1, 3)
    clock[0] = 4 * 15 + LONGEST_SECONDS - 15
    cache.sweep()
    assert len(cache) == 0


def test_key_is_unwrapped_once_and_again_when_replaced(store, monkeypatch):
    store.make("R-1")
    unwrapped, before = [], RING.decrypt
    monkeypatch.setattr(RING, "decrypt", lambda *given: unwrapped.append(1) or before(*given))
    for _ in range(3):
        store.key("R-1")
    assert len(unwrapped) == 0  # `make` kept it
    file = store.folder / "R-1.key"
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content)
    for _ in range(3):
        store.key("R-1")
    assert len(unwrapped) == 1


def test_file_is_looked_at_once_in_a_moment(tmp_path, monkeypatch):
    monkeypatch.setattr(key_cache, "LOOK_AGAIN_SECONDS", 60)
    (file := tmp_path / "a.key").write_text("one")
    stamps = Stamps()
    before = stamps.of(str(file))
    file.write_text("other")
    assert stamps.of(str(file)) == before
    monkeypatch.setattr(key_cache, "LOOK_AGAIN_SECONDS", 0)
    stamps.wait_for_others()
    assert stamps.of(str(file)) != before


def test_destruction_waits_until_every_process_looks_again(store, monkeypatch):
    """Another process has just looked at the file: it opens nothing once the destruction is acknowledged."""
    monkeypatch.setattr(key_cache, "LOOK_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(key_cache, "WAIT_SECONDS", 0.1)
    store.make("R-1")
    other = KeyStore(store.folder, RING)
    assert other.key("R-1")
    store.destroy("R-1")
    with pytest.raises(Conflict):
        other.key("R-1")


def test_destroyed_key_is_gone_from_memory(store):
    store.make("R-1")
    assert store.key("R-1")
    store.destroy("R-1")
    assert len(store._cache) == 0
    with pytest.raises(Conflict):
        store.key("R-1")


USES = """
import sys; from pathlib import Path
from placement.core.errors import Conflict
from placement.crypto.cipher import Place; from placement.crypto.key_ring import KeyRing
from placement.crypto.key_store import KeyStore
store = KeyStore(Path(sys.argv[1]), KeyRing((sys.argv[2],)))
for cipher in sys.stdin:
    try:
        print(store.key("R-1").decrypt(cipher.strip(), Place("a table", "a column", ("R-1",))).decode(), flush=True)
    except Conflict as refused:
        print(refused.code, flush=True)
"""


@pytest.mark.wide
def test_destroyed_key_is_gone_at_once_in_every_process(store):
    """Each has it in memory, and uses it until the moment at which its destruction is acknowledged."""
    cipher = store.make("R-1").encrypt(b"x", HERE)
    command = [sys.executable, "-c", USES, str(store.folder), RING._keys[0]]
    others = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]

    def told():
        for one in others:
            one.stdin.write(cipher + "\n")
            one.stdin.flush()
        return [one.stdout.readline().strip() for one in others]

    try:
        assert [told() for _ in range(3)] == [["x"] * 3] * 3
        store.destroy("R-1")
        assert told() == ["content_erased"] * 3
    finally:
        for one in others:
            one.communicate()
