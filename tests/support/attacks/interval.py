"""The minutes after which rows stand in no order of entry any more."""

from datetime import datetime

from placement.jobs import periodic
from placement.storage import row_order
from tests.support.stores import AT, Country
from tests.support.town import Town

MIX = next(job for job in periodic.JOBS if job.name == row_order.JOB)


def minutes_pass(made: Country | Town, at: datetime = AT) -> None:
    """The job runs, for the first time or after its pause."""
    periodic.run(made.database, made.settings, MIX, at)
