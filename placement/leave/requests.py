"""Requests to export clients' data, or to destroy the data. A person of the desk makes a request and another person
grants it, both with a fresh second factor. The operator carries out the request once, at the command line. The desk has
no access to the machine, and the operator cannot grant a request. So three persons are needed.
"""

from dataclasses import dataclass
from datetime import timedelta

from placement.access import fresh_factor
from placement.access.account_lookup import active_account
from placement.access.permissions import Permission, needs, require_running
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, NotFound
from placement.core.ids import fingerprint
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.crypto.age import is_recipient
from placement.lifecycles.moves import SecondPersonMove
from placement.retention.legal_hold import kept_registrations
from placement.second_person import requests as second_person
from placement.second_person.kinds import Kind
from placement.tables import SecondPersonRequest

WAITS_FOR = timedelta(hours=24)
"""The time for which a request waits for the second person (assumed)."""
CARRIED_OUT_WITHIN = timedelta(hours=1)
"""The time within which the operator must begin to carry out a granted request (assumed)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    kind: LeaveKind
    reason: LeaveReason
    text: str
    recipient: str | None = None
    """The recipient's public key, for an export."""


@needs(Permission.LEAVE_ASK)
def ask(act: Act, wanted: Wanted) -> SecondPersonRequest:
    """Stores a request, and withdraws an earlier waiting request of the same kind. Raises `Invalid` if the recipient is
    not a public key of the tool `age`. Raises `Conflict` in a practice room, or if a legal hold prevents destruction.
    """
    fresh_factor.require_fresh(act)
    if act.settings.practice:
        raise Conflict("not_in_practice")
    recipient = _recipient(wanted)
    _require_possible(act, wanted.kind)
    same = second_person.waiting(act, LEAVE.code).where(SecondPersonRequest.what == wanted.kind)
    for earlier in act.session.exec(same).all():
        second_person.end(act, LEAVE, earlier, SecondPersonMove.WITHDRAW)
    facts = {"reason": wanted.reason.value, "text": wanted.text, "recipient": recipient}
    return second_person.ask(act, LEAVE, facts, what=wanted.kind.value)


def take_up(act: Act, kind: LeaveKind, request_id: str) -> SecondPersonRequest:
    """Begins or continues to carry out a granted request of this kind, and returns it locked.

    Raises `NotFound` if there is no such request. Raises `Conflict` if the request was not granted, has lapsed or was
    completed, or if a person who agreed has lost the permission.
    """
    require_running(act, LEAVE.grant)
    found = second_person.of_kind(act, LEAVE.code, request_id)
    if found.what != kind.value:
        raise NotFound
    if found.status is not SecondPersonStatus.GRANTED:
        raise Conflict("leave_not_granted")
    if found.done_at is not None:
        raise Conflict("leave_done", day=found.done_at.isoformat())
    if found.begun_at is None:
        if found.expires_at is None or found.expires_at <= act.at:
            raise Conflict("leave_lapsed", minutes=CARRIED_OUT_WITHIN.total_seconds() // 60)
        for person in (found.asked_by, str(found.settled_by)):
            if active_account(act, person, Permission.LEAVE_ASK) is None:
                raise Conflict("asker_may_not")
        # the key of the column `browser` may be destroyed before the row is read again
        found.begun_at, found.browser = act.at, None
    return found


def require_no_legal_hold(act: Act) -> None:
    """Raises `Conflict` if a legal hold is in force. The error names the cases."""
    if kept := sorted(act.session.scalars(kept_registrations(act.session, act.at)).all()):
        raise Conflict("leave_legal_hold", cases=kept)


def facts_of(request: SecondPersonRequest) -> dict[str, str]:
    """Returns the facts of a request for an audit event. The facts contain the recipient only as a fingerprint."""
    known = request.facts.get("recipient")
    recipient = {"recipient": fingerprint(known)[:16]} if known else {}
    return {"what": str(request.what), "reason": request.facts["reason"], **recipient}


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


def _check(act: Act, request: SecondPersonRequest) -> None:
    fresh_factor.require_fresh(act)
    _require_possible(act, LeaveKind(str(request.what)))


LEAVE = Kind(
    SecondPersonKind.LEAVE,
    ask=Permission.LEAVE_ASK,
    grant=Permission.LEAVE_ASK,
    read=Permission.REVIEW_READ,
    waits_for=WAITS_FOR,
    check=_check,
    logged=facts_of,
    needs_factor=lambda *_: True,
    operator_within=CARRIED_OUT_WITHIN,
    commands={
        LeaveKind.EXPORT_PEOPLE: "placement export --with-people --approval {id} --output people.age",
        LeaveKind.DESTROY_KEYS: "placement leave --approval {id} --certificate certificate.json",
    },
)
