"""The stop. While it is in force, the service refuses every act that cannot be reversed: proposals, decisions,
addresses, exports, and acts on keys and accounts.

A stop is in force if the log, its checksums, the watcher or more than ten rows are in doubt. *In doubt* means that
somebody may have changed them outside the service. Each permission (`permissions.py`) and each job
(`placement/jobs/periodic.py`) declares whether a stop applies to it. Two persons end a stop (`placement/doubt`).
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
    """Returns the stop that is in force; `None` without a stop. Reads the stop from the key store, because a change of
    the database cannot remove it there.
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
    """Raises `Stopped` during a stop. Allows the act if the client needs a place tonight, and the person on call
    released the stop for clients who need a place tonight.
    """
    urgency = act.session.get_one(Registration, registration_id).urgency
    require_running(act, tonight=urgency == Urgency.TONIGHT)


def is_released_tonight(act: Act, stop: Stop) -> bool:
    """Checks whether the person on call released the stop for clients who need a place tonight, and that night is not
    over.
    """
    return stop.night is not None and act.at < datetime.fromisoformat(stop.night.until)
