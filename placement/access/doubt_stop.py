"""The stop. During a stop, the service refuses every act that cannot be reversed: proposals, decisions, addresses,
exports, and acts on keys and accounts. Two persons end a stop (`placement/doubt`).

A stop begins if somebody may have changed rows or the audit log outside the service: the log or its checksum of all
rows is wrong, more than ten rows are wrong, or the watcher could not check in time. Each permission
(`permissions.py`) and each job (`placement/jobs/periodic.py`) declares whether a stop applies to it.
"""

from datetime import datetime

from sqlmodel import Session

from placement.core.codes import Urgency
from placement.core.context import Act
from placement.core.errors import Stopped
from placement.storage import log_rows
from placement.storage.watch import Stop, watch_of
from placement.tables import Registration


def stop_of(session: Session) -> Stop | None:
    """Returns the present stop; `None` without a stop. The stop is stored in the key store, so a change of the database
    cannot remove it.
    """
    return watch_of(session.get_bind().dialect).stop(log_rows.keys_of(session))


def require_running(act: Act, *, tonight: bool = False) -> None:
    """Raises `Stopped` during a stop. `tonight`: true to allow the act if the person on call released the stop for
    clients who need a place tonight.
    """
    stop = stop_of(act.session)
    if stop is not None and not (tonight and is_released_tonight(act, stop)):
        raise Stopped(stop.cause)


def require_for(act: Act, registration_id: str) -> None:
    """Raises `Stopped` during a stop. Does not raise it if the client of this case needs a place tonight, and the
    person on call released the stop for such clients.
    """
    urgency = act.session.get_one(Registration, registration_id).urgency
    require_running(act, tonight=urgency == Urgency.TONIGHT)


def is_released_tonight(act: Act, stop: Stop) -> bool:
    """Checks whether the person on call released the stop for clients who need a place in the present night."""
    return stop.night is not None and act.at < datetime.fromisoformat(stop.night.until)
