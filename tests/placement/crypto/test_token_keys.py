"""Master keys in a token (SoftHSM): they never leave it, and its troubles are described in words."""

import os
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pkcs11
import pytest
from cryptography.exceptions import InvalidTag
from pkcs11 import Attribute

from placement.core import clock
from placement.core.errors import Misconfigured, TokenAway
from placement.crypto.cipher import Place
from placement.crypto.master_keys import NOTICED_WITHIN
from placement.crypto.token_keys import TokenKeys
from placement.crypto.token_session import Address
from tests.support.softhsm import LIBRARY, begin_anew, go_on, token_of_test

pytestmark = pytest.mark.system

HERE = Place("key store", "key", ("R-1",))
ELSEWHERE = Place("key store", "key", ("R-2",))

token = pytest.fixture(token_of_test)


@pytest.fixture
def keys(token):
    made = token.keys()
    made.add()
    return made


def session_of(keys):
    return keys._token._session().session


def test_what_is_wrapped_opens_in_its_place_only(keys):
    wrapped = keys.encrypt(b"x" * 44, HERE)
    assert keys.decrypt(wrapped, HERE) == b"x" * 44
    assert keys.is_newest(wrapped)
    assert wrapped.partition(".")[0] == keys.listed()[0].name
    name, _, token = wrapped.partition(".")
    damaged = ("B" if token[20] == "A" else "A").join((token[:20], token[21:]))
    with pytest.raises(InvalidTag):
        keys.decrypt(wrapped, ELSEWHERE)
    for forged in (f"{name}.{damaged}", f"00000000.{token}", f"{name}.AAAA", f"{name}.%"):
        with pytest.raises(InvalidTag):
            keys.decrypt(forged, HERE)
    assert keys.decrypt(wrapped, HERE) == b"x" * 44


def test_a_master_key_cannot_be_read_or_taken_out(keys):
    [key] = session_of(keys).get_objects()
    for so in (Attribute.NEVER_EXTRACTABLE, Attribute.ALWAYS_SENSITIVE, Attribute.LOCAL):
        assert key[so], so
    with pytest.raises(pkcs11.AttributeSensitive):
        _ = key[Attribute.VALUE]
    for never in (Attribute.WRAP, Attribute.EXTRACTABLE, Attribute.MODIFIABLE):
        assert not key[never], never


def test_new_key_wraps_and_the_older_opens_until_it_is_retired(keys, monkeypatch):
    old = keys.encrypt(b"x", HERE)
    go_on(monkeypatch, timedelta(minutes=1))
    keys.add()
    keys.add()  # a rotation is in progress: no third
    newest, older = keys.listed()
    new = keys.encrypt(b"x", HERE)
    assert (new.partition(".")[0], old.partition(".")[0]) == (newest.name, older.name)
    assert not keys.is_newest(old)
    assert keys.decrypt(old, HERE) == b"x"
    with pytest.raises(Misconfigured, match="too new"):
        keys.keep_newest(clock.now())
    keys.keep_newest(clock.now() + NOTICED_WITHIN)
    assert [one.name for one in keys.listed()] == [newest.name]
    assert keys.decrypt(new, HERE) == b"x"
    with pytest.raises(InvalidTag):
        keys.decrypt(old, HERE)


def test_key_of_another_process_is_found_at_once(token, keys, monkeypatch):
    other = token.keys()
    other.encrypt(b"x", HERE)
    go_on(monkeypatch, timedelta(minutes=1))
    keys.add()
    assert other.decrypt(keys.encrypt(b"x", HERE), HERE) == b"x"
    assert other.is_newest(keys.encrypt(b"x", HERE))


def test_keys_of_another_service_in_the_token_are_left_alone(token, keys, monkeypatch):
    other = TokenKeys(Address.read(token.uri.replace("token=trial", "token=trial;object=other")))
    assert other.listed() == []
    with pytest.raises(Misconfigured, match="no key yet: run `placement keys new`"):
        other.encrypt(b"x", HERE)
    other.add()
    go_on(monkeypatch, timedelta(minutes=1))
    other.add()
    other.keep_newest(clock.now() + NOTICED_WITHIN)
    assert (len(other.listed()), len(keys.listed())) == (1, 1)
    with pytest.raises(InvalidTag):
        other.decrypt(keys.encrypt(b"x", HERE), HERE)


def test_session_that_was_lost_is_opened_again(keys):
    wrapped = keys.encrypt(b"x", HERE)
    session_of(keys).close()
    assert keys.decrypt(wrapped, HERE) == b"x"
    pkcs11.lib(LIBRARY).reinitialize()  # as when the token's connection broke
    assert keys.encrypt(b"x", HERE)
    assert keys.decrypt(wrapped, HERE) == b"x"


def test_token_that_is_gone_is_away_and_comes_back(token, keys):
    wrapped = keys.encrypt(b"x", HERE)
    token.tokens.rename(token.folder / "elsewhere")
    token.tokens.mkdir()
    with pytest.raises(TokenAway, match="knows no token of this name"):
        keys.decrypt(wrapped, HERE)
    token.tokens.rmdir()
    (token.folder / "elsewhere").rename(token.tokens)
    assert keys.decrypt(wrapped, HERE) == b"x"


def test_wrong_pin_is_told_and_not_tried_again(token, monkeypatch):
    token.keys().add()
    begin_anew()
    fresh, right = token.keys(), token.pin_file.read_text()
    token.pin_file.write_text("12345")
    with pytest.raises(TokenAway, match=r"refuses the PIN in .*/pin \(look at PLACEMENT_KEY_TOKEN"):
        fresh.listed()
    with monkeypatch.context() as patch:
        patch.setattr(fresh._token, "_token", lambda: pytest.fail("the wrong PIN was tried again"))
        with pytest.raises(TokenAway, match="not tried again until it changes"):
            fresh.listed()
    token.pin_file.unlink()
    token.pin_file.write_text(right)
    assert len(fresh.listed()) == 1


def test_absent_pin_library_and_token_are_told(token):
    token.pin_file.unlink()
    with pytest.raises(TokenAway, match=r"PIN cannot be read from .*No such file"):
        token.keys().listed()
    token.pin_file.write_text("x")
    for part, other, words in (
        ("token=trial", "token=nowhere", "knows no token of this name"),
        (LIBRARY, "/nowhere.so", r"the library /nowhere.so cannot be loaded: is it installed"),
    ):
        with pytest.raises(TokenAway, match=words):
            TokenKeys(Address.read(token.uri.replace(part, other))).listed()


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (pkcs11.PinLocked, "locked after too many wrong PINs"),
        (pkcs11.UserPinNotInitialized, "PIN must be set"),
        (pkcs11.DeviceError, "it fails: DeviceError"),
    ],
)
def test_refusal_of_the_token_is_told_in_words(token, monkeypatch, refusal, words):
    class Refusing:
        def open(self, **_):
            raise refusal

    found = token.keys()
    monkeypatch.setattr(found._token, "_token", Refusing)
    with pytest.raises(TokenAway, match=words):
        found.listed()


@pytest.mark.parametrize("written", ["pkcs11:token=x", "pkcs11:?module-path=/a.so&pin-source=file:/pin", "pkcs11:"])
def test_address_without_a_part_is_refused_in_words(written):
    with pytest.raises(Misconfigured, match="must name token, module-path and pin-source"):
        Address.read(written)


def test_threads_share_one_session(keys, monkeypatch):
    wrapped, wrong = [keys.encrypt(str(n).encode(), HERE) for n in range(8)], []
    keys._token._close()
    opened, log_in = [], keys._token._log_in

    def log_in_slowly():
        opened.append(threading.current_thread())
        time.sleep(0.05)  # so that the others come meanwhile
        return log_in()

    monkeypatch.setattr(keys._token, "_log_in", log_in_slowly)

    def opens(number):
        wrong.extend(n for n in range(50) if keys.decrypt(wrapped[number], HERE) != str(number).encode())

    threads = [threading.Thread(target=opens, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, len(opened)) == ([], 1)


def test_forked_processes_each_have_a_session(token):
    """Four children of a process that has used the token, in which another thread uses it while they are made."""
    forks = (
        "import os, sys, threading; from tests.support.softhsm import Token; from pathlib import Path\n"
        "from placement.crypto.cipher import Place\n"
        "keys, place = Token(Path(sys.argv[1])).keys(), Place('a', 'b', ('c',))\n"
        "keys.add(); wrapped = keys.encrypt(b'x', place); stop = threading.Event()\n"
        "def busy():\n"
        "    while not stop.is_set(): assert keys.decrypt(wrapped, place) == b'x'\n"
        "thread = threading.Thread(target=busy); thread.start(); children = []\n"
        "for _ in range(4):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        try: os._exit(0 if all(keys.decrypt(wrapped, place) == b'x' for _ in range(50)) else 1)\n"
        "        finally: os._exit(2)\n"
        "    children.append(child)\n"
        "codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]\n"
        "stop.set(); thread.join(); assert keys.decrypt(wrapped, place) == b'x'; print(codes)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", forks, str(token.folder)],
        capture_output=True, text=True, check=False, timeout=60, env=dict(os.environ),
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"{[0] * 4}\n", "")


def test_processes_begin_at_the_same_time(token):
    """Eight times twenty-four: each log-in writes to the token while others look for it."""
    begins = (
        "import os, sys; from tests.support.softhsm import Token; from pathlib import Path\n"
        "from placement.crypto.cipher import Place\n"
        "keys, place = Token(Path(sys.argv[1])).keys(), Place('a', 'b', ('c',))\n"
        "keys.add(); wrapped = keys.encrypt(b'x', place); codes = []\n"
        "for _ in range(8):\n"
        "    children = []\n"
        "    for _ in range(24):\n"
        "        child = os.fork()\n"
        "        if child == 0:\n"
        "            try: os._exit(0 if keys.decrypt(wrapped, place) == b'x' else 1)\n"
        "            finally: os._exit(2)\n"
        "        children.append(child)\n"
        "    codes += [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]\n"
        "print(codes)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", begins, str(token.folder)],
        capture_output=True, text=True, check=False, timeout=60, env=dict(os.environ),
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (f"{[0] * 192}\n", "")
