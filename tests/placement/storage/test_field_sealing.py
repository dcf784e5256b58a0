"""Field sealing: content of a registration is encrypted with its key on every write, and is lost with the key."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import JSON, Enum, String, insert, text, update
from sqlalchemy.exc import StatementError
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel, select
from sqlmodel.sql.sqltypes import UTCDateTime

from placement.audit import key_rotation
from placement.core import clock
from placement.core.errors import Conflict, Misconfigured
from placement.crypto.cipher import Place
from placement.crypto.encrypted_columns import Encrypted, Sealed, is_readable
from placement.crypto.pseudonyms import PSEUDONYMS, Pseudonym
from placement.registrations import reads, registrations
from placement.registrations.case import PointInput, ThreatInput
from placement.storage import field_sealing
from placement.storage.idempotency import Answer, claim, finish
from placement.tables import CountryLook, DataKey, Registration
from tests.support.town import AT, COORDINATOR, ELSEWHERE, key_store_of

HERE = Place("registration", "alias", ("R-lost",))
POINT = ThreatInput(PointInput(place="Alkmaar"), 40)


def names_in(town):
    """The keys of cases in the key store."""
    return [name for name in key_store_of(town).names() if name != PSEUDONYMS]


def stored(town, column, table="registration"):
    with town.database.engine.connect() as connection:
        return connection.execute(text(f"SELECT {column} FROM {table}")).scalars().all()  # noqa: S608


CODES_AND_IDS = {
    "registration": {
        "id", "alias_index", "closed_reason"
    },
    "keepapart": set(),
    "stayswith": set(),
    "factchange": {"id", "registration_id", "key"},
    "legalhold": {
        "id", "registration_id", "reason", "asked_by", "answered_by", "lift_asked_by", "lifted_by"
    },
    "opening": {"id", "registration_id", "account_id", "reason"},
    "frozenproblem": {"id", "fingerprint"},
    "proposal": {"id", "registration_id", "made_by", "engine_version", "service_version", "problem_id"},
    "decision": {
        "id", "proposal_id", "registration_id", "reason", "decided_by", "second_by", "mandate_id", "looked_by",
    },
    "hold": {"id", "registration_id", "decision_id", "made_by", "reason"},
    "stay": {"id", "registration_id", "hold_id", "goes_on_from", "blocker", "end_reason"},
    "bedclaim": {"id"},
    "secondpersonrequest": {
        "id", "kind", "status", "what", "about", "registration_id", "shelter_id", "asked_by", "browser", "settled_by",
        "facts",  # of a registration: the reason and the day of a legal hold, with the service's key
    },
    "auditoddity": {"id", "key", "ticked_by"},
    "idempotentrequest": {"key", "attempt"},
    "sentregistration": {"id"},
    "massevent": {"id"},
    "eventmember": {"id"},
}  # fmt: skip
"""The columns of texts and lists, in the tables that speak of registrations, that hold codes, ids and hashes alone."""

KEY_OF = {
    "registration": "case_key",
    "factchange": "key",
    "frozenproblem": "id",
    "proposal": "id",
    "decision": "proposal_id",
    "idempotentrequest": "key_owner",
    "sentregistration": "key_owner",
    "massevent": "key_owner",
    "eventmember": "key_owner",
    "auditoddity": "id",
}
"""Column that names the owner of a secret's key, by table; elsewhere, `registration_id` names the registration."""


def speaks_of_a_registration(table):
    return table.name in KEY_OF or "registration_id" in table.columns


def can_hold_a_text(column):
    return isinstance(column.type, String | JSON | TypeDecorator) and not isinstance(column.type, Enum | UTCDateTime)


def test_registration_text_is_a_code_or_sealed_with_its_key():
    seen = set()
    for table in filter(speaks_of_a_registration, SQLModel.metadata.sorted_tables):
        for column in filter(can_hold_a_text, table.columns):
            if column.name in CODES_AND_IDS[table.name] | {"seal"} or isinstance(column.type, Pseudonym):
                continue
            seen.add(table.name)
            assert isinstance(column.type, Sealed), column
            assert column.type.owner in {KEY_OF.get(table.name, "registration_id"), "registration_id"}, column
    assert {"registration", "hold", "stay", "decision", "idempotentrequest"} <= seen


def test_secret_outside_registrations_has_the_service_key():
    found = {
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Encrypted)
    }
    assert found == {
        "accesstoken.expires_at",
        "account.totp_secret",
        "accountdetails.at_once",
        "accountdetails.job_title",
        "accountdetails.name",
        "accountdetails.quiet_from",
        "accountdetails.quiet_until",
        "accountdetails.sms",
        "accountdetails.sms_trouble",
        "accountdetails.telephone",
        "accountsession.began_at",
        "accountsession.ended_at",
        "accountsession.last_used_at",
        "accountsession.verified_at",
        "enquiry.content",
        "formlink.caller",
        "importmapping.name",
        "importrecord.content",
        "invitation.details",
        "invitation.totp_secret",
        "knowledgeentry.content",
        "location.address",
        "numberchange.former",
        "numberchange.number",
        "organisation.telephones",
        "passkey.credential",
        "pushdevice.name",
        "pushdevice.subscription",
        "pushdevice.trouble",
        "passkey.name",
        "passkey.sign_count",
        "passkey.used_at",
        "secondpersonrequest.facts",
        "telephoneentry.caller",
        "telephoneentry.content",
        "webhook.url",
        "webhook.secret",
        "webhook.former_secret",
    }


@pytest.mark.parametrize(
    "statement",
    [
        insert(CountryLook).values(id=1, looks=[]),
        update(Registration).values(alias="Kanarie"),
    ],
)
def test_statement_writing_a_plain_secret_is_refused(town, statement):
    town.register(alias="Merel")
    with pytest.raises(StatementError, match="without the key of the client"), town.act() as act:
        act.session.execute(statement)
    assert len(stored(town, "alias")) == 1


def test_registration_gets_its_own_key_with_its_first_secret(town):
    one, other = town.register(alias="Merel", parts={"threats": [POINT]}), town.register()
    assert names_in(town) == sorted([one, other])
    assert {value.partition(":")[0] for value in stored(town, "alias") if value} == {one}
    assert {value.partition(":")[0] for value in stored(town, "content")} == {one, other}
    assert {key.owner for key in town.all(select(DataKey))} == {one, other, PSEUDONYMS}


def test_key_of_another_registration_does_not_decrypt(town):
    one, other = town.register(alias="Merel"), town.register(alias="Spreeuw")
    with town.database.engine.begin() as connection:
        connection.execute(
            text("UPDATE registration SET alias = replace(alias, :one, :other) WHERE id = :one"),
            {"one": one, "other": other},
        )
    assert not is_readable(town.registration(one).alias)


def test_row_keeps_its_plain_value_and_is_not_rewritten(town):
    client = town.register(alias="Merel")
    [before] = stored(town, "alias")
    with town.act() as act:
        row = act.session.get_one(Registration, client)
        assert row.alias == "Merel"
        row.urgency = 1
        act.session.flush()
        assert row.alias == "Merel"
    assert stored(town, "alias") == [before]
    with town.act() as act:
        row = act.session.get_one(Registration, client)
        row.alias = "Spreeuw"
        act.session.flush()
        assert row.alias == "Spreeuw"
    assert stored(town, "alias") != [before]


def sealed_and_then_broken_off(act):
    field_sealing.seal(act.session, "R-lost", "x", HERE)
    raise RuntimeError


@pytest.mark.wide
def test_key_of_a_rolled_back_row_is_removed_a_day_later(town):
    client = town.register(alias="Merel")
    with pytest.raises(RuntimeError):
        town.do(sealed_and_then_broken_off)
    assert names_in(town) == sorted(["R-lost", client])
    town.at = clock.now()
    assert town.do(key_rotation.remove_unused) == 0
    town.later(days=1, minutes=1)
    assert town.do(key_rotation.remove_unused) == 1
    assert names_in(town) == [client]
    assert town.registration(client).alias == "Merel"


def test_key_named_by_a_row_is_kept_if_the_list_lacks_it(town):
    client, proposal = town.register(alias="Merel"), town.propose(town.register())
    with town.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM datakey"))
    town.at = clock.now() + timedelta(days=2)
    assert town.do(key_rotation.remove_unused) == 0
    assert town.registration(client).alias == "Merel"
    assert town.problem_of(proposal).registrations


def test_foreign_key_store_refuses_start_and_destroys_nothing(town):
    client = town.register(alias="Merel")
    name = town.settings.key_store / "store.id"
    ours = name.read_text()
    for wrong in ("another", None):
        name.unlink() if wrong is None else name.write_text(wrong)
        with pytest.raises(Misconfigured, match="mounted"):
            town.database.require_usable()
        for verb, facts in ((field_sealing.destroy_keys, [[client]]), (key_rotation.remove_unused, [])):
            with pytest.raises(Misconfigured, match="mounted"):
                town.do(verb, *facts)
    name.write_text(ours)
    assert town.registration(client).alias == "Merel"


def test_registration_with_a_destroyed_key_is_unreadable(town):
    client, other = town.register(alias="Merel"), town.register(alias="Spreeuw")
    town.do(field_sealing.destroy_keys, [client, client])
    assert town.one("datakey", client).destroyed_at == AT
    with pytest.raises(Conflict) as refused:
        str(town.registration(client).alias)
    assert refused.value.code == "content_erased"
    with pytest.raises(Conflict), town.act() as act:
        field_sealing.seal(act.session, client, "again", HERE)
    assert town.registration(other).alias == "Spreeuw"


def found(town, alias, actor=COORDINATOR):
    rows, total = town.do(reads.registrations_called, alias, 10, actor=actor)
    assert len(rows) == total
    return {row.id for row in rows}


def test_alias_is_found_in_any_spelling_within_own_regions(town):
    client = town.register(alias="Zoë  van DAM", actor=COORDINATOR)
    town.register(alias="Zoë")
    assert found(town, " zoe\u0308 VAN dam ") == {client}
    assert found(town, "zoë van da") == set()
    assert found(town, "Zoë van Dam", ELSEWHERE) == set()
    town.do(registrations.change, client, 1, {"alias": "Merel"})
    assert found(town, "Zoë van Dam") == set()
    assert found(town, "merel") == {client}
    town.do(registrations.change, client, 2, {"alias": None})
    assert found(town, "merel") == set()
    assert "merel" not in repr(town.all(select(DataKey)))


def test_alias_index_reveals_nothing_without_the_key(town):
    town.register(alias="Merel")
    [index] = stored(town, "alias_index")
    assert index != hashlib.sha256(b"merel").hexdigest()
    assert len(bytes.fromhex(index)) == 32


def test_two_sessions_make_one_key_for_the_same_day(town):
    """The first answers of a day come at once: each names the same key, and no answer waits for ever."""
    attempts = [claim(town.database, "A", f"k{number}", "f", AT + timedelta(minutes=number)) for number in range(3)]
    for attempt in attempts:
        with town.database.transaction() as session:
            finish(session, attempt, Answer(200, {}, "{}"))
    assert [value.partition(":")[0] for value in stored(town, "body", "idempotentrequest")] == [
        "answers-2026-11-24"
    ] * 3
