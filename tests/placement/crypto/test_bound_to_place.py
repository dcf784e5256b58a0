"""A ciphertext opens in its own table, column and row only: copied elsewhere it is unreadable, one case at a time."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import defer
from sqlmodel import select

from placement.core.errors import Conflict
from placement.crypto.cipher import Place, written
from placement.crypto.encrypted_columns import is_readable, place_of, row_columns
from placement.registrations.case import PointInput
from placement.tables import Hold, Proposal, Registration
from tests.support.town import key_store_of


def change(town, statement, **values):
    with town.database.engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount > 0


def test_cipher_in_another_column_of_its_row_is_unreadable(town):
    near = {"near": PointInput(place="Breda")}
    client, other = (town.register(alias=alias, parts=near) for alias in ("Merel", "Spreeuw"))
    change(town, "UPDATE registration SET alias = content WHERE id = :client", client=client)
    row = town.registration(client)
    assert (is_readable(row.alias), is_readable(row.content)) == (False, False)  # a row is shown whole, or not
    assert town.registration(other).near["place"] == "Breda"


def test_cipher_in_another_table_of_its_owner_is_unreadable(town):
    client = town.register(alias="Merel")
    town.hold_in(client)
    change(town, "UPDATE hold SET unit_id = (SELECT content FROM registration WHERE id = :client)", client=client)
    [row] = town.all(select(Hold))
    assert not is_readable(row.unit_id)


def test_cipher_of_another_registration_is_unreadable(town):
    one, other = town.register(alias="Merel"), town.register(alias="Spreeuw")
    change(town, "UPDATE registration SET alias = (SELECT alias FROM registration WHERE id = :one) WHERE id = :other",
           one=one, other=other)  # fmt: skip
    assert not is_readable(town.registration(other).alias)
    assert town.registration(one).alias == "Merel"


def test_service_cipher_of_another_row_refuses_its_use_only(town):
    change(town, "UPDATE location SET address = (SELECT address FROM location WHERE id = 'L1') WHERE id = 'L2'")
    assert town.one("location", "L1").address == "Geheimstraat 1"
    address = town.one("location", "L2").address
    with pytest.raises(Conflict) as refused:
        str(address)
    assert (refused.value.code, refused.value.facts) == ("content_unreadable", {"owner": "L2"})


def test_column_loaded_later_is_opened_then(town):
    proposal = town.propose(town.register())
    with town.act() as act:
        row = act.session.exec(select(Proposal).options(defer(Proposal.advice))).one()
        assert "advice" not in row.__dict__
        assert row.advice.startswith("{")
        act.session.expire(row)
        assert row.advice.startswith("{")
        assert row.id == proposal


@pytest.mark.parametrize("values", [("ab", "abcdefgh"), (True, False), (1, 120), ("x" * 300, "x" * 500)])
def test_lengths_of_ciphertexts_tell_no_short_values_apart(values):
    assert len({len(written(value)) for value in values}) == 1


def test_place_names_every_part_apart():
    places = [Place("a", "b", ("c",)), Place("ab", "", ("c",)), Place("a", "b", ("c", "")), Place("a", "b,c", ())]
    assert len({place.associated() for place in places}) == 4


def test_moved_cipher_opens_in_its_own_place_again(town):
    client = town.register(alias="Merel")
    with town.database.engine.connect() as connection:
        stored = connection.execute(text("SELECT alias FROM registration")).scalar_one()
    name, _, token = stored.partition(":")
    column = Registration.__table__.columns["alias"]
    assert [one.name for one in row_columns(Registration.__table__)] == ["id"]
    assert key_store_of(town).key(name).decrypt(token, place_of(column, (client,))).strip() == b'"Merel"'
