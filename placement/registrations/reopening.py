"""Reopening of a case that a user closed by mistake. The client keeps the waiting time."""

from datetime import datetime, timedelta

from sqlmodel import select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.core.clock import AMSTERDAM
from placement.core.codes import MessageKind, RegistrationStatus
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.link_codes import LinkKind
from placement.core.request_codes import RequestStatus
from placement.lifecycles.machine import carry_out
from placement.lifecycles.moves import RegistrationMove
from placement.outbox.announcements import announce_reopening, who_was_told
from placement.registrations import duplicates
from placement.registrations.request_rows import reopen_last
from placement.registrations.returns import returned_as
from placement.tables import Registration

REVERSIBLE_FOR = timedelta(days=3)
"""The time within which a closing can be reversed (assumed): a mistake of Friday can still be corrected on Monday."""

_UNSEEN = {
    RegistrationStatus.RECEIVED: RegistrationMove.RECEIVE_AGAIN,
    RegistrationStatus.DRAFT: RegistrationMove.DRAFT_AGAIN,
}
"""The reversals after which nobody is notified, by the former state of the case."""


def reversible_until(act: Act, registration: Registration) -> datetime | None:
    """Returns the time until which a user's closing can be reversed. Returns `None` if it cannot be reversed."""
    closing = registration.known("closing")
    if closing is None or registration.status is not RegistrationStatus.CLOSED:
        return None
    until: datetime = closing.at + REVERSIBLE_FOR
    return until if act.at < until else None


@needs(Permission.REGISTRATION_CLOSE)
def reverse_closing(act: Act, registration_id: str) -> Registration:
    """Reverses a user's closing of a case. The case is a draft or open again, and keeps its waiting time. If a bed was
    held before, the case is open, and a place is sought again. All accounts that were notified of the closing are
    notified again. Raises `Conflict` after three days. Also raises `Conflict` if the case closed at the end of a stay
    or search, was merged, or is continued by a new case.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    closing = registration.known("closing")
    if closing is None or registration.status is not RegistrationStatus.CLOSED:
        raise Conflict(RegistrationMove.OPEN_AGAIN.refusal)
    if reversible_until(act, registration) is None:
        at = f"{closing.at.astimezone(AMSTERDAM):%d-%m %H:%M}"
        raise Conflict("closing_is_final", at=at, days=REVERSIBLE_FOR.days)
    if any(row.content.kind is LinkKind.MERGED for row in duplicates.links_of(act, registration.id)):
        raise Conflict("already_merged")
    if returned_as(act, registration.id, select(Registration)):
        raise Conflict("case_gone_on", status=registration.status.value)
    told = who_was_told(act.session, MessageKind.CASE_CLOSED, registration.id, closing.at)
    unseen = _UNSEEN.get(closing.status)
    registration.closed_reason = registration.closed_on = registration.closing = None
    if registration.requests and registration.requests[-1].outcome is RequestStatus.CLOSED:
        reopen_last(registration)
    carry_out(act, registration, unseen or RegistrationMove.OPEN_AGAIN)
    if unseen is None:
        announce_reopening(act, registration, also=told)
    return registration
