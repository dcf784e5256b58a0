"""Requests to let clients' data leave the service, or to destroy it: one of the desk asks, another grants, both with a
second factor that was just given, and the operator carries it out once, at the command line.

Neither of the two has the shell of the service, and its operator has no grant: it takes three.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import col, select

from placement.access import fresh_factor
from placement.access.account_lookup import active_account
from placement.access.permissions import Permission, needs
from placement.accounts.second_person import first_person, locked, one_waiting, require_second_person, settle, waiting
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.ids import fingerprint, new_id
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.crypto.age import is_recipient
from placement.retention.legal_hold import kept_registrations
from placement.tables import LeaveRequest

WAITS_FOR = timedelta(hours=24)
"""How long a request waits for the second person (assumed)."""
CARRIED_OUT_WITHIN = timedelta(hours=1)
"""How long a granted request can be carried out (assumed)."""
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    kind: LeaveKind
    reason: LeaveReason
    text: str
    recipient: str | None = None
    """The public key of an export."""


@needs(Permission.LEAVE_READ)
def listed(act: Act) -> Sequence[LeaveRequest]:
    """The last requests, the newest first, whatever became of them."""
    newest = select(LeaveRequest).order_by(col(LeaveRequest.asked_at).desc(), LeaveRequest.id).limit(_MOST_SHOWN)
    found = act.session.exec(newest).all()
    audit_log.write(act, Event.LEAVE_LISTED, count=len(found))
    return found


@needs(Permission.LEAVE_ASK)
def ask(act: Act, wanted: Wanted) -> LeaveRequest:
    """Stores a request, in place of an earlier one of its kind. Raises `Invalid` where an export's recipient is no
    public key of age, `Conflict` where a legal hold keeps the keys.
    """
    fresh_factor.require_fresh(act)
    recipient = _recipient(wanted)
    _require_possible(act, wanted.kind)
    for earlier in act.session.exec(waiting(LeaveRequest, act.at).where(LeaveRequest.kind == wanted.kind)).all():
        _withdraw(act, earlier)
    asked = LeaveRequest(
        id=new_id("X"),
        kind=wanted.kind,
        reason=wanted.reason,
        text=wanted.text,
        recipient=recipient,
        **first_person(act),
        expires_at=act.at + WAITS_FOR,
    )
    act.session.add(asked)
    audit_log.write(act, Event.LEAVE_ASKED, subject=asked.id, **facts_of(asked))
    return asked


@needs(Permission.LEAVE_GRANT)
def grant(act: Act, request_id: str) -> LeaveRequest:
    """From now on it can be carried out, once, within `CARRIED_OUT_WITHIN`. Raises `NotFound`; `Conflict` where the
    actor is no second person, it does not wait any more, or a legal hold keeps the keys.
    """
    fresh_factor.require_fresh(act)
    found = one_waiting(act, LeaveRequest, request_id)
    require_second_person(act, found.asked_by, found, Permission.LEAVE_ASK)
    _require_possible(act, found.kind)
    settle(act, found, granted=True)
    found.expires_at = act.at + CARRIED_OUT_WITHIN
    audit_log.write(act, Event.LEAVE_GRANTED, subject=found.id, **facts_of(found))
    return found


@needs(Permission.LEAVE_ASK)
def withdraw(act: Act, request_id: str) -> LeaveRequest:
    """A request, one's own or another's, that is not to be granted or, once it is granted, not to be carried out."""
    found = locked(act, LeaveRequest, request_id)
    withdrawn = found.settled_at is not None and not found.granted
    if withdrawn or found.begun_at is not None or found.expires_at <= act.at:
        raise Conflict("asking_settled")
    _withdraw(act, found)
    return found


def take_up(act: Act, kind: LeaveKind, request_id: str) -> LeaveRequest:
    """A granted request of this kind, locked, which is begun now; one that was begun and is not done goes on.

    Raises `NotFound`; `Conflict` where it was not granted, has lapsed, or was carried out, and where one of the two who
    agreed may not agree any more.
    """
    found = locked(act, LeaveRequest, request_id)
    if found.kind is not kind:
        raise NotFound
    if not found.granted:
        raise Conflict("leave_not_granted")
    if found.done_at is not None:
        raise Conflict("leave_done", day=found.done_at.isoformat())
    if found.begun_at is None:
        if found.expires_at <= act.at:
            raise Conflict("leave_lapsed", minutes=CARRIED_OUT_WITHIN.total_seconds() // 60)
        for person in (found.asked_by, str(found.settled_by)):
            if active_account(act, person, Permission.LEAVE_ASK) is None:
                raise Conflict("asker_may_not")
        found.begun_at, found.browser = act.at, None  # the key by which it is named can be gone when this is read next
    return found


def require_no_legal_hold(act: Act) -> None:
    """Raises `Conflict`, naming the cases that a legal hold keeps."""
    if kept := sorted(act.session.scalars(kept_registrations(act.session, act.at)).all()):
        raise Conflict("leave_legal_hold", cases=kept)


def facts_of(request: LeaveRequest) -> dict[str, str]:
    """What an audit event says of a request; of the recipient a fingerprint."""
    recipient = {"recipient": fingerprint(request.recipient)[:16]} if request.recipient else {}
    return {"kind": request.kind.value, "reason": request.reason.value, **recipient}


def _recipient(wanted: Wanted) -> str | None:
    if wanted.kind is not LeaveKind.EXPORT_PEOPLE:
        return None
    recipient = (wanted.recipient or "").strip()
    if not is_recipient(recipient):
        raise Invalid.at("recipient", "recipient_is_no_key")
    return recipient


def _require_possible(act: Act, kind: LeaveKind) -> None:
    if kind is LeaveKind.DESTROY_KEYS:
        require_no_legal_hold(act)


def _withdraw(act: Act, found: LeaveRequest) -> None:
    settle(act, found, granted=False)
    audit_log.write(act, Event.LEAVE_WITHDRAWN, subject=found.id, **facts_of(found))
