"""The persons of a registration: guardian, age that is not known, day of turning 18, as what they are housed."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.core.codes import AgeGroup, Gender, ResidenceBasis, Scheme
from placement.core.errors import Conflict, Invalid
from placement.placements.holds.shelter_view import facts_of_holds
from placement.placements.proposals import proposals
from placement.registrations import case_rows, registrations
from placement.registrations.case import PersonInput
from placement.retention import erasure
from placement.solver.snapshot import entitlement_of, rules_on
from placement.tables import Registration, Unit
from tests.support.town import TODAY, F, M, key_store_of

OTHER = Gender.OTHER
TOMORROW = TODAY + timedelta(days=1)


def schemes_of(town, client: str) -> list[str]:
    with town.act() as act:
        registration, persons = town.registration(client), case_rows.persons_of(act, client)
        return [
            scheme.value
            for scheme in entitlement_of(rules_on(act.session, act.day), registration, persons, act.day).schemes
        ]


def test_sister_of_20_takes_no_sister_of_17_into_cosm(town):
    sisters = [PersonInput(F, 20), PersonInput(F, 17)]
    client = town.register(sisters)
    assert schemes_of(town, client) == []
    with pytest.raises(Conflict) as refused:
        town.do(proposals.prepare, client)
    assert (refused.value.code, refused.value.facts["rule"]) == ("no_scheme_open", "no_guardian")
    town.do(registrations.change, client, 1, {}, persons=[PersonInput(F, 20, guardian=True), PersonInput(F, 17)])
    assert schemes_of(town, client) == ["cosm", "crisis"]


def test_minor_is_an_adult_on_the_day_of_turning_18(town):
    town.at = datetime(2026, 11, 24, 23, 59, tzinfo=ZoneInfo("Europe/Amsterdam"))
    client = town.register([PersonInput(F, 17, adult_on=TOMORROW)])
    assert (town.row(client).persons[0].age, town.row(client).schemes) == (17, ("minors",))
    town.later(minutes=1)
    assert (town.row(client).persons[0].age, town.row(client).schemes) == (18, ("cosm", "crisis"))
    town.later(days=364)
    assert town.row(client).persons[0].age == 18
    town.later(days=1)
    assert town.row(client).persons[0].age == 19


@pytest.mark.wide
def test_occupant_is_a_minor_until_the_day_of_turning_18(town):
    family = [PersonInput(F, 40, guardian=True), PersonInput(F, 17, adult_on=TOMORROW)]
    town.house(town.register(family), "U2-family")

    def minors():
        return [one.minor for room in town.problem().rooms for one in room.occupants]

    assert minors() == [False, True]
    town.later(days=1)
    assert minors() == [False, False]


@pytest.mark.parametrize(
    ("adult_on", "fits"),
    [
        (TODAY, False),
        (TOMORROW, True),
        (date(2027, 11, 24), True),
        (date(2027, 11, 25), False),
        (date(2020, 1, 1), False),
    ],
)
def test_day_of_turning_18_fits_the_age(town, adult_on, fits):
    if fits:
        assert town.register([PersonInput(F, 17, adult_on=adult_on)])
        return
    with pytest.raises(Invalid) as refused:
        town.register([PersonInput(F, 17, adult_on=adult_on)])
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("persons.0.adult_on", "adult_on_differs")]


@pytest.mark.parametrize(
    "person", [PersonInput(F, 18, adult_on=TODAY), PersonInput(F, presumed=AgeGroup.MINOR, adult_on=TOMORROW)]
)
def test_day_of_turning_18_is_kept_of_known_minors_only(town, person):
    with pytest.raises(Invalid):
        town.register([person])


def test_day_of_turning_18_is_sealed_and_goes_with_the_content(town):
    client = town.register([PersonInput(F, 17, adult_on=TOMORROW)])
    with town.database.transaction() as session:
        stored = session.execute(text("SELECT content FROM registration")).scalar_one()
    assert TOMORROW.isoformat() not in stored
    assert [person.adult_on for person in town.registration(client).persons] == [TOMORROW]
    town.do(erasure.erase_content, [client])
    assert [(person.age, person.adult_on) for person in town.registration(client).persons] == [(17, None)]


def test_case_with_a_lost_key_is_left_out(town):
    client = town.register([PersonInput(F, 17, adult_on=TOMORROW)])
    with town.database.transaction() as session:
        key_store_of(town).remove(client)
        [found] = session.exec(select(Registration)).all()
        assert found.known("persons") is None
    assert town.problem().registrations == ()
    with pytest.raises(Conflict) as refused:
        town.do(proposals.prepare, client)
    assert refused.value.code == "content_unreadable"


@pytest.mark.parametrize("person", [PersonInput(F), PersonInput(F, 30, presumed=AgeGroup.ADULT)])
def test_person_has_an_age_or_is_taken_for_something(town, person):
    with pytest.raises(Invalid) as refused:
        town.register([person])
    assert [(fault.field, fault.code) for fault in refused.value.faults] == [("persons.0.age", "age_or_presumed")]


def test_client_of_unknown_age_gets_a_crisis_bed_and_no_other(town):
    client = town.register([PersonInput(F, presumed=AgeGroup.ADULT)])
    assert town.registration(client).residence_basis is ResidenceBasis.REFLECTION
    assert (town.row(client).persons[0].age, town.eligible_units(client)) == (18, {"U4-crisis"})
    assert town.one("proposal", town.propose(client)).unit_id == "U4-crisis"


def test_client_presumed_to_be_a_minor_is_one(town):
    client = town.register([PersonInput(F, presumed=AgeGroup.MINOR)])
    assert (town.row(client).persons[0].age, town.row(client).schemes) == (17, ("minors",))


def test_client_of_unknown_residence_gets_a_crisis_bed(town):
    client = town.register(residence_basis=ResidenceBasis.UNKNOWN)
    assert town.eligible_units(client) == {"U4-crisis"}
    draft = town.register([PersonInput(F, presumed=AgeGroup.ADULT)], draft=True, residence_basis=ResidenceBasis.UNKNOWN)
    assert schemes_of(town, draft) == ["crisis"]


def test_trans_woman_is_housed_as_a_woman(town):
    """By the registered gender the client got a crisis bed: no other unit admits it."""
    facts = {"residence_basis": ResidenceBasis.EU, "accepts_mixed": False}
    with town.database.transaction() as session:
        unit = session.get_one(Unit, "U1-women")
        unit.scheme, unit.admits = Scheme.WOMENS, [F]
    registered = town.register([PersonInput(M, 30)], **facts)
    client = town.register([PersonInput(M, 30, housed_as=F)], **facts)
    assert (schemes_of(town, registered), schemes_of(town, client)) == (["mens", "social"], ["womens", "social"])
    assert town.row(client).persons[0].gender == "female"
    assert town.eligible_units(client) == {"U1-women"}


def test_shelter_sees_as_what_the_client_is_housed(town):
    hold = town.hold_in(town.register([PersonInput(OTHER, 30, housed_as=F)]), "U1-women")
    [facts] = town.do(facts_of_holds, [town.one("hold", hold)]).values()
    assert facts.persons == [("female", 30, None)]


def test_shelter_sees_what_a_client_of_unknown_age_is_taken_for(town):
    hold = town.hold_in(town.register([PersonInput(F, presumed=AgeGroup.ADULT)]))
    [facts] = town.do(facts_of_holds, [town.one("hold", hold)]).values()
    assert facts.persons == [("female", None, "adult")]


def test_occupant_has_the_gender_of_being_housed(town):
    town.house(town.register([PersonInput(OTHER, 30, housed_as=F)]), "U1-women")
    assert [one.gender for room in town.problem().rooms for one in room.occupants] == ["female"]
