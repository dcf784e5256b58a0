"""The audit log. The audit event of every act and read access is stored in the same transaction; without it the act
fails.

An audit event has the fields of NEN 7513. `placement/storage/hash_chain.py` describes how changes are detected.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from placement.access.permissions import Permission
from placement.audit.events import Event
from placement.core.codes import Action, Outcome
from placement.core.context import Act, Actor, Origin
from placement.storage import hash_chain
from placement.tables import AuditEvent
from placement.tables.audit import AuditContent

NOBODY = "unknown"
"""The user of an audit event before sign-in."""

# The forms of our ids. An id that a caller made up is not logged, because it could be a name.
_ID = re.compile(r"[A-Z](-[2-9A-HJKMNP-TV-Z]{4}){3}|[A-Z]\d{1,4}(-[A-Z]\d{1,4}){0,3}")


class NoAuditEvent(Exception):
    """A programming error: an act wrote no audit event, so its response is not sent."""


def write(
    act: Act,
    event: Event,
    *,
    registration: str | None = None,
    subject: str | None = None,
    shown: Iterable[str] | None = None,
    **facts: object,
) -> None:
    """Writes an audit event. Facts are codes, ids and figures. They are never free text, a place, or a fact that
    identifies a person.

    An audit event that names a registration names no unit, location or shelter. Otherwise the log would show for years
    in which place a client lived. A late entry also has the time at which the event really happened (`happened_at`).

    `shown`: the registrations in a list. A search for the accesses to any of these registrations finds the event.
    """
    if shown is not None:
        facts["shown"] = sorted(set(shown))
    if act.happened_at is not None:
        facts["happened_at"] = act.happened_at.isoformat()
    what = event, event.action, event.outcome
    _gather(act.session, act.at, act.origin, act.actor, what, registration, subject, facts)


def refuse(
    session: Session,
    at: datetime,
    origin: Origin,
    actor: Actor | None,
    *,
    event: Event,
    action: Action,
    outcome: Outcome,
    registration: str | None = None,
    subject: str | None = None,
    **facts: object,
) -> None:
    """Writes the audit event of an act that is not permitted (`ACCESS_REFUSED`), or not possible now
    (`REQUEST_REFUSED`).

    `actor`: `None` before sign-in.

    The event is stored in a transaction of its own, because the request's transaction was rolled back. An id that does
    not have the form of the service's ids is left out.
    """
    what = event, action, outcome
    _gather(session, at, origin, actor, what, id_alone(registration), id_alone(subject), facts)


def require_event(act: Act, permission: Permission | None) -> None:
    """Raises `NoAuditEvent` if this transaction wrote no audit event, although the permission requires it. The response
    is then not sent.
    """
    if (permission is None or not permission.silent) and not hash_chain.gathered(act.session):
        raise NoAuditEvent(permission)


def case_of(session: Session) -> str | None:
    """Returns the case to which the audit events of this transaction belong; `None` without a case."""
    return next((event.registration_id for event in hash_chain.gathered(session) if event.registration_id), None)


def _gather(  # noqa: PLR0917 - an audit event, whole
    session: Session,
    at: datetime,
    origin: Origin,
    actor: Actor | None,
    what: tuple[Event, Action, Outcome],
    registration: str | None,
    subject: str | None,
    facts: dict[str, object],
) -> None:
    event, action, outcome = what
    content = AuditContent(
        event=event.value,
        action=action,
        outcome=outcome,
        registration_id=registration,
        object_id=subject,
        facts=json.loads(
            json.dumps(facts)
        ),  # in the form in which they are read back: a tuple becomes a list, a code becomes text
        actor=actor.id if actor else NOBODY,
        on_behalf_of=actor.on_behalf_of if actor else None,
        role=actor.role if actor else None,
        address=origin.address,
        protocol=origin.protocol,
        request_id=origin.request_id,
    )
    hash_chain.gather(session, AuditEvent(at=at).show(content))


def id_alone(given: str | None) -> str | None:
    """Returns a caller's id if it has the form of the service's ids; otherwise `None`, as it could be a name."""
    return given if given is not None and _ID.fullmatch(given) else None
