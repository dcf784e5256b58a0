"""The obstacle to a place that a user notes for a waiting client. The ledger of need counts it."""

from datetime import date, timedelta

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.need_codes import WaitObstacle
from placement.registrations.case_rows import require_readable
from placement.tables import NotedObstacle, Registration

NOTED_FOR = timedelta(days=28)
"""The time for which a noted obstacle is valid (assumed)."""


@needs(Permission.REGISTRATION_CHANGE)
def note(act: Act, registration_id: str, code: WaitObstacle | None) -> Registration:
    """Stores an obstacle to a place that the engine cannot know. `code`: `None` if the obstacle no longer exists.
    Raises `Conflict` if the client does not wait for a place.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    require_readable(registration)
    if not registration.status.is_sought_for:
        raise Conflict("no_place_is_sought", status=registration.status.value)
    registration.obstacle = None if code is None else NotedObstacle(code=code, on=act.day, by=act.actor.id)
    audit_log.write(act, Event.REGISTRATION_CHANGED, registration=registration.id, fields=["obstacle"])
    return registration


def noted(registration: Registration, day: date) -> WaitObstacle | None:
    """Returns the obstacle of the present wait; `None` if nobody noted an obstacle, or if the note is too old."""
    found: NotedObstacle | None = registration.known("obstacle")
    if found is None or not registration.status.is_sought_for:
        return None
    return found.code if day_of(registration.waits_since) <= found.on <= day < found.on + NOTED_FOR else None
