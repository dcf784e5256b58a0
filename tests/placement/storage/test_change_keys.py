"""The key of one change of a case: what was before and after is sealed with it, and goes with the case, or alone."""

import shutil

import pytest
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, select

from placement.audit.key_overview import overview
from placement.core import clock
from placement.core.errors import Conflict
from placement.crypto.encrypted_columns import is_readable
from placement.registrations import registrations
from placement.retention.job import erase_everything_due
from placement.retention.schedule_of_cases import CONTENT_FOR
from placement.storage import field_sealing
from placement.tables import DataKey
from placement.tables.columns import sealed
from placement.tables.keys import new_change
from tests.support.stores import both_stores
from tests.support.town import AT, key_store_of

pytestmark = both_stores


class Apart(SQLModel, registry=registry()):
    """Tables that are in no database but that of these tests."""


class Change(Apart, table=True):
    id: str = Field(primary_key=True)
    key_owner: str
    before: str | None = sealed("key_owner")
    after: str | None = sealed("key_owner")


field_sealing.open_rows_of([Change])


@pytest.fixture
def case(town):
    Apart.metadata.create_all(town.database.engine)
    return town.register(alias="Merel")


def change(town, case, before, after):
    """Stores a change of a case; returns the name of its key."""
    with town.database.transaction() as session:
        key = new_change(case)
        session.add(Change(id=key, key_owner=key, before=before, after=after))
    return key


def stored(town, key):
    with town.database.transaction() as session:
        found = session.get(Change, key)
        return found.before, found.after


def test_change_is_sealed_with_a_key_of_its_own(town, case):
    keys = [change(town, case, "Alkmaar", "Zwolle"), change(town, case, "Zwolle", "Tilburg")]
    assert len(set(keys)) == 2
    assert stored(town, keys[1]) == ("Zwolle", "Tilburg")
    assert set(keys) < set(key_store_of(town).names())
    with town.database.engine.connect() as connection:
        raw = str(connection.exec_driver_sql("SELECT * FROM change").all())
    assert keys[0] in raw
    assert "Alkmaar" not in raw


def test_list_of_keys_tells_the_day_of_a_change_and_no_hour(town, case):
    change(town, case, "Alkmaar", "Zwolle")
    with town.database.transaction() as session:
        [made] = [one.made_at for one in session.exec(select(DataKey)) if one.owner.startswith("change-")]
    assert made == clock.start_of(clock.day_of(made))


def test_one_change_is_erased_and_the_case_stays(town, case, tmp_path):
    mistake, other = change(town, case, "-", "a name that was wrong"), change(town, case, "a", "b")
    copy = tmp_path / "copy of the key store"
    shutil.copytree(town.settings.key_store, copy)
    town.do(field_sealing.destroy_keys, [mistake])
    with pytest.raises(Conflict, match="content_erased"):
        str(stored(town, mistake)[0])  # the row is as in a backup of the database
    assert stored(town, other) == ("a", "b")
    assert town.registration(case).alias == "Merel"
    assert (town.settings.key_store / f"{mistake}.key").read_bytes() == b""
    with pytest.raises(Conflict, match="content_erased"):
        key_store_of(town).make(mistake)


@pytest.mark.wide
def test_changes_go_with_their_case_and_no_other(town, case):
    other = town.register(alias="Spreeuw")
    keys = [change(town, one, "a", "b") for one in (case, case, other)]
    town.do(registrations.close, case, "withdraws_consent")
    town.at = AT + CONTENT_FOR
    list(erase_everything_due(town.database, town.act_now))
    assert [key_store_of(town).is_destroyed(key) for key in keys] == [True, True, False]
    assert stored(town, keys[2]) == ("a", "b")
    with town.database.transaction() as session:
        assert field_sealing.changes_of(session, case) == []
        assert field_sealing.changes_of(session, other) == [keys[2]]
        gone = [one.owner for one in session.exec(select(DataKey)) if one.destroyed_at]
    assert sorted(gone) == sorted([case, *keys[:2]])


def test_changes_of_a_case_with_a_longer_id_stay(town, case):
    """Names are compared whole, and no id is a pattern."""
    assert case
    keys = {one: change(town, one, "a", "b") for one in ("R-1", "R-10", "R-11")}
    town.do(field_sealing.destroy_keys, ["R-1", "R-_1", "%"])
    assert [key_store_of(town).is_destroyed(key) for key in keys.values()] == [True, False, False]


def test_missing_key_of_a_change_leaves_the_rest_readable(town, case):
    key = change(town, case, "a", "b")
    (town.settings.key_store / f"{key}.key").unlink()
    before, _ = stored(town, key)
    assert not is_readable(before)
    assert town.registration(case).alias == "Merel"
    with town.database.transaction() as session:
        assert field_sealing.missing_keys(session) == [key]


def test_overview_counts_changes_as_a_kind_of_their_own(town, case):
    keys = [change(town, case, "a", "b") for _ in range(3)]
    town.do(field_sealing.destroy_keys, keys[:1])
    found = {kind.kind: kind for kind in town.do(overview).kinds}
    assert (found["changes"].keys, found["changes"].destroyed) == (2, 1)
    assert found["cases"].keys == 1
