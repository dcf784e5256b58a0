"""Records about the store, made by several processes at the same moment."""

from datetime import timedelta

from placement.core.codes import StoreFact
from placement.notifications import delivery
from placement.storage import job_failures, store_records
from tests.support.simultaneous_acts import at_once, worked
from tests.support.stores import AT, both_stores

pytestmark = both_stores

TIMES = 8


def recorded(empty, fact):
    with empty.database.transaction() as session:
        return store_records.records(session).get(fact)


def note(empty, *, fails):
    delivery._note_server(empty.database, fails=fails, refused=[], sent=0 if fails else 1)


def test_fact_recorded_four_times_at_once_is_there(empty):
    def record(number):
        with empty.database.transaction() as session:
            store_records.record(session, StoreFact.BACKUP_MADE, AT + timedelta(hours=number))

    for _ in range(TIMES):
        outcomes = at_once(*[lambda number=number: record(number) for number in range(4)])
        assert len(worked(outcomes)) == len(outcomes)
        with empty.database.transaction() as session:
            store_records.forget(session, StoreFact.BACKUP_MADE)
        assert recorded(empty, StoreFact.BACKUP_MADE) is None


def test_mail_that_fails_and_goes_at_once_ends_no_round(empty):
    for _ in range(TIMES):
        outcomes = at_once(*[lambda fails=fails: note(empty, fails=fails) for fails in (True, True, False, False)])
        assert len(worked(outcomes)) == len(outcomes)
        note(empty, fails=True)
        assert recorded(empty, StoreFact.MAIL_FAILS) is not None
        note(empty, fails=False)
        assert recorded(empty, StoreFact.MAIL_FAILS) is None


def test_four_jobs_that_fail_at_once_one_is_recorded(empty):
    def fail(job):
        with empty.database.transaction() as session:
            job_failures.note(session, job, AT, AT)

    for _ in range(TIMES):
        outcomes = at_once(*[lambda job=job: fail(job) for job in "abcd"])
        assert len(worked(outcomes)) == len(outcomes)
        assert recorded(empty, StoreFact.JOB_FAILS).detail[0] in "abcd"
        with empty.database.transaction() as session:
            store_records.forget(session, StoreFact.JOB_FAILS)
