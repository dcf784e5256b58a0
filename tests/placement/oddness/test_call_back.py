"""Odd requests for an address: held back, called back on a number that was known before, and then disclosed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import select

from placement.accounts import organisations
from placement.audit import anomaly_review
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Action, HoldStatus, Outcome, ReviewOutcome, Role
from placement.core.context import SYSTEM, Actor, Origin
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.core.telephone_codes import TelephoneUse
from placement.notifications import task_notices
from placement.placements.stays import stays
from placement.second_person import requests
from placement.second_person.kinds import Answer
from placement.tables import Anomaly, AuditEvent, SecondPersonRequest
from placement.tasks.second_person_kinds import KINDS
from tests.support.accounts import add_accounts
from tests.support.messages import sent
from tests.support.odd_addresses import NUMBER, held, reveal, with_offices
from tests.support.stores import both_stores, one_store
from tests.support.town import ADMIN, COORDINATOR, DESK, OTHER_DESK

ANOTHER = "+31300000299"
AUDITOR = Actor("A-auditor", Role.AUDITOR, session_id="Z")
KEY = replace(DESK, session_id=None)


@pytest.fixture
def office(town):
    add_accounts(town, DESK, OTHER_DESK, COORDINATOR, AUDITOR)
    return with_offices(town)


def second(town):
    """Returns a second hold of the coordinator, whose first client has not arrived after the address was disclosed."""
    first = held(town)
    assert reveal(town, first).address
    town.no_show(first)
    return held(town)


def answer(town, request, *, number=NUMBER, actor=OTHER_DESK):
    return town.do(requests.grant, KINDS, request.id, Answer(number=number), actor=actor)


def logged(town, event):
    return [one for one in town.all(select(AuditEvent)) if one.event == event]


@pytest.mark.wide
@both_stores
def test_second_address_without_an_arrival_waits_for_a_call(office):
    hold = second(office)
    waits = reveal(office, hold)
    assert (waits.address, waits.waits.facts["rules"]) == (None, ["unproven", "useless", "in_a_day"])
    assert reveal(office, hold).waits.id == waits.waits.id
    assert len(logged(office, Event.ADDRESS_HELD_BACK)) == 2
    answer(office, waits.waits)
    [called] = logged(office, Event.ADDRESS_CALLED_BACK)
    assert (called.actor, called.object_id) == (OTHER_DESK.id, hold)
    assert (called.registration_id, called.facts) == (office.one("hold", hold).registration_id, {})
    assert reveal(office, hold).address == "Geheimstraat 1"
    office.later(hours=25)
    assert reveal(office, hold).address == "Geheimstraat 1"  # the call has explained what was before


@pytest.mark.wide
@one_store
def test_denied_call_closes_the_next_address_too(office):
    waits = reveal(office, hold := second(office)).waits
    office.do(requests.refuse, KINDS, waits.id, actor=OTHER_DESK)
    again = reveal(office, hold)
    assert again.address is None
    assert again.waits.id != waits.id
    assert "denied" in again.waits.facts["rules"]


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("number", [None, ANOTHER, "+31612345678"])
def test_only_a_number_known_before_confirms(office, number):
    waits = reveal(office, hold := second(office)).waits
    with pytest.raises(Invalid):
        answer(office, waits, number=number)
    assert reveal(office, hold).address is None


def renumbered(town):
    change = {"telephones": {TelephoneUse.PLACING: ANOTHER}}
    town.do(organisations.change, "O-office", change, actor=ADMIN)


@pytest.mark.wide
@one_store
def test_number_changed_after_the_request_is_not_called(office):
    waits = reveal(office, second(office)).waits
    renumbered(office)
    with pytest.raises(Invalid):
        answer(office, waits, number=ANOTHER)
    answer(office, waits)


@pytest.mark.wide
@one_store
def test_number_changed_within_three_days_is_not_called(office):
    hold = second(office)
    renumbered(office)
    office.later(hours=71)
    waits = reveal(office, hold).waits
    for number in (ANOTHER, NUMBER):
        with pytest.raises(Conflict, match="no_known_number"):
            answer(office, waits, number=number)
    office.do(requests.refuse, KINDS, waits.id, actor=OTHER_DESK)
    assert "denied" not in reveal(office, hold).waits.facts["rules"]  # nobody was called


@pytest.mark.wide
@one_store
def test_number_counts_again_after_three_days(office):
    hold = second(office)
    renumbered(office)
    office.later(hours=73)
    answer(office, reveal(office, hold).waits, number=ANOTHER)
    assert reveal(office, hold).address


@pytest.mark.wide
@one_store
def test_replaced_number_is_not_called_before_its_review(office):
    hold = second(office)
    renumbered(office)
    office.do(anomaly_review.find_anomalies, actor=SYSTEM)
    office.later(hours=73)
    waits = reveal(office, hold).waits
    with pytest.raises(Conflict, match="no_known_number"):
        answer(office, waits, number=ANOTHER)
    office.do(requests.refuse, KINDS, waits.id, actor=OTHER_DESK)
    [found] = [one for one in office.all(select(Anomaly)) if one.rule == "numbers_replaced"]
    office.do(anomaly_review.acknowledge, found.id, ReviewOutcome.EXPLAINED, None, actor=OTHER_DESK)
    answer(office, reveal(office, hold).waits, number=ANOTHER)
    assert reveal(office, hold).address


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("actor", [COORDINATOR, AUDITOR, KEY])
def test_other_roles_and_keys_confirm_no_request(office, actor):
    waits = reveal(office, hold := second(office)).waits
    with pytest.raises((NotAllowed, NotFound)):
        answer(office, waits, actor=actor)
    assert reveal(office, hold).address is None


@pytest.mark.wide
@one_store
def test_desk_does_not_confirm_its_own_request(office):
    office.having(canaries=frozenset({"S1"}))
    waits = reveal(office, held(office), DESK).waits
    with pytest.raises(Conflict, match="second_person_needed"):
        answer(office, waits, actor=DESK)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("canary", ["S1", "L1", "U1-women"])
def test_canary_always_waits(office, canary):
    office.having(canaries=frozenset({canary}))
    assert reveal(office, held(office)).waits.facts["rules"] == ["canary"]


@pytest.mark.wide
@one_store
def test_refused_requests_of_a_week_hold_back(office):
    hold = held(office)
    for _ in range(5):
        with office.database.transaction() as session:
            audit_log.refuse(
                session,
                office.at,
                Origin(),
                COORDINATOR,
                event=Event.REQUEST_REFUSED,
                action=Action.READ,
                outcome=Outcome.REFUSED,
                subject=hold,
                code="address_not_shown",
                permission="address:reveal",
            )
    assert reveal(office, hold).waits.facts["rules"] == ["refused"]


@pytest.mark.wide
@both_stores
def test_grant_written_into_the_database_discloses_nothing(office):
    waits = reveal(office, hold := second(office)).waits
    written = update(SecondPersonRequest.__table__).values(
        status="granted", settled_at=office.at, settled_by=OTHER_DESK.id
    )
    with office.database.engine.begin() as connection:
        connection.execute(written.where(SecondPersonRequest.__table__.c.id == waits.id))
    again = reveal(office, hold)
    assert (again.address, again.waits.status) == (None, "asked")


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("hours", [0, 13])
def test_desk_and_auditor_are_notified_at_once_day_and_night(office, hours):
    office.later(hours=hours)
    hold = second(office)
    assert reveal(office, hold).address is None
    office.later(seconds=5)
    office.do(task_notices.tell_of_tasks, actor=SYSTEM)
    mails = sent(office, "task.due")
    assert {OTHER_DESK.id, AUDITOR.id} <= {one.account_id for one in mails}
    assert all(one.next_at - office.at < timedelta(minutes=1) for one in mails if one.account_id == AUDITOR.id)
    assert logged(office, Event.TASK_RUNG)


def rules_of_a_second_request(town):
    asked = reveal(town, held(town)).waits
    return asked.facts["rules"] if asked else []


def address_known(town):
    hold = held(town)
    assert reveal(town, hold).address
    return hold


@pytest.mark.wide
@one_store
def test_own_entry_of_an_arrival_proves_nothing_for_three_days(office):
    stay = office.do(stays.arrive, address_known(office), actor=COORDINATOR)
    assert "unproven" in rules_of_a_second_request(office)
    office.later(days=4)
    office.report("S1")
    assert rules_of_a_second_request(office) == []
    assert office.one("stay", stay.id).arrived_at


@pytest.mark.wide
@one_store
def test_own_entry_with_a_stay_that_ended_proves_nothing(office):
    stay = office.do(stays.arrive, address_known(office), actor=COORDINATOR)
    office.do(stays.end, stay.id, "own_housing", actor=COORDINATOR)
    office.later(days=4)
    office.report("S1")
    assert {"unproven", "useless"} <= {*rules_of_a_second_request(office)}


@pytest.mark.wide
@one_store
def test_client_a_day_late_makes_the_address_useless(office):
    hold = address_known(office)
    office.later(days=2)
    office.report("S1")
    assert {"unproven", "useless"} <= {*rules_of_a_second_request(office)}
    assert office.one("hold", hold).status is HoldStatus.CONFIRMED


@pytest.mark.wide
@one_store
def test_arrival_in_another_place_proves_an_earlier_address(office):
    first = address_known(office)
    office.no_show(first)
    assert "useless" in rules_of_a_second_request(office)
    office.arrive(held(office, office.one("hold", first).registration_id))
    assert rules_of_a_second_request(office) == []
