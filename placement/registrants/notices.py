"""Mails to registrants: a question of the desk, the end of a case, and the reversal of that end. A mail is sent only if
the state that the registrant sees changes. So a mail discloses no more than the registrant's list.
"""

from placement.core.codes import MessageKind
from placement.core.context import Act
from placement.core.signals import CaseClosed, CaseReopened
from placement.outbox.announcements import announce_sent
from placement.registrants.sent_states import shown_by
from placement.tables import Registration


def announce_closing(act: Act, signal: CaseClosed) -> None:
    """Notifies registrants that a case is closed. After a merger sends no mail, because the other case continues."""
    _announce(act, MessageKind.SENT_CLOSED, signal.registration_id)


def announce_reopening(act: Act, signal: CaseReopened) -> None:
    _announce(act, MessageKind.SENT_REOPENED, signal.registration_id)


def _announce(act: Act, kind: MessageKind, registration_id: str) -> None:
    case = act.session.get_one(Registration, registration_id)
    for row in shown_by(act, case):
        announce_sent(act, kind, row, case)
