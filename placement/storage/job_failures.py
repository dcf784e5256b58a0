"""A job that fails each time: what is recorded of it, and whether it still is so.

Of several jobs that fail the first is recorded, and the next one when that has been done again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from placement.core.codes import StoreFact
from placement.storage import store_records
from placement.tables import DailyRun, JobRun, StoreRecord


@dataclass(frozen=True, slots=True)
class JobFailure:
    """`since`: its first failure after it was last done."""

    job: str
    since: datetime


def note(session: Session, job: str, at: datetime) -> None:
    """Records that this job failed, unless one that has failed is not done yet."""
    if failing(session, store_records.records(session)) is None:
        store_records.record(session, StoreFact.JOB_FAILS, at, job)


def failing(session: Session, known: Mapping[StoreFact, StoreRecord]) -> JobFailure | None:
    """The job that failed and was not done since. `known`: what is recorded of the store."""
    found = known.get(StoreFact.JOB_FAILS)
    if found is None:
        return None
    runs = select(JobRun.job).where(JobRun.job == found.detail, col(JobRun.finished_at) > found.at)
    days = select(DailyRun.job).where(DailyRun.job == found.detail, col(DailyRun.ran_at) > found.at)
    done = session.execute(runs.union_all(days).limit(1)).first()
    return JobFailure(found.detail, found.at) if done is None else None
