"""A new key of the service: everything is encrypted anew, broken off and gone on with, and the old key can go."""

import os
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlmodel import func, select

from placement.audit import key_rotation
from placement.core import clock
from placement.core.codes import OrganisationKind, Role
from placement.core.errors import Misconfigured
from placement.core.setting_files import key_file
from placement.crypto.cipher import Place
from placement.crypto.encrypted_columns import keys_of
from placement.crypto.key_files import FIELD, KeyFile
from placement.crypto.key_ring import KeyRing, normalised
from placement.crypto.master_keys import NOTICED_WITHIN
from placement.registrations import reads
from placement.storage import row_seals
from placement.storage.database import Database
from placement.tables import Account, Invitation, Location, Organisation
from tests.support.settings import changed
from tests.support.town import AT, key_store_of

HERE = Place("a table", "a column", ("R-1",))


@pytest.fixture
def file(town, tmp_path):
    """The file with the keys, which the town was opened with."""
    file = key_file(tmp_path)
    KeyFile(file, FIELD).make()
    file.write_text(town.settings.field_keys[0] + "\n")
    town.settings = changed(town.settings, field_key_file=file)
    keys_of(town.database.engine.dialect).ring._file = file
    yield file
    town.database.close()


@pytest.fixture
def filled(town, file):
    """Secrets of each kind: a data key, an address, a second factor, one not yet taken, an indexed alias."""
    assert file
    town.register(alias="Merel")
    with town.database.transaction() as session:
        session.add(Account(id="A", email="a@test.example", role=Role.DESK, password_hash="-", totp_secret="Kanarie"))  # noqa: S106
        session.add(Organisation(id="O", name="Een", kind=OrganisationKind.CARE_COORDINATION))
        session.flush()
        session.add(
            Invitation(
                id="I", fingerprint="-", email="b@test.example", organisation_id="O", role=Role.DESK, invited_by="A",
                made_at=AT, expires_at=AT, totp_secret="Spreeuw",  # noqa: S106
            )
        )  # fmt: skip
    return town


def is_whole(town):
    assert [row.totp_secret for row in town.all(select(Account))] == ["Kanarie"]
    assert [row.totp_secret for row in town.all(select(Invitation))] == ["Spreeuw"]
    assert town.all(select(Location).order_by(Location.id))[0].address == "Geheimstraat 1"
    rows, _ = town.do(reads.registrations_called, "merel", 10)
    assert [row.alias for row in rows] == ["Merel"]
    return True


def reopened(town, *keys):
    """The town as a process sees it that is started with these keys alone."""
    settings = changed(town.settings, field_keys=keys, field_key_file=None)
    town.database.close()
    town.database = Database.open(settings)
    return town


def renew(town, stop_after=None):
    """Rotates; `stop_after`: dies after so many values."""

    def report(seen, total):
        assert 0 < seen <= total
        if seen == stop_after:
            raise KeyboardInterrupt

    return key_rotation.renew(town.database, report)


@pytest.mark.wide
def test_rotated_store_opens_with_the_newest_key_alone(filled, file):
    KeyFile(file, FIELD).add_to_rotate()
    new, old = KeyFile(file, FIELD).lines()
    assert is_whole(filled)  # while it has not begun
    needed = key_rotation.in_need_of_old_keys(filled.database)
    assert needed == renew_count(filled) + 6  # three addresses, two second factors and an index, sealed with their rows
    assert key_rotation.in_need_of_old_keys(filled.database) == 0
    assert renew(filled) == 0
    assert is_whole(filled)
    assert is_whole(reopened(filled, new))
    filled = reopened(filled, old)
    with pytest.raises(Misconfigured, match="does not open"):
        filled.database.require_usable()


def renew_count(town):
    """Renews and counts all keys: data keys, and the sealed rows with their addresses, second factors and indexes."""
    renewed = renew(town)
    assert renewed == len(key_store_of(town).names()) + sealed_rows(town)
    return renewed


def sealed_rows(town):
    with town.database.transaction() as session:
        tables = [row_seals.table_of(kind) for kind in row_seals.sealed_tables().values()]
        return sum(session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


@pytest.mark.wide
def test_broken_off_anywhere_it_goes_on_where_it_was(filled, file):
    KeyFile(file, FIELD).add_to_rotate()
    newest = KeyFile(file, FIELD).lines()[0]
    for stop in (2, 5, 7):  # after the data keys, the addresses, the second factors; the index is left
        with pytest.raises(KeyboardInterrupt):
            renew(filled, stop_after=stop)
        assert is_whole(filled)
        KeyFile(file, FIELD).add_to_rotate()  # giving the command again makes no third key
        assert len(KeyFile(file, FIELD).lines()) == 2
    renew(filled)
    assert is_whole(reopened(filled, newest))


def test_rotation_writes_during_it_use_the_newest_key(filled, file):
    ring = keys_of(filled.database.engine.dialect).ring
    before = ring.encrypt(b"x", HERE)
    KeyFile(file, FIELD).add_to_rotate()
    assert ring.is_newest(ring.encrypt(b"x", HERE))
    assert not ring.is_newest(before)
    assert ring.decrypt(before, HERE) == b"x"


@pytest.mark.wide
def test_rotation_keeps_a_value_changed_meanwhile(filled, file, monkeypatch):
    """Between reading a batch and writing it back."""
    KeyFile(file, FIELD).add_to_rotate()
    batches = key_rotation.batches

    def overtaken(database, field):
        for batch in batches(database, field):
            if field.table.name == "location":
                with database.transaction() as session:
                    session.get_one(Location, "L3").address = "Nieuwstraat 3"
            yield batch

    monkeypatch.setattr("placement.audit.key_rotation.batches", overtaken)
    renew(filled)
    monkeypatch.undo()
    assert filled.one("location", "L3").address == "Nieuwstraat 3"
    assert key_rotation.in_need_of_old_keys(filled.database) == 0


@pytest.mark.wide
def test_old_keys_go_once_every_process_knows_the_new_one(filled, file):
    KeyFile(file, FIELD).add_to_rotate()
    newest = KeyFile(file, FIELD).lines()[0]
    renew(filled)
    with pytest.raises(Misconfigured, match="too new"):
        KeyFile(file, FIELD).keep_newest(clock.now() + NOTICED_WITHIN - timedelta(seconds=5))
    assert len(KeyFile(file, FIELD).lines()) == 2
    KeyFile(file, FIELD).keep_newest(clock.now() + NOTICED_WITHIN)
    assert KeyFile(file, FIELD).lines() == (newest,)
    assert file.stat().st_mode & 0o777 == 0o600
    assert is_whole(filled)


@pytest.mark.wide
def test_a_removed_key_that_is_still_needed_is_counted(filled, file):
    assert key_rotation.in_need_of_old_keys(filled.database) == 0
    KeyFile(file, FIELD).add_to_rotate()
    assert key_rotation.in_need_of_old_keys(filled.database) == 8 + sealed_rows(filled)


@pytest.mark.parametrize(
    ("one", "other"), [("Zoë", "zoe\u0308"), ("ﬁn", "FIN"), ("  a \t b\n", "A B"), ("STRASSE", "straße")]
)
def test_texts_that_are_the_same_to_a_reader_have_one_index(one, other):
    ring = KeyRing((Fernet.generate_key().decode(),))
    assert normalised(one) == normalised(other)
    assert ring.index("p", one) == ring.index("p", other)
    assert ring.index("p", one) != ring.index("q", one)


def test_an_index_is_by_the_newest_key_and_looked_up_by_all():
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    ring = KeyRing((new, old))
    assert ring.index("p", "x") == KeyRing((new,)).index("p", "x")
    assert ring.indexes("p", "x") == [KeyRing((key,)).index("p", "x") for key in (new, old)]


def test_keys_are_replaced_whole_on_the_disk(filled, file, monkeypatch):
    """A crash between writing and replacing leaves the old file."""
    assert filled
    before = file.read_bytes()
    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="disk"):
        KeyFile(file, FIELD).add_to_rotate()
    assert file.read_bytes() == before


def fails(_file):
    raise OSError("no disk")
