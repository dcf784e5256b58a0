"""A page that was shown: a single audit event, found by each case that the page showed."""

import pytest
from sqlmodel import select

from placement.accounts import reads as account_reads
from placement.audit import log as audit_log
from placement.audit import page_reads, search
from placement.audit.events import Event
from placement.audit.verification import verify
from placement.capacity import reads as capacity_reads
from placement.placements import reads as placement_reads
from placement.registrations import reads, registrations
from placement.tables import AuditEvent
from tests.support.stores import one_store
from tests.support.town import DESK

pytestmark = one_store


def last_events(town, number):
    with town.database.transaction() as session:
        rows = session.exec(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(number)).all()
        return [(row.event, row.registration_id, row.facts) for row in reversed(rows)]


@pytest.fixture
def cases(town):
    return sorted([town.register(), town.register()])


def test_several_reads_become_one_event_of_the_one_case(town, cases):
    one, other = cases
    with town.act(DESK) as act:
        reads.registration(act, one)
        reads.registrations(act, None, None, 50, 0)
        placement_reads.holds(act, None, one, 5, 0)
        page_reads.merge_reads(act, "registration")
    [(event, case, facts)] = last_events(town, 1)
    assert (event, case) == (Event.PAGE_SHOWN.value, one)
    assert facts == {
        "page": "registration",
        "shown": [one, other],
        "events": ["hold:listed", "registration:listed", "registration:read"],
        "parts": [],
        "details": [],
    }


def test_page_of_no_case_says_what_was_asked_and_of_what(town):
    with town.act(DESK) as act:
        capacity_reads.capacity(act, "S1")
        account_reads.keys(act)
        reads.registrations(act, None, None, 50, 100)
        page_reads.merge_reads(act, "page")
    [(event, case, facts)] = last_events(town, 1)
    assert (event, case, facts["shown"], facts["parts"]) == (Event.PAGE_SHOWN.value, None, [], ["S1"])
    assert facts["details"] == [{"event": "registration:listed", "offset": 100}]


def test_page_of_a_case_names_no_shelter(town, cases):
    with town.act(DESK) as act:
        reads.registration(act, cases[0])
        capacity_reads.capacity(act, "S1")
        page_reads.merge_reads(act, "page")
    [(_, case, facts)] = last_events(town, 1)
    assert (case, facts["parts"]) == (cases[0], [])


@pytest.mark.parametrize("event", sorted(page_reads.KEEPS_ITS_NAME))
def test_read_that_is_an_act_keeps_its_name(town, cases, event):
    with town.act(DESK) as act:
        audit_log.write(act, event, registration=cases[0])
        reads.registration(act, cases[0])
        reads.registrations(act, None, None, 50, 0)
        page_reads.merge_reads(act, "page")
    assert [one for one, _, _ in last_events(town, 2)] == [event, "page:shown"]


def test_reads_of_several_cases_name_each_as_shown(town, cases):
    with town.act(DESK) as act:
        for case in cases:
            reads.registration(act, case)
        page_reads.merge_reads(act, "two")
    [(_, case, facts)] = last_events(town, 1)
    assert (case, facts["shown"]) == (None, cases)


def test_one_read_stays_as_it_is(town, cases):
    with town.act(DESK) as act:
        reads.registration(act, cases[0])
        page_reads.merge_reads(act, "registration")
    assert [(event, case) for event, case, _ in last_events(town, 1)] == [("registration:read", cases[0])]


def test_write_beside_the_reads_keeps_its_own_event(town, cases):
    with town.act(DESK) as act:
        registrations.close(act, cases[0], "entered_in_error")
        reads.registration(act, cases[0])
        reads.registrations(act, None, None, 50, 0)
        page_reads.merge_reads(act, "registration")
    assert [event for event, _, _ in last_events(town, 2)] == ["registration:closed", "page:shown"]
    assert verify(town.database, []).first_bad is None


def test_page_is_found_by_every_case_that_it_showed(town, cases):
    with town.act(DESK) as act:
        reads.registration(act, cases[0])
        reads.registrations(act, None, None, 50, 0)
        page_reads.merge_reads(act, "registration")
    with town.act(DESK) as act:
        found = {case: search.accesses(act, case, before=None, limit=1)[0].event for case in cases}
    assert found == dict.fromkeys(cases, "page:shown")
