"""The stop: while log, sums, watcher or too many rows are in doubt, nothing happens that cannot be taken back.

No proposal, decision, address, export, or act on keys and accounts happens. Each permission (`permissions.py`) and each
job (`placement/jobs/periodic.py`) declares whether it stops. Two persons release a stop (`placement/doubt`).
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
    """Returns the stop that is in force; `None` without a stop. It is read from the key store, which no row of the
    database can change.
    """
    return watch_of(session.get_bind().dialect).stop(log_rows.keys_of(session))


def require_running(act: Act, *, tonight: bool = False) -> None:
    """Raises `Stopped` during a stop. `tonight`: true to accept a stop that was released for the clients of tonight."""
    stop = stop_of(act.session)
    if stop is not None and not (tonight and is_released_tonight(act, stop)):
        raise Stopped(stop.cause)


def require_for(act: Act, registration_id: str) -> None:
    """Raises `Stopped` during a stop. If the person on call released the clients of tonight, accepts such a client."""
    urgency = act.session.get_one(Registration, registration_id).urgency
    require_running(act, tonight=urgency == Urgency.TONIGHT)


def is_released_tonight(act: Act, stop: Stop) -> bool:
    """Checks whether the person on call released the clients of tonight, and that night is not over."""
    return stop.night is not None and act.at < datetime.fromisoformat(stop.night.until)
