"""Sealed content that a process keeps: as long as its key, for a single row and content, and never afterwards."""

import json
import subprocess
import sys

import pytest
from cryptography.exceptions import InvalidTag
from sqlmodel import select

from placement.core.errors import Conflict
from placement.crypto.cipher import Cipher, Place
from placement.crypto.encrypted_columns import is_readable
from placement.crypto.key_cache import KeptCipher
from placement.storage import field_sealing
from placement.tables import Registration, RoomReport
from tests.support.town import F, key_store_of

KEY = b"k" * 32
HERE, ELSEWHERE = Place("a table", "a column", ("R-1",)), Place("a table", "a column", ("R-2",))


@pytest.fixture
def opened(monkeypatch):
    """The places whose ciphertexts were opened, one after the other."""
    found = []
    before = Cipher.decrypt

    def decrypt(key, token, place):
        found.append(place)
        return before(key, token, place)

    monkeypatch.setattr(Cipher, "decrypt", decrypt)
    return found


def test_value_is_opened_once_for_a_place_and_a_content(opened):
    key = KeptCipher(KEY)
    one, other = key.encrypt(b"one   ", HERE), key.encrypt(b"other", HERE)
    assert [key.read(one, HERE) for _ in range(3)] == [b"one"] * 3
    assert opened == [HERE]
    assert [key.read(given, HERE) for given in (other, one)] == [b"other", b"one"]
    assert opened == [HERE] * 3


def test_kept_value_does_not_open_in_another_place():
    key = KeptCipher(KEY)
    token = key.encrypt(b"x", HERE)
    key.read(token, HERE)
    with pytest.raises(InvalidTag):
        key.read(token, ELSEWHERE)


def test_kept_values_are_given_up_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(KeptCipher, "MOST", 3)
    key = KeptCipher(KEY)
    for number in range(10):
        place = Place("a table", "a column", (number,))
        assert key.read(key.encrypt(b"x", place), place) == b"x"
        assert len(key._opened) <= 3


def test_registration_is_opened_once_until_it_changes(town, opened):
    case = town.register(((F, 31),))
    of_case = Place("registration", "content", (case,))
    assert [town.registration(case).persons[0].age for _ in range(3)] == [31] * 3
    assert opened.count(of_case) <= 1
    with town.act() as act:
        act.session.get_one(Registration, case).needs = ["medical"]
    assert town.registration(case).needs == ["medical"]


def test_change_of_what_was_read_does_not_reach_the_next_read(town):
    case = town.register()
    town.registration(case).content["persons"].clear()
    assert len(town.registration(case).persons) == 1


def test_kept_content_copied_to_another_row_is_unreadable(town):
    one, other = town.register(((F, 31),)), town.register(((F, 32),))
    assert town.registration(one).persons[0].age == 31
    with town.database.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE registration SET content = (SELECT content FROM registration WHERE id = '{one}') "  # noqa: S608
            f"WHERE id = '{other}'"
        )
    assert not is_readable(town.registration(other).content)
    assert town.registration(one).persons[0].age == 31


def test_counts_of_rooms_are_opened_once(town, opened):
    for _ in range(3):
        assert [row.derived_free for row in town.all(select(RoomReport))]
    assert len({place for place in opened if place.table == "roomreport"}) == len(
        [place for place in opened if place.table == "roomreport"]
    )


READS = """
import json, sys
from pathlib import Path
from placement.core.errors import Conflict
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.tables import Registration
said = json.loads(sys.argv[1])
database = Database.open(Settings(key_store=Path(said.pop("key_store")), **said))
for case in sys.stdin:
    try:
        with database.transaction() as session:
            print(session.get_one(Registration, case.strip()).persons[0].age, flush=True)
    except Conflict as refused:
        print(refused.code, flush=True)
"""


@pytest.mark.wide
def test_destroyed_content_is_answered_by_no_process(town):
    """Each has it in memory. The row stays as it is: an old copy of the database, put back."""
    case, other = town.register(((F, 31),)), town.register(((F, 32),))
    settings = town.settings
    said = {
        "database_url": settings.database_url,
        "field_keys": list(settings.field_keys),
        "audit_key": settings.audit_key,
        "key_store": str(settings.key_store),
    }
    command = [sys.executable, "-c", READS, json.dumps(said)]
    others = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]

    def told(asked):
        for one in others:
            one.stdin.write(f"{asked}\n")
            one.stdin.flush()
        return [one.stdout.readline().strip() for one in others]

    try:
        assert [told(case), told(case), told(other)] == [["31"] * 3, ["31"] * 3, ["32"] * 3]
        town.do(field_sealing.destroy_keys, [case])
        assert told(case) == ["content_erased"] * 3
        assert told(other) == ["32"] * 3
    finally:
        for one in others:
            one.communicate()
    with pytest.raises(Conflict, match="content_erased"):
        len(town.registration(case).persons)
    assert key_store_of(town).is_destroyed(case)
