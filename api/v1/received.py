"""Registrations that registrants sent in, for the desk: read, verify by a call, ask questions, accept."""

from datetime import datetime

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Input, Output
from api.http.field_types import Moment
from api.http.operations import get, post
from api.v1.people import People, people_of
from api.v1.sent_registrations import LONGEST_TEXT, SentMessageOut, SentPersonOut, serialize_message
from placement.access.permissions import Permission
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import RegistrationStatus, Urgency
from placement.core.context import Act
from placement.core.registrant_codes import CallNeeded
from placement.registrants import form_links, messages, received
from placement.registrants.senders import own_numbers, registrants
from placement.tables import Registration, SentRegistration
from placement.tasks.task_views import record_look_at_received


class RungOut(Output):
    """The telephone call in which the desk asked the registrant's organisation whether it knows the registration."""

    at: datetime
    by: str
    number: str
    knows: bool


class ReceivedRow(Output):
    id: str
    registration: str
    status: RegistrationStatus
    urgency: Urgency
    sent_at: datetime | None
    organisation: str | None = Field(description="The registrant's organisation; null: sent by a link.")
    persons: list[SentPersonOut]
    unread: int = Field(description="The number of messages that nobody of the desk has read.")
    open_questions: int


class ReceivedListOut(Output):
    items: list[ReceivedRow] = Field(description="Sorted by urgency, most urgent first.")


class ReceivedOut(ReceivedRow):
    """A registration as it was sent in, with the messages about it."""

    sender: str
    caller: str | None
    registrant_unit: str | None
    telephone: str | None = Field(description="As the sender typed it; never use it to verify the sender.")
    own_numbers: list[str] = Field(description="Registered numbers of the sender's organisation, as E.164.")
    call_needed: CallNeeded | None
    rung: RungOut | None
    messages: list[SentMessageOut]
    people: People


class QuestionIn(Input):
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    due_at: Moment | None = Field(None, description="The deadline; left out: in four hours.")


class RegistrantCallIn(Input):
    number: str = Field(max_length=40, description="A registered number of the organisation; for a link: found by you.")
    knows: bool = Field(description="Whether the organisation knows this registration.")


class FormLinkIn(Input):
    caller: str = Field(max_length=100, description="The name of the caller.")
    organisation: str = Field(max_length=100)
    telephone: str = Field(max_length=40)


class FormLinkOut(Output):
    """A link to the registration form. Its secret and its word are shown only in this answer."""

    id: str
    secret: str = Field(description="The part after # in the address of the form.")
    word: str = Field(description="Give it by telephone; never send it.")
    expires_at: datetime


@get("/received", summary="List what registrants sent in", permission=Permission.RECEIVED_READ)
def list_received(act: Act) -> ReceivedListOut:
    """List the registrations that wait for the desk, have a new message, or have an open question."""
    found = sorted(received.waiting(act), key=lambda one: (one[1].urgency, one[0].made_on, one[0].id))
    audit_log.write(act, Event.SENT_LISTED, shown=[case.id for _, case in found], found=len(found))
    names = registrants(act)
    return ReceivedListOut(items=[ReceivedRow(**_row(row, case, names)) for row, case in found])


@get("/received/{sent_id:str}", summary="Read what a registrant sent in", permission=Permission.RECEIVED_READ)
def read_received(act: Act, sent_id: FromPath[str]) -> ReceivedOut:
    """Read a registration as it was sent in, its messages, and whether a call is needed before it is accepted."""
    row = received.of_desk(act, sent_id)
    record_look_at_received(act, act.session.get_one(Registration, row.registration_id), row.id)
    return _read(act, row)


@post(
    "/received/{sent_id:str}/call",
    summary="Enter the call to a registrant's own organisation",
    permission=Permission.RECEIVED_SETTLE,
)
def ring_registrant(act: Act, sent_id: FromPath[str], data: JSONBody[RegistrantCallIn]) -> ReceivedOut:
    """Record that the desk called the registrant's organisation, and whether it knows this registration."""
    return _read(act, received.record_call(act, sent_id, data.number, knows=data.knows))


@post("/received/{sent_id:str}/questions", summary="Ask a registrant", permission=Permission.RECEIVED_SETTLE)
def ask_registrant(act: Act, sent_id: FromPath[str], data: JSONBody[QuestionIn]) -> ReceivedOut:
    """Ask the registrant a question, with a time by which to answer. The search for a place continues."""
    return _read(act, messages.ask(act, sent_id, data.text, data.due_at))


@post(
    "/received/{sent_id:str}/questions/{question_id:str}/withdraw",
    summary="Withdraw a question to a registrant",
    permission=Permission.RECEIVED_SETTLE,
)
def withdraw_question(act: Act, sent_id: FromPath[str], question_id: FromPath[str]) -> ReceivedOut:
    """Withdraw a question that has no answer yet."""
    return _read(act, messages.withdraw_question(act, sent_id, question_id))


@post(
    "/received/{sent_id:str}/messages/read",
    summary="Mark a registrant's messages as read",
    permission=Permission.RECEIVED_SETTLE,
)
def mark_messages_read(act: Act, sent_id: FromPath[str]) -> ReceivedOut:
    """Record that the desk has read the messages. The desk's task about them ends."""
    return _read(act, messages.mark_read(act, sent_id))


@post("/received/{sent_id:str}/accept", summary="Accept a received registration", permission=Permission.RECEIVED_SETTLE)
def accept_received(act: Act, sent_id: FromPath[str]) -> ReceivedOut:
    """Make a draft from what was sent in. The desk then completes and registers the draft, or closes it to refuse the
    registration.
    """
    return _read(act, received.accept(act, sent_id))


@post("/form-links", summary="Make a link to the form", permission=Permission.FORM_LINK_MAKE, status_code=201)
def make_form_link(act: Act, data: JSONBody[FormLinkIn]) -> FormLinkOut:
    """Make a link to the form for a caller without an account. It works once within 24 hours, together with `word`."""
    made = form_links.make(act, data.caller, data.organisation, data.telephone)
    return FormLinkOut(id=made.link.id, secret=made.secret, word=made.word, expires_at=made.link.expires_at)


def _read(act: Act, row: SentRegistration) -> ReceivedOut:
    case = act.session.get_one(Registration, row.registration_id)
    said = row.content
    audit_log.write(act, Event.SENT_READ, registration=case.id, subject=row.id)
    return ReceivedOut(
        **_row(row, case, registrants(act)),
        sender=said.sender,
        caller=said.caller,
        registrant_unit=said.unit,
        telephone=said.telephone,
        own_numbers=own_numbers(act, row),
        call_needed=received.call_needed(act, row, case) if case.status is RegistrationStatus.RECEIVED else None,
        rung=None if said.rung is None else RungOut.of(said.rung),
        messages=serialize_message(row),
        people=people_of(act, [said.sender, *(one.by for one in said.messages)]),
    )


def _row(row: SentRegistration, case: Registration, names: dict[str, str]) -> dict[str, object]:
    said = row.content
    return {
        "id": row.id,
        "registration": case.id,
        "status": case.status,
        "urgency": case.urgency,
        "sent_at": said.sent_at,
        "organisation": names.get(row.organisation or ""),
        "persons": [SentPersonOut.of(one) for one in said.persons],
        "unread": len(said.unread),
        "open_questions": len(said.open_questions),
    }
