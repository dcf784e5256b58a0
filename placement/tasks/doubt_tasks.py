"""Tasks about rows that were changed outside the service. Two persons have to end a stop, during which the service
refuses irreversible acts; or the desk has to open a blocked place.
"""

from collections.abc import Iterator
from datetime import datetime

from placement.access import doubt_stop
from placement.access.permissions import Permission
from placement.core.codes import Role, Urgency
from placement.core.context import Act
from placement.storage import sealed_session
from placement.storage.watch import Stop
from placement.tables import Location, Room, Shelter, Unit
from placement.tasks.task import Task, TaskKind

TONIGHT = "tonight"
"""The cause of the task after the person on call has released the stop for tonight's clients."""
_PLACES = (Shelter, Location, Unit, Room)


def of_doubt(act: Act) -> Iterator[Task]:
    """Yields the tasks about doubt that the actor has permission for. The service itself gets all these tasks."""
    is_service = act.actor.role is Role.SYSTEM
    stop = doubt_stop.stop_of(act.session)
    if stop is not None and (is_service or Permission.DOUBT_RELEASE.is_of(act.actor)):
        yield _of_stop(act, stop)
    if stop is None and (is_service or Permission.REGISTER_CHANGE.is_of(act.actor)):
        yield from _of_places(act)


def _of_stop(act: Act, stop: Stop) -> Task:
    since = datetime.fromisoformat(stop.since) if stop.since else None
    is_tonight = stop.night is not None and doubt_stop.is_released_tonight(act, stop)
    due = datetime.fromisoformat(stop.night.until) if stop.night is not None and is_tonight else None
    cause = TONIGHT if is_tonight else stop.cause.value
    return Task(TaskKind.DIFFERENCE, None, int(Urgency.TONIGHT), since, due, cause=cause, about=stop.since)


def _of_places(act: Act) -> Iterator[Task]:
    for table in _PLACES:
        for name in sorted(sealed_session.doubted(act.session, table)):
            place = act.session.get(table, name)
            if isinstance(place, _PLACES):
                kind = str(table.__tablename__)
                yield Task(
                    TaskKind.PLACE_DOUBT,
                    None,
                    int(Urgency.DAYS),
                    cause=kind,
                    about=name,
                    place=f"{place.name} ({name})",
                )
