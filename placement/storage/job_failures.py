"""The record of a job that fails repeatedly.

If several jobs fail, the first is recorded. Another job is recorded only after the first has succeeded again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from placement.core.codes import StoreFact
from placement.storage import store_records
from placement.tables import DailyRun, JobRun, StoreRecord


@dataclass(frozen=True, slots=True)
class JobFailure:
    """A failing job. `since`: the first failure after the last success."""

    job: str
    since: datetime


def note(session: Session, job: str, due: datetime, at: datetime) -> None:
    """Records that this job failed at this due time. Does nothing if another process has done the job meanwhile, or if
    an earlier failure of another job is still open.
    """
    if _is_done(session, job, due):
        return
    found, detail = store_records.records(session).get(StoreFact.JOB_FAILS), f"{job} {due.isoformat()}"
    if found is None:
        store_records.record_once(session, StoreFact.JOB_FAILS, at, detail)
    elif _is_done(session, *_read(found)):
        store_records.replace(session, found, at, detail)


def forget_others(session: Session, jobs: Collection[str]) -> None:
    """Deletes the record of a job that is not in `jobs`: it will not run again, and would hide other failures."""
    found = store_records.records(session).get(StoreFact.JOB_FAILS)
    if found is not None and _read(found)[0] not in jobs:
        store_records.forget_found(session, found)


def failing(session: Session, known: Mapping[StoreFact, StoreRecord]) -> JobFailure | None:
    """Returns the job that failed and has not succeeded since; `None` without such a job. `known`: the records."""
    found = known.get(StoreFact.JOB_FAILS)
    if found is None:
        return None
    job, due = _read(found)
    return None if _is_done(session, job, due) else JobFailure(job, found.at)


def _read(found: StoreRecord) -> tuple[str, datetime]:
    """Returns the name of the job, and the due time of its first failed run."""
    job, _, due = found.detail.partition(" ")
    return job, datetime.fromisoformat(due) if due else found.at


def _is_done(session: Session, job: str, due: datetime) -> bool:
    """Checks whether a job was done for this due time, perhaps by another process while this process failed."""
    runs = select(JobRun.job).where(JobRun.job == job, col(JobRun.slot) >= due)
    days = select(DailyRun.job).where(DailyRun.job == job, col(DailyRun.due_at) >= due)
    return session.execute(runs.union_all(days).limit(1)).first() is not None
