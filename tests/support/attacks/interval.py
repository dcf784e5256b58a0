"""The minutes after which rows stand in no order of entry any more."""

from dataclasses import replace
from datetime import datetime

from placement.jobs import periodic
from placement.storage import row_order
from tests.support.stores import AT, Country
from tests.support.town import Town

MIX = next(job for job in periodic.JOBS if job.name == row_order.JOB)

_PATIENT = replace(MIX, run=lambda act: row_order.mix(act.session, act.at, 60.0))


def minutes_pass(made: Country | Town, at: datetime = AT) -> None:
    """Runs the job, for the first time or after its pause, until each table had its turn; a busy machine has time."""
    for number in range(len(row_order.TABLES)):
        periodic.run(made.database, made.settings, _PATIENT, at + number * row_order.EVERY)
