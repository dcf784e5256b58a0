"""A client whose case was closed returns: a draft that names it, with what is still true."""

from datetime import timedelta

import pytest

from placement.core.codes import ResidenceBasis
from placement.core.consent_codes import Consent, SharingGround
from placement.core.errors import Conflict, NotFound
from placement.core.request_codes import RequestKind
from placement.registrations import duplicates, registrations, related_cases, returns
from placement.registrations.case import AvoidedInput, AvoidedKind, PersonInput, PointInput, ReachInput, ThreatInput
from placement.registrations.household import age_on
from placement.registrations.request_rows import requests_of
from placement.retention import erasure
from placement.tables import Registration
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, TODAY, F


def closed(town, **more):
    """A case that was closed with the end of a stay."""
    client = town.register(**more)
    town.end(town.house(client))
    return client


def erased(act, client):
    return returns.erased_of(act, act.session.get_one(Registration, client))


def take_back(town, client, *, actor=COORDINATOR):
    return town.do(returns.take_back, client, actor=actor)


@pytest.mark.wide
def test_return_begins_with_what_is_still_true(town):
    other = town.register()
    parts = {
        "threats": [ThreatInput(PointInput(place="Tilburg"), 30)],
        "reach": [ReachInput(PointInput(place="Alkmaar"), 60)],
        "avoided": [AvoidedInput(AvoidedKind.UNIT, "U5-social")],
        "keep_apart": [other],
    }
    child = PersonInput(F, 4)
    mother = PersonInput(F, 30, guardian=True)
    client = closed(town, parts=parts, persons=(mother, child), urgency=1, alias="Merel")
    town.later(days=400)
    made = take_back(town, client)
    earlier = town.registration(client)
    assert (made.status.value, made.returns, made.alias, made.urgency) == ("draft", client, "Merel", 3)
    assert (made.waits_since, made.needed_by) == (town.at, town.at.date() + timedelta(days=7))
    assert [age_on(one, town.at.date()) for one in made.persons] == [31, 5]
    assert [one.id for one in made.persons] == [f"{made.id}/1", f"{made.id}/2"]
    assert [(one.point, one.min_km) for one in made.threats] == [(one.point, one.min_km) for one in earlier.threats]
    assert [one.max_km for one in made.reach] == [60]
    assert town.avoided(made.id) == {("unit", "U5-social")}
    with town.act() as act:
        assert related_cases.all_named_by(act, made.id).keep_apart == [other]
    assert "registration:made" in town.events()[-1:]


@pytest.mark.wide
def test_return_is_no_duplicate_of_the_case_it_names(town):
    client = closed(town, alias="Merel")
    made = take_back(town, client)
    with town.act(COORDINATOR) as act:
        assert duplicates.alike_of(act, made.id).alike == []
        known = duplicates.described(act.session.get_one(Registration, made.id), act.day)
        assert duplicates.find(act, known, without=made.id).alike == []
        assert {one.registration.id for one in duplicates.find(act, known).alike} == {client, made.id}


def test_pair_that_the_other_named_is_kept_apart_from(town):
    client = closed(town)
    other = town.register(parts={"keep_apart": [client]})
    made = take_back(town, client)
    with town.act() as act:
        assert related_cases.all_named_by(act, made.id).keep_apart == [other]


@pytest.mark.wide
def test_opened_return_is_a_request_of_its_kind(town):
    made = take_back(town, closed(town, residence_basis=ResidenceBasis.REFLECTION))
    town.do(registrations.change, made.id, made.version, {"urgency": 1}, open_it=True, actor=COORDINATOR)
    with town.act() as act:
        [one] = requests_of(act, act.session.get_one(Registration, made.id))
    assert (one.kind, one.urgency) == (RequestKind.RETURN, 1)
    assert town.propose(made.id)


@pytest.mark.wide
def test_case_that_is_not_closed_does_not_return(town):
    client = town.register()
    with pytest.raises(Conflict) as refused:
        take_back(town, client)
    assert (refused.value.code, refused.value.facts) == ("case_not_closed", {"status": "open"})
    with pytest.raises(NotFound):
        take_back(town, closed(town), actor=ELSEWHERE)


def test_second_return_of_a_case_names_the_first(town):
    client = closed(town)
    first = take_back(town, client).id
    with pytest.raises(Conflict, match="returned_already") as refused:
        take_back(town, client)
    assert refused.value.facts == {"registration": first}
    town.do(registrations.close, first, "withdraws_consent")
    assert take_back(town, client).returns == client


@pytest.mark.wide
def test_return_agrees_to_nothing_and_expects_no_past_birth(town):
    said = {"sharing_ground": SharingGround.CONSENT, "needed_from": TODAY, "guardian_consent": Consent.GIVEN}
    client = closed(town, expected_birth=TODAY + timedelta(days=9), **said)
    town.later(days=9)
    made = take_back(town, client)
    assert made.expected_birth == TODAY + timedelta(days=9)
    assert {name: getattr(made, name) for name in said} == dict.fromkeys(said)
    town.do(registrations.close, made.id, "withdraws_consent")
    town.later(days=1)
    assert take_back(town, client).expected_birth is None


def test_withdrawn_ground_stays_withdrawn_at_a_return(town):
    client = closed(town)
    with town.act() as act:
        act.session.get_one(Registration, client).sharing_withdrawn = True
    assert take_back(town, client).sharing_withdrawn


@pytest.mark.wide
def test_return_after_a_year_begins_with_what_is_left(town):
    danger = [ThreatInput(PointInput(place="Tilburg"), 30)]
    parts = {
        "threats": danger,
        "keep_apart": [town.register()],
        "avoided": [AvoidedInput(AvoidedKind.UNIT, "U4-crisis")],
    }
    client = closed(town, parts=parts, alias="Merel")
    town.later(days=395)
    with town.act() as act:
        erasure.erase_content(act, [client])
    made = take_back(town, client, actor=DESK)
    assert (made.returns, made.alias, made.threats, made.avoidances) == (client, None, [], [])
    assert ([one.code for one in made.languages], [age_on(one, town.at.date()) for one in made.persons]) == (
        ["nl"],
        [31],
    )
    with town.act() as act:
        assert related_cases.all_named_by(act, made.id).keep_apart == []
        for case in (client, made.id):
            assert {"alias", "threats", "avoided", "keep_apart"} <= {*erased(act, case)}


def test_nothing_is_erased_of_a_return_before_the_term(town):
    client = closed(town)
    town.later(days=330)
    made = take_back(town, client)
    town.later(days=65)
    with town.act() as act:
        erasure.erase_content(act, [client])
    with town.act() as act:
        assert erased(act, made.id) == ()


def test_anonymous_case_gives_no_return_of_the_client(town):
    client = closed(town)
    town.later(days=5 * 365 + 1)
    with town.act() as act:
        erasure.erase_content(act, [client])
        erasure.anonymise(act, [client])
    with pytest.raises(Conflict, match="case_anonymous"):
        take_back(town, client, actor=DESK)
