"""Automatic effects of the reasons that ask for a choice, for a resident, or for a task."""

import pytest
from sqlmodel import select

from placement.core.codes import RegistrationStatus, Urgency
from placement.core.errors import Invalid
from placement.placements.holds import holds
from placement.registrations.case_handles import handle_of
from placement.tables import KeepApart, Location, Unit
from placement.tasks.task import TaskKind
from tests.support.audit_log import logged
from tests.support.task_board import board
from tests.support.town import COORDINATOR, ELSEWHERE, shelter


def pairs(town):
    return [(row.registration_id, row.other_id) for row in town.all(select(KeepApart))]


def lives_and_asked(town):
    """A resident of S1, and the hold of another client there."""
    resident = town.register(actor=ELSEWHERE, region="limburg")
    town.house(resident, "U1-women")
    client = town.register(actor=COORDINATOR)
    return resident, client, town.hold_in(client, "U1-women")


def tasks(town, actor=COORDINATOR):
    found = town.do(board, actor=actor).tasks
    return [(one.registration, one.since) for one in found if one.kind is TaskKind.UNREACHABLE]


@pytest.mark.wide
def test_named_resident_is_kept_apart_from_now_on(town):
    resident, client, held = lives_and_asked(town)
    town.refuse(held, "house_mix", apart_from=resident)
    assert pairs(town) == [(client, resident)]
    assert town.eligible_units(client).isdisjoint({"U1-women", "U2-family"})
    event = logged(town, event="registration:changed", registration_id=client)[-1]
    assert event.facts == {"fields": ["keep_apart"], "reason": "house_mix"}


@pytest.mark.wide
def test_resident_is_named_by_handle(town):
    resident, client, held = lives_and_asked(town)
    town.refuse(held, "house_mix", apart_from=handle_of(resident))
    assert pairs(town) == [(client, resident)]


@pytest.mark.wide
def test_pair_that_is_kept_apart_already_is_not_stored_twice(town):
    resident, client, held = lives_and_asked(town)
    with town.act() as act:
        act.session.add(KeepApart(registration_id=resident, other_id=client))
    town.refuse(held, "house_mix", apart_from=resident)
    assert pairs(town) == [(resident, client)]


@pytest.mark.parametrize("by", [str, handle_of], ids=["reference", "handle"])
@pytest.mark.parametrize("named", ["itself", "at_another_location", "waits"])
def test_client_of_no_room_there_is_refused_as_unknown(town, named, by):
    _, client, held = lives_and_asked(town)
    with town.act() as act:  # a second location of S1
        act.session.get_one(Unit, "U2-family").location_id = "L2"
        act.session.flush()
        act.session.get_one(Location, "L2").shelter_id = "S1"
    stay = town.take_over("U2-family", "R3", given={"confirm": True})
    elsewhere = town.one("stay", stay).registration_id
    known = {"itself": client, "at_another_location": elsewhere, "waits": town.register()}
    with pytest.raises(Invalid) as error:
        town.refuse(held, "house_mix", apart_from=by(known[named]))
    assert [(fault.field, fault.code) for fault in error.value.faults] == [("apart_from", "registration_unknown")]
    assert pairs(town) == []


def test_resident_is_named_with_that_reason_alone(town):
    resident, _, held = lives_and_asked(town)
    with pytest.raises(Invalid) as error:
        town.refuse(held, "no_capacity", apart_from=resident)
    assert error.value.faults[0].code == "apart_without_effect"


@pytest.mark.wide
def test_contra_indication_says_which_and_asks_the_profile(town):
    _, _, held = lives_and_asked(town)
    with pytest.raises(Invalid) as error:
        town.do(holds.refuse, held, "contra_indication", actor=shelter("S1"))
    assert error.value.faults[0].code == "text_missing"
    town.refuse(held, "contra_indication", "Verslaving")
    assert "profile:questioned" in town.events()


@pytest.mark.wide
def test_client_not_reached_is_a_task_until_sought_again(town):
    client = town.register(actor=COORDINATOR)
    town.decline(town.propose(client), "unreachable", actor=COORDINATOR)
    assert tasks(town) == [(client, town.at)]
    assert tasks(town, ELSEWHERE) == []
    town.later(minutes=1)
    held = town.hold_in(client, "U1-women")
    assert tasks(town) == []
    town.release(held, "unreachable")
    assert tasks(town) == [(client, None)]
    town.later(minutes=1)
    town.propose(client)
    assert tasks(town) == []


@pytest.mark.parametrize("reason", ["asked_to_leave", "wants_to_leave"])
def test_client_leaving_waits_again_and_avoids_the_unit(town, reason):
    client = town.register()
    town.end(town.house(client, "U1-women"), reason)
    again = town.registration(client)
    assert (again.status, again.urgency) == (RegistrationStatus.OPEN, Urgency.TONIGHT)
    assert town.avoided(client) == {("unit", "U1-women")}
