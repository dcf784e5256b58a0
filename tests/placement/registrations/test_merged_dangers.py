"""A case that alone knows of a danger is not merged away unseen."""

from dataclasses import replace

import pytest

from placement.core.codes import AvoidedKind, RegistrationStatus
from placement.core.errors import Telling
from placement.registrations import links, registrations
from placement.registrations.case import AvoidedInput, PointInput, ThreatInput
from tests.support.accounts import add_accounts
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK

ZWOLLE, FURTHER, ELSEWHERE = (
    ThreatInput(PointInput(place), km) for place, km in (("zwolle", 40), ("zwolle", 60), ("tilburg", 40))
)
AVOIDED = AvoidedInput(AvoidedKind.LOCATION, "L1")


def two(town, earlier, later):
    """Two cases of one client with these parts, of which the later is merged into the earlier."""
    first = town.register(actor=COORDINATOR, parts=earlier)
    town.later(minutes=1)
    return town.register(actor=COORDINATOR, parts=later), first


def lost(town, pair, actor=COORDINATOR):
    with pytest.raises(Telling) as told:
        town.do(links.merge, *pair, actor=actor)
    [fault] = told.value.faults
    assert (fault.field, fault.code) == ("confirm", "known_here_alone")
    return fault.facts["lost"]


@pytest.mark.parametrize(
    ("earlier", "later", "alone"),
    [
        ({}, {"threats": [ZWOLLE]}, ["threats"]),
        ({"threats": [ELSEWHERE]}, {"threats": [ZWOLLE]}, ["threats"]),
        ({"threats": [ZWOLLE]}, {"threats": [FURTHER]}, ["threats"]),
        ({"threats": [ZWOLLE]}, {"threats": [ZWOLLE, ELSEWHERE], "avoided": [AVOIDED]}, ["threats", "avoided"]),
        ({"threats": [ZWOLLE]}, {"avoided": [AVOIDED]}, ["avoided"]),
    ],
)
def test_merger_names_what_one_client_case_alone_knows(town, earlier, later, alone):
    pair = two(town, earlier, later)
    assert lost(town, pair) == alone
    assert town.registration(pair[0]).status is RegistrationStatus.OPEN
    town.do(links.merge, *pair, actor=COORDINATOR, confirm=True)
    assert town.registration(pair[0]).status is RegistrationStatus.CLOSED


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ({"threats": [ZWOLLE]}, {}),
        ({"threats": [FURTHER]}, {"threats": [ZWOLLE]}),
        ({"threats": [ELSEWHERE, ZWOLLE], "avoided": [AVOIDED]}, {"threats": [ZWOLLE], "avoided": [AVOIDED]}),
    ],
)
def test_merger_of_what_the_other_knows_too_goes_on(town, earlier, later):
    pair = two(town, earlier, later)
    assert town.do(links.merge, *pair, actor=COORDINATOR).status is RegistrationStatus.CLOSED


def test_client_kept_apart_is_known_to_the_other_first(town):
    third = town.register(actor=COORDINATOR)
    pair = two(town, {}, {"keep_apart": [third]})
    assert lost(town, pair) == ["keep_apart"]
    first = town.registration(pair[1])
    town.do(registrations.change, first.id, first.version, {}, keep_apart=[third], actor=COORDINATOR)
    town.do(links.merge, *pair, actor=COORDINATOR)


@one_store
def test_lifted_avoidance_of_a_client_is_no_danger(town):
    pair = two(town, {}, {"avoided": [AVOIDED]})
    [avoided] = town.registration(pair[0]).avoidances
    town.do(registrations.lift_avoidance, pair[0], avoided.id, actor=COORDINATOR)
    town.do(links.merge, *pair, actor=COORDINATOR)


@one_store
def test_actor_is_told_nothing_of_a_case_closed_to_the_desk(town):
    add_accounts(town, COORDINATOR, DESK)
    pair = two(town, {"threats": [ZWOLLE]}, {"threats": [ZWOLLE]})
    seen = replace(DESK, opened=frozenset({pair[0]}))
    assert lost(town, pair, seen) == ["threats"]
    town.do(links.merge, *pair, actor=replace(DESK, opened=frozenset(pair)))
