"""The audit log. Every act and every read access writes an audit event in its own transaction. Without an audit event,
the transaction fails.

The fields of an event are those of NEN 7513. How changes of events are detected: `placement/storage/hash_chain.py`.
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
"""The actor of an audit event before sign-in."""

# The form of the service's ids. Other ids in a request are not logged, because they could be names.
_ID = re.compile(r"[A-Z](-[2-9A-HJKMNP-TV-Z]{4}){3}|[A-Z]\d{1,4}(-[A-Z]\d{1,4}){0,3}")


class NoAuditEvent(Exception):
    """A programming error: an act wrote no audit event. Its response is not sent."""


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

    An event that names a registration must not name a unit, location or shelter. Otherwise the log would show for years
    in which place a client lived. A late entry also gets the time at which the event really happened (`happened_at`).

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
    """Writes the audit event of a refused act: not permitted (`ACCESS_REFUSED`), or not possible now
    (`REQUEST_REFUSED`).

    `actor`: `None` before sign-in. `session`: a new transaction, because the transaction of the request was rolled
    back. Ids that do not have the form of the service's ids are left out.
    """
    what = event, action, outcome
    _gather(session, at, origin, actor, what, id_alone(registration), id_alone(subject), facts)


def require_event(act: Act, permission: Permission | None) -> None:
    """Raises `NoAuditEvent` if this transaction wrote no audit event although the permission requires it."""
    if (permission is None or not permission.silent) and not hash_chain.gathered(act.session):
        raise NoAuditEvent(permission)


def case_of(session: Session) -> str | None:
    """Returns the case that the audit events of this transaction name, or `None`."""
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
        facts=json.loads(json.dumps(facts)),  # as the log returns them: lists, texts
        actor=actor.id if actor else NOBODY,
        on_behalf_of=actor.on_behalf_of if actor else None,
        role=actor.role if actor else None,
        address=origin.address,
        protocol=origin.protocol,
        request_id=origin.request_id,
    )
    hash_chain.gather(session, AuditEvent(at=at).show(content))


def id_alone(given: str | None) -> str | None:
    """Returns an id from a request; `None` if it has not the form of the service's ids, because it could be a name."""
    return given if given is not None and _ID.fullmatch(given) else None
