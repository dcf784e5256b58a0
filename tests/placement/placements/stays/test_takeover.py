"""A client who lived in a shelter, or waited, before the service knew them is entered as from the day that it began."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from matching import explain
from placement.access.permissions import Permission
from placement.capacity import report as capacity_report
from placement.capacity.history import free_beds
from placement.capacity.vacancy import Discrepancy
from placement.core.clock import start_of
from placement.core.codes import AvoidedKind, RegistrationStatus, ResidenceBasis, Role, StayStatus, Urgency
from placement.core.context import Actor
from placement.core.errors import Invalid, NotAllowed
from placement.notifications import reminders
from placement.placements import reads
from placement.placements.proposals import proposals
from placement.placements.stays import place_fit, stays
from placement.placements.stays.takeover import RoomTaken
from placement.registrations.case import AvoidedInput, PointInput, ThreatInput
from placement.retention.job import erase_everything_due
from placement.retention.schedule_of_cases import CONTENT_FOR
from placement.tables import Decision, Hold, Proposal, Registration, Reminder
from tests.support import task_board
from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.audit_log import logged
from tests.support.messages import sent
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, ROOMS, TODAY, F, M, shelter

CAME = TODAY - timedelta(days=40)


def faults_of(refused):
    return [(fault.field, fault.code) for fault in refused.value.faults]


def case_of(town, stay):
    return town.registration(town.one("stay", stay).registration_id)


def written(town):
    return logged(town, event="registration:taken_over")


def broken(town, stay):
    with town.act() as act:
        return [one.rule for one in place_fit.broken_where_lived(act, act.session.get_one(Registration, stay))]


def broken_of(town, stay):
    return broken(town, case_of(town, stay).id)


def test_stay_taken_over_began_on_its_day_without_a_decision(town):
    stay = town.one("stay", town.take_over(ago=40))
    assert (stay.status, stay.starts_on, stay.limit_on) == (StayStatus.IN_HOUSE, CAME, CAME + timedelta(days=90))
    assert (stay.arrived_at, stay.taken_over_on, stay.hold_id) == (start_of(CAME), TODAY, None)
    case = case_of(town, stay.id)
    assert (case.status, case.waits_since, case.taken_over_on) == (RegistrationStatus.PLACED, start_of(CAME), TODAY)
    claims = [(claim.starts_on, claim.ends_on, claim.hold_id) for claim in town.claims(case.id)]
    assert claims == [(CAME, None, None)]
    assert not any(town.all(select(table)) for table in (Proposal, Decision, Hold))
    assert town.room("R1").vacancy.free_beds == 1


@pytest.mark.wide
@one_store
def test_end_by_mistake_is_mended_by_taking_the_client_over(town):
    client = town.register(actor=COORDINATOR, alias="Merel")
    ended = town.house(client, "U1-women")
    came_on = town.one("stay", ended).starts_on
    town.later(days=3)
    town.do(stays.end, ended, "own_housing")
    stay = town.one("stay", town.take_over(ago=3, alias="Merel"))
    assert (stay.status, stay.starts_on) == (StayStatus.IN_HOUSE, came_on)
    assert town.registration(client).status is RegistrationStatus.CLOSED


def test_stay_of_a_dublin_claimant_has_its_limit_of_30_days(town):
    stay = town.one("stay", town.take_over(ago=40, residence_basis=ResidenceBasis.REFLECTION_DUBLIN))
    assert stay.limit_on == CAME + timedelta(days=30)


def test_takeover_has_an_audit_event_that_names_no_place(town):
    stay = town.take_over(ago=40)
    [event] = written(town)
    assert (event.registration_id, event.object_id) == (case_of(town, stay).id, stay)
    assert event.facts == {"status": "placed", "since": CAME.isoformat(), "broken": []}
    assert not {"registration:made", "stay:arrived", "stay:planned"} & set(town.events())


@pytest.mark.wide
def test_waiting_client_counts_the_days_since(town):
    waits = town.take_over_waiting(ago=12)
    case = town.registration(waits)
    assert (case.status, case.taken_over_on) == (RegistrationStatus.OPEN, TODAY)
    assert town.row(waits).waiting_days == 12
    assert [event.facts for event in written(town)] == [{"status": "open", "since": "2026-11-12"}]
    town.house(waits)


@pytest.mark.parametrize("verb", ["take_over", "take_over_waiting"])
@pytest.mark.parametrize(("ago", "code"), [(-1, "day_ahead"), (3654, "day_too_far_back")])
def test_day_ahead_or_long_gone_is_refused_and_nothing_stored(town, verb, ago, code):
    field = "came_on" if verb == "take_over" else "waits_since"
    with pytest.raises(Invalid) as refused:
        getattr(town, verb)(ago=ago)
    assert faults_of(refused) == [(field, code)]
    assert town.all(select(Registration)) == []


def test_every_wrong_field_is_named_at_once(town):
    given = {"rooms": [RoomTaken("R4")], "avoided": [AvoidedInput(AvoidedKind.UNIT, "U9")]}
    with pytest.raises(Invalid) as refused:
        town.take_over(ago=-1, given=given)
    assert faults_of(refused) == [
        ("came_on", "day_ahead"), ("rooms.0.room", "room_not_of_unit"), ("avoided.0.target", "target_unknown")
    ]  # fmt: skip


@one_store
@pytest.mark.parametrize(
    ("unit", "rooms", "fault"),
    [
        ("U9", [RoomTaken("R1")], ("unit", "unit_unknown")),
        ("U1-women", [RoomTaken("R1", 1), RoomTaken("R1")], ("rooms.1.room", "room_twice")),
        ("U1-women", [RoomTaken("R1", 1)], ("rooms", "rooms_of_other_number")),
        ("U1-women", [RoomTaken("R1"), RoomTaken("R2", 1)], ("rooms", "rooms_of_other_number")),
        ("U1-women", [RoomTaken("R2")], ("rooms.0.room", "room_full_since")),
    ],
)
def test_wrong_room_is_refused(town, unit, rooms, fault):
    with pytest.raises(Invalid) as refused:
        town.take_over(unit, persons=((F, 30), (F, 19)), given={"rooms": rooms})
    assert faults_of(refused) == [fault]


@pytest.mark.wide
def test_room_of_another_client_since_is_full(town):
    """The bed of another client on any of these days was not this client's bed."""
    left = town.take_over("U1-women", "R2", ago=50)
    town.end(left)
    with pytest.raises(Invalid) as refused:
        town.take_over("U1-women", "R2", ago=40, persons=((F, 22),))
    assert refused.value.faults[0].facts == {"room": "R2", "beds": 1, "free": 0, "day": CAME.isoformat()}
    town.take_over("U1-women", "R2", persons=((F, 22),))


def test_household_in_two_rooms_claims_a_bed_each(town):
    rooms = {"rooms": [RoomTaken("R1", 2), RoomTaken("R2")]}
    stay = town.take_over(persons=((F, 30), (F, 19), (F, 50)), given=rooms)
    assert [len(town.room(room).claims) for room in ("R1", "R2")] == [2, 1]
    assert len({claim.person_id for claim in town.claims(case_of(town, stay).id)}) == 3


@pytest.mark.parametrize(("shared", "free"), [(False, 0), (True, 1)])
def test_household_has_its_room_for_itself_unless_said(town, shared, free):
    given = {"rooms": [RoomTaken("R3", shared=shared)]}
    stay = town.take_over("U2-family", persons=((F, 30), (F, 4)), given=given)
    assert {claim.whole_room for claim in town.claims(case_of(town, stay).id)} == {not shared}
    assert town.room("R3").vacancy.free_beds == free


def test_client_in_a_room_with_others_leaves_its_beds_free(town):
    """A private room was wanted, and is not what the client has."""
    town.take_over("U2-family", "R3")
    other = town.take_over("U2-family", "R3", persons=((F, 22),), private_room=True)
    assert [claim.whole_room for claim in town.claims(case_of(town, other).id)] == [False]
    assert town.room("R3").vacancy.free_beds == 1


@one_store
def test_room_never_reported_or_out_of_use_can_be_lived_in(town):
    """Residents are recorded although the report contradicts them, and both sides see the contradiction."""
    town.full("R2")
    town.take_over("U1-women", "R2")
    assert town.room("R2").vacancy.discrepancy == Discrepancy(too_many=1)
    town.report("S1")
    assert town.room("R2").vacancy.discrepancy is None


@pytest.mark.parametrize(
    ("first", "second", "asks"),
    [
        ({"alias": "Roos"}, {"alias": " roos"}, True),
        ({"alias": "Roos"}, {"alias": "Lelie"}, False),
        ({"alias": "Roos"}, {"alias": "Roos", "persons": ((F, 31),)}, False),
        ({"alias": "Roos"}, {"alias": "Roos", "persons": ((M, 30),)}, False),
        ({"alias": "Roos"}, {"alias": "Roos", "unit": "U2-family", "room": "R3"}, False),
        ({"ago": 3}, {"ago": 3}, True),
        ({"ago": 3}, {"ago": 4}, False),
    ],
)
def test_like_client_in_the_unit_is_asked_about(town, first, second, asks):
    known = case_of(town, town.take_over(**first)).id
    if not asks:
        town.take_over(**second)
        return
    with pytest.raises(Invalid) as refused:
        town.take_over(**second)
    [fault] = refused.value.faults
    assert (fault.field, fault.code, fault.facts) == ("confirm", "known_already", {"registrations": [known]})
    town.take_over(**second, given={"confirm": True})


def test_like_client_that_waits_is_asked_about(town):
    waits = town.take_over_waiting(ago=9, alias="Roos")
    for verb in (town.take_over_waiting, town.take_over):
        with pytest.raises(Invalid) as refused:
            verb(alias="Roos")
        assert refused.value.faults[0].facts == {"registrations": [waits]}


def test_client_near_danger_is_stored_and_the_rule_named(town):
    threat = ThreatInput(PointInput(place="Alkmaar"), 40)
    stay = town.take_over(given={"threats": [threat]})
    assert broken_of(town, stay) == ["threat_distance"]
    assert [event.facts["broken"] for event in written(town)] == [["threat_distance"]]


@one_store
def test_rules_that_the_place_breaks_refuse_nothing(town):
    man = town.take_over("U3-omm", "R4", persons=((M, 40),), needs=["medical"])
    assert broken_of(town, man) == ["scheme", "gender", "needs"]
    assert town.one("stay", man).status is StayStatus.IN_HOUSE


@one_store
def test_client_without_a_scheme_lives_there_all_the_same(town):
    """A minor of the EU is for youth care: the danger is compared all the same."""
    given = {"threats": [ThreatInput(PointInput(place="Alkmaar"), 40)]}
    minor = town.take_over(persons=((F, 16),), residence_basis=ResidenceBasis.EU, given=given)
    assert broken_of(town, minor) == ["scheme", "age", "threat_distance"]


def test_client_is_kept_apart_from_residents(town):
    first = case_of(town, town.take_over()).id
    second = town.take_over("U2-family", "R3", given={"keep_apart": [first]})
    assert broken_of(town, second) == ["keep_apart"]
    third = town.register(parts={"keep_apart": [first]})
    assert {"U1-women", "U2-family"} & town.eligible_units(third) == set()


def test_high_care_counts_against_the_limit_of_the_unit(town):
    first = town.take_over("U3-omm", "R4", high_care=True, needs=["psychiatric"])
    assert broken_of(town, first) == []
    facts = {"high_care": True, "needs": ["psychiatric"]}
    assert "U3-omm" not in town.eligible_units(town.register(**facts))
    second = town.take_over("U3-omm", "R4", persons=((F, 22),), **facts)
    assert broken_of(town, second) == ["high_care"]


def test_client_taken_over_is_housed_and_no_bed_given_twice(town):
    stay = town.take_over("U1-women", "R2", ago=3)
    town.take_over("U1-women", "R1", persons=((F, 31),))
    town.take_over("U1-women", "R1", persons=((F, 32),))
    problem = town.problem()
    assert problem.registrations == ()
    living = {occupant.registration for room in problem.rooms for occupant in room.occupants}
    assert case_of(town, stay).id in living
    waits = town.register()
    rooms = [one for one in explain(town.problem(), waits).units if one.unit == "U1-women"]
    assert [one.rule for one in rooms[0].broken] == ["rooms"]


@pytest.mark.parametrize("days", [0, 50])
def test_stay_ends_and_its_beds_are_free(town, days):
    stay = town.take_over("U1-women", "R2", ago=40)
    town.later(days=days)
    ended = town.end(stay)
    assert ended.ended_on == TODAY + timedelta(days=days)
    assert [claim.ends_on for claim in town.claims(ended.registration_id)] == [ended.ended_on]
    assert case_of(town, stay).status is RegistrationStatus.CLOSED
    town.report("S1")
    assert town.room("R2").vacancy.free_beds == 1


@pytest.mark.wide
def test_stay_that_breaks_off_is_a_place_sought_again(town):
    stay = town.take_over(ago=40, actor=DESK)
    ended = town.end(stay, "moved_for_safety")
    case = case_of(town, stay)
    assert (case.status, case.urgency) == (RegistrationStatus.OPEN, Urgency.TONIGHT)
    assert town.avoided(case.id) == {("location", "L1")}
    assert tasks(town) == [("search_again", "moved_for_safety")]
    town.propose(case.id)
    assert tasks(town) == [("urgent", None)]
    assert (ended.taken_over_on, town.one("stay", town.house(case.id)).taken_over_on) == (TODAY, None)


def tasks(town):
    return [(task.kind.value, task.cause) for task in town.do(task_board.board).tasks]


@pytest.mark.parametrize(("ago", "mark"), [(59, None), (60, 60), (80, 75), (200, 90)])
def test_stay_past_marks_is_reminded_of_the_last_once(town, ago, mark):
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK)
    stay = town.take_over(ago=ago)
    made = [town.do(reminders.remind_of_stays, town.at) for _ in range(2)]
    assert made == ([1, 0] if mark else [0, 0])
    assert [row.mark for row in town.all(select(Reminder))] == ([str(mark)] if mark else [])
    told = {(row.account_id, row.facts["day"]) for row in sent(town)}
    assert told == ({("A-S1", mark), (COORDINATOR.id, mark)} if mark else set())
    assert town.do(stays.name_blocker, stay, "medical").blocker == "medical"


def test_next_mark_comes_on_its_day(town):
    town.take_over(ago=70)
    town.do(reminders.remind_of_stays, town.at)
    town.later(days=5)
    town.do(reminders.remind_of_stays, town.at)
    assert sorted(row.mark for row in town.all(select(Reminder))) == ["60", "75"]


def test_shelter_sees_its_residents(town):
    stay = town.take_over(ago=40)
    town.take_over("U3-omm", "R4", persons=((F, 22),))
    rows, total = town.do(reads.stays, StayStatus.IN_HOUSE, 50, 0, actor=shelter("S1"))
    assert ([row.id for row in rows], total) == ([stay], 1)


def test_past_days_of_the_room_are_as_they_were(town):
    town.take_over("U1-women", "R1", ago=2)
    for shelter_id in ROOMS:
        town.report(shelter_id)
    with town.act() as act:
        assert free_beds(act).free["U1-women"][-1] == 2


def test_proposal_is_replayed_after_a_takeover(town):
    client = town.register()
    made = town.propose(client)
    town.take_over(ago=40, persons=((F, 22),))
    again = town.propose(client)
    for one in (made, again):
        proposal = town.one("proposal", one)
        assert town.replay(one).units == proposals.advice_of(proposal).units


@pytest.mark.wide
@one_store
def test_content_of_a_takeover_is_erased_after_its_term(town):
    """The term counts from the end, as of any case."""
    stay = town.take_over(ago=400, alias="Roos", given={"threats": [ThreatInput(PointInput(place="Alkmaar"), 40)]})
    case = town.one("stay", stay).registration_id
    town.end(stay)
    town.later(days=CONTENT_FOR.days - 1)
    list(erase_everything_due(town.database, town.act_now))
    assert town.registration(case).content_erased_at is None
    town.later(days=2)
    list(erase_everything_due(town.database, town.act_now))
    assert town.registration(case).content_erased_at == town.at
    assert town.registration(case).threats == []


@pytest.mark.parametrize("verb", ["take_over", "take_over_waiting"])
def test_takeover_is_the_desks_alone_and_a_persons(town, verb):
    for actor in (COORDINATOR, shelter("S1"), Actor("A-key", Role.DESK)):
        with pytest.raises(NotAllowed):
            getattr(town, verb)(actor=actor)
    assert Permission.TAKE_OVER.reach.keys() == {Role.DESK}


def test_report_after_a_takeover_counts_the_beds_in_use(town):
    town.take_over("U1-women", "R2")
    words = [capacity_report.RoomInput(room, counted_free=0 if room == "R2" else None) for room in ROOMS["S1"]]
    town.do(capacity_report.report_capacity, "S1", words, actor=shelter("S1"))
    assert town.room("R2").vacancy.discrepancy is None


def test_day_of_the_takeover_itself_is_a_day_to_come_on(town):
    assert town.one("stay", town.take_over()).starts_on == date(2026, 11, 24)
