"""Mails to registrants: a question of the desk, the closing of a case, and its reopening. A mail is sent only if the
state that the registrant sees changes. So a mail discloses no more than the registrant's own list.
"""

from placement.core.codes import MessageKind
from placement.core.context import Act
from placement.core.signals import CaseClosed, CaseReopened
from placement.outbox.announcements import announce_sent
from placement.registrants.sent_states import shown_by
from placement.tables import Registration


def announce_closing(act: Act, signal: CaseClosed) -> None:
    """Notifies registrants by mail that a case is closed. Sends no mail after a merger, because the client's other case
    continues.
    """
    _announce(act, MessageKind.SENT_CLOSED, signal.registration_id)


def announce_reopening(act: Act, signal: CaseReopened) -> None:
    _announce(act, MessageKind.SENT_REOPENED, signal.registration_id)


def _announce(act: Act, kind: MessageKind, registration_id: str) -> None:
    case = act.session.get_one(Registration, registration_id)
    for row in shown_by(act, case):
        announce_sent(act, kind, row, case)
