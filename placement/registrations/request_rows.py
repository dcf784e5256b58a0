"""The requests for a place in the record of a registration: their states, and the end of the open request. The urgency,
days and waiting time of the open request are fields of the registration. If a registration has only a single request,
the request is not stored, but derived from the registration.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import col, select

from placement.core.context import Act
from placement.core.request_codes import RequestGround, RequestKind, RequestStatus, WithdrawalReason
from placement.tables import Registration, Request, Stay

_NOW = ("urgency", "needed_from", "needed_by", "waits_since")
"""The fields of the open request that are stored in the registration itself."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A request in the form that pages show. `number`: its position among the requests of the registration, from 1."""

    number: int
    status: RequestStatus
    kind: RequestKind
    ground: RequestGround | None
    text: str | None
    urgency: int
    needed_from: date | None
    needed_by: date
    waits_since: datetime
    made_at: datetime
    made_by: str
    reason: WithdrawalReason | None
    ended_text: str | None
    ended_on: date | None


def requests_of(act: Act, registration: Registration) -> list[Listed]:
    """Returns all requests, earliest first; empty before the client is registered."""
    if registration.status.is_unregistered:
        return []
    made = registration.requests or [first_of(act, registration)]
    return [_listed(registration, number, one) for number, one in enumerate(made, start=1)]


def open_request(act: Act, registration: Registration) -> Listed | None:
    """Returns the request for which a place is now sought or held. Returns `None` if there is no such request."""
    waits = registration.status.is_sought_for or registration.status.is_kept_for
    return requests_of(act, registration)[-1] if waits else None


def first_of(act: Act, registration: Registration) -> Request:
    """Returns the first request, which is derived from the registration."""
    said: dict[str, object] = {"made_at": registration.waits_since, "made_by": registration.registered_by}
    said["kind"] = RequestKind.FIRST if registration.returns is None else RequestKind.RETURN
    if registration.status.is_sought_for or registration.status.is_kept_for:
        return Request(**said)
    arrived = Stay.registration_id == registration.id, col(Stay.arrived_at).is_not(None)
    lived = act.session.exec(select(Stay.id).where(*arrived).limit(1)).first() is not None
    outcome = RequestStatus.PLACED if lived else RequestStatus.CLOSED
    return Request(outcome=outcome, **said, **registration.facts(_NOW))


def end_request(act: Act, registration: Registration, outcome: RequestStatus, **why: object) -> None:
    """Ends the open request. Does nothing if the registration has only one request, or if its record is unreadable."""
    made = registration.known("requests") or []
    if made and made[-1].outcome is None:
        ended = {"outcome": outcome, "ended_on": act.day, **why, **registration.facts(_NOW)}
        registration.requests = [*made[:-1], made[-1].model_copy(update=ended)]


def ask_again(registration: Registration) -> None:
    """Opens again the last request that got a place. Does nothing if the registration has only one request, or if its
    record is unreadable.
    """
    made = registration.known("requests") or []
    if made and made[-1].outcome is not None:
        last = max(number for number, one in enumerate(made) if one.outcome is RequestStatus.PLACED)
        again = {"outcome": None, "ended_on": None, **dict.fromkeys(_NOW)}
        registration.requests = [*made[:last], *made[last + 1 :], made[last].model_copy(update=again)]


def reopen_last(registration: Registration) -> None:
    """Opens the last request again, and copies its values into the registration."""
    last = registration.requests[-1]
    for name in _NOW:
        setattr(registration, name, getattr(last, name))
    ended = ("outcome", "ended_on", "reason", "ended_text", *_NOW)
    registration.requests = [*registration.requests[:-1], last.model_copy(update=dict.fromkeys(ended))]


def as_before(registration: Registration) -> None:
    """Restores in the registration the values of the last request that was not withdrawn."""
    made = registration.known("requests") or []
    if made:
        before = next(one for one in reversed(made) if one.outcome is not RequestStatus.WITHDRAWN)
        for name in _NOW:
            setattr(registration, name, getattr(before, name))


def _listed(registration: Registration, number: int, one: Request) -> Listed:
    """Returns a request in the form that pages show. The state of an open request follows from the state of the
    registration.
    """
    now = RequestStatus.HELD if registration.status.is_kept_for else RequestStatus.OPEN
    said = registration if one.outcome is None else one
    return Listed(
        number=number,
        status=one.outcome or now,
        **{name: getattr(said, name) for name in _NOW},
        **{name: getattr(one, name) for name in ("kind", "ground", "text", "made_at", "made_by")},
        reason=one.reason,
        ended_text=one.ended_text,
        ended_on=one.ended_on,
    )
