"""The ground on which a shelter is told of a client: without one no shelter is asked."""

from placement.core.context import Act
from placement.core.errors import Conflict
from placement.tables import Registration


def require_ground(act: Act, registration: Registration) -> None:
    """Raises `Conflict` where no shelter may be told of this client today: the ground was withdrawn, or has ended; or
    none was given, of a client who waits since the day that the settings name, or later.
    """
    if registration.sharing_withdrawn:
        raise Conflict("sharing_withdrawn")
    if registration.sharing_until is not None and registration.sharing_until < act.day:
        raise Conflict("sharing_ended", day=registration.sharing_until.isoformat())
    since = act.settings.sharing_ground_from
    if since is not None and registration.sharing_ground is None and registration.waits_on >= since:
        raise Conflict("sharing_ground_missing")
