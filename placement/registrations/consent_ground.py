"""Two reasons not to search for a place: the client asked that the case is only stored (restriction), or the client's
data may not be shared. If data may not be shared, no shelter is asked.
"""

from placement.core.consent_codes import SharingScope
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.tables import Registration

RESTRICTION = "restriction"


def is_restricted(registration: Registration) -> bool:
    """Checks whether the case is restricted: it may be stored, but not used. Returns false if the key of the case is
    missing.
    """
    return registration.known(RESTRICTION) is not None


def require_unrestricted(registration: Registration) -> None:
    """Raises `Conflict` if the case is restricted, because the client asked for that."""
    if is_restricted(registration):
        raise Conflict("processing_restricted")


def require_ground(act: Act, registration: Registration) -> None:
    """Raises `Conflict` if the client's data may not be shared today. Either the case is restricted, or the ground for
    sharing was withdrawn, has ended, is for another purpose, or is missing. A missing ground is accepted for a client
    who already waited before the day in the settings.
    """
    require_unrestricted(registration)
    if registration.sharing_withdrawn:
        raise Conflict("sharing_withdrawn")
    if registration.sharing_until is not None and registration.sharing_until < act.day:
        raise Conflict("sharing_ended", day=registration.sharing_until.isoformat())
    if registration.sharing_scope is SharingScope.FIRST_PLACE and registration.requests:
        raise Conflict("sharing_first_place")
    since = act.settings.sharing_ground_from
    if since is not None and registration.sharing_ground is None and registration.waits_on >= since:
        raise Conflict("sharing_ground_missing")
