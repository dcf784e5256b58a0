"""A case outside one's own is opened with a reason, for a while, to one person; else it is shut, or does not exist."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select
from story import AT, COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, one_store

from placement.access import case_access as own
from placement.audit import search as log_view
from placement.core.codes import Action, DecisionStatus, Region, Role
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.placements import decisions as deciding
from placement.placements import holds as holding
from placement.placements import proposals as proposing
from placement.placements import reads as placements_reads
from placement.registrations import break_glass as opening
from placement.registrations import reads as registrations_reads
from placement.registrations import registrations as registering
from placement.tables import Account, AuditEvent, Opening

NIGHT = AT.replace(hour=21)  # 22:00 in Amsterdam in November
PEOPLE = (DESK, OTHER_DESK, COORDINATOR, ELSEWHERE)


@pytest.fixture
def staffed(town):
    """The town, with accounts: a coordinator for Amsterdam and one for Limburg, and two people of the desk."""
    with town.database.transaction() as session:
        for actor in PEOPLE:
            session.add(
                Account(
                    id=actor.id,
                    email=f"{actor.id}@test.example",
                    role=actor.role,
                    regions=sorted(actor.regions),
                    password_hash="-",  # noqa: S106  (nobody signs in with it)
                    totp_secret="-",  # noqa: S106
                )
            )
    return town


def now(town, actor):
    """The actor as she is at this moment, signed in, with what is open to her."""
    with town.database.transaction() as session:
        return replace(actor, session_id="Z", opened=own.opened_by(session, actor.id, town.at))


def read(town, registration_id, actor=DESK):
    return town.do(registrations_reads.registration, registration_id, actor=now(town, actor)).id


def opened(town, registration_id, actor=DESK, reason="danger_now", text="Kanarie"):
    return town.do(opening.open_case, registration_id, reason, text, actor=now(town, actor))


def shut(town, registration_id, actor=DESK):
    with pytest.raises(NotAllowed) as refused:
        read(town, registration_id, actor)
    return refused.value.code


def test_the_desk_reads_a_coordinators_case_after_it_said_why_and_for_an_hour(staffed):
    her = staffed.register(actor=COORDINATOR)
    assert shut(staffed, her) == "reason_needed"
    assert opened(staffed, her, text=None).expires_at == staffed.at + timedelta(hours=1)
    assert read(staffed, her) == her
    assert shut(staffed, her, OTHER_DESK) == "reason_needed"
    staffed.later(minutes=59, seconds=59)
    assert read(staffed, her) == her
    staffed.later(seconds=1)
    assert shut(staffed, her) == "reason_needed"
    line = next(line for line in staffed.all(select(AuditEvent)) if line.event == "registration:opened")
    assert (line.actor, line.registration_id, line.action) == (DESK.id, her, Action.READ)
    assert line.facts == {"reason": "danger_now"}


@one_store
def test_a_coordinator_needs_no_reason_for_whom_the_desk_registered_in_her_region(staffed):
    her = staffed.register(actor=DESK)
    assert read(staffed, her, COORDINATOR) == her


@one_store
def test_what_the_desk_may_not_read_it_may_not_change_propose_for_or_decide_on_either(staffed):
    her = staffed.register(actor=COORDINATOR)
    proposal = staffed.propose(her, actor=COORDINATOR)
    for verb, *args in (
        (registering.change, her, 1, {"urgency": 2}),
        (registering.close, her, "unreachable"),
        (proposing.prepare, her),
        (placements_reads.proposal, proposal),
        (deciding.decide, proposal, "accept"),
    ):
        with pytest.raises(NotAllowed) as refused:
            staffed.do(verb, *args, actor=now(staffed, DESK))
        assert refused.value.code == "reason_needed"
    opened(staffed, her)
    assert staffed.decide(proposal, actor=now(staffed, DESK)).status is DecisionStatus.FINAL


@one_store
def test_the_desk_needs_no_reason_for_a_region_without_coordinator_nor_for_whom_it_registered(staffed):
    nobodys = staffed.register(region=Region.ROTTERDAM, actor=OTHER_DESK)
    registered = staffed.register(actor=DESK)
    for her in (nobodys, registered):
        assert read(staffed, her) == her
        with pytest.raises(Conflict) as refused:
            opened(staffed, her)
        assert refused.value.code == "case_is_open"
    assert shut(staffed, registered, OTHER_DESK) == "reason_needed"
    with staffed.database.transaction() as session:
        session.get_one(Account, COORDINATOR.id).disabled_at = staffed.at
    assert read(staffed, registered, OTHER_DESK) == registered


def test_a_decision_that_waits_for_the_desk_opens_the_case_to_it_until_it_is_answered(staffed):
    her = staffed.register(actor=COORDINATOR)
    proposal = staffed.propose(her, actor=COORDINATOR)
    decision = staffed.decide(proposal, actor=COORDINATOR)
    assert decision.status is DecisionStatus.WAITING_FOR_DESK
    assert read(staffed, her) == her
    assert staffed.do(placements_reads.proposal, proposal, actor=now(staffed, DESK)).id == proposal
    staffed.do(deciding.answer_decision, decision.id, actor=now(staffed, DESK), granted=True)
    assert shut(staffed, her) == "reason_needed"


@one_store
def test_what_the_desk_sees_in_lists_and_answers_for_needs_no_reason(staffed):
    her = staffed.register(actor=COORDINATOR)
    decision = staffed.decide(staffed.propose(her, actor=COORDINATOR), actor=COORDINATOR)
    staffed.do(deciding.answer_decision, decision.id, actor=DESK, granted=True)
    hold = staffed.hold_of(decision.id).id
    for look in (registrations_reads.registrations, placements_reads.holds):
        assert staffed.do(look, None, None, 9, 0)[1] == 1
    assert staffed.do(placements_reads.hold, hold).id == hold
    assert staffed.do(log_view.accesses, her, before=None, limit=9)
    assert staffed.do(holding.release, hold, "unreachable").id == hold


def test_a_coordinator_breaks_the_glass_at_night_reads_for_an_hour_and_no_more_than_reads(staffed):
    her = staffed.register(actor=COORDINATOR)
    staffed.at = NIGHT
    with pytest.raises(NotFound):
        read(staffed, her, ELSEWHERE)
    made = opened(staffed, her, ELSEWHERE)
    assert (made.broke_glass, made.expires_at) == (True, NIGHT + timedelta(hours=1))
    assert read(staffed, her, ELSEWHERE) == her
    for verb, *args in ((registering.close, her, "unreachable"), (proposing.prepare, her)):
        with pytest.raises(NotFound):
            staffed.do(verb, *args, actor=now(staffed, ELSEWHERE))
    assert staffed.do(registrations_reads.registrations, None, None, 9, 0, actor=now(staffed, ELSEWHERE))[1] == 0
    staffed.later(hours=1)
    with pytest.raises(NotFound):
        read(staffed, her, ELSEWHERE)
    [line] = [line for line in staffed.all(select(AuditEvent)) if line.event == "registration:glass_broken"]
    assert (line.actor, line.registration_id, line.facts) == (ELSEWHERE.id, her, {"reason": "danger_now"})


HOURS = [(timedelta(), True), (timedelta(seconds=-1), False), (timedelta(hours=8), False), (timedelta(hours=7), True)]


@one_store
@pytest.mark.parametrize(("later", "opens"), HOURS, ids=["22:00", "21:59:59", "06:00", "05:00"])
def test_by_day_a_foreign_case_does_not_exist_whatever_the_reason(staffed, later, opens):
    her = staffed.register(actor=COORDINATOR)
    staffed.at = NIGHT + later
    if opens:
        assert opened(staffed, her, ELSEWHERE).broke_glass
        return
    for case in (her, "R-2222-2222-2222"):
        with pytest.raises(NotFound):
            opened(staffed, case, ELSEWHERE)
    assert staffed.all(select(Opening)) == []


@one_store
def test_the_night_is_a_setting(staffed):
    staffed.having(night=(20, 7), opened_for=timedelta(minutes=5))
    her = staffed.register(actor=COORDINATOR)
    staffed.at = NIGHT - timedelta(hours=2)
    assert opened(staffed, her, ELSEWHERE).expires_at == staffed.at + timedelta(minutes=5)


@one_store
def test_the_glass_needs_a_reason_and_a_text_and_somebody_who_is_signed_in(staffed):
    her = staffed.register(actor=COORDINATOR)
    staffed.at = NIGHT
    for reason, text, field in ((None, "-", "reason"), ("own_housing", "-", "reason"), ("danger_now", " ", "text")):
        with pytest.raises(Invalid) as wrong:
            opened(staffed, her, ELSEWHERE, reason, text)
        assert wrong.value.faults[0].field == field
    for case in (her, "R-2222-2222-2222"):  # with a key, which is told the same of both
        with pytest.raises(NotAllowed) as refused:
            staffed.do(opening.open_case, case, "danger_now", "-", actor=ELSEWHERE)
        assert refused.value.code == "sign_in_needed"
    with pytest.raises(Conflict):
        opened(staffed, her, COORDINATOR)


@one_store
def test_what_is_said_about_an_opening_is_stored_encrypted(staffed):
    opened(staffed, staffed.register(actor=COORDINATOR))
    with staffed.database.engine.connect() as connection:
        assert "Kanarie" not in repr(connection.exec_driver_sql("SELECT * FROM opening").all())
    assert [row.text for row in staffed.all(select(Opening))] == ["Kanarie"]
    assert Role.DESK in staffed.settings.night_duty


@one_store
def test_a_bad_reason_tells_at_night_no_more_of_a_foreign_case_than_of_one_that_is_not_there(staffed):
    her = staffed.register(actor=DESK, region=Region.LIMBURG)
    staffed.at = NIGHT
    for reason, text in (("nonsense", "x"), (None, "x"), ("danger_now", None), ("other", " ")):
        told = set()
        for case in (her, "R-2222-2222-2222"):
            with pytest.raises(Invalid) as refused:
                opened(staffed, case, COORDINATOR, reason, text)
            told.add(repr(refused.value.faults))
        assert len(told) == 1, reason
