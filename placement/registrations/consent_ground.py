"""The ground for sharing a client's data with a shelter: without a ground, no shelter is asked."""

from placement.core.context import Act
from placement.core.errors import Conflict
from placement.tables import Registration


def require_ground(act: Act, registration: Registration) -> None:
    """Raises `Conflict` if no shelter may get this client's data today: the ground was withdrawn, has ended, or is
    missing. A missing ground matters only for clients who wait since the day in the settings, or later.
    """
    if registration.sharing_withdrawn:
        raise Conflict("sharing_withdrawn")
    if registration.sharing_until is not None and registration.sharing_until < act.day:
        raise Conflict("sharing_ended", day=registration.sharing_until.isoformat())
    since = act.settings.sharing_ground_from
    if since is not None and registration.sharing_ground is None and registration.waits_on >= since:
        raise Conflict("sharing_ground_missing")
