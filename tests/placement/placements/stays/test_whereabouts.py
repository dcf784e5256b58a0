"""A client who is missing: alarm at once, work that stays, and three ends."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.arrival_codes import Rung
from placement.core.codes import MessageKind, RegistrationStatus, StayStatus, Urgency
from placement.core.errors import Conflict, Invalid, PlacementError
from placement.core.reason_codes import LEFT_UNKNOWN, ChangeReason, Step, reasons_for
from placement.core.request_codes import RequestGround, RequestKind, RequestStatus
from placement.core.whereabouts_codes import Informed, Lost, SearchEnd
from placement.jobs import periodic
from placement.placements.stays import fact_changes, reversals, stays, whereabouts
from placement.placements.stays.stay_clock import began_on
from placement.registrations import links, registrations, reopening, requests, returns, searches
from placement.registrations.case import PersonInput
from placement.registrations.request_rows import requests_of
from placement.registrations.requests import Asked
from placement.tables import Stay, WhoKnows
from placement.tasks.listing import open_tasks
from placement.tasks.task import TaskKind
from tests.support.accounts import add_accounts, disable
from tests.support.messages import sent
from tests.support.missing_clients import FRESH, find_out, lost, searched, status, tasks
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, F, M, key_store_of, shelter

R = RegistrationStatus


@pytest.mark.wide
def test_missing_client_is_the_first_task_of_each_placer(town):
    town.register(urgency=1)
    client, stay = lost(town)
    assert status(town, client) is R.MISSING
    for actor in (DESK, COORDINATOR):
        assert tasks(town, actor)[0] == (TaskKind.WHEREABOUTS, client)
    assert town.one("stay", stay).status is StayStatus.ENDED
    assert town.claims(client)[0].ends_on == town.at.date()
    with town.act() as act:
        assert [one.status for one in requests_of(act, town.registration(client))] == [RequestStatus.PLACED]


@pytest.mark.wide
def test_missing_client_is_announced_whatever_each_chose(town):
    add_accounts(town, DESK, OTHER_DESK, COORDINATOR)
    lost(town)
    mails = sent(town, MessageKind.CLIENT_MISSING)
    assert {one.account_id for one in mails} == {OTHER_DESK.id, COORDINATOR.id}  # who reported it knows of it


@pytest.mark.wide
def test_next_look_is_set_by_informing(town):
    for persons, hours in ((((F, 30),), 24), (((F, 34), (F, 9)), 1)):
        client, _ = lost(town, persons, "U2-family")
        assert town.registration(client).open_searches[0].look_at == town.at + timedelta(hours=1)
        find_out(town, whereabouts.inform, client, Informed.POLICE, "Gezien bij het station")
        [search] = town.registration(client).open_searches
        assert search.look_at == town.at + timedelta(hours=hours)
        [known] = search.informed
        assert (known.who, known.by, known.text) == ("police", DESK.id, "Gezien bij het station")
        assert searched(town, client) == 1
        find_out(town, whereabouts.look_again, client)
        assert searched(town, client) == 1


@pytest.mark.parametrize(
    ("persons", "groups"),
    [
        (((F, 30),), [("police",), ("registrant",)]),
        (((F, 34), (F, 9)), [("police",), ("registrant",)]),  # the mother has the authority, and is missing too
        (((F, 16),), [("police",), ("registrant",), ("nidos", "youth_protection")]),
    ],
)
def test_those_to_inform_depend_on_the_missing_persons(town, persons, groups):
    client = town.register(persons)
    with town.act() as act:
        registration = act.session.get_one(type(town.registration(client)), client)
        stay = Stay(id="S-1", registration_id=client)
        made = searches.begin_search(act, registration, stay, Lost.LEFT, registration.persons, is_whole=True)
        assert searches.to_inform(registration, made) == groups
        one = searches.change_search(
            registration, made, informed=[WhoKnows(who=who[-1], at=act.at, by="A") for who in groups[1:]]
        )
        assert searches.not_yet_informed(registration, one) == [("police",)]


@pytest.mark.wide
def test_task_is_late_each_hour_until_a_look(town):
    client, _ = lost(town)
    found = []
    for hours in (0.5, 0.6, 1, 1):
        town.later(hours=hours)
        [task] = [one.task for one in town.do(open_tasks) if one.task.kind is TaskKind.WHEREABOUTS]
        found.append((task.is_late(town.at), task.turn))
    assert [late for late, _ in found] == [False, True, True, True]
    assert len({turn for _, turn in found}) == 4  # sent again each hour
    find_out(town, whereabouts.inform, client, Informed.POLICE)
    [task] = [one.task for one in town.do(open_tasks) if one.task.kind is TaskKind.WHEREABOUTS]
    assert not task.is_late(town.at + timedelta(hours=23))
    assert task.is_late(town.at + timedelta(hours=24))


@pytest.mark.wide
def test_client_returns_to_the_bed_and_the_clock_stood_still(town):
    client, stay = lost(town)
    before = town.claims(client)[0]
    town.later(days=5)
    find_out(town, whereabouts.come_back, client)
    assert status(town, client) is R.PLACED
    claims = [one for one in town.claims(client) if one.ends_on is None]
    assert [(one.bed_id, one.person_id) for one in claims] == [(before.bed_id, f"{client}/1")]
    with town.act() as act:
        left = act.session.get_one(Stay, stay)
        [now] = act.session.exec(select(Stay).where(Stay.registration_id == client, Stay.status == StayStatus.IN_HOUSE))
        assert (
            (town.at.date() - began_on(act.session, [now])[now.id]).days == (left.ended_on - left.starts_on).days == 3
        )
        assert (now.limit_on - began_on(act.session, [now])[now.id]) == left.limit_on - left.starts_on
    assert searched(town, client) == 0
    town.later(days=1)
    town.end(now.id)
    assert status(town, client) is R.CLOSED


@pytest.mark.wide
def test_client_without_the_earlier_bed_gets_a_new_request(town):
    client, _ = lost(town, unit="U4-crisis")
    for _ in range(2):
        town.house(town.register(((M, 25),)), "U4-crisis")
    find_out(town, whereabouts.come_back, client)
    assert status(town, client) is R.OPEN
    with town.act() as act:
        found = [(one.kind, one.status) for one in requests_of(act, town.registration(client))]
    assert found == [(RequestKind.FIRST, RequestStatus.PLACED), (RequestKind.RETURN, RequestStatus.OPEN)]
    assert (TaskKind.SEARCH_AGAIN, client) in tasks(town)


@pytest.mark.wide
def test_found_client_gets_a_request_or_is_closed(town):
    client, _ = lost(town)
    with pytest.raises(Invalid):
        find_out(town, whereabouts.find, client, " ", wants_place=True)
    with pytest.raises(Invalid):
        find_out(town, whereabouts.find, client, "Bij een tante", wants_place=None)
    find_out(town, whereabouts.find, client, "Bij een tante", wants_place=True)
    assert status(town, client) is R.OPEN
    other, _ = lost(town)
    find_out(town, whereabouts.find, other, "Bij een tante", wants_place=False)
    assert (status(town, other), town.registration(other).closed_reason) == (R.CLOSED, "safe_elsewhere")
    assert town.registration(other).closed_on == town.at.date()  # retention begins
    with pytest.raises(Conflict):
        find_out(town, whereabouts.find, other, "Bij een tante", wants_place=True)


@pytest.mark.wide
def test_search_for_an_adult_ends_with_a_reason(town):
    client, _ = lost(town)
    with pytest.raises(Invalid):
        find_out(town, whereabouts.stop, client, None)
    with pytest.raises(Invalid):
        find_out(town, whereabouts.stop, client, "found_other_place")
    find_out(town, whereabouts.stop, client, "police_search_on")
    assert (status(town, client), searched(town, client)) == (R.CLOSED, 0)


@pytest.mark.wide
def test_search_for_a_minor_ends_by_a_second_person(town):
    client, _ = lost(town, ((F, 34), (F, 9)), "U2-family")
    find_out(town, whereabouts.stop, client, "police_search_on", actor=COORDINATOR)
    assert (status(town, client), searched(town, client)) == (R.MISSING, 1)
    asked = [one.task for one in town.do(open_tasks, actor=FRESH) if one.task.kind is TaskKind.SECOND_PERSON]
    assert [one.page_for(FRESH.role) for one in asked] == [f"/registrations/{client}/whereabouts"]
    with pytest.raises(Conflict):
        find_out(town, whereabouts.stop, client, "safe_elsewhere")
    add_accounts(town, COORDINATOR)
    find_out(town, whereabouts.answer_stop, client, granted=False, actor=FRESH)
    assert (status(town, client), searched(town, client)) == (R.MISSING, 1)
    find_out(town, whereabouts.find, client, "Bij oma", actor=COORDINATOR, wants_place=False)
    with pytest.raises(Conflict):
        find_out(town, whereabouts.answer_stop, client, granted=True, actor=replace(DESK, id=COORDINATOR.id))
    assert status(town, client) is R.MISSING
    find_out(town, whereabouts.answer_stop, client, granted=True, actor=FRESH)
    assert status(town, client) is R.CLOSED
    assert town.registration(client).searches[0].end is SearchEnd.FOUND


@pytest.mark.wide
def test_search_end_asked_by_a_disabled_account_is_asked_anew(town):
    add_accounts(town, COORDINATOR, DESK)
    client, _ = lost(town, ((F, 34), (F, 9)), "U2-family")
    find_out(town, whereabouts.stop, client, "police_search_on", actor=COORDINATOR)
    disable(town, COORDINATOR)
    with pytest.raises(Conflict, match="asker_may_not"):
        find_out(town, whereabouts.answer_stop, client, granted=True, actor=FRESH)
    find_out(town, whereabouts.answer_stop, client, granted=False, actor=FRESH)
    find_out(town, whereabouts.stop, client, "police_search_on")
    find_out(town, whereabouts.answer_stop, client, granted=True, actor=FRESH)
    assert status(town, client) is R.CLOSED


@pytest.mark.wide
@pytest.mark.parametrize("reason", ["own_housing", "other_shelter", "voluntary_return", LEFT_UNKNOWN])
def test_person_stays_missing_whatever_others_do(town, reason):
    """The registration keeps its state, the bed is free, and nothing closes the case."""
    client = town.register(((F, 33), (F, 9)))
    stay = town.house(client, "U2-family")
    town.later(days=2)
    town.do(stays.end, stay, LEFT_UNKNOWN, persons=[2], actor=shelter("S1"))
    assert (status(town, client), searched(town, client)) == (R.PLACED, 1)
    assert [one.person_id for one in town.claims(client) if one.ends_on is None and one.person_id] == [f"{client}/1"]
    [task] = [one.task for one in town.do(open_tasks) if one.task.kind is TaskKind.WHEREABOUTS]
    assert [(one.gender, one.age) for one in task.persons] == [(F, 9)]
    for wrong in ([2], [3]):
        with pytest.raises((Conflict, Invalid)):
            town.do(stays.end, stay, LEFT_UNKNOWN, persons=wrong)
    town.end(stay, reason)
    assert (status(town, client), searched(town, client)) == (R.MISSING, 1 if reason != LEFT_UNKNOWN else 2)


def test_person_back_in_the_household_has_a_bed_again(town):
    client = town.register(((F, 33), (F, 9)))
    stay = town.house(client, "U2-family")
    town.do(stays.end, stay, LEFT_UNKNOWN, persons=[2])
    find_out(town, whereabouts.come_back, client)
    seated = {one.person_id for one in town.claims(client) if one.ends_on is None}
    assert {f"{client}/1", f"{client}/2"} <= seated
    assert (status(town, client), searched(town, client)) == (R.PLACED, 0)


MOTHER, GIRL = PersonInput(F, 33, guardian=True), PersonInput(F, 9)


@pytest.mark.parametrize(
    ("household", "there"), [([MOTHER, PersonInput(F, 10)], 1), ([MOTHER, GIRL, PersonInput(F, 1)], 2), ([GIRL], 0)]
)
def test_person_stays_missing_when_the_household_is_changed(town, household, there):
    client = town.register(((F, 33), (F, 9)))
    town.do(stays.end, town.house(client, "U2-family"), LEFT_UNKNOWN, persons=[2])
    version, why = town.registration(client).version, {"reason": ChangeReason.CORRECTION, "confirm": True}
    town.do(fact_changes.change, client, version, {}, persons=household, **why)
    case = town.registration(client)
    [girl] = [one for one in case.persons if one.age in {9, 10}]
    assert case.open_searches[0].persons == [girl]
    seated = {one.person_id for one in town.claims(client) if one.ends_on is None and one.person_id}
    assert (len(seated), girl.id in seated) == (there, False)


@pytest.mark.wide
def test_missing_minor_after_a_correction_needs_two_persons(town):
    client, _ = lost(town, ((F, 18),))
    version, why = town.registration(client).version, {"reason": ChangeReason.CORRECTION}
    town.do(fact_changes.change, client, version, {}, persons=[PersonInput(F, 16)], **why)
    find_out(town, whereabouts.stop, client, "police_search_on")
    assert status(town, client) is R.MISSING


def test_case_with_a_missing_person_is_not_closed_by_hand(town):
    client = town.register(((F, 33), (F, 9)))
    town.do(stays.end, town.house(client, "U2-family"), LEFT_UNKNOWN, persons=[2])
    [stay] = town.all(select(Stay).where(Stay.registration_id == client))
    town.end(stay.id, "asked_to_leave")
    assert status(town, client) is R.OPEN
    with pytest.raises(Conflict):
        town.do(registrations.close, client, "found_other_place")
    with pytest.raises(Conflict):
        town.decline(town.propose(client), "found_other_place")
    assert searched(town, client) == 1


@pytest.mark.wide
def test_departure_reported_afterwards_is_as_loud(town):
    client = town.register()
    stay = town.house(client)
    town.later(days=2)
    town.do(stays.end, stay, LEFT_UNKNOWN, None, town.at - timedelta(days=1))
    [search] = town.registration(client).open_searches
    assert (search.since, search.said_at) == (town.at - timedelta(days=1), town.at)
    assert searched(town, client) == 1
    assert town.one("stay", stay).ended_on == (town.at - timedelta(days=1)).date()


def attempts(town, client, hold, stay):
    """Yields everything that changes, moves or ends a case, by all who may: no act may end the search."""
    other = town.register()
    version = town.registration(client).version
    asked = Asked(RequestKind.TRANSFER, Urgency.TONIGHT, RequestGround.SAFETY)
    facts = {"persons": [PersonInput(F, 30)], "reason": ChangeReason.CORRECTION}
    yield from (lambda reason=one.code: town.do(registrations.close, client, reason) for one in reasons_for(Step.CLOSE))
    yield from (lambda reason=one.code: town.end(stay, reason, "-") for one in reasons_for(Step.END))
    yield from (lambda reason=one.code: town.release(hold, reason) for one in reasons_for(Step.RELEASE))
    yield from (
        lambda: town.propose(client),
        lambda: town.arrive(hold),
        lambda: town.confirm(hold),
        lambda: town.no_show(hold, Rung.NO_ANSWER),
        lambda: town.do(reversals.reverse_arrival, hold),
        lambda: town.do(reopening.reverse_closing, client),
        lambda: town.do(returns.take_back, client),
        lambda: town.do(requests.ask, client, version, asked),
        lambda: town.do(links.merge, client, other, confirm=True),
        lambda: town.do(fact_changes.change, client, version, {}, **facts),
        lambda: find_out(town, whereabouts.inform, client, Informed.POLICE),
        lambda: find_out(town, whereabouts.look_again, client),
        lambda: find_out(town, whereabouts.find, client, "", wants_place=False),
        lambda: find_out(town, whereabouts.stop, client, None),
        lambda: find_out(town, whereabouts.stop, client, "entered_in_error"),
        lambda: find_out(town, whereabouts.answer_stop, client, granted=True, actor=FRESH),
    )


def lives_there(town, client):
    hold = town.hold_in(client)
    stay = town.confirm(hold).id
    town.arrive(hold)
    return hold, stay


@pytest.mark.wide
def test_missing_client_never_falls_out_of_sight(town):
    client = town.register()
    hold, stay = lives_there(town, client)
    town.later(days=4)  # no more a matter of reversal
    town.end(stay, LEFT_UNKNOWN)
    town.later(minutes=1)
    for attempt in attempts(town, client, hold, stay):
        with suppress(PlacementError):
            attempt()
        assert (status(town, client), tasks(town)[0]) == (R.MISSING, (TaskKind.WHEREABOUTS, client))
    for days in (1, 4, 30, 400, 4000):  # clocks, expiry, retention
        town.later(days=days)
        for job in periodic.JOBS:
            town.do(job.run)
        assert (status(town, client), tasks(town)[0]) == (R.MISSING, (TaskKind.WHEREABOUTS, client))
    assert town.registration(client).persons  # retention begins when the case is closed
    find_out(town, whereabouts.stop, client, "police_search_on")
    assert (status(town, client), searched(town, client)) == (R.CLOSED, 0)


def test_missing_client_without_a_key_is_a_task(town):
    client, _ = lost(town)
    (key_store_of(town).folder / f"{client}.key").unlink()
    assert tasks(town)[0] == tasks(town, COORDINATOR)[0] == (TaskKind.WHEREABOUTS, client)
