"""The days of daily jobs: days that are done, and days that are still to be done."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from placement.core.clock import CLOCKS_DIFFER, day_of
from placement.tables import DailyRun

MADE_UP_FOR = timedelta(days=14)
"""The number of days that are made up for after an outage (assumed)."""


def first_day_to_do(session: Session, job: str, at: datetime) -> date:
    """Returns the day after the last day that was done; on a new installation today. Earlier days are never done. Runs
    in the future are ignored, because they were made by a clock that was ahead.
    """
    today = day_of(at)
    done = DailyRun.job == job, col(DailyRun.ran_at) <= at + CLOCKS_DIFFER
    last = session.exec(select(func.max(DailyRun.day)).where(*done)).one()
    return max(last + timedelta(days=1), today - MADE_UP_FOR) if last else today
