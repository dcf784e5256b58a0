"""Days of daily jobs: which are done, and which are still to be done."""

from datetime import date, timedelta

from sqlmodel import Session, func, select

from placement.tables import DailyRun

MADE_UP_FOR = timedelta(days=14)
"""After a longer outage (assumed) the first day made up for is two weeks old."""


def first_day_to_do(session: Session, job: str, today: date) -> date:
    """The day after the last that was done; on a new installation today. Earlier days are never done any more."""
    last = session.exec(select(func.max(DailyRun.day)).where(DailyRun.job == job)).one()
    return max(last + timedelta(days=1), today - MADE_UP_FOR) if last else today
