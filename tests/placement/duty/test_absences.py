"""Absences: named by the person alone, with a suitable deputy; and the regions whose notices the desk then receives."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from placement.core.codes import Role
from placement.core.context import Actor
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.duty import absences
from placement.tables import Absence
from tests.support.accounts import account_row, add_accounts, add_shelter_staff
from tests.support.audit_log import logged
from tests.support.stores import one_store
from tests.support.town import AT, COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, TODAY

STAFF = Actor("A-S1", Role.SHELTER_STAFF, shelter_id="S1", session_id="Z")
BOTH = Actor("A-both", Role.COORDINATOR, regions=frozenset({"amsterdam", "limburg"}), session_id="Z")
MONDAY, FRIDAY = date(2026, 11, 30), date(2026, 12, 4)


@pytest.fixture
def staffed(town):
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, ELSEWHERE, DESK, OTHER_DESK)
    return town


def name(town, actor=COORDINATOR, since=MONDAY, until=FRIDAY, deputy=None):
    return town.do(absences.name, since, until, deputy, actor=actor)


def faults(town, **given):
    with pytest.raises(Invalid) as refused:
        name(town, **given)
    return [(fault.field, fault.code) for fault in refused.value.faults]


def test_name_stores_an_absence_and_its_audit_event(staffed):
    made = name(staffed, deputy=DESK.id)
    [kept] = staffed.all(select(Absence))
    assert (kept.account_id, kept.starts_on, kept.ends_on, kept.deputy_id) == (
        COORDINATOR.id, MONDAY, FRIDAY, DESK.id,
    )  # fmt: skip
    assert not made.desk_told
    [event] = logged(staffed, event="absence:named")
    assert (event.actor, event.object_id) == (COORDINATOR.id, kept.id)
    assert event.facts == {"days": ["2026-11-30", "2026-12-04"], "deputy": DESK.id}


def test_name_says_for_which_regions_the_desk_is_told(staffed):
    assert name(staffed).regions == ("amsterdam",)
    add_accounts(staffed, BOTH)
    assert not name(staffed, ELSEWHERE).desk_told  # another coordinator is there
    assert name(staffed, BOTH, MONDAY, MONDAY).regions == ("amsterdam", "limburg")
    assert name(staffed, BOTH, FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=1)).regions == ()


def test_name_says_when_no_colleague_of_the_shelter_is_left(staffed):
    assert (name(staffed, STAFF).desk_told, name(staffed, STAFF, TODAY, TODAY).regions) == (True, ())
    with staffed.act() as act:
        act.session.add(account_row("A-S1-b", Role.SHELTER_STAFF, organisation_id="O-S1"))
    assert not name(staffed, STAFF, MONDAY - timedelta(days=1), MONDAY - timedelta(days=1)).desk_told


def test_name_says_when_no_actor_of_the_desk_is_left(staffed):
    assert not name(staffed, OTHER_DESK).desk_empty
    found = name(staffed, DESK)
    assert (found.desk_empty, found.desk_told, found.regions) == (True, False, ())
    assert not name(staffed, DESK, FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=1)).desk_empty


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"since": FRIDAY, "until": MONDAY}, [("ends_on", "ends_before_it_starts")]),
        ({"since": TODAY - timedelta(days=3), "until": TODAY - timedelta(days=1)}, [("ends_on", "day_is_past")]),
        ({"until": MONDAY + timedelta(days=367)}, [("ends_on", "absence_too_long")]),
        ({"deputy": ELSEWHERE.id}, [("deputy", "deputy_does_not_fit")]),
        ({"deputy": COORDINATOR.id}, [("deputy", "deputy_does_not_fit")]),
        ({"deputy": "A-nobody"}, [("deputy", "deputy_does_not_fit")]),
        ({"actor": STAFF, "deputy": "A-S2"}, [("deputy", "deputy_does_not_fit")]),
        ({"since": FRIDAY, "until": MONDAY, "deputy": "A-S2"},
         [("ends_on", "ends_before_it_starts"), ("deputy", "deputy_does_not_fit")]),
    ],
)  # fmt: skip
@one_store
def test_name_what_is_wrong_is_said_by_field(staffed, given, found):
    assert faults(staffed, **given) == found
    assert staffed.all(select(Absence)) == []


@pytest.mark.parametrize(("since", "until"), [(MONDAY, MONDAY), (FRIDAY, FRIDAY), (TODAY, FRIDAY + timedelta(days=9))])
@one_store
def test_name_days_that_overlap_are_refused(staffed, since, until):
    name(staffed)
    with pytest.raises(Conflict) as refused:
        name(staffed, since=since, until=until)
    assert refused.value.code == "absence_overlaps"
    name(staffed, ELSEWHERE, since, until)  # another person's


def test_withdraw_ends_the_own_absence_alone(staffed):
    made = name(staffed).absence.id
    for stranger in (ELSEWHERE, DESK):
        with pytest.raises(NotFound):
            staffed.do(absences.withdraw, made, actor=stranger)
    staffed.do(absences.withdraw, made, actor=COORDINATOR)
    assert staffed.one("absence", made).withdrawn_at == AT
    assert staffed.do(absences.mine, actor=COORDINATOR)[0] == []
    with pytest.raises(NotFound):
        staffed.do(absences.withdraw, made, actor=COORDINATOR)
    name(staffed)  # the days are free again


def test_mine_lists_what_is_not_over_and_possible_deputies(staffed):
    name(staffed, since=TODAY, until=TODAY)
    name(staffed)
    found, deputies = staffed.do(absences.mine, actor=COORDINATOR)
    assert [one.absence.starts_on for one in found] == [TODAY, MONDAY]
    assert deputies == [DESK.id, OTHER_DESK.id]
    staffed.later(days=1)
    found, _ = staffed.do(absences.mine, actor=COORDINATOR)
    assert [one.absence.starts_on for one in found] == [MONDAY]


@one_store
def test_name_and_withdraw_need_a_person_and_the_role(staffed):
    for actor in (Actor(COORDINATOR.id, Role.COORDINATOR), Actor("S1", Role.SHELTER, shelter_id="S1", session_id="Z")):
        for verb, given in ((absences.name, (MONDAY, FRIDAY, None)), (absences.withdraw, ("Y-0",))):
            with pytest.raises(NotAllowed):
                staffed.do(verb, *given, actor=actor)
