"""A minor with a child of their own: which units may take them, and in which room."""

import pytest
from sqlmodel import select

from matching import explain
from placement.core.child_of_minor import OwnChild, named
from placement.core.codes import ResidenceBasis, Scheme
from placement.placements.proposals import presentation
from placement.placements.proposals.proposals import advice_of
from placement.registrations.case import PersonInput
from placement.tables import BedClaim, Proposal, Unit
from placement.text.engine_words import say
from tests.support.town import F, M

MOTHER = PersonInput(F, 16, guardian=True)
MOTHER_AND_BABY = [MOTHER, PersonInput(M, 0)]


def house_minors(town, **facts) -> None:
    """U2-family is of protected reception now: girls of 12 to 17, their children up to 3, boys up to 2."""
    profile = {"children_max_age": 3, "boys_max_age": 2, "min_age": 12, "max_age": 17} | facts
    with town.database.transaction() as session:
        unit = session.get_one(Unit, "U2-family")
        women = session.get_one(Unit, "U1-women")
        unit.scheme = women.scheme = Scheme.MINORS
        women.min_age = 12
        for name, value in profile.items():
            setattr(unit, name, value)


def broken_in(town, client: str) -> dict[str, set[str]]:
    found = explain(town.problem(), client).units
    return {unit.unit: {row.rule for row in unit.broken} for unit in found if unit.unit in {"U1-women", "U2-family"}}


@pytest.mark.wide
def test_mother_of_16_with_a_baby_is_placed_as_a_minor(town):
    house_minors(town)
    client = town.register(MOTHER_AND_BABY)
    assert town.row(client).schemes == ("minors",)
    assert broken_in(town, client) == {"U1-women": {"needs"}, "U2-family": set()}
    assert town.one("proposal", town.propose(client)).unit_id == "U2-family"


def test_mother_and_baby_have_a_room_to_themselves(town):
    house_minors(town)
    client = town.register(MOTHER_AND_BABY)
    assert town.row(client).private_room
    town.hold_in(client)
    claims = town.all(select(BedClaim))
    assert [claim.whole_room for claim in claims] == [True] * 3
    persons = {person.id for person in town.registration(client).persons}
    assert {claim.person_id for claim in claims} == {*persons, None}
    assert [(one.gender, one.minor) for room in town.problem().rooms for one in room.occupants] == [
        ("female", True),
        ("male", True),
    ]


@pytest.mark.parametrize(
    ("child", "facts", "broken"),
    [
        (PersonInput(M, 2), {}, set()),
        (PersonInput(M, 3), {}, {"needs"}),
        (PersonInput(F, 3), {}, set()),
        (PersonInput(F, 4), {}, {"needs"}),
        (PersonInput(F, 1), {"children_max_age": None, "boys_max_age": None}, {"needs"}),
        (PersonInput(F, 1), {"min_age": 17}, {"age"}),
        (PersonInput(F, 1), {"admits": ["male"]}, {"gender"}),
    ],
)
def test_unit_takes_a_minor_with_a_child_by_its_own_limits(town, child, facts, broken):
    house_minors(town, **facts)
    assert broken_in(town, town.register([MOTHER, child]))["U2-family"] == broken


def test_minors_without_a_child_of_their_own_are_as_they_are(town):
    house_minors(town)
    client = town.register([PersonInput(F, 17), PersonInput(F, 15)])
    row = town.row(client)
    assert ([person.age for person in row.persons], row.needs, row.private_room) == ([17, 15], (), False)
    assert not [code for unit in town.problem().units for code in unit.specialisms if "_of_" in code]


def test_child_of_a_mother_of_age_stays_a_child_of_the_contract(town):
    client = town.register([PersonInput(F, 18, guardian=True), PersonInput(M, 0)])
    row = town.row(client)
    assert ([person.age for person in row.persons], row.needs) == ([18, 0], ())
    assert town.eligible_units(client) == {"U2-family"}


def test_mother_of_the_eu_goes_to_youth_protection(town):
    client = town.register(MOTHER_AND_BABY, residence_basis=ResidenceBasis.EU)
    assert [row.id for row in town.problem().registrations if row.id == client] == []


@pytest.mark.wide
def test_room_of_mother_and_child_is_no_wish_to_give_up(town):
    """The engine takes it for a wish of the client; nobody is shown its change of that wish."""
    house_minors(town)
    town.house(town.register([PersonInput(F, 15)]), "U2-family")
    proposal = town.propose(town.register(MOTHER_AND_BABY))
    with town.act() as act:
        advice = advice_of(act.session.get_one(Proposal, proposal))
        words = presentation.serialize(act, act.session.get_one(Proposal, proposal), "en")
    [change] = [unit.change for unit in advice.units if unit.unit == "U2-family"]
    assert change.what == "private_room"
    [shown] = [unit for unit in words.others if unit.unit == "U2-family"]
    assert ([row.rule for row in shown.broken], shown.change) == (["rooms"], None)
    assert not [step for way in words.ways_out for step in way.changes if step.what == "private_room"]


@pytest.mark.parametrize("code", ["medical", "child_of_", "boy_of_2x", "a_child_of_2", 2, None])
def test_other_needs_are_no_child_of_a_minor(code):
    assert named(code) is None
    assert named(OwnChild(2, boy=True).code) == OwnChild(2, boy=True)


def test_child_of_a_minor_is_named_in_words():
    missing = {"missing": ["medical", OwnChild(2, boy=True).code, OwnChild(0, boy=False).code]}
    assert say("needs", missing, "en") == (
        "missing here: medical care, room for a boy aged 2 whose parent is a minor, "
        "room for a child aged 0 whose parent is a minor"
    )
    assert "een jongen van 2 van een minderjarige" in say("needs", missing, "nl")
