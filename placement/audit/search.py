"""Searches in the audit log: with a filter, or for all accesses to a case. Each search writes an audit event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from placement.access import scoped_queries
from placement.access.permissions import Permission
from placement.audit import log as audit_log
from placement.audit import verification
from placement.audit.events import Event
from placement.core.clock import start_of
from placement.core.context import Act
from placement.core.errors import Invalid, NotFound
from placement.core.list_orders import ReviewOrder
from placement.storage import hash_chain, log_index
from placement.storage.log_index import Wanted
from placement.tables import Anomaly, AuditEvent

_FIRST_YEAR, _LAST_YEAR = 2000, 2099


@dataclass(frozen=True, slots=True)
class Search:
    """A filter. `since`, `until`: days in Amsterdam, both included. `before`: only events with lower numbers."""

    actor: str | None = None
    registration: str | None = None
    event: Event | None = None
    since: date | None = None
    until: date | None = None
    before: int | None = None


def search(act: Act, asked: Search, limit: int) -> Sequence[AuditEvent]:
    """Returns the audit events that match the filter, newest first."""
    wanted = Wanted(
        actor=asked.actor,
        case=asked.registration,
        about=True,
        event=asked.event.value if asked.event is not None else None,
        since=start_of(_sound("since", asked.since)) if asked.since is not None else None,
        until=start_of(_sound("until", asked.until) + timedelta(days=1)) if asked.until is not None else None,
        before=asked.before,
    )
    found = log_index.find(act.session, wanted, limit)
    days = [day and str(day) for day in (asked.since, asked.until)]
    known = asked.actor if found else audit_log.id_alone(asked.actor)  # logged in full only if the id exists
    case = audit_log.id_alone(asked.registration)
    audit_log.write(act, Event.LOG_SEARCHED, registration=case, of=known, what=asked.event, days=days)
    return found


def accesses(act: Act, registration_id: str, *, before: int | None, limit: int) -> Sequence[AuditEvent]:
    """Returns the audit events about a case, newest first: acts, lists that showed the case, and refusals.

    Raises `NotFound` if the actor does not see this registration. For an actor who may read the log, raises it only if
    no audit event names the case.
    """
    if not Permission.AUDIT_READ.is_of(act.actor):
        scoped_queries.known_registration(act.session, act.actor, registration_id)
    elif not log_index.find(act.session, Wanted(case=registration_id), 1):
        raise NotFound
    found = log_index.find(act.session, Wanted(case=registration_id, before=before), limit)
    audit_log.write(act, Event.ACCESSES_READ, registration=registration_id)
    return found


@dataclass(frozen=True, slots=True)
class ChainState:
    """The length of the log, and the newest stored head (number and link of the last event at some time).

    `agrees`: true if the log still contains the event of that head with the same link; `None` if no head was stored.
    The links in between are not verified; `placement audit verify` does that.
    """

    lines: int
    link: str
    heads: int
    head_line: int | None
    head_at: datetime | None
    agrees: bool | None


def chain_state(act: Act) -> ChainState:
    lines, link = hash_chain.head(act.session)
    heads = verification.read_heads(act.settings.audit_heads)
    audit_log.write(act, Event.CHAIN_READ)
    if not heads:
        return ChainState(lines, link, 0, None, None, None)
    last = heads[-1]
    link_of_last = act.session.exec(select(AuditEvent.link).where(AuditEvent.id == last.line)).first()
    same = link_of_last == last.link or (last.line, last.link) == (0, hash_chain.START)
    return ChainState(lines, link, len(heads), last.line, datetime.fromisoformat(last.at), same)


def review(
    act: Act,
    *,
    acknowledged: bool | None,
    limit: int,
    offset: int,
    order: ReviewOrder = ReviewOrder.NEWEST_FIRST,
) -> tuple[Sequence[Anomaly], int]:
    """Returns a page of anomalies and the total number. `acknowledged`: only this state; `None`: all anomalies."""
    found_at = col(Anomaly.found_at)
    first = found_at.desc() if order is ReviewOrder.NEWEST_FIRST else found_at
    query = select(Anomaly).order_by(first, col(Anomaly.id))
    if acknowledged is not None:
        query = query.where(col(Anomaly.ticked_at).is_not(None) if acknowledged else col(Anomaly.ticked_at).is_(None))
    rows, total = scoped_queries.page(act.session, query, limit, offset)
    audit_log.write(act, Event.REVIEW_LISTED, ticked=acknowledged, offset=offset)
    return rows, total


def first_events(act: Act, found: Iterable[Anomaly]) -> dict[int, AuditEvent]:
    """Returns the first audit event of each anomaly, by the number of the event. Leaves out deleted events."""
    numbers = [one.first_line for one in found]
    return {event.id: event for event in act.session.exec(select(AuditEvent).where(col(AuditEvent.id).in_(numbers)))}


def _sound(where: str, day: date) -> date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise Invalid.at(where, "not_this_century")
    return day
