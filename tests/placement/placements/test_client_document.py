"""The document for a client has everything that is stored about the client, and nothing about anybody else."""

import os
from dataclasses import asdict, replace

import pytest
from sqlmodel import SQLModel

from placement.core.codes import Role
from placement.core.context import Actor
from placement.core.errors import NotAllowed, NotFound
from placement.core.reason_codes import ChangeReason
from placement.placements import client_document
from placement.placements.client_document import LEFT_OUT, OMITTED, SOURCES, columns_of
from placement.placements.stays import fact_changes
from placement.registrations.case import PointInput, ThreatInput
from placement.retention import erasure
from placement.retention.processing_register import described
from placement.text.catalogue import languages, translate
from tests.support.accounts import add_accounts
from tests.support.client_document import as_page, fields_of_document
from tests.support.paths import ROOT
from tests.support.stores import one_store
from tests.support.town import ADMIN, COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, shelter

OF_PERSONS = {(table, column) for (table, column), row in described().items() if row.whose in {"person", "special"}}


def fresh(town, actor):
    return replace(actor, verified_at=town.at)


def document(town, client, language="en", actor=COORDINATOR):
    return town.do(client_document.make, client, language, actor=fresh(town, actor))


def values(found):
    return {(part.table, one.name): one.words for part in found.parts for row in part.rows for one in row.fields}


@pytest.fixture
def client(town):
    """A client who lives in a shelter, with a danger, another client to be kept apart from, and a corrected fact."""
    other = town.register(alias="Vink")
    dangers = {"threats": [ThreatInput(PointInput(place="Zwolle"), 5)], "keep_apart": [other]}
    made = town.register(alias="Merel", preferred_needs=["medical"], parts=dangers, actor=COORDINATOR)
    town.house(made, "U1-women")
    version, said = town.registration(made).version, {"reason": ChangeReason.CORRECTION, "text": "was never so"}
    town.do(fact_changes.change, made, version, {"pet": True}, actor=COORDINATOR, **said)
    add_accounts(town, DESK, OTHER_DESK, COORDINATOR)
    return made


def test_each_table_with_persons_is_in_the_document_or_left_out():
    """A new table or column of a person's data fails here, until it is in the document or has a reason."""
    shown = {table.__table__.name for table in SOURCES}
    left_out = {name for tables in LEFT_OUT.values() for name in tables}
    assert shown | left_out == {table for table, _ in OF_PERSONS}
    assert shown & left_out == set()
    assert {*SQLModel.metadata.tables} >= shown | left_out
    omitted = {one for columns in OMITTED.values() for one in columns}
    assert omitted - OF_PERSONS == set()
    in_document = {(table.__table__.name, column) for table in SOURCES for column in columns_of(table)}
    assert in_document == {one for one in OF_PERSONS if one[0] in shown} - omitted


@pytest.mark.parametrize("language", languages())
def test_each_field_of_the_document_has_words(language):
    assert len(fields_of_document()) > 80
    for name in fields_of_document():
        assert translate("client_document.field", name, language)


@pytest.mark.wide
@pytest.mark.parametrize("language", languages())
def test_document_has_the_facts_in_words(town, client, language):
    found = values(document(town, client, language))
    words = {"en": ("medical care", "Zwolle", "yes"), "nl": ("medische zorg", "Zwolle", "ja")}[language]
    assert found["registration", "alias"] == "Merel"
    assert words[0] in found["registration", "content.preferred_needs"].lower()
    assert words[1] in found["registration", "content.threats"]
    assert found["registration", "content.pet"] == words[2]
    assert translate("ChangeReason", "correction", language) in found["factchange", "content"]
    assert "was never so" in found["factchange", "content"]
    assert {"proposal", "decision", "hold", "stay", "bedclaim", "keepapart"} <= {table for table, _ in found} | {
        part.table for part in document(town, client, language).parts
    }


@pytest.mark.wide
def test_document_names_no_other_client_no_shelter_and_no_user(town, client):
    text = repr(asdict(document(town, client)))
    others = {one.id for one in town.all(client_document.select(client_document.Registration))} - {client}
    secrets = {"Opvang 1", "Locatie 1", "Geheimstraat", "U1-women", "Vink", "A-desk", "A-coordinator", "S1", *others}
    assert [one for one in secrets if one in text] == []
    assert "a place in the region" in text


@pytest.mark.wide
def test_document_states_openings_as_roles_and_days(town, client):
    town.later(days=1)
    document(town, client, actor=COORDINATOR)
    found = {one.role: one.days for one in document(town, client).accesses}
    assert found.keys() >= {Role.COORDINATOR, Role.DESK}
    assert found[Role.COORDINATOR][-1] == town.act_now(None).day
    assert Role.SYSTEM not in found


@pytest.mark.parametrize(
    ("actor", "error"),
    [
        (ELSEWHERE, NotFound),
        (shelter("S1"), NotAllowed),
        (ADMIN, NotAllowed),
        (Actor("A-auditor", Role.AUDITOR, session_id="Z"), NotAllowed),
        (replace(DESK, session_id=None, key_id="K-1", scopes=frozenset({"read", "write"})), NotAllowed),
        (replace(COORDINATOR, session_id=None, key_id="K-2", scopes=frozenset({"read", "write"})), NotAllowed),
    ],
)
@one_store
def test_document_is_refused_to_every_other_role(town, client, actor, error):
    with pytest.raises(error):
        document(town, client, actor=actor)


@one_store
def test_document_needs_a_fresh_second_factor(town, client):
    with pytest.raises(NotAllowed, match="second_factor_needed"):
        town.do(client_document.make, client, "en", actor=COORDINATOR)


@one_store
def test_document_of_an_erased_case_has_the_rest(town, client):
    with town.act() as act:
        act.session.get_one(client_document.Registration, client)
        erasure.erase_content(act, [client])
    found = values(document(town, client))
    assert ("registration", "alias") not in found
    assert ("registration", "content.preferred_needs") in found
    assert [one for one in found if one[0] in {"factchange", "keepapart"}] == []


@one_store
def test_page_with_the_document_of_a_synthetic_client_is_current(town, client):
    page = ROOT / "docs" / "adopt" / "client-document.md"
    made = as_page({language: document(town, client, language) for language in ("nl", "en")})
    if os.environ.get("WRITE_EXAMPLES") == "yes":
        page.write_text(made)
    assert page.read_text() == made
