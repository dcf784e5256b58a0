"""The ground for sharing a client's data. Without a ground no shelter is asked."""

from placement.core.context import Act
from placement.core.errors import Conflict
from placement.tables import Registration


def require_ground(act: Act, registration: Registration) -> None:
    """Raises `Conflict` if the client's data may not be shared today. The ground was withdrawn, has ended, or is
    missing. A missing ground is accepted for a client who already waited before the day in the settings.
    """
    if registration.sharing_withdrawn:
        raise Conflict("sharing_withdrawn")
    if registration.sharing_until is not None and registration.sharing_until < act.day:
        raise Conflict("sharing_ended", day=registration.sharing_until.isoformat())
    since = act.settings.sharing_ground_from
    if since is not None and registration.sharing_ground is None and registration.waits_on >= since:
        raise Conflict("sharing_ground_missing")
