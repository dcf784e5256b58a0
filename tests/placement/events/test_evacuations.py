"""An evacuation by one act, and a hotel that takes clients by telephone from the first minute."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import AvoidedKind, HoldStatus, RegistrationStatus
from placement.core.consent_codes import Driver
from placement.core.errors import Conflict, Invalid
from placement.core.event_codes import EventStatus
from placement.core.place_codes import PlaceStatus, RegisterKind
from placement.core.request_codes import RequestKind
from placement.core.telephone_codes import TelephoneUse
from placement.events import evacuations, events, members, temporary_places
from placement.events.beds import beds_tonight
from placement.events.evacuations import EvacuationInput
from placement.events.temporary_places import RoomsInput, TemporaryPlace
from placement.placements.holds import telephone_entries
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.placements.holds.telephone_entries import Call
from placement.registrations.case_rows import active_avoidances
from placement.shelters import closing
from placement.tables import Hold, Unit
from placement.tasks.listing import derive
from placement.tasks.task import TaskKind
from tests.support.events import RAID, raid
from tests.support.moving_client import moving
from tests.support.town import DESK, OTHER_DESK, SYSTEM, TODAY, M

ALL_OF_S1 = EvacuationInput(RegisterKind.SHELTER, "S1", TODAY, None)
HOTEL = TemporaryPlace(
    "Hotel De Wulp", "Utrecht", "030 123 45 67", TODAY, TODAY + timedelta(days=21), [RoomsInput(3, 2)],
    "nachtportier", "Voorbeeld",
)  # fmt: skip


def housed(town, unit):
    client = town.register()
    town.house(client, unit)
    return client


def event_tasks(town):
    with town.act(SYSTEM) as act:
        return [one for one in derive(act) if one.kind is TaskKind.EVENT]


def with_event(town, event_id):
    with town.act() as act:
        event = events.event_of(act, event_id)
        number = beds_tonight(act, event)
        return event.status, [one.id for one in members.registrations_of(act, event)], number.with_bed, number.without


def test_evacuation_of_an_unknown_place_names_the_field(town):
    event = town.do(evacuations.evacuate, ALL_OF_S1).id
    for act in (
        lambda: town.do(evacuations.evacuate, replace(ALL_OF_S1, place="S99")),
        lambda: town.do(evacuations.add_residents, event, RegisterKind.SHELTER, "S99"),
    ):
        with pytest.raises(Invalid) as wrong:
            act()
        assert [(one.field, one.code) for one in wrong.value.faults] == [("place", "target_unknown")]


@pytest.mark.wide
def test_evacuation_makes_each_client_an_urgent_mover(town):
    living = [housed(town, unit) for unit in ("U1-women", "U2-family")]
    elsewhere = housed(town, "U4-crisis")
    made = town.do(evacuations.evacuate, ALL_OF_S1).id
    status, ids, with_bed, without = with_event(town, made)
    assert (status, set(ids), with_bed, without) == (EventStatus.UNDER_WAY, set(living), 0, 2)
    assert town.one("shelter", "S1").status is PlaceStatus.CLOSING
    for client in living:
        case = town.registration(client)
        assert (case.status, case.urgency, case.needed_by) == (RegistrationStatus.MOVING, 1, TODAY)
        assert case.requests[-1].kind is RequestKind.EVACUATION
        with town.act() as act:
            assert [(one.kind, one.target) for one in active_avoidances(act, client)] == [(AvoidedKind.LOCATION, "L1")]
    assert town.registration(elsewhere).status is RegistrationStatus.PLACED
    town.later(hours=2)
    with town.act(SYSTEM) as act:
        urgent = [one for one in derive(act) if one.kind is TaskKind.URGENT]
    assert {one.registration for one in urgent} == set(living)
    assert all(one.rings for one in urgent)
    assert [(one.about, one.urgency, one.rings, one.is_late(town.at)) for one in event_tasks(town)] == [
        (made, 1, True, True)
    ]


def test_raid_ahead_is_a_task_from_the_day_that_keeps_beds(town):
    made = raid(town, town.register())
    assert event_tasks(town) == []
    town.later(days=5)
    assert [(one.about, one.urgency) for one in event_tasks(town)] == [(made, 3)]
    town.do(events.start, made)
    town.do(events.finish, made)
    assert event_tasks(town) == []


@pytest.mark.wide
def test_evacuation_of_a_unit_hurries_its_moving_clients(town):
    client, _ = moving(town, "U1-women")
    town.do(evacuations.evacuate, EvacuationInput(RegisterKind.UNIT, "U1-women", TODAY + timedelta(days=3)))
    case = town.registration(client)
    assert (case.status, case.urgency, len(case.requests)) == (RegistrationStatus.MOVING, 2, 2)
    with town.act() as act:
        assert [(one.kind, one.target) for one in active_avoidances(act, client)] == [(AvoidedKind.UNIT, "U1-women")]
    town.do(evacuations.evacuate, EvacuationInput(RegisterKind.UNIT, "U3-omm", TODAY))
    with pytest.raises(Conflict):
        town.do(evacuations.evacuate, EvacuationInput(RegisterKind.UNIT, "U3-omm", TODAY))


@pytest.mark.wide
def test_hotel_takes_a_client_and_answers_by_telephone_at_once(town):
    made = town.do(events.make, RAID).id
    hotel = town.do(temporary_places.make_place, made, HOTEL, actor=replace(DESK, verified_at=town.at))
    man = town.register(((M, 30),), actor=DESK)
    [unit] = town.all(select(Unit).where(Unit.name == HOTEL.name))
    town.decide_on(man, unit.id, actor=DESK)
    [held] = town.all(select(Hold).where(Hold.registration_id == man))
    call = Call(TelephoneUse.PLACING, "portier", "Voorbeeld")
    town.do(
        telephone_entries.enter_yes,
        held.id,
        call,
        ArrivalDetails(expected_at=town.at + timedelta(hours=12), driver=Driver.TAXI),
        actor=OTHER_DESK,
    )
    assert town.one("hold", held.id).status is HoldStatus.CONFIRMED
    with town.act(SYSTEM) as act:  # the number keeps a bed; an address needs a call by another person
        assert [one.kind for one in derive(act) if one.registration == man and one.kind is TaskKind.CALL_BACK]
    with town.act() as act:
        assert list(events.event_of(act, made).content.shelters) == [hotel.id]


def test_hotel_form_names_every_wrong_field(town):
    made = town.do(events.make, RAID).id
    wrong = replace(HOTEL, from_on=TODAY - timedelta(days=1), until=TODAY - timedelta(days=1), rooms=[], admits=[])
    with pytest.raises(Invalid) as refused:
        town.do(temporary_places.make_place, made, wrong, actor=replace(DESK, verified_at=town.at))
    assert {fault.field for fault in refused.value.faults} == {"rooms", "from_on", "until", "admits"}


@pytest.mark.wide
def test_residents_of_a_closing_place_join_an_event(town):
    stays, member = [housed(town, "U1-women") for _ in range(2)], housed(town, "U2-family")
    made = raid(town, member)
    until = TODAY + timedelta(days=9)
    with pytest.raises(Conflict, match="place_not_closing"):
        town.do(evacuations.add_residents, made, RegisterKind.UNIT, "U1-women")
    version = town.one("unit", "U1-women").version
    town.do(closing.close, Unit, "U1-women", version, until)
    with town.act() as act:
        [found] = evacuations.closing_places(act, events.event_of(act, made))
    assert (found.kind, found.id, found.residents, found.closes_on) == (RegisterKind.UNIT, "U1-women", 2, until)
    town.do(evacuations.add_residents, made, found.kind, found.id)
    assert set(with_event(town, made)[1]) == {*stays, member}
    for client in stays:
        case = town.registration(client)
        assert (case.status, case.needed_by) == (RegistrationStatus.MOVING, until)
        with town.act() as act:
            assert [one.target for one in active_avoidances(act, client)] == ["U1-women"]
    assert town.registration(member).status is RegistrationStatus.PLACED
    with town.act() as act:
        assert evacuations.closing_places(act, events.event_of(act, made)) == []
