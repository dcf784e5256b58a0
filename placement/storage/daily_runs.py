"""The days for which each daily job has run, and the first day for which it must still run."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from placement.core.clock import CLOCKS_DIFFER, day_of
from placement.tables import DailyRun

MADE_UP_FOR = timedelta(days=14)
"""The largest number of past days for which a job runs after an outage (assumed)."""


def first_day_to_do(session: Session, job: str, at: datetime) -> date:
    """Returns the day after the job's last run, but at most `MADE_UP_FOR` ago. Returns today on a new installation.
    Ignores runs that a wrong clock dated in the future.
    """
    today = day_of(at)
    done = DailyRun.job == job, col(DailyRun.ran_at) <= at + CLOCKS_DIFFER
    last = session.exec(select(func.max(DailyRun.day)).where(*done)).one()
    return max(last + timedelta(days=1), today - MADE_UP_FOR) if last else today
