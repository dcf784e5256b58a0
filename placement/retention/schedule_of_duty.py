"""The part of the retention schedule that is about who is there: absences, who is on call, standing mandates."""

from datetime import timedelta

from sqlmodel import col

from placement.retention import erasure
from placement.retention.kinds import Fate, Kind
from placement.retention.schedule_of_cases import YEAR
from placement.tables import Absence, Mandate, OnCall

OF_DUTY: tuple[Kind, ...] = (
    Kind(
        "absences",
        timedelta(days=30),
        "ended",
        Fate.ERASE,
        col(Absence.id),
        col(Absence.ends_on),
        (),
        None,
        erasure.rows_of(Absence, Absence.id),
        assumed=True,
    ),
    Kind(
        "on_call",
        timedelta(days=365),
        "ended",
        Fate.ERASE,
        col(OnCall.id),
        col(OnCall.ends_on),
        (),
        None,
        erasure.rows_of(OnCall, OnCall.id),
        assumed=True,
    ),
    Kind(
        "mandates",
        5 * YEAR,
        "ended",
        Fate.ERASE,
        col(Mandate.id),
        col(Mandate.ends_on),
        (),
        None,
        erasure.rows_of(Mandate, Mandate.id),
        assumed=True,
    ),
)
