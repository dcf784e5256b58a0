"""The states of each part of a case. For each state: its tasks, or the reason why nobody has to act. A new state needs
a row here (`tests/placement/tasks/test_states.py`). The table in `docs/guide/tasks.md` is generated from these rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlmodel import select

from placement.core.clock import start_of
from placement.core.codes import (
    DecisionStatus,
    HoldStatus,
    ProposalStatus,
    RegistrationStatus,
    StayStatus,
)
from placement.core.context import Act
from placement.core.enquiry_codes import EnquiryStatus, EntryStatus
from placement.core.event_codes import EventStatus
from placement.core.request_codes import RequestStatus
from placement.crypto.encrypted_columns import is_readable
from placement.help_desk.enquiries import FINISHED_WITHIN
from placement.placements.stays.stay_clock import began_on
from placement.placements.stays.stays import asked_next_on
from placement.registrations.next_look import next_look_at
from placement.retention.schedule_of_cases import DRAFTS_FOR
from placement.tables import Enquiry, KnowledgeEntry, MassEvent, Proposal, Registration, Stay
from placement.tasks.task import TaskKind


@dataclass(frozen=True, slots=True)
class Rest:
    """A period in which nobody has to act. `event`: the event that ends the period. `latest`: the latest end of the
    period, in words.
    """

    event: str
    latest: str
    moment: Callable[[Act, Any], datetime | None]
    """Returns the latest end of the period for a row in this state; `None` if a task already exists."""


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state of a part of a case. At least one task in `tasks` exists while the state lasts or, if `rest` is set,
    after the end of that period. `over`: the reason why the state has no tasks: the part has ended, or another part of
    the case has the tasks.
    """

    tasks: tuple[TaskKind, ...] = ()
    rest: Rest | None = None
    over: str | None = None


_SEARCHES = (TaskKind.SEARCH_AGAIN, TaskKind.URGENT, TaskKind.STILL_WAITING)
_AWAITED = (TaskKind.ARRIVAL, TaskKind.LATE)
_KEPT = (TaskKind.DECISION, TaskKind.HOLD, *_AWAITED)


def _next_review(act: Act, case: Registration) -> datetime | None:
    lives = select(Stay).where(Stay.registration_id == case.id, Stay.status == StayStatus.IN_HOUSE)
    stay = act.session.exec(lives).first()
    return None if stay is None else _review_of(act, stay)


def _review_of(act: Act, stay: Stay) -> datetime | None:
    if not is_readable(stay.starts_on, stay.limit_on, stay.blocked_on):
        return None
    return start_of(asked_next_on(stay, began_on(act.session, [stay])[stay.id]))


def _erased_at(_: Act, case: Registration) -> datetime:
    return start_of(case.waits_on + DRAFTS_FOR + timedelta(days=1))


def _expires_at(_: Act, proposal: Proposal) -> datetime:
    return proposal.expires_at


def _keeps_beds_at(_: Act, event: MassEvent) -> datetime:
    return start_of(event.content.keep_from)


def _finished_at(_: Act, enquiry: Enquiry) -> datetime:
    return enquiry.content.at + FINISHED_WITHIN


def _reviewed_at(_: Act, entry: KnowledgeEntry) -> datetime | None:
    return None if entry.due_on is None else start_of(entry.due_on)


_WAITS = StateRow(
    _SEARCHES,
    Rest(
        "a search, a decision, or the end of the request",
        "for tonight: an hour after the client is without a bed; within days: the next morning; any other: a week "
        "after the last search, and each morning from the day on by which the place is needed",
        next_look_at,
    ),
)
_LIVES = "the end of the stay, a request for another place, or a change that breaks a rule"
_REVIEWS = (
    "at two thirds of the limit of the stay; if what keeps the client is named: at the limit, and 28 days after it was "
    "last named"
)
_OF_DECISION = "its decision shows what waits"
_OF_CASE = "the state of the registration shows what waits"

STATES: Mapping[type[StrEnum], Mapping[object, StateRow]] = MappingProxyType(
    {
        RegistrationStatus: {
            RegistrationStatus.RECEIVED: StateRow((TaskKind.RECEIVED,)),
            RegistrationStatus.DRAFT: StateRow(
                rest=Rest(
                    "it is opened or closed by the person who entered it", "after 30 days: it is erased", _erased_at
                )
            ),
            RegistrationStatus.OPEN: _WAITS,
            RegistrationStatus.HELD: StateRow(_KEPT),
            RegistrationStatus.PLACED: StateRow((TaskKind.STAY_IS_LONG,), Rest(_LIVES, _REVIEWS, _next_review)),
            RegistrationStatus.MOVING: _WAITS,
            RegistrationStatus.MOVE_HELD: StateRow(_KEPT),
            RegistrationStatus.MISSING: StateRow((TaskKind.WHEREABOUTS,)),
            RegistrationStatus.CLOSED: StateRow(over="the client has left the service, and a person gave the reason"),
        },
        RequestStatus: {
            RequestStatus.OPEN: StateRow(_SEARCHES, _WAITS.rest),
            RequestStatus.HELD: StateRow(_KEPT),
            RequestStatus.PLACED: StateRow(over="its stay shows what waits"),
            RequestStatus.WITHDRAWN: StateRow(
                over="the client stays in the present place, whose stay shows what waits"
            ),
            RequestStatus.CLOSED: StateRow(over="the registration is closed"),
        },
        ProposalStatus: {
            ProposalStatus.MADE: StateRow(
                rest=Rest("a decision, or a newer proposal", "after 4 hours: it expires", _expires_at)
            ),
            ProposalStatus.ACCEPTED: StateRow(over=_OF_DECISION),
            ProposalStatus.OVERRIDDEN: StateRow(over=_OF_DECISION),
            ProposalStatus.DECLINED: StateRow(over=_OF_CASE),
            ProposalStatus.SUPERSEDED: StateRow(over="the newer proposal shows what waits"),
            ProposalStatus.EXPIRED: StateRow(over=_OF_CASE),
        },
        DecisionStatus: {
            DecisionStatus.WAITING_FOR_DESK: StateRow((TaskKind.DECISION,)),
            DecisionStatus.WAITING_FOR_SHELTER: StateRow((TaskKind.DECISION,)),
            DecisionStatus.WAITING_FOR_SECOND: StateRow((TaskKind.DECISION,)),
            DecisionStatus.PROVISIONAL: StateRow((TaskKind.PROVISIONAL,)),
            DecisionStatus.FINAL: StateRow(over="its hold shows what waits"),
            DecisionStatus.REFUSED: StateRow(over=_OF_CASE),
            DecisionStatus.LAPSED: StateRow(over=_OF_CASE),
            DecisionStatus.WITHDRAWN: StateRow(over=_OF_CASE),
        },
        HoldStatus: {
            HoldStatus.RESERVED: StateRow((TaskKind.DECISION,)),
            HoldStatus.WAITING_FOR_SHELTER: StateRow((TaskKind.HOLD,)),
            HoldStatus.CONFIRMED: StateRow(over="its stay shows what waits"),
            HoldStatus.REFUSED: StateRow(over=_OF_CASE),
            HoldStatus.EXPIRED: StateRow(over=_OF_CASE),
            HoldStatus.RELEASED: StateRow(over=_OF_CASE),
        },
        EventStatus: {
            EventStatus.PLANNED: StateRow(
                (TaskKind.EVENT,),
                Rest("it begins, or its beds are kept", "on the day from which beds are kept", _keeps_beds_at),
            ),
            EventStatus.UNDER_WAY: StateRow((TaskKind.EVENT,)),
            EventStatus.DONE: StateRow(over="a person of the desk ended it; its members are ordinary cases"),
        },
        EnquiryStatus: {
            EnquiryStatus.OPEN: StateRow(
                (TaskKind.ENQUIRY,), Rest("the call is saved", "an hour after the call began", _finished_at)
            ),
            EnquiryStatus.CALL_BACK: StateRow((TaskKind.ENQUIRY,)),
            EnquiryStatus.DONE: StateRow(over="the caller has an answer"),
        },
        EntryStatus: {
            EntryStatus.WAITING: StateRow((TaskKind.ENTRY,)),
            EntryStatus.SHOWN: StateRow(
                (TaskKind.ENTRY,), Rest("a new version, or its end", "on the day of its next review", _reviewed_at)
            ),
            EntryStatus.PAST: StateRow(over="another version is shown, or a person ended the entry"),
            EntryStatus.REPLACED: StateRow(over="a later version waits for a review, or a person ended the entry"),
        },
        StayStatus: {
            StayStatus.PLANNED: StateRow(_AWAITED),
            StayStatus.IN_HOUSE: StateRow((TaskKind.STAY_IS_LONG,), Rest(_LIVES, _REVIEWS, _review_of)),
            StayStatus.ENDED: StateRow(over=_OF_CASE),
        },
    }
)
"""The states of each part of a case, in the order in which they are listed."""
