"""The stop: while log, sums, watcher or too many rows are in doubt, nothing happens that cannot be taken back.

No proposal, decision, address, export, or act on keys and accounts happens. The permissions declare what stops
(`permissions.py`), and each job does (`placement/jobs/periodic.py`). Two persons release it (`placement/doubt`).
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
    """Returns why this work stops; `None` if it goes on. Read from the key store, which no row of the database can
    change.
    """
    return watch_of(session.get_bind().dialect).stop(log_rows.keys_of(session))


def require_running(act: Act, *, tonight: bool = False) -> None:
    """Raises `Stopped` in the stop. `tonight`: `require_for` follows, which knows the client."""
    stop = stop_of(act.session)
    if stop is not None and not (tonight and is_released_tonight(act, stop)):
        raise Stopped(stop.cause)


def require_for(act: Act, registration_id: str) -> None:
    """Raises `Stopped` in the stop, except for a client of tonight if the person on call released these."""
    urgency = act.session.get_one(Registration, registration_id).urgency
    require_running(act, tonight=urgency == Urgency.TONIGHT)


def is_released_tonight(act: Act, stop: Stop) -> bool:
    """Checks whether the person on call released the clients of tonight, and the night lasts."""
    return stop.night is not None and act.at < datetime.fromisoformat(stop.night.until)
