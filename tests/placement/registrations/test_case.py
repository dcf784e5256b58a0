"""A case is one frozen value, which has every declared fact and is checked once before anything of it is stored."""

from dataclasses import replace

import pytest
from pydantic import ValidationError
from sqlmodel import func, select

from api.v1.registration_input import RegistrationPatch
from placement.core.errors import Invalid
from placement.core.reason_codes import ChangeReason
from placement.placements.stays import fact_changes
from placement.registrations import case_check, registrations
from placement.registrations.case import Case, PersonInput, PointInput, ThreatInput
from placement.tables import FactChange, Registration
from placement.tables.facts import FACTS, Facts
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, F, case_of

NOWHERE = {"threats": [ThreatInput(PointInput(place="Nergenshuizen"), 10)]}
FIRST_LEFT_OUT = {"region", "registrant", "residence_basis", "needed_by", "near"}
"""Facts that a change need not give, and a point, which is looked up first: their types differ."""


def is_registered(town):
    town.register(actor=COORDINATOR, parts=NOWHERE)


def is_changed(town):
    town.do(registrations.change, town.register(), 1, {"urgency": 1}, **NOWHERE)


def is_changed_with_a_place(town):
    client = town.register()
    town.hold_in(client)
    version, why = town.registration(client).version, {"reason": ChangeReason.NEW_DANGER, "confirm": True}
    town.do(fact_changes.change, client, version, {}, actor=COORDINATOR, **NOWHERE, **why)


def is_taken_over(town):
    town.take_over(given=NOWHERE)


def is_taken_over_waiting(town):
    town.take_over_waiting(given=NOWHERE)


VERBS = [is_registered, is_changed, is_changed_with_a_place, is_taken_over, is_taken_over_waiting]


@pytest.fixture
def checks(monkeypatch):
    """The cases that were checked; without a first registration, which a change needs."""
    checked = []

    def check(act, case, *more, real=case_check.check, **named):
        checked.append(case)
        return real(act, case, *more, **named)

    monkeypatch.setattr(case_check, "check", check)
    return checked


def rows(town):
    with town.act() as act:
        return [act.session.exec(select(func.count()).select_from(table)).one() for table in (Registration, FactChange)]


@pytest.mark.parametrize("change", [{"urgency": 1}, {"alias": None}, {"persons": ()}, {"keep_apart": None}])
def test_case_is_frozen(change):
    case = case_of({"urgency": 2}, persons=[PersonInput(F, 30)])
    [(name, value)] = change.items()
    with pytest.raises(ValidationError, match="frozen"):
        setattr(case, name, value)


def test_case_refuses_what_is_no_fact():
    with pytest.raises(ValidationError, match="extra_forbidden"):
        case_of({"surname": "Vogel"})


def test_case_has_the_facts_of_the_declaration():
    same = FACTS.keys() - FIRST_LEFT_OUT
    assert {name: Case.model_fields[name].annotation for name in same} == {
        name: Facts.model_fields[name].annotation for name in same
    }
    assert Case.model_fields.keys() - FACTS.keys() == {
        *("persons", "threats", "avoided", "reach", "keep_apart", "stay_with"),
    }


def test_patch_gives_a_case_what_it_has_and_no_more():
    sent = {"urgency": 2, "near": None, "threats": [{"place": "Alkmaar", "min_km": 5}], "reason": "correction"}
    case = RegistrationPatch.model_validate(sent).case()
    assert case.given == ["near", "threats", "urgency"]
    assert case.columns() == {"urgency": 2, "near": None}
    assert case.threats == [ThreatInput(PointInput(place="Alkmaar"), 5)]


@one_store
@pytest.mark.parametrize("verb", VERBS)
def test_wrong_case_is_checked_once_and_stores_nothing(town, checks, verb):
    before = rows(town)
    with pytest.raises(Invalid) as refused:
        verb(town)
    assert [(one.field, one.code) for one in refused.value.faults] == [("threats.0.place", "place_unknown")]
    assert sum(case.threats is not None for case in checks) == 1
    made = len(checks) - 1
    assert rows(town) == [before[0] + made, before[1]]


@one_store
@pytest.mark.parametrize("verb", VERBS)
def test_verb_that_checks_no_case_is_detected(town, monkeypatch, verb):
    def check(*said, real=case_check.check, **named):
        return replace(real(*said, **named), faults=())

    monkeypatch.setattr(case_check, "check", check)
    with pytest.raises(KeyError):  # the point that was not found
        verb(town)
