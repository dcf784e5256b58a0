"""Requests for new keys of the service: one admin asks, another grants, and the operator carries it out once, by
`placement keys rotate --approval ID`.

A request changes nothing by itself; without one the operator may rotate too, as when a key was disclosed at night.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs
from placement.accounts.approvals import require_another_admin
from placement.accounts.second_person import first_person, locked, one_waiting, settle
from placement.audit import log as audit_log
from placement.audit.key_overview import Overview, overview
from placement.audit.log import Event
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.ids import new_id
from placement.tables import KeyRotation

WAITS_FOR = timedelta(hours=72)
"""How long a request waits for the second admin (assumed)."""
CARRIED_OUT_WITHIN = timedelta(days=7)
"""How long a granted request can be carried out (assumed: the machine may be another's)."""
_MOST_SHOWN = 20


@needs(Permission.ENCRYPTION_KEYS_READ)
def shown(act: Act) -> tuple[Overview, Sequence[KeyRotation]]:
    """Which keys there are, and the last requests, the newest first."""
    newest = select(KeyRotation).order_by(col(KeyRotation.asked_at).desc(), KeyRotation.id).limit(_MOST_SHOWN)
    found = act.session.exec(newest).all()
    audit_log.write(act, Event.ENCRYPTION_KEYS_LISTED, count=len(found))
    return overview(act), found


@needs(Permission.ROTATION_ASK)
def ask(act: Act) -> KeyRotation:
    """Stores a request. Raises `NotAllowed` without a second factor just given; `Conflict` where one waits, or is
    granted and not carried out.
    """
    require_fresh(act)
    if act.session.exec(_open(act)).first() is not None:
        raise Conflict("rotation_asked")
    asked = KeyRotation(id=new_id("Y"), **first_person(act), expires_at=act.at + WAITS_FOR)
    act.session.add(asked)
    audit_log.write(act, Event.ROTATION_ASKED, subject=asked.id)
    return asked


@needs(Permission.ROTATION_GRANT)
def grant(act: Act, rotation_id: str) -> KeyRotation:
    """From now on the operator can carry it out, once. Raises `NotAllowed` without a second factor just given;
    `NotFound`; `Conflict` where the actor is no second admin, or it does not wait any more.
    """
    require_fresh(act)
    found = one_waiting(act, KeyRotation, rotation_id)
    require_another_admin(act, found.asked_by, found)
    settle(act, found, granted=True)
    found.expires_at = act.at + CARRIED_OUT_WITHIN
    audit_log.write(act, Event.ROTATION_GRANTED, subject=found.id, asked_by=found.asked_by)
    return found


@needs(Permission.ROTATION_ASK)
def withdraw(act: Act, rotation_id: str) -> KeyRotation:
    """A request, one's own or another's, that is not to be granted or, once it is granted, not to be carried out."""
    found = locked(act, KeyRotation, rotation_id)
    withdrawn = found.settled_at is not None and not found.granted
    if withdrawn or found.done_at is not None or found.expires_at <= act.at:
        raise Conflict("asking_settled")
    settle(act, found, granted=False)
    audit_log.write(act, Event.ROTATION_WITHDRAWN, subject=found.id)
    return found


def require_granted(act: Act, rotation_id: str) -> KeyRotation:
    """A granted request that is not carried out yet, locked. Raises `NotFound`, `Conflict`."""
    found = locked(act, KeyRotation, rotation_id)
    if not found.granted:
        raise Conflict("rotation_not_granted")
    if found.done_at is not None or found.expires_at <= act.at:
        raise Conflict("asking_settled")
    return found


def carried_out(act: Act, rotation_id: str) -> None:
    """Notes that it is done, also where it was withdrawn while the work went on."""
    locked(act, KeyRotation, rotation_id).done_at = act.at


def _open(act: Act) -> SelectOfScalar[KeyRotation]:
    """Waiting, or granted and not carried out."""
    open_ = (col(KeyRotation.settled_at).is_(None)) | (col(KeyRotation.granted))
    return select(KeyRotation).where(open_, col(KeyRotation.done_at).is_(None), col(KeyRotation.expires_at) > act.at)
