"""Erasure of a single change in the history of a client's facts, if it contains a mistake that nobody may read."""

from sqlmodel import col, update

from placement.access import scoped_queries
from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, NotFound
from placement.retention.legal_hold import live_of
from placement.storage.field_sealing import destroy_keys
from placement.tables import FactChange, Stay


@needs(Permission.HISTORY_ERASE)
def erase_change(act: Act, registration_id: str, change_id: str) -> None:
    """Erases the content of a change in every copy, by destroying its key. The audit log records the erasure, but not
    the content. Afterwards, reports of an arrival or departure from before the erasure cannot be reversed, because the
    household of that time is erased too. Raises `NotAllowed` without a fresh second factor. Raises `Conflict` if the
    change was already erased, or if a legal hold prevents the erasure.
    """
    require_fresh(act)
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    row = act.session.get(FactChange, change_id)
    if row is None or row.registration_id != registration.id:
        raise NotFound
    if row.content is None:
        raise Conflict("already_erased")
    live = live_of(act, registration.id)
    if live is not None:
        raise Conflict("legal_hold_stands", status=live.status.value)
    row.content = None
    act.session.execute(update(Stay).where(col(Stay.registration_id) == registration.id).values(before=None))
    destroy_keys(act, [row.key])
    audit_log.write(act, Event.HISTORY_ERASED, registration=registration.id, subject=row.id)
