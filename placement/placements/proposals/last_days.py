"""The last day of a place that is proposed to a client."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from placement.capacity import place_names
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.placements.holds.holds import limit_of
from placement.tables import Registration


@dataclass(frozen=True, slots=True)
class LastDay:
    """The last day of a unit. `open_until`: the last day on which the unit is open, as planned today. `runs_past`: true
    if a stay that begins today would reach its limit after that day.
    """

    open_until: date | None
    runs_past: bool


NO_LAST_DAY = LastDay(None, runs_past=False)


def last_days_for(act: Act, case_id: str) -> Mapping[str, LastDay]:
    """Returns the last days of units for this client, by unit. Leaves out units without a last day."""
    days = place_names.last_days(act.session)
    limit = _limit_today(act, case_id) if days else None
    return {unit: LastDay(day, limit is not None and day < limit) for unit, day in days.items()}


def _limit_today(act: Act, case_id: str) -> date | None:
    """Returns the limit of a stay that begins today; `None` if the key of the case is missing."""
    case = act.session.get_one(Registration, case_id)
    return limit_of(act, case, act.day) if is_readable(case.content) and case.content is not None else None
