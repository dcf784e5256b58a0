"""The record of a failing job.

Only one job is recorded at a time. Another failing job is recorded after the first has succeeded again.
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
    """A failing job. `since`: its first failure after its last success."""

    job: str
    since: datetime


def note(session: Session, job: str, due: datetime, at: datetime) -> None:
    """Records that a job failed. Does nothing if another process completed this run, or another job is recorded."""
    if _is_done(session, job, due):
        return
    found, detail = store_records.records(session).get(StoreFact.JOB_FAILS), f"{job} {due.isoformat()}"
    if found is None:
        store_records.record_once(session, StoreFact.JOB_FAILS, at, detail)
    elif _is_done(session, *_read(found)):
        store_records.replace(session, found, at, detail)


def forget_others(session: Session, jobs: Collection[str]) -> None:
    """Deletes the record of a job that no longer exists, because it would hide other failures."""
    found = store_records.records(session).get(StoreFact.JOB_FAILS)
    if found is not None and _read(found)[0] not in jobs:
        store_records.forget_found(session, found)


def failing(session: Session, known: Mapping[StoreFact, StoreRecord]) -> JobFailure | None:
    """Returns the recorded job, or `None` if no job fails. `known`: all records of the database."""
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
    """Checks whether some process completed the job for this due time."""
    runs = select(JobRun.job).where(JobRun.job == job, col(JobRun.slot) >= due)
    days = select(DailyRun.job).where(DailyRun.job == job, col(DailyRun.due_at) >= due)
    return session.execute(runs.union_all(days).limit(1)).first() is not None
