"""The state of a store whose data keys were destroyed on purpose. The service cannot start with such a store."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from placement.core.errors import Misconfigured
from placement.core.leave_codes import LeaveKind
from placement.crypto.pseudonyms import PSEUDONYMS
from placement.storage.field_sealing import keys_of_session
from placement.tables import SecondPersonRequest

BEGIN_ANEW = (
    "to begin anew, set PLACEMENT_VAR, DATABASE_URL and PLACEMENT_KEY_STORE to other places, and run `placement init`"
)


@dataclass(frozen=True, slots=True)
class Destruction:
    """The destruction of the data keys. `id`: the id of its request. `day`: the day (ISO 8601) on which it ended; if it
    has not ended, the day on which it began.

    `id` and `day` are empty if the keys are destroyed, but the restored database is older than the destruction.
    """

    id: str
    day: str
    is_done: bool


def destruction_of(session: Session) -> Destruction | None:
    """Returns the destruction of the data keys of this store. Returns `None` if no destruction was begun."""
    wanted = select(SecondPersonRequest).where(
        SecondPersonRequest.what == LeaveKind.DESTROY_KEYS, col(SecondPersonRequest.begun_at).is_not(None)
    )
    for one in session.exec(wanted.order_by(col(SecondPersonRequest.begun_at).desc())):
        moment = one.done_at or one.begun_at
        return Destruction(one.id, moment.date().isoformat() if moment else "", one.done_at is not None)
    gone = keys_of_session(session).store.is_destroyed(PSEUDONYMS)
    return Destruction("", "", is_done=True) if gone else None


def require_not_left(session: Session) -> None:
    """Raises `Misconfigured` if nothing in this store can be decrypted, because every page would fail. While a
    destruction is unfinished and the key of pseudonyms still exists, the service can start. Users can then lift a legal
    hold that prevents the rest of the destruction.
    """
    found = destruction_of(session)
    if found is None or not (found.is_done or keys_of_session(session).store.is_destroyed(PSEUDONYMS)):
        return
    if not found.is_done:
        raise Misconfigured(
            f"the destruction of the data keys was begun on {found.day} and has not ended: "
            f"run `placement leave --approval {found.id}` again"
        )
    agreed = f" on {found.day}, as two of the desk agreed ({found.id})" if found.id else ""
    raise Misconfigured(
        f"the data keys of this store were destroyed on purpose{agreed}: nothing of a case opens any more, and no"
        f" service starts with it; {BEGIN_ANEW}"
    )
