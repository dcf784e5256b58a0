"""Requests for another place for a client who has a place, and their withdrawal. Until the arrival at the new place,
the client keeps the present place and the clock of the present stay.
"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import AvoidedKind, RegistrationStatus, StayStatus, Urgency
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, existing
from placement.core.request_codes import ASKED_FOR, RequestGround, RequestKind, RequestStatus, WithdrawalReason
from placement.lifecycles.machine import carry_out
from placement.lifecycles.moves import RegistrationMove
from placement.registrations import case_rows
from placement.registrations.registrations import last_day, require_version, supersede_proposals
from placement.registrations.request_rows import (
    Listed,
    as_before,
    end_request,
    first_of,
    open_request,
    requests_of,
)
from placement.tables import Registration, Request, Stay, Unit

LEFT_FOR_SAFETY = "moved_for_safety"
"""The reason of the avoidance of a location that a client leaves for safety."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for another place. If `needed_by` is `None`, the day is derived from the urgency."""

    kind: RequestKind
    urgency: Urgency
    ground: RequestGround | None = None
    needed_from: date | None = None
    needed_by: date | None = None
    text: str | None = None


@needs(Permission.REGISTRATION_CHANGE)
def ask(act: Act, registration_id: str, version: int, asked: Asked) -> Registration:
    """Requests another place for a client who lives in a place. If the ground is safety, the client also avoids the
    present location. Raises `VersionPassed` if `version` is not the newest, and `Invalid` with the wrong fields. Raises
    `Conflict` if a request is open, or if the client has no place.
    """
    registration = _of_version(act, registration_id, version)
    waits = open_request(act, registration)
    if waits is not None:
        raise Conflict("request_open", number=waits.number, kind=waits.kind.value, status=waits.status.value)
    if registration.status is not RegistrationStatus.PLACED:
        raise Conflict("client_without_place", status=registration.status.value)
    _require_sense(act, asked)
    seek_another(act, registration, asked)
    return registration


def seek_another(act: Act, registration: Registration, asked: Asked) -> None:
    """Makes an open request for another place. If the ground is safety, the client also avoids the present location."""
    said = {"ground": asked.ground, "text": asked.text}
    made = Request(kind=asked.kind, made_at=act.at, made_by=act.actor.id, **said)
    registration.requests = [*(registration.requests or [first_of(act, registration)]), made]
    first_day = asked.needed_by or last_day(act.day, asked.urgency, asked.needed_from)
    registration.urgency, registration.waits_since = asked.urgency, act.at
    registration.needed_from, registration.needed_by = asked.needed_from, first_day
    ground = asked.ground and asked.ground.value
    carry_out(act, registration, RegistrationMove.SEEK, kind=asked.kind.value, ground=ground, urgency=asked.urgency)
    if asked.ground is RequestGround.SAFETY:
        lives = Stay.registration_id == registration.id, Stay.status == StayStatus.IN_HOUSE
        unit = act.session.get_one(Unit, act.session.exec(select(Stay).where(*lives)).one().unit_id)
        case_rows.avoid(act, registration.id, AvoidedKind.LOCATION, unit.location_id, LEFT_FOR_SAFETY)


@needs(Permission.REQUEST_WITHDRAW)
def withdraw(
    act: Act,
    registration_id: str,
    number: int,
    version: int,
    *,
    reason: WithdrawalReason,
    text: str | None = None,
) -> Registration:
    """Withdraws the open request, so that the client stays. Raises `NotFound` if the request does not exist. Raises
    `Conflict` if it is not open, or if a bed that is held for it must be released first.
    """
    registration = _of_version(act, registration_id, version)
    if reason is WithdrawalReason.OTHER and not (text or "").strip():
        raise Invalid.at("text", "text_missing", reason=reason.value)
    found = existing(next((one for one in requests_of(act, registration) if one.number == number), None))
    if found.status is not RequestStatus.OPEN or registration.status is not RegistrationStatus.MOVING:
        raise Conflict(RegistrationMove.STAY_ON.refusal, status=found.status.value)
    stay_on(act, registration, reason, text)
    return registration


def stay_on(act: Act, registration: Registration, reason: WithdrawalReason, text: str | None = None) -> None:
    """Ends the open request of a client who stays in the present place."""
    carry_out(act, registration, RegistrationMove.STAY_ON, reason=reason.value)
    end_request(act, registration, RequestStatus.WITHDRAWN, reason=reason, ended_text=text)
    as_before(registration)
    supersede_proposals(act, registration.id)


@needs(Permission.REGISTRATION_READ)
def listed(act: Act, registration_id: str) -> tuple[Registration, list[Listed]]:
    """Returns a registration and all its requests, earliest first. Writes an audit event."""
    registration = scoped_queries.readable_registration(act.session, act.actor, registration_id)
    case_rows.require_readable(registration)
    found = requests_of(act, registration)
    audit_log.write(act, Event.REQUESTS_READ, registration=registration.id, found=len(found))
    return registration, found


def _of_version(act: Act, registration_id: str, version: int) -> Registration:
    """Returns the registration, locked. Raises `VersionPassed` if `version` is not the newest, and `Conflict` if the
    registration is unreadable.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    require_version(version, registration.version)
    case_rows.require_readable(registration)
    return registration


def _require_sense(act: Act, asked: Asked) -> None:
    faults = []
    if asked.kind not in ASKED_FOR:
        faults.append(Fault("kind", "request_kind_unknown", {"allowed": [kind.value for kind in ASKED_FOR]}))
    if (asked.ground is None) is (asked.kind is RequestKind.TRANSFER):
        faults.append(Fault("ground", "ground_of_transfer", {"allowed": [ground.value for ground in RequestGround]}))
    faults += [
        Fault(name, "day_passed", {"found": day.isoformat()})
        for name, day in (("needed_from", asked.needed_from), ("needed_by", asked.needed_by))
        if day is not None and day < act.day
    ]
    if asked.needed_from and asked.needed_by and asked.needed_by < asked.needed_from:
        faults.append(Fault("needed_by", "days_swapped", {"found": asked.needed_by.isoformat()}))
    if faults:
        raise Invalid(faults)
