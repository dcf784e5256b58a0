"""A code that names no language is served by nobody, an interpreter for every language included."""

import pytest
from sqlmodel import select

from placement.core.errors import Conflict, Invalid
from placement.core.languages import LANGUAGES, NO_LANGUAGE
from placement.placements.proposals import proposals
from placement.tables import Registration
from placement.tables.facts import SpokenLanguage
from placement.text.languages import spoken_names


@pytest.mark.parametrize("code", ["und", "UND", "mul", "zxx", "mis"])
def test_code_that_names_no_language_is_refused(town, code):
    with pytest.raises(Invalid) as refused:
        town.register(languages=[{"code": "nl", "level": "basic"}, {"code": code, "level": "native"}])
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [
        ("languages.1.code", "language_undetermined")
    ]


def test_list_of_languages_has_none_that_names_no_language():
    assert not LANGUAGES & NO_LANGUAGE
    assert not set(spoken_names("nl").values()) & NO_LANGUAGE
    assert {"nl", "ti", "ar"} <= LANGUAGES & set(spoken_names("nl").values())


def taken_once(town, *codes: str) -> str:
    """A registration from the time when such a code was taken."""
    client = town.register()
    with town.database.transaction() as session:
        row = session.exec(select(Registration).where(Registration.id == client)).one()
        row.languages = [SpokenLanguage(code=code, level="native") for code in codes]
    return client


def test_stored_code_that_names_no_language_stays_outside(town):
    client = taken_once(town, "und", "ti")
    assert [spoken.code for spoken in town.row(client).languages] == ["ti"]


def test_client_of_unknown_language_is_not_served(town):
    client, other = taken_once(town, "und"), town.register()
    assert [row.id for row in town.problem().registrations] == [other]
    with pytest.raises(Conflict) as refused:
        town.do(proposals.prepare, client)
    assert refused.value.code == "language_missing"


def test_bed_is_sought_for_a_client_of_unknown_language(town):
    client = town.register(languages=[], language_required=False)
    assert town.eligible_units(client) == {"U1-women", "U2-family", "U4-crisis"}
