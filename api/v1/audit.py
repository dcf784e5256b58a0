"""The audit log: events, access to a case, and anomalies to review."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from pydantic import BaseModel, Field

from api.http.context import Input, Output
from api.http.operations import get, post
from api.http.paging import Limit, Offset, Reference
from api.http.work_kinds import Work
from api.v1.people import People, people_of
from placement.access.permissions import Permission
from placement.audit import anomaly_review
from placement.audit import search as audit_search
from placement.audit.events import Event
from placement.audit.search import Search
from placement.core.codes import ReviewOutcome, Role
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.core.ids import CODE_PATTERN
from placement.core.list_orders import ReviewOrder
from placement.registrations import case_lookup
from placement.tables import Anomaly, AuditEvent
from placement.text.catalogue import Language, translate

Who = Annotated[
    str | None, QueryParameter(min_length=1, max_length=100, pattern=CODE_PATTERN, description="The id of a user.")
]
_OF_ACCOUNTS = {Event.INVITED, Event.INVITED_AGAIN, Event.ACCOUNT_CHANGED}
LAST_LINE = 2_000_000_000
"""The highest number of an audit event that a request may contain."""
Before = Annotated[
    int | None,
    QueryParameter(ge=1, le=LAST_LINE, description="Only audit events with a lower number, such as `next` of a page."),
]


class State(StrEnum):
    WAITING = "waiting"
    ACKNOWLEDGED = "ticked"


class _EventOut(BaseModel):
    line: int
    at: datetime
    event: str
    action: str
    outcome: str
    actor: str
    on_behalf_of: str | None
    role: str | None


class AuditEventOut(_EventOut, Output):
    """An audit event, with the fields of NEN 7513."""

    registration: str | None
    object: str | None
    network_address: str
    protocol: str
    request: str
    facts: dict[str, Any]
    link: str


NumberBefore = Annotated[
    int | None,
    Field(description="The number for `before` of the next page; null: this is the last page."),
]
"""The type of the field with the number from which the next page of events continues."""


class LogPage(Output):
    items: list[AuditEventOut]
    people: People = Field(description="The persons behind the account ids in the audit events.")
    next: NumberBefore


class ChainOut(Output):
    """The state of the audit log. Only the command `placement audit verify` verifies every link of the chain."""

    lines: int
    link: str
    heads: int = Field(description="The number of heads that were stored outside the database, one each hour.")
    head_line: int | None
    head_at: datetime | None
    agrees: bool | None = Field(description="Whether the log contains the line of the last head; null: no head exists.")


class AccessOut(_EventOut, Output):
    in_a_list: bool = Field(description="true: the case was shown as part of a list.")


class AccessPage(Output):
    items: list[AccessOut]
    people: People
    next: NumberBefore


class AnomalyOut(Output):
    id: str
    rule: str
    words: str
    actor: str
    registration: str | None
    role: Role | None = Field(description="The role of the invitation, or of the changed account.")
    account: str | None = Field(description="The id of the account that was changed or invited again.")
    first_line: int
    last_line: int
    counted: int
    at: datetime
    found_at: datetime
    outcome: str | None
    note: str | None
    ticked_at: datetime | None
    ticked_by: str | None


class ReviewPage(Output):
    items: list[AnomalyOut]
    people: People
    total: int


class AcknowledgementIn(Input):
    outcome: ReviewOutcome
    note: str | None = Field(None, max_length=2000, description="Required for an incident. Stored encrypted.")


@get(
    "/registrations/{registration_id:str}/accesses",
    summary="List who had access to a case",
    permission=Permission.ACCESS_READ,
)
def list_case_accesses(
    act: Act, registration_id: FromPath[str], before: Before = None, limit: Limit = 50
) -> AccessPage:
    """List who read or changed this case, saw it in a list, or was refused access; newest first."""
    events = audit_search.accesses(act, registration_id, before=before, limit=limit)
    items = [AccessOut.of(event, line=event.id, in_a_list=event.registration_id != registration_id) for event in events]
    people = people_of(act, [one for event in events for one in (event.actor, event.on_behalf_of)])
    return AccessPage(items=items, people=people, next=events[-1].id if len(events) == limit else None)


@get("/audit/events", summary="Search audit events", permission=Permission.AUDIT_READ, work=Work.SLOW)
def search_audit_events(
    act: Act,
    *,
    actor: Who = None,
    registration: Reference = None,
    event: FromQuery[Event | None] = None,
    since: FromQuery[date | None] = None,
    until: FromQuery[date | None] = None,
    before: Before = None,
    limit: Limit = 50,
) -> LogPage:
    """Search audit events, newest first. `since` and `until` are days in Amsterdam, both included."""
    return log_page(act, Search(actor, registration, event, since, until, before), limit)


def case_said(act: Act, said: str) -> str:
    """Returns the reference of a case that was typed as reference or handle. Raises `Invalid`."""
    reference = case_lookup.case_in_log(act, "registration", said)
    if reference and not re.fullmatch(CODE_PATTERN, reference):
        raise Invalid.at("registration", "registration_unknown", found=said)
    return reference


def log_page(act: Act, asked: Search, limit: int) -> LogPage:
    events = audit_search.search(act, asked, limit)
    return LogPage(
        items=[AuditEventOut.of(one, line=one.id, network_address=one.address) for one in events],
        people=people_of(act, [one for event in events for one in _named_in(event)]),
        next=events[-1].id if len(events) == limit else None,
    )


@get("/audit/chain", summary="Read the state of the audit chain", permission=Permission.AUDIT_READ)
def read_audit_chain(act: Act) -> ChainOut:
    """Read the length of the audit log, and whether it still contains the event of the last stored head unchanged."""
    return ChainOut.of(audit_search.chain_state(act))


@get("/audit/review", summary="List anomalies in the audit log", permission=Permission.REVIEW_READ)
def list_anomalies(
    act: Act, language: Language, status: FromQuery[State | None] = None, limit: Limit = 50, offset: Offset = 0
) -> ReviewPage:
    """List anomalies in the audit log with their reviews, newest first."""
    return review_page(act, status, limit, offset, language)


def review_page(  # noqa: PLR0917  (each is a filter)
    act: Act,
    status: State | None,
    limit: int,
    offset: int,
    language: Language,
    order: ReviewOrder = ReviewOrder.NEWEST_FIRST,
) -> ReviewPage:
    acknowledged = None if status is None else status is State.ACKNOWLEDGED
    rows, total = audit_search.review(act, acknowledged=acknowledged, limit=limit, offset=offset, order=order)
    events = audit_search.first_events(act, rows)
    items = [_serialize_anomaly(row, events.get(row.first_line), language) for row in rows]
    people = people_of(act, [one for item in items for one in (item.actor, item.account, item.ticked_by)])
    return ReviewPage(items=items, people=people, total=total)


@post("/audit/review/{oddity_id:str}/tick", summary="Review an anomaly", permission=Permission.REVIEW_ACKNOWLEDGE)
def review_anomaly(
    act: Act, oddity_id: FromPath[str], data: JSONBody[AcknowledgementIn], language: Language
) -> AnomalyOut:
    """Acknowledge an anomaly, with an outcome and a note. The person whom the anomaly is about cannot do this."""
    found = anomaly_review.acknowledge(act, oddity_id, data.outcome, data.note)
    return _serialize_anomaly(found, audit_search.first_events(act, [found]).get(found.first_line), language)


def _named_in(event: AuditEvent) -> Iterator[object]:
    """Yields the values of an event that may be account ids."""
    yield from (event.actor, event.on_behalf_of, event.object_id)
    for fact in event.facts.values():
        yield from fact if isinstance(fact, list) else (fact,)


def _serialize_anomaly(found: Anomaly, first: AuditEvent | None, language: Language) -> AnomalyOut:
    """Returns an anomaly as output. `first`: its first audit event, if it is still stored."""
    facts = first.facts if first is not None and first.event in _OF_ACCOUNTS else {}
    changed = first.object_id if first is not None and first.event == Event.ACCOUNT_CHANGED else None
    return AnomalyOut.of(
        found,
        words=translate("anomaly", found.rule, language),
        role=facts.get("role"),
        account=facts.get("account") or changed,
    )
