"""Registrations that registrants send in, and their messages with the desk. Registrants see only four states of a
case.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from litestar.params import FromPath, JSONBody
from pydantic import Field

from api.http.context import Acts, Input, Output
from api.http.field_types import LEFT_OUT, Code, Day
from api.http.operations import get, post
from api.v1.all_faults import complete
from api.v1.registration_input import PersonIn, RegistrationPatch, ThreatIn, as_case
from placement.access.permissions import Permission
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import AgeGroup, Gender, ResidenceBasis, RoomFeature, Specialism, Urgency
from placement.core.context import Act
from placement.core.errors import Fault
from placement.core.registrant_codes import ConsentTo, SentMessageKind, SentState
from placement.registrants import messages, sending
from placement.registrants.senders import Sender, sender_of
from placement.registrants.sending import SentFacts
from placement.registrants.sent_states import cases_of, state_of
from placement.registrations.case import Case
from placement.tables import Registration, SentRegistration
from placement.tables.facts import SpokenLanguage

LONGEST_TEXT = 2000
_OF_CASE = ("persons", "languages", "urgency", "needed_from", "threats", "needs", "room_needs", "private_room")


class SentRegistrationIn(Input):
    """A household for which a registrant asks for help. Leave out what you do not know."""

    persons: list[PersonIn] = Field(min_length=1, max_length=20)
    languages: list[SpokenLanguage] = Field([], max_length=20)
    urgency: Urgency = Field(Urgency.WEEK, description="1 tonight, 2 within days, 3 this week, 4 can wait.")
    needed_from: Day | None = None
    threats: list[ThreatIn] = Field([], max_length=20, description="Where danger is. A place is enough, no address.")
    needs: list[Specialism] = Field([], max_length=20)
    room_needs: list[RoomFeature] = Field([], max_length=20)
    private_room: bool = False
    residence_basis: ResidenceBasis = ResidenceBasis.UNKNOWN
    region: Code = Field(LEFT_OUT, description="The care area; left out: that of the unit or the municipality.")
    municipality: Code | None = None
    registrant_unit: Code | None = Field(None, description="Your unit; needed if your organisation has several units.")
    telephone: str | None = Field(None, max_length=40, description="The number to call you about it.")
    registering: bool = Field(default=False, description="Whether the client consents to being registered.")
    sharing: bool = Field(default=False, description="Whether the client consents to informing a shelter.")
    draft: Code | None = Field(None, description="The draft that becomes this registration.")

    def case(self) -> Case:
        given = self.model_fields_set & {"region", "municipality"}
        return as_case(self, {*_OF_CASE, "residence_basis", *given})

    def facts(self) -> SentFacts:
        return SentFacts(self.registrant_unit, self.telephone, self.registering, self.sharing, self.draft)


class SentMessageIn(Input):
    kind: SentMessageKind = Field(description="answer, news or withdrawal.")
    text: str = Field("", max_length=LONGEST_TEXT)
    answers: Code | None = Field(None, description="Of an answer: the id of the question.")
    agrees: bool | None = Field(None, description="Of an answer about consent: whether the client consents.")


class SentPersonOut(Output):
    gender: Gender
    age: int | None
    presumed: AgeGroup | None


class SentMessageOut(Output):
    id: str
    kind: SentMessageKind
    at: datetime
    text: str = Field(description="Empty in a question about consent; `about` names the consent.")
    about: ConsentTo | None
    agrees: bool | None
    answers: str | None
    due_at: datetime | None
    withdrawn_at: datetime | None
    open: bool = Field(description="Whether it is a question that waits for your answer.")


class SentRegistrationOut(Output):
    """A registration that your organisation sent in, and its state. Nothing else about the case is disclosed."""

    id: str
    state: SentState
    registrant_unit: str | None
    persons: list[SentPersonOut] = Field(description="The persons as you described them.")
    sent_at: datetime | None
    withdrawn: bool = Field(description="Whether you asked the desk to withdraw it.")
    messages: list[SentMessageOut]


class SentRegistrationsOut(Output):
    items: list[SentRegistrationOut] = Field(description="Those of your organisation, newest first; also drafts.")


def facts_of(rest: RegistrationPatch, facts: Mapping[str, object]) -> SentFacts:
    """Returns the valid unit of the sender and the typed telephone number, even if other fields are wrong."""
    telephone = facts.get("telephone")
    unit = rest.registrant_unit if "registrant_unit" in rest.model_fields_set else None
    return SentFacts(unit, telephone if isinstance(telephone, str) else None)


def faults_of(act: Act, rest: RegistrationPatch, facts: Mapping[str, object]) -> Sequence[Fault]:
    """Returns all faults of an input. Changes nothing."""
    return sending.faults_of(act, rest.case(), facts_of(rest, facts))


def tell_all(acts: Acts, ids: Mapping[str, str], facts: Mapping[str, object]) -> None:  # noqa: ARG001 - as of any route
    complete(SentRegistrationIn, facts, lambda rest: acts.run(lambda act: faults_of(act, rest, facts)))


@post(
    "/sent-registrations",
    summary="Send a registration in",
    permission=Permission.SENT_SEND,
    all_faults=tell_all,
    status_code=201,
)
def send_registration(act: Act, data: JSONBody[SentRegistrationIn]) -> SentRegistrationOut:
    """Send a registration in. The placement desk gets a task at once. You will be asked for a missing consent."""
    return serialize_sent(act, [sending.send(act, data.case(), data.facts())])[0]


@get("/sent-registrations", summary="List what you sent in", permission=Permission.SENT_READ)
def list_sent_registrations(act: Act) -> SentRegistrationsOut:
    """List what your organisation sent in, with states and the messages with the placement desk."""
    found = sending.listed(act)
    audit_log.write(act, Event.SENT_LISTED, found=len(found))
    return SentRegistrationsOut(items=serialize_sent(act, found))


@post(
    "/sent-registrations/{sent_id:str}/messages",
    summary="Answer a question of the desk, or send it news",
    permission=Permission.SENT_WRITE,
)
def write_sent_message(act: Act, sent_id: FromPath[str], data: JSONBody[SentMessageIn]) -> SentRegistrationOut:
    """Answer a question of the desk, send news, or ask to withdraw the registration. The desk reads each message."""
    row = messages.write(act, sent_id, data.kind, data.text, answers=data.answers, agrees=data.agrees)
    return serialize_sent(act, [row])[0]


def read_sent(act: Act, sent_id: str) -> SentRegistrationOut:
    """Returns a registration of the reader's organisation, for its page."""
    row = sending.own(act, sent_id)
    audit_log.write(act, Event.SENT_READ, subject=row.id)
    return serialize_sent(act, [row])[0]


def read_form(act: Act, draft: str | None) -> tuple[Sender, list[tuple[str, str]]]:
    """Returns the content of the page with the form: the sender, and the fields of the draft if there is a draft."""
    fields = [] if draft is None else sending.draft_fields(act, draft)
    audit_log.write(act, Event.SENT_READ, subject=draft)
    return sender_of(act), fields


def keep_draft(act: Act, fields: Sequence[tuple[str, str]], draft: str | None) -> SentRegistrationOut:
    return serialize_sent(act, [sending.keep_draft(act, fields, draft)])[0]


def drop_draft(act: Act, draft: str) -> SentRegistrationsOut:
    sending.drop_draft(act, draft)
    return list_sent_registrations(act)


def serialize_sent(act: Act, rows: Sequence[SentRegistration]) -> list[SentRegistrationOut]:
    cases = cases_of(act, rows)
    return [_serialize(row, cases.get(row.id)) for row in rows]


def serialize_message(row: SentRegistration) -> list[SentMessageOut]:
    waiting = row.content.open_questions
    return [SentMessageOut.of(one, open=one in waiting) for one in row.content.messages]


def _serialize(row: SentRegistration, case: Registration | None) -> SentRegistrationOut:
    said = row.content
    return SentRegistrationOut(
        id=row.id,
        state=state_of(row, case),
        registrant_unit=said.unit,
        persons=[SentPersonOut.of(one) for one in said.persons],
        sent_at=said.sent_at,
        withdrawn=any(one.kind is SentMessageKind.WITHDRAWAL for one in said.messages),
        messages=serialize_message(row),
    )
