"""The ground on which a shelter is told of a client: without one no shelter is asked."""

from datetime import date

from placement.core.context import Act
from placement.core.errors import Conflict
from placement.tables import Registration

NEEDED_SINCE = date(2027, 3, 1)
"""A case that waits since before this day needs no ground to be entered: it was registered under the task of the centre
as it was told then (assumed). What was withdrawn, or has ended, stops every case.
"""


def require_ground(act: Act, registration: Registration) -> None:
    """Raises `Conflict` where no shelter may be told of this client today."""
    if registration.sharing_withdrawn:
        raise Conflict("sharing_withdrawn")
    if registration.sharing_until is not None and registration.sharing_until < act.day:
        raise Conflict("sharing_ended", day=registration.sharing_until.isoformat())
    if registration.sharing_ground is None and registration.waits_on >= NEEDED_SINCE:
        raise Conflict("sharing_ground_missing")
