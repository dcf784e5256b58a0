"""Access grants: a case out of reach is opened to one actor, with a reason, for a while; else refused or not found."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.access import case_access
from placement.accounts import account_changes, accounts, invitations
from placement.audit import search as audit_search
from placement.core.codes import Action, DecisionStatus, OrganisationKind, Region, Role
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.core.reason_codes import LEFT_UNKNOWN
from placement.placements import reads as placements_reads
from placement.placements.decisions import decisions
from placement.placements.holds import holds
from placement.placements.proposals import proposals
from placement.placements.proposals.place_search import Filter, Household, find_places
from placement.placements.stays import stays
from placement.placements.timeline import timeline
from placement.registrations import break_glass, fact_history, links, registrations
from placement.registrations import reads as registrations_reads
from placement.tables import AccessGrant, Account, AuditEvent
from tests.support.accounts import add_accounts
from tests.support.stores import one_store
from tests.support.town import ADMIN, AT, COORDINATOR, DESK, ELSEWHERE, OTHER_DESK

NIGHT = AT.replace(hour=21)  # 22:00 in Amsterdam in November
PEOPLE = (DESK, OTHER_DESK, COORDINATOR, ELSEWHERE)


@pytest.fixture
def staffed(town):
    """Returns the town with accounts: a coordinator for Amsterdam and for Limburg, and two people of the desk."""
    add_accounts(town, *PEOPLE)
    return town


def now(town, actor):
    """The actor at this moment, signed in, with the access grants that are valid."""
    with town.database.transaction() as session:
        return replace(actor, session_id="Z", opened=case_access.opened_by(session, actor.id, town.at))


def read(town, registration_id, actor=DESK):
    return town.do(registrations_reads.registration, registration_id, actor=now(town, actor)).id


def opened(town, registration_id, actor=DESK, reason="danger_now", text="Kanarie"):
    return town.do(break_glass.open_case, registration_id, reason, text, actor=now(town, actor))


def shut(town, registration_id, actor=DESK):
    with pytest.raises(NotAllowed) as refused:
        read(town, registration_id, actor)
    return refused.value.code


@pytest.mark.parametrize("ahead", [{"minutes": 6}, {"days": 30}])
def test_case_opened_by_a_clock_ahead_is_shut_when_it_is_back(staffed, ahead):
    client = staffed.register(actor=COORDINATOR)
    staffed.at += timedelta(**ahead)
    opened(staffed, client)
    staffed.at -= timedelta(**ahead)
    assert shut(staffed, client) == "reason_needed"
    opened(staffed, client)
    assert read(staffed, client) == client


def test_case_of_a_missing_client_is_open_to_the_desk(staffed):
    stay = staffed.take_over(actor=OTHER_DESK)
    client = staffed.one("stay", stay).registration_id
    assert shut(staffed, client) == "reason_needed"
    staffed.do(stays.end, stay, LEFT_UNKNOWN, actor=OTHER_DESK)
    assert read(staffed, client) == client


@pytest.mark.parametrize("how", ["changed", "disabled", "invited again"])
def test_opened_case_is_shut_by_a_change_of_rights(staffed, how):
    client = staffed.register(actor=COORDINATOR)
    opened(staffed, client)
    assert read(staffed, client) == client
    admin = replace(ADMIN, session_id="Z")
    if how == "changed":
        facts = {"role": Role.COORDINATOR, "regions": ["limburg"], "organisation_id": care_of(staffed)}
        staffed.do(account_changes.change, DESK.id, facts, actor=admin)
        elsewhere = replace(now(staffed, DESK), role=Role.COORDINATOR, regions=frozenset({"limburg"}))
        with pytest.raises(NotFound):
            staffed.do(registrations_reads.registration, client, actor=elsewhere)
        return
    if how == "disabled":
        staffed.do(account_changes.disable, DESK.id, actor=admin)
        staffed.do(account_changes.enable, DESK.id, actor=admin)
    else:
        place = care_of(staffed)
        with staffed.act() as act:
            act.session.get_one(Account, DESK.id).organisation_id = place
        staffed.do(invitations.invite_again, DESK.id, actor=admin, asked_by="A-other")
    assert shut(staffed, client) == "reason_needed"


def care_of(town):
    kind = OrganisationKind.CARE_COORDINATION
    return town.do(lambda act: accounts.make_organisation(act, "Zorg Zuid", kind).id)


def test_desk_reads_a_case_for_an_hour_after_giving_a_reason(staffed):
    client = staffed.register(actor=COORDINATOR)
    assert shut(staffed, client) == "reason_needed"
    assert opened(staffed, client, text=None).expires_at == staffed.at + timedelta(hours=1)
    assert read(staffed, client) == client
    assert shut(staffed, client, OTHER_DESK) == "reason_needed"
    staffed.later(minutes=59, seconds=59)
    assert read(staffed, client) == client
    staffed.later(seconds=1)
    assert shut(staffed, client) == "reason_needed"
    line = next(line for line in staffed.all(select(AuditEvent)) if line.event == "registration:opened")
    assert (line.actor, line.registration_id, line.action) == (DESK.id, client, Action.READ)
    assert line.facts == {"reason": "danger_now"}


@one_store
def test_coordinator_needs_no_reason_for_desk_case_in_own_region(staffed):
    client = staffed.register(actor=DESK)
    assert read(staffed, client, COORDINATOR) == client


@one_store
def test_desk_without_access_cannot_change_propose_or_decide(staffed):
    client = staffed.register(actor=COORDINATOR)
    proposal = staffed.propose(client, actor=COORDINATOR)
    for verb, *args in (
        (registrations.change, client, 1, {"urgency": 2}),
        (registrations.close, client, "unreachable"),
        (proposals.prepare, client),
        (placements_reads.proposal, proposal, "en"),
        (decisions.decide, proposal, "accept"),
    ):
        with pytest.raises(NotAllowed) as refused:
            staffed.do(verb, *args, actor=now(staffed, DESK))
        assert refused.value.code == "reason_needed"
    opened(staffed, client)
    assert staffed.decide(proposal, actor=now(staffed, DESK)).status is DecisionStatus.FINAL


@one_store
def test_desk_needs_no_reason_for_own_or_uncovered_cases(staffed):
    nobodys = staffed.register(region=Region.ROTTERDAM, actor=OTHER_DESK)
    registered = staffed.register(actor=DESK)
    for client in (nobodys, registered):
        assert read(staffed, client) == client
        with pytest.raises(Conflict) as refused:
            opened(staffed, client)
        assert refused.value.code == "case_is_open"
    assert shut(staffed, registered, OTHER_DESK) == "reason_needed"
    with staffed.database.transaction() as session:
        session.get_one(Account, COORDINATOR.id).disabled_at = staffed.at
    assert read(staffed, registered, OTHER_DESK) == registered


def test_pending_decision_grants_the_desk_access_until_answered(staffed):
    client = staffed.register(actor=COORDINATOR)
    proposal = staffed.propose(client, actor=COORDINATOR)
    decision = staffed.decide(proposal, actor=COORDINATOR)
    assert decision.status is DecisionStatus.WAITING_FOR_DESK
    assert read(staffed, client) == client
    found, _ = staffed.do(placements_reads.proposal, proposal, "en", actor=now(staffed, DESK))
    assert found.id == proposal
    staffed.do(decisions.answer_decision, decision.id, actor=now(staffed, DESK), granted=True)
    assert shut(staffed, client) == "reason_needed"


@one_store
def test_desk_lists_and_answers_need_no_reason(staffed):
    client = staffed.register(actor=COORDINATOR)
    decision = staffed.decide(staffed.propose(client, actor=COORDINATOR), actor=COORDINATOR)
    staffed.do(decisions.answer_decision, decision.id, actor=DESK, granted=True)
    hold = staffed.hold_of(decision.id).id
    for look in (registrations_reads.registrations, placements_reads.holds):
        assert staffed.do(look, None, None, 9, 0)[1] == 1
    assert staffed.do(placements_reads.hold, hold).id == hold
    assert staffed.do(audit_search.accesses, client, before=None, limit=9)
    assert staffed.do(holds.release, hold, "unreachable").id == hold


def test_break_glass_at_night_allows_reading_for_an_hour(staffed):
    client = staffed.register(actor=COORDINATOR)
    staffed.at = NIGHT
    with pytest.raises(NotFound):
        read(staffed, client, ELSEWHERE)
    made = opened(staffed, client, ELSEWHERE)
    assert (made.broke_glass, made.expires_at) == (True, NIGHT + timedelta(hours=1))
    assert read(staffed, client, ELSEWHERE) == client
    others = (registrations.close, client, "unreachable"), (proposals.prepare, client)
    for verb, *args in (*others, (fact_history.history, client), (links.links, client)):
        with pytest.raises(NotFound):
            staffed.do(verb, *args, actor=now(staffed, ELSEWHERE))
    with pytest.raises(NotFound):
        staffed.do(timeline, client, before=None, limit=9, actor=now(staffed, ELSEWHERE))
    places = staffed.do(find_places, Household(), Filter(), client, "en", actor=now(staffed, ELSEWHERE))
    assert (places.case.desk_finds_place, places.fit, places.barred, places.elsewhere) == (True, [], [], [])
    assert staffed.do(registrations_reads.registrations, None, None, 9, 0, actor=now(staffed, ELSEWHERE))[1] == 0
    staffed.later(hours=1)
    with pytest.raises(NotFound):
        read(staffed, client, ELSEWHERE)
    [line] = [line for line in staffed.all(select(AuditEvent)) if line.event == "registration:glass_broken"]
    assert (line.actor, line.registration_id, line.facts) == (ELSEWHERE.id, client, {"reason": "danger_now"})


HOURS = [(timedelta(), True), (timedelta(seconds=-1), False), (timedelta(hours=8), False), (timedelta(hours=7), True)]


@one_store
@pytest.mark.parametrize(("later", "opens"), HOURS, ids=["22:00", "21:59:59", "06:00", "05:00"])
def test_break_glass_by_day_is_not_found(staffed, later, opens):
    client = staffed.register(actor=COORDINATOR)
    staffed.at = NIGHT + later
    if opens:
        assert opened(staffed, client, ELSEWHERE).broke_glass
        return
    for case in (client, "R-2222-2222-2222"):
        with pytest.raises(NotFound):
            opened(staffed, case, ELSEWHERE)
    assert staffed.all(select(AccessGrant)) == []


@one_store
def test_the_night_is_a_setting(staffed):
    staffed.having(night=(20, 7), opened_for=timedelta(minutes=5))
    client = staffed.register(actor=COORDINATOR)
    staffed.at = NIGHT - timedelta(hours=2)
    assert opened(staffed, client, ELSEWHERE).expires_at == staffed.at + timedelta(minutes=5)


@one_store
def test_break_glass_needs_reason_text_and_session(staffed):
    client = staffed.register(actor=COORDINATOR)
    staffed.at = NIGHT
    for reason, text, field in ((None, "-", "reason"), ("own_housing", "-", "reason"), ("danger_now", " ", "text")):
        with pytest.raises(Invalid) as wrong:
            opened(staffed, client, ELSEWHERE, reason, text)
        assert wrong.value.faults[0].field == field
    for case in (client, "R-2222-2222-2222"):  # with a key: the same refusal for both
        with pytest.raises(NotAllowed) as refused:
            staffed.do(break_glass.open_case, case, "danger_now", "-", actor=replace(ELSEWHERE, session_id=None))
        assert refused.value.code == "sign_in_needed"
    with pytest.raises(Conflict):
        opened(staffed, client, COORDINATOR)


@one_store
def test_access_grant_text_is_stored_encrypted(staffed):
    opened(staffed, staffed.register(actor=COORDINATOR))
    with staffed.database.engine.connect() as connection:
        assert "Kanarie" not in repr(connection.exec_driver_sql("SELECT * FROM opening").all())
    assert [row.text for row in staffed.all(select(AccessGrant))] == ["Kanarie"]
    assert Role.DESK in staffed.settings.night_duty


@one_store
def test_break_glass_bad_reason_is_alike_for_unknown_cases(staffed):
    client = staffed.register(actor=DESK, region=Region.LIMBURG)
    staffed.at = NIGHT
    for reason, text in (("nonsense", "x"), (None, "x"), ("danger_now", None), ("other", " ")):
        told = set()
        for case in (client, "R-2222-2222-2222"):
            with pytest.raises(Invalid) as refused:
                opened(staffed, case, COORDINATOR, reason, text)
            told.add(repr(refused.value.faults))
        assert len(told) == 1, reason
