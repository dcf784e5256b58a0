"""The timeline of a case: all events of the case, from the audit log and the stored facts. Page and API use the same
function. An auditor reads the content of the log, without places and free text. A coordinator reads what the pages of
the case show. For staff of shelters, a timeline shows only the role.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import TypeVar

from sqlmodel import col, select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity import place_names
from placement.core.codes import Channel, MessageKind, MessageStatus, Role, Sees
from placement.core.context import Act
from placement.core.errors import NotFound
from placement.core.reason_codes import Effect, find_reason
from placement.core.second_person_codes import SecondPersonKind
from placement.core.timeline_codes import About
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.moves import DecisionMove, HoldMove, LegalHoldMove, ProposalMove, RegistrationMove, StayMove
from placement.outbox.announcements import once_of
from placement.placements.proposals.presentation import OF_PAIRS
from placement.registrations import fact_history
from placement.storage import log_index
from placement.storage.log_index import Wanted
from placement.tables import AuditEvent, Decision, Hold, Message, Registration, Stay


@dataclass(frozen=True, slots=True)
class Detail:
    about: About
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An event of the timeline. `by`: the account; `None` if the reader may see only the role."""

    line: int
    at: datetime
    event: Event
    by: str | None
    role: Role | None
    details: tuple[Detail, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    entries: list[Entry]
    next: int | None
    """The value of `before` with which the next page, of earlier entries, is read; `None` if there are no earlier
    entries.
    """


_MOVES = (RegistrationMove, ProposalMove, DecisionMove, HoldMove, StayMove, LegalHoldMove)
_ACCESS = frozenset({Event.OPENED_WITH_REASON, Event.GLASS_BROKEN, Event.ADDRESS_READ})
_LEGAL_HOLD = frozenset(
    {
        *(move.event for move in LegalHoldMove if move.event is not None),
        Event.SECOND_PERSON_ASKED,
        Event.SECOND_PERSON_REFUSED,
        Event.SECOND_PERSON_WITHDRAWN,
        Event.SECOND_PERSON_LAPSED,
    }
)
"""Events of a legal hold and of requests about a legal hold. The grant of a request has no event here."""
TOLD = frozenset(
    {
        *(move.event for moves in _MOVES for move in moves if move.event is not None),
        *_ACCESS,
        *_LEGAL_HOLD,
        Event.TAKEN_OVER,
        Event.REGISTRATION_CHANGED,
        Event.REGISTRATION_LINKED,
        Event.REGISTRATION_MERGED,
        Event.HISTORY_ERASED,
        Event.CLIENT_DOCUMENT_MADE,
        Event.AVOIDANCE_SET,
        Event.AVOIDANCE_LIFTED,
        Event.STAY_BLOCKED,
        Event.MANDATE_USED,
        Event.ARRIVAL_POSTPONED,
        Event.CLIENT_INFORMED,
        Event.CLIENT_LOOKED_FOR,
        Event.SEARCH_ENDED,
        Event.SEARCH_CLOSING_ASKED,
        Event.SEARCH_CLOSING_REFUSED,
        Event.OVERRIDE_LOOKED_AT,
    }
)
"""The events that a timeline shows. For each event the catalogue has a sentence (context `timeline`)."""

_NEEDS: Mapping[Event, Permission] = {
    **dict.fromkeys(_ACCESS, Permission.ACCESS_READ),
    **dict.fromkeys(_LEGAL_HOLD, Permission.LEGAL_HOLD_READ),
}
"""Additional permissions that a reader without access to the audit log needs to see these events."""

_COPIES = (
    (About.MAILED, Channel.MAIL),
    (About.CALLED, Channel.WEBHOOK),
    (About.WAITING, MessageStatus.WAITING),
    (About.FAILED, MessageStatus.FAILED),
)


@needs(Permission.TIMELINE_READ)
def timeline(act: Act, registration_id: str, *, before: int | None, limit: int) -> Timeline:
    """Returns the newest entries before the number `before`. Raises `NotFound` if the actor may not see the case or,
    for an auditor, if no audit event concerns the case.
    """
    reads_log = Permission.AUDIT_READ.is_of(act.actor)
    if not reads_log:
        scoped_queries.registration_of(act.session, act.actor, registration_id)
    found = log_index.find(act.session, Wanted(case=registration_id, about=True, before=before))
    if reads_log and before is None and not found:
        raise NotFound
    told = [event for event in found if _is_told(act, event)]
    shown = told[:limit]
    known = _Known() if reads_log else _known(act, registration_id, shown)
    entries = [_entry(act, event, known, reads_log=reads_log) for event in shown]
    named = [detail for entry in entries for detail in entry.details if detail.about is About.OTHER]
    others = {one for detail in named for one in detail.values}
    audit_log.write(act, Event.TIMELINE_READ, registration=registration_id, shown=others, found=len(entries))
    return Timeline(entries, shown[-1].id if len(told) > limit else None)


def _is_told(act: Act, event: AuditEvent) -> bool:
    if event.event not in TOLD or event.facts.get("kind") == SecondPersonKind.DECISION:
        return False  # other events of the timeline show a decision
    needed = _NEEDS.get(Event(event.event))
    return needed is None or needed.is_of(act.actor) or Permission.AUDIT_READ.is_of(act.actor)


@dataclass(frozen=True, slots=True)
class _Known:
    """The stored facts of the case: its rows, by id, and changes of facts, by time."""

    holds: Mapping[str, Hold] = field(default_factory=dict)
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    stays: Mapping[str, Stay] = field(default_factory=dict)
    avoided: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    changes: Mapping[datetime, fact_history.Change] = field(default_factory=dict)
    messages: Mapping[tuple[datetime, str], Message] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    """The registrations that these events name and that the reader may see."""


_Row = TypeVar("_Row", Hold, Stay, Decision)


def _known(act: Act, registration_id: str, shown: Sequence[AuditEvent]) -> _Known:
    def rows(table: type[_Row]) -> dict[str, _Row]:
        found = act.session.exec(select(table).where(table.registration_id == registration_id))
        return {row.id: row for row in found}

    registration = act.session.get_one(Registration, registration_id)
    named = [other for event in shown if (other := event.facts.get("other"))]
    avoided = {one.id: one.target for one in registration.known("avoidances") or ()}
    places = place_names.places(act.session)
    targets = place_names.of_avoided(act.session, set(avoided.values())) if avoided else {}
    return _Known(
        holds=rows(Hold),
        decisions=rows(Decision),
        stays=rows(Stay),
        avoided={one: targets.get(target, target) for one, target in avoided.items()},
        places=places,
        changes={one.at: one for one in fact_history.changes_of(act, registration_id)},
        messages=_messages(act, shown),
        others=frozenset(scoped_queries.visible_registrations(act.session, act.actor, named)),
    )


def _messages(act: Act, shown: Sequence[AuditEvent]) -> dict[tuple[datetime, str], Message]:
    """Returns the messages about these events, by time and subject."""
    about = {(event.object_id, event.at) for event in shown if event.object_id}
    wanted = {once_of(kind, subject, at) for kind in MessageKind for subject, at in about}
    rows = act.session.exec(select(Message).where(col(Message.once).in_(wanted)))
    return {(row.content.made_at, row.once.rpartition(" ")[2]): row for row in rows if is_readable(row.content)}


def _entry(act: Act, event: AuditEvent, known: _Known, *, reads_log: bool) -> Entry:
    role = Role(event.role) if event.role else None
    sees_who = Permission.ACCESS_READ.is_of(act.actor) or (role is not None and role.sees in {Sees.ALL, Sees.REGIONS})
    is_person = role is not None and role.is_person
    return Entry(
        line=event.id or 0,
        at=event.at,
        event=Event(event.event),
        by=event.actor if is_person and sees_who else None,
        role=role,
        details=tuple(_of_log(act, event)) if reads_log else (*_of_log(act, event), *_of_rows(event, known)),
    )


def _of_log(act: Act, event: AuditEvent) -> Iterator[Detail]:
    """Yields details from the audit event. A rule that discloses another client's place is shown only to a reader of
    all cases.
    """
    facts = event.facts
    if facts.get("happened_at"):
        yield Detail(About.HAPPENED, (facts["happened_at"],))
    reason = facts.get("reason") or facts.get("why")
    if reason:
        yield Detail(About.REASON, (reason,))
        yield from _effects(event.event, reason)
    if facts.get("kind"):
        yield Detail(About.KIND, (facts["kind"],))
    if facts.get("rung"):
        yield Detail(About.RUNG, (facts["rung"],))
    if facts.get("again_on"):
        yield Detail(About.AGAIN_ON, (facts["again_on"],))
    if facts.get("expected"):
        yield Detail(About.EXPECTED, (facts["expected"],))
    if facts.get("fields"):
        yield Detail(About.FIELDS, tuple(facts["fields"]))
    sees_some = act.actor.role.sees is Sees.REGIONS
    broken = tuple(rule for rule in facts.get("broken") or () if not (sees_some and rule in OF_PAIRS))
    if broken:
        yield Detail(About.BROKEN, broken)


def _effects(event: str, code: str) -> Iterator[Detail]:
    """Yields the automatic effects of a reason, if the reason was given in this event."""
    if event not in {Event.HOLD_REFUSED, Event.HOLD_RELEASED, Event.DECIDED, Event.STAY_ENDED}:
        return
    reason = find_reason(code)
    effects = [reason.effect] if reason is not None and reason.effect is not None else []
    if event == Event.HOLD_REFUSED:
        effects.insert(0, Effect.AVOID_UNIT)
    if effects:
        yield Detail(About.EFFECT, tuple(effect.value for effect in effects))


def _of_rows(event: AuditEvent, known: _Known) -> Iterator[Detail]:
    """Yields details from the rows of the case, if these rows still exist."""
    subject = event.object_id or ""
    row = known.holds.get(subject) or known.decisions.get(subject) or known.stays.get(subject)
    if row is not None:
        yield from _of_row(event, row, known.places)
    if event.event == Event.AVOIDANCE_SET and subject in known.avoided:
        yield Detail(About.TARGET, (known.avoided[subject],))
    change = known.changes.get(event.at)
    if event.event == Event.REGISTRATION_CHANGED and change is not None and change.text:
        yield Detail(About.TEXT, (change.text,))
    if event.facts.get("other") in known.others:
        yield Detail(About.OTHER, (event.facts["other"],))
    message = known.messages.get((event.at, subject))
    if message is not None:
        yield from _told(message)


def _of_row(event: AuditEvent, row: Hold | Stay | Decision, places: Mapping[str, str]) -> Iterator[Detail]:
    if is_readable(row.unit_id) and row.unit_id in places:
        yield Detail(About.PLACE, (places[row.unit_id],))
    for about, name in _SAID.get(Event(event.event), ()):
        if about is About.EXPECTED and "expected" in event.facts:  # the value at the time of the event, not of today
            continue
        value = attrgetter(name)(row)
        if is_readable(value) and value:
            yield Detail(about, (value.isoformat() if isinstance(value, datetime) else value,))


_SAID: Mapping[Event, Sequence[tuple[About, str]]] = {
    Event.DECIDED: ((About.TEXT, "text"), (About.CLIENT, "client_says")),
    Event.DECISION_REFUSED: ((About.TEXT, "answer.text"),),
    Event.HOLD_CONFIRMED: ((About.EXPECTED, "expected_at"),),
    Event.HOLD_REFUSED: ((About.TEXT, "text"),),
    Event.HOLD_RELEASED: ((About.TEXT, "text"),),
    Event.STAY_BLOCKED: ((About.TEXT, "blocker_text"),),
    Event.STAY_ENDED: ((About.TEXT, "end_text"),),
}
"""The columns that add details to an event, by event."""


def _told(message: Message) -> Iterator[Detail]:
    counted: Counter[Channel | MessageStatus] = Counter(
        (one.channel if one.status is MessageStatus.DELIVERED else one.status) for one in message.content.copies
    )
    for about, which in _COPIES:
        if counted[which]:
            yield Detail(about, (str(counted[which]),))
