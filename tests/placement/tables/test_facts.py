"""Consequences of the declaration of a fact, each compared with a list of its own here."""

from datetime import date
from typing import Annotated

import msgspec
import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import StatementError
from sqlmodel import col

from api.pages.drafts import SECTIONS
from api.pages.fact_fields import FIELDS, PROFILE_FIELDS, Widget, all_of, fields_of, ticked
from api.v1.holds import HoldOut
from api.v1.registration_input import RegistrationIn, RegistrationPatch
from api.v1.registrations import RegistrationOut
from api.v1.unit_profile import ProfileIn, ProfileOut
from matching.format.problem import Registration as ProblemRegistration
from matching.format.problem import Unit as ProblemUnit
from placement.core.codes import Specialism
from placement.retention import erasure
from placement.retention.schedule import kind_named
from placement.tables import Registration, Unit
from placement.tables.columns import CodeList
from placement.tables.facts import FACTS, PROFILE_FACTS, Fact, Facts, Section, SpokenLanguage
from placement.tables.registration import IN_CLEAR

BY_HAND = {"languages", "near"}
BY_HAND_OF_PROFILE = {"languages", "interpreter_languages"}
"""Several inputs each."""


def test_every_field_of_facts_is_declared_with_one_fact():
    assert FACTS.keys() == Facts.model_fields.keys()
    assert all(sum(isinstance(one, Fact) for one in field.metadata) == 1 for field in Facts.model_fields.values())


def test_every_fact_is_stored_an_input_and_an_output():
    for model in (RegistrationIn, RegistrationPatch, RegistrationOut):
        assert FACTS.keys() <= model.model_fields.keys(), model
    assert set(Registration.record.model_fields) - FACTS.keys() == {
        "waits_since", "taken_over_on", "registered_by", "persons", "threats", "reach", "avoidances", "breaks",
        "place_lost_at", "requests", "returns", "closing", "searches", "obstacle",
    }  # fmt: skip
    assert FACTS.keys() - Registration.record.model_fields.keys() == IN_CLEAR
    assert set(Registration.__table__.columns.keys()) - IN_CLEAR == {
        "id", "status", "version", "alias_index", "content", "waits_on", "closed_reason", "closed_on",
        "content_erased_at", "anonymised_at", "seal",
    }  # fmt: skip


def test_sealed_fact_is_in_no_query():
    for name in Registration.record.model_fields:
        with pytest.raises(TypeError):
            _ = getattr(Registration, name) == "x"
        with pytest.raises(RuntimeError):
            col(getattr(Registration, name))


def test_fact_of_a_record_is_read_as_it_was_written():
    row = _registration(languages=[{"code": "ti", "level": "basic"}])
    assert row.languages == [SpokenLanguage(code="ti", level="basic")]
    assert (row.needs, row.near, row.accepts_mixed, row.needed_by) == ([], None, True, date(2026, 12, 1))
    row.needs = ["medical"]
    assert row.content["needs"] == ["medical"]
    assert row.needs == [Specialism.MEDICAL]


def test_record_of_before_a_fact_was_known_has_its_default():
    row = _registration()
    younger = {"needed_from", "expected_birth", "pet", "legal_guardian", "guardian_consent", "community_rights"}
    younger |= {"sharing_ground", "sharing_said_by", "sharing_until", "sharing_withdrawn"}
    younger |= {"sharing_scope", "restriction"}
    row.content = {name: value for name, value in row.content.items() if name not in younger}
    assert {name: getattr(row, name) for name in younger} == {
        **dict.fromkeys(younger), "pet": False, "sharing_withdrawn": False
    }  # fmt: skip


def test_patch_requires_nothing_and_output_has_no_defaults():
    assert not [name for name, field in RegistrationPatch.model_fields.items() if field.is_required()]
    assert not [name for name in FACTS if not RegistrationOut.model_fields[name].is_required()]
    assert RegistrationPatch.model_validate({"high_care": True}).case().columns() == {"high_care": True}
    with pytest.raises(ValidationError):
        RegistrationPatch.model_validate({"high_care": None})


def test_engine_facts_are_keys_of_the_problem():
    """The place to be near, without its name, is written by the snapshot."""
    known = {field.name for field in msgspec.structs.fields(ProblemRegistration)}
    engine = {name for name, fact in FACTS.items() if fact.engine}
    assert engine == FACTS.keys() & known - {"near"}


def test_shelter_sees_of_a_client_what_it_needs():
    assert FACTS.keys() & HoldOut.model_fields.keys() == {
        "needs", "room_needs", "private_room", "high_care", "languages", "expected_birth", "pet"
    }  # fmt: skip


def test_every_fact_has_one_field_of_the_form_in_its_section():
    assert {field.name for field in all_of(FIELDS)} == FACTS.keys() - BY_HAND
    assert sorted(name for names in SECTIONS.values() for name in names if name in FACTS) == sorted(FACTS)
    assert {field.widget for field in [*all_of(FIELDS), *all_of(PROFILE_FIELDS)]} == set(Widget)
    assert [field.name for field in FIELDS[Section.WHO]] == [
        "registrant", "residence_basis", "community_rights", "region", "municipality", "registrant_unit", "alias"
    ]  # fmt: skip


def test_box_is_ticked_where_a_fact_is_not_as_else():
    row = _registration(high_care=True, accepts_mixed=False)
    assert [(field.name, field.box_words) for field in ticked(FIELDS[Section.NEEDS], row)] == [
        ("high_care", "fact"), ("accepts_mixed", "fact.not")
    ]  # fmt: skip


def test_yes_or_no_that_may_be_unknown_is_no_box():
    class Model(BaseModel):
        fridge: Annotated[bool | None, Fact("-", Section.NEEDS)] = None

    with pytest.raises(TypeError, match="fridge"):
        fields_of(Model, "fact")


def test_profile_facts_are_columns_inputs_outputs_and_fields():
    for model in (Unit, ProfileIn, ProfileOut):
        assert PROFILE_FACTS.keys() <= model.model_fields.keys(), model
    assert {field.name for field in all_of(PROFILE_FIELDS)} == PROFILE_FACTS.keys() - BY_HAND_OF_PROFILE
    known = {field.name for field in msgspec.structs.fields(ProblemUnit)}
    engine = {name for name, fact in PROFILE_FACTS.items() if fact.engine}
    assert engine == PROFILE_FACTS.keys() & known - {"high_care_limit"}  # what is left of it, by the snapshot
    limits = {field.name: field.limits for field in all_of(PROFILE_FIELDS) if field.limits}
    assert limits == {"min_age": (0, 120), "max_age": (0, 120), "high_care_limit": (0, 100)}


def test_erased_facts_are_those_that_identify_a_client():
    assert set(erasure._CONTENT) == {"alias", "near"}
    assert set(erasure._ANONYMISED) == {
        "municipality", "needs", "preferred_needs", "room_needs", "high_care", "languages", "expected_birth"
    }  # fmt: skip
    assert all(kind_named(fact.kept) for fact in FACTS.values())


def test_code_list_stores_no_unknown_code(town):
    with pytest.raises(ValidationError):
        _registration(needs=["unheard_of"])
    with pytest.raises(StatementError):
        town.do(lambda act: setattr(act.session.get_one(Unit, "U1-women"), "specialisms", ["x"]) or act.session.flush())
    kind = CodeList(Specialism)
    assert kind.process_result_value(["medical"], None) == [Specialism.MEDICAL]


def _registration(**facts):
    given = {"region": "amsterdam", "registrant": "NP", "residence_basis": "eu", "needed_by": "2026-12-01"}
    return Registration(id="R-1", **dict(Facts.model_validate(given)) | facts)
