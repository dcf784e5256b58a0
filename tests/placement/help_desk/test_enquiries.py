"""Calls to the help desk: what is stored, what is missing, what becomes of the note."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.core.enquiry_codes import Advice, Asker, Became, EnquiryStatus, Subject
from placement.core.errors import Conflict, Invalid, NotAllowed, VersionPassed
from placement.crypto.encrypted_columns import is_readable
from placement.help_desk import enquiries, figures
from placement.help_desk.enquiries import NOTES_FOR
from placement.retention.job import erase_everything_due
from placement.tables import Enquiry
from placement.tasks.listing import derive, owned
from tests.support.audit_log import logged
from tests.support.help_desk import ADVISER, CALL, OPEN, RING_BACK
from tests.support.town import COORDINATOR, DESK, TODAY, key_store_of


def faults(town, given):
    with pytest.raises(Invalid) as refused:
        town.do(enquiries.make, given, actor=ADVISER)
    return {fault.field for fault in refused.value.faults}


def test_store_shows_day_and_state_alone(town):
    town.do(enquiries.make, CALL, actor=ADVISER)
    with town.database.engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM enquiry")).all())
    assert not any(word in stored for word in ("lawyer", "amsterdam", "reflection", "dossier", ADVISER.id))
    assert [event.facts for event in logged(town, event="enquiry:made")] == [{"status": "done"}]


def test_open_call_may_lack_facts_and_done_call_may_not(town):
    made = town.do(enquiries.make, OPEN, actor=ADVISER)
    assert faults(town, replace(OPEN, status=EnquiryStatus.DONE)) == {"asker", "subjects"}
    assert faults(town, replace(RING_BACK, telephone="")) == {"telephone"}
    assert faults(town, replace(CALL, region="nowhere")) == {"region"}
    town.later(minutes=5, seconds=1)
    done = town.do(enquiries.change, made.id, 1, replace(CALL, minutes=None), actor=ADVISER)
    assert (done.content.minutes, done.content.by, done.version) == (6, ADVISER.id, 2)
    with pytest.raises(Conflict):
        town.do(enquiries.change, made.id, 2, CALL, actor=ADVISER)


def test_change_of_an_older_version_is_refused(town):
    made = town.do(enquiries.make, OPEN, actor=ADVISER)
    town.do(enquiries.change, made.id, 1, replace(OPEN, asker=Asker.POLICE), actor=DESK)
    with pytest.raises(VersionPassed):
        town.do(enquiries.change, made.id, 1, CALL, actor=ADVISER)
    with pytest.raises(NotAllowed):
        town.do(enquiries.make, CALL, actor=COORDINATOR)


def test_caller_to_ring_back_is_a_task_until_rung(town):
    made = town.do(enquiries.make, replace(RING_BACK, urgent=True), actor=ADVISER)
    unfinished = town.do(enquiries.make, OPEN, actor=ADVISER)

    def waits(actor):
        with town.act(actor) as act:
            return {(one.task.about, one.task.due) for one in owned(act, derive(act)) if one.task.kind == "enquiry"}

    due = town.at + timedelta(hours=1)
    assert waits(ADVISER) == waits(DESK) == {(made.id, due)}
    assert waits(COORDINATOR) == set()
    town.later(hours=1)
    assert waits(ADVISER) == {(made.id, due), (unfinished.id, None)}
    rung = town.do(enquiries.call_back, made.id, 1, [Advice.REGISTER], 3, became=Became.REGISTRATION, actor=DESK)
    assert (rung.status, rung.content.minutes, rung.content.advised) == ("done", 4, ["register"])
    assert rung.content.became == ["registration"]
    assert waits(DESK) == {(unfinished.id, None)}


@pytest.mark.wide
def test_note_is_gone_after_thirty_days_with_its_key(town):
    made = town.do(enquiries.make, replace(CALL, telephone="+31201234567"), actor=ADVISER)
    assert made.note == {"note": "dossier", "telephone": "+31201234567"}
    owner = made.key_owner
    town.later(days=NOTES_FOR.days - 1)
    list(erase_everything_due(town.database, town.act_now))
    assert town.one("enquiry", made.id).note == made.note
    town.later(days=30)  # the key was made on the day of the run, which is later than the first day of the town
    list(erase_everything_due(town.database, town.act_now))
    left = town.one("enquiry", made.id)
    assert (left.note, left.content.asker) == (None, Asker.LAWYER)
    assert key_store_of(town).is_destroyed(owner)
    again = town.do(enquiries.make, CALL, actor=ADVISER)
    assert is_readable(again.note)


def test_figures_count_done_calls_of_the_month(town):
    town.do(enquiries.make, CALL, actor=ADVISER)
    both = replace(CALL, subjects=[Subject.REFLECTION, Subject.SHELTER], again=True, became=Became.REGISTRATION)
    town.do(enquiries.make, both, actor=ADVISER)
    town.do(enquiries.make, OPEN, actor=ADVISER)
    rung = town.do(enquiries.make, RING_BACK, actor=ADVISER)
    town.do(enquiries.call_back, rung.id, 1, [], 9, actor=ADVISER)
    with town.act(ADVISER) as act:
        found = figures.of_month(act, TODAY)
        before = figures.of_month(act, TODAY - timedelta(days=31))
    assert (found.calls, found.minutes, found.second_calls, found.registrations, found.unfinished) == (3, 18, 2, 1, 1)
    assert [(one.code, one.calls, one.minutes) for one in found.subjects] == [
        ("reflection", 2, 8),
        ("shelter", 2, 14),
    ]
    assert [one.code for one in found.askers] == ["lawyer", "police"]
    assert before.calls == 0
    assert len(town.all(select(Enquiry))) == 4
