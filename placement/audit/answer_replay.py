"""The audit event of a repeated answer (`Idempotency-Key`). Sending the stored answer again is read access too."""

from placement.access import scoped_queries
from placement.access.permissions import Permission, Reach
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.storage.idempotency import Answer


def record_replay(act: Act, answer: Answer, permission: Permission | None) -> None:
    """Checks that the actor may still see the case in a stored answer, and writes an audit event.

    Raises `NotFound` if the actor may not see the case, and `NotAllowed` if the desk's access grant has ended.
    """
    if Permission.REGISTRATION_READ.is_of(act.actor) and answer.registration is not None:
        opened = permission is not None and permission.reach.get(act.actor.role) is Reach.OPENED
        find = scoped_queries.registration_of if opened else scoped_queries.known_registration
        find(act.session, act.actor, answer.registration)
    audit_log.write(act, Event.ANSWER_REPEATED, registration=answer.registration)
