"""Messages about a sent registration: questions of the desk, and the registrant's answers, news and withdrawals."""

from datetime import datetime

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import MessageKind
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, existing
from placement.core.ids import new_id
from placement.core.registrant_codes import ANSWER_WITHIN, MOST_MESSAGES, SentMessageKind, SentState
from placement.outbox.announcements import announce_sent
from placement.registrants import sending
from placement.registrants.received import of_desk
from placement.registrants.sent_states import cases_of, state_of
from placement.tables import Registration, SentRegistration
from placement.tables.sent_registration import SentMessage


@needs(Permission.SENT_WRITE)
def write(
    act: Act,
    sent_id: str,
    kind: SentMessageKind,
    text: str,
    *,
    answers: str | None = None,
    agrees: bool | None = None,
) -> SentRegistration:
    """Stores an answer, news or a withdrawal by the registrant. Each message becomes a task of the desk, and changes no
    fact of the case.

    Raises `Conflict` if the registration is closed, or if the question was withdrawn or answered. Raises `Invalid` for
    an answer without text, and for an answer about consent without yes or no.
    """
    row = sending.own(act, sent_id, lock=True)
    if kind is SentMessageKind.QUESTION:
        raise Invalid.at("kind", "not_listed", expected=[one.value for one in SentMessageKind if one is not kind])
    _require_open(act, row)
    if kind is SentMessageKind.ANSWER and answers is None:
        raise Invalid.at("answers", "missing")
    answers = answers if kind is SentMessageKind.ANSWER else None
    asks_consent = answers is not None and _question(row, answers).about is not None
    if asks_consent and agrees is None:
        raise Invalid.at("agrees", "missing")
    if not text.strip() and not asks_consent and kind is not SentMessageKind.WITHDRAWAL:
        raise Invalid.at("text", "missing")
    said = SentMessage(
        id=new_id("F"), kind=kind, at=act.at, by=act.actor.id, text=text.strip(), answers=answers, agrees=agrees
    )
    _add(act, row, said)
    audit_log.write(act, Event.SENT_MESSAGE_WRITTEN, subject=row.id, kind=kind.value)
    return row


@needs(Permission.RECEIVED_SETTLE)
def ask(act: Act, sent_id: str, text: str, due_at: datetime | None = None) -> SentRegistration:
    """Asks the registrant a question, and announces it by mail. `due_at`: the time limit; by default in four hours."""
    row = of_desk(act, sent_id, lock=True)
    _require_open(act, row)
    if row.organisation is None:
        raise Conflict("sender_without_account")
    if due_at is not None and due_at <= act.at:
        raise Invalid.at("due_at", "moment_passed")
    asked = sending.question(act, text.strip(), due_at=due_at or act.at + ANSWER_WITHIN)
    _add(act, row, asked)
    announce_sent(act, MessageKind.SENT_ASKED, row, act.session.get_one(Registration, row.registration_id), asked)
    audit_log.write(act, Event.SENT_MESSAGE_WRITTEN, subject=row.id, kind=SentMessageKind.QUESTION.value)
    return row


@needs(Permission.RECEIVED_SETTLE)
def withdraw_question(act: Act, sent_id: str, message_id: str) -> SentRegistration:
    """Withdraws an open question, for example if the consent is known by now."""
    row = of_desk(act, sent_id, lock=True)
    found = _question(row, message_id)
    withdrawn = found.model_copy(update={"withdrawn_at": act.at})
    _replace(row, [withdrawn if one is found else one for one in row.content.messages])
    audit_log.write(act, Event.SENT_QUESTION_WITHDRAWN, subject=row.id)
    return row


@needs(Permission.RECEIVED_SETTLE)
def mark_read(act: Act, sent_id: str) -> SentRegistration:
    """Records that a person of the desk read the registrant's messages."""
    row = of_desk(act, sent_id, lock=True)
    unread = {one.id for one in row.content.unread}
    read = {"read_at": act.at}
    _replace(row, [one.model_copy(update=read) if one.id in unread else one for one in row.content.messages])
    audit_log.write(act, Event.SENT_MESSAGES_READ, subject=row.id, count=len(unread))
    return row


def _question(row: SentRegistration, message_id: str) -> SentMessage:
    """Returns an open question. Raises `Conflict` if it was withdrawn or answered."""
    questions = (one for one in row.content.messages if one.kind is SentMessageKind.QUESTION)
    found = existing(next((one for one in questions if one.id == message_id), None))
    if found.withdrawn_at is not None:
        raise Conflict("question_withdrawn")
    if found not in row.content.open_questions:
        raise Conflict("question_answered")
    return found


def _require_open(act: Act, row: SentRegistration) -> None:
    state = state_of(row, cases_of(act, [row]).get(row.id))
    if state in {SentState.DRAFT, SentState.CLOSED}:
        raise Conflict("sent_not_open", status=state.value)


def _add(act: Act, row: SentRegistration, message: SentMessage) -> None:
    if len(row.content.messages) >= MOST_MESSAGES:
        raise Conflict("too_many_messages", most=MOST_MESSAGES)
    _replace(row, [*row.content.messages, message])
    act.session.flush()


def _replace(row: SentRegistration, messages: list[SentMessage]) -> None:
    row.content = row.content.model_copy(update={"messages": messages})
    row.waits = bool(row.content.unread or row.content.open_questions)
