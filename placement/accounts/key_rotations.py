"""Requests for new keys of the service. An admin requests them, another admin grants the request, and the operator
carries it out once: `placement keys rotate --approval ID`. The request itself changes nothing. In an emergency, for
example after a key was disclosed, the operator may rotate without a request.
"""

from datetime import timedelta

from sqlmodel import or_, select

from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs, require_running
from placement.accounts.approvals import require_not_let_in
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.audit.key_overview import Overview, overview
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.second_person import requests
from placement.second_person.kinds import Kind
from placement.tables import SecondPersonRequest

WAITS_FOR = timedelta(hours=72)
"""The time for which a request waits for the second admin (assumed)."""
CARRIED_OUT_WITHIN = timedelta(days=7)
"""The time within which a granted request must be carried out (assumed). It leaves time for the operator, who may be
another person.
"""


@needs(Permission.ENCRYPTION_KEYS_READ)
def shown(act: Act) -> Overview:
    """Returns an overview of the service's keys, without the keys themselves. Writes an audit event."""
    audit_log.write(act, Event.ENCRYPTION_KEYS_LISTED)
    return overview(act)


@needs(Permission.ROTATION_ASK)
def ask(act: Act) -> SecondPersonRequest:
    """Stores a request. Raises `NotAllowed` without a fresh second factor, and `Conflict` while another request is
    open.
    """
    require_fresh(act)
    open_ = or_(requests.is_waiting(act.session, act.at), requests.is_for_operator({KEYS.code: KEYS}, act.at))
    of_kind = select(SecondPersonRequest).where(SecondPersonRequest.kind == KEYS.code, open_)
    if act.session.exec(of_kind).first() is not None:
        raise Conflict("rotation_asked")
    return requests.ask(act, KEYS, {})


def require_granted(act: Act, rotation_id: str) -> SecondPersonRequest:
    """Returns a locked, granted request that was not carried out yet. Raises `NotFound` if there is no such request,
    and `Conflict` if it is not granted or no longer valid.
    """
    require_running(act, KEYS.grant)
    found = requests.of_kind(act, KEYS.code, rotation_id)
    if found.status is not SecondPersonStatus.GRANTED:
        raise Conflict("rotation_not_granted")
    if found.done_at is not None or found.expires_at is None or found.expires_at <= act.at:
        raise Conflict("asking_settled")
    return found


def carried_out(act: Act, rotation_id: str) -> None:
    """Records that the rotation was carried out. This is possible even if the request was withdrawn meanwhile."""
    requests.of_kind(act, KEYS.code, rotation_id).done_at = act.at


def _check(act: Act, request: SecondPersonRequest) -> None:
    require_fresh(act)
    require_not_let_in(act, request.asked_by)


KEYS = Kind(
    SecondPersonKind.KEYS,
    ask=Permission.ROTATION_ASK,
    grant=Permission.ROTATION_ASK,
    read=Permission.ENCRYPTION_KEYS_READ,
    waits_for=WAITS_FOR,
    check=_check,
    needs_factor=lambda *_: True,
    operator_within=CARRIED_OUT_WITHIN,
    commands={"": "placement keys rotate --approval {id}"},
)
