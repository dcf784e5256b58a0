"""Days of daily jobs: which are done, and which are still to be done."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from placement.core.clock import CLOCKS_DIFFER, day_of
from placement.tables import DailyRun

MADE_UP_FOR = timedelta(days=14)
"""After a longer outage (assumed) the first day made up for is two weeks old."""


def first_day_to_do(session: Session, job: str, at: datetime) -> date:
    """Returns the day after the last that was done; on a new installation today. Earlier days are never done. A run
    that lies in the future was done by a clock that ran ahead, and does not count.
    """
    today = day_of(at)
    done = DailyRun.job == job, col(DailyRun.ran_at) <= at + CLOCKS_DIFFER
    last = session.exec(select(func.max(DailyRun.day)).where(*done)).one()
    return max(last + timedelta(days=1), today - MADE_UP_FOR) if last else today
