"""The days of daily jobs: the days for which a job has run, and the days for which it must still run."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from placement.core.clock import CLOCKS_DIFFER, day_of
from placement.tables import DailyRun

MADE_UP_FOR = timedelta(days=14)
"""The largest number of past days for which a job runs after an outage (assumed)."""


def first_day_to_do(session: Session, job: str, at: datetime) -> date:
    """Returns the first day for which the job must run: the day after its last run, on a new installation today.
    Ignores runs in the future, which were made by a clock that was ahead.
    """
    today = day_of(at)
    done = DailyRun.job == job, col(DailyRun.ran_at) <= at + CLOCKS_DIFFER
    last = session.exec(select(func.max(DailyRun.day)).where(*done)).one()
    return max(last + timedelta(days=1), today - MADE_UP_FOR) if last else today
