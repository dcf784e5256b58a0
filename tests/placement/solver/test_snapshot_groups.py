"""Additions of format 2 of the problem, from the tables: reach, freshness, and groups of waiting clients."""

from datetime import timedelta

import pytest

from placement.core.codes import Freshness, Region, Together
from placement.core.errors import Invalid, NotAllowed
from placement.core.geography import places
from placement.registrations import case_rows, inference_guard, registrations
from placement.registrations.case import PointInput, ReachInput
from placement.tables import Registration
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ELSEWHERE

pytestmark = one_store


def together(town):
    return [(list(group.registrations), group.where, group.must) for group in town.problem().together]


def moved(town, registration):
    with town.database.transaction() as session:
        session.get_one(Registration, registration).region = Region.LIMBURG


def test_reach_is_written_as_given_and_rules_out_what_is_farther(town):
    anywhere, delft = (town.register(parts={"reach": [ReachInput(PointInput(place="Delft"), km)]}) for km in (400, 10))
    [within] = town.row(delft).within
    point = places()["delft"].point
    assert (within.lat, within.lon, within.max_km) == (point.lat, point.lon, 10)
    assert town.eligible_units(delft) < town.eligible_units(anywhere) == town.eligible_units(town.register())


def test_freshness_of_a_unit_is_the_age_of_its_shelters_report(town):
    def seen():
        return {unit.freshness for unit in town.problem().units}

    assert seen() == {Freshness.FRESH}
    town.at += timedelta(hours=30)
    assert seen() == {Freshness.AGEING}
    town.at += timedelta(hours=60)
    assert seen() == {Freshness.STALE}


def test_named_clients_are_one_group_with_all_they_name(town):
    one, two, three, alone = (town.register() for _ in range(4))
    town.do(registrations.change, two, 1, {}, stay_with=[one])
    town.do(registrations.change, three, 1, {"together_in": Together.UNIT}, stay_with=[two])
    assert together(town) == [(sorted([one, two, three]), "unit", False)]
    town.do(registrations.change, two, 2, {"together_in": Together.REGION, "together_required": True})
    assert together(town) == [(sorted([one, two, three]), "unit", True)]
    town.do(registrations.change, three, 2, {}, stay_with=[])
    assert together(town) == [(sorted([one, two]), "region", True)]
    assert [group.id for group in town.problem().together] == ["G1"]
    assert alone not in {name for group in together(town) for name in group[0]}


@pytest.mark.wide
def test_group_holds_only_waiting_clients(town):
    one, two = town.register(), town.register()
    town.do(registrations.change, two, 1, {}, stay_with=[one])
    town.house(one)
    assert together(town) == []
    assert town.do(case_rows.named_by, two).stay_with == [one]


@pytest.mark.parametrize(("field", "code"), [("stay_with", "registration_unknown"), ("reach", "place_unknown")])
def test_unknown_reference_or_place_is_refused_by_field(town, field, code):
    wrong = {"stay_with": ["R-none"], "reach": [ReachInput(PointInput(place="Nergenshuizen"), 9)]}[field]
    with pytest.raises(Invalid) as refused:
        town.register(parts={field: wrong})
    [fault] = refused.value.faults
    assert (fault.field.partition(".")[0], fault.code) == (field, code)


def test_apart_and_together_with_one_client_is_refused(town):
    other = town.register()
    with pytest.raises(Invalid) as refused:
        town.register(parts={"keep_apart": [other], "stay_with": [other]})
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("stay_with.0", "apart_and_together")]
    client = town.register(parts={"keep_apart": [other]})
    with pytest.raises(Invalid):
        town.do(registrations.change, client, 1, {}, stay_with=[other])


@pytest.mark.parametrize("how", ["client_named", "the_other_named"])
def test_together_with_a_hidden_client_only_the_desk_proposes(town, how):
    other, client = town.register(actor=COORDINATOR), town.register(actor=COORDINATOR)
    named, naming = (other, client) if how == "client_named" else (client, other)
    town.do(registrations.change, naming, 1, {}, stay_with=[named], actor=COORDINATOR)
    assert town.propose(client, actor=COORDINATOR)
    moved(town, other)
    for mine, actor in ((client, COORDINATOR), (other, ELSEWHERE)):
        with pytest.raises(NotAllowed) as refused:
            town.propose(mine, actor=actor)
        assert refused.value.code == "desk_finds_place"
    assert town.propose(client, actor=DESK)


def test_problem_of_a_coordinator_has_no_half_hidden_group(town):
    other, client, mine = (town.register(actor=COORDINATOR) for _ in range(3))
    town.do(registrations.change, client, 1, {}, stay_with=[other], actor=COORDINATOR)
    moved(town, other)
    problem = town.problem()
    assert len(problem.together) == 1
    with town.act(COORDINATOR) as act:
        assert inference_guard.shows_unseen(act, problem)
        assert inference_guard.without_unseen(act, problem).together == ()
    with town.act(DESK) as act:
        assert inference_guard.without_unseen(act, problem) == problem
    assert town.propose(mine, actor=COORDINATOR)


def test_hidden_client_stays_named_when_a_coordinator_edits(town):
    other, client, third = (town.register(actor=COORDINATOR) for _ in range(3))
    town.do(registrations.change, client, 1, {}, stay_with=[other], actor=COORDINATOR)
    moved(town, other)
    town.do(registrations.change, client, 2, {}, stay_with=[third], actor=COORDINATOR)
    with town.act(COORDINATOR) as act:
        assert case_rows.named_by(act, client).stay_with == [third]
    with town.act(DESK) as act:
        assert case_rows.named_by(act, client).stay_with == sorted([other, third])
