"""A task: its subject, its owner, its beginning and due time, and the next owner when the task is late."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Any, Self

from sqlmodel import Session

from placement.core.codes import CodeWithFacts, DecisionStatus, Role, Urgency
from placement.core.second_person_codes import SecondPersonKind
from placement.crypto.pseudonyms import pseudonym_of
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.registrations.case_summary import BriefPerson
from placement.registrations.searches import last_asked_at, rests
from placement.storage.field_sealing import keys_of_session
from placement.tables import Registration, Search

_HOUR, _WEEK = timedelta(hours=1), timedelta(days=7)
_LEAVES_LATE = timedelta(hours=12)
"""The time before the end of the last day (noon) from which a client who is still in the place is late (assumed)."""


class Whose(Enum):
    """The role that has to act. The task itself contains the reach of the role."""

    PLACER = Role.COORDINATOR  # the coordinator of the case's area; the desk if the area has no coordinator
    SHELTER = Role.SHELTER_STAFF  # the staff of the shelter; the desk if nobody of the shelter has an account
    DESK = Role.DESK
    ADMIN = Role.ADMIN
    AUDITOR = Role.AUDITOR
    ADVISER = Role.ADVISER  # the desk if nobody has this role
    REGISTRAR = Role.REGISTRAR  # nobody else, because nobody else may know who was counted


class TaskKind(CodeWithFacts):
    """A kind of task: its code, its owner, and the time after which the task also goes to the next owner. `None`: the
    task never goes to the next owner merely because time passes.
    """

    def __init__(self, _: str, whose: Whose, goes_on: timedelta | None = None) -> None:
        self.whose, self.goes_on = whose, goes_on

    WHEREABOUTS = "whereabouts", Whose.PLACER  # a client is missing; the desk owns it too; late when a look is due
    DECISION = "decision", Whose.DESK, _HOUR  # an approval is needed
    PROVISIONAL = "provisional", Whose.DESK  # carried out under a standing mandate: the desk must confirm it
    HOLD = "hold", Whose.SHELTER, 2 * _HOUR  # the shelter has to answer
    SEARCH_AGAIN = "search_again", Whose.PLACER, _HOUR  # a place was lost, and no new search followed
    URGENT = "urgent", Whose.PLACER, 2 * _HOUR  # needs a place tonight, and has no place
    STILL_WAITING = "still_waiting", Whose.PLACER, timedelta(days=1)  # waits for a place: it is time to look again
    LATE = "late", Whose.PLACER, _HOUR  # was expected an hour ago, and has not arrived; the desk owns it too
    ADULT = "adult", Whose.PLACER  # turns 18 today: other schemes and units are open, but nothing changes automatically
    ALIKE = "alike", Whose.DESK  # may be the same client as in a case that the coordinator does not see
    BIRTH = "birth", Whose.PLACER  # a birth is expected soon: one more bed, a cot, other care
    UNREACHABLE = "unreachable", Whose.PLACER  # could not be reached about a place, and no search followed
    BREAKS_RULE = "breaks_rule", Whose.PLACER  # facts changed: the place now breaks a rule
    ONWARD = "onward", Whose.PLACER  # the place ends: its scheme, its profile or its last day
    UNREADABLE = "unreadable", Whose.PLACER  # the key of the case is missing: no place is sought
    DOUBT = "doubt", Whose.DESK  # rows of the case were changed outside the service: no place is sought
    PLACE_DOUBT = "place_doubt", Whose.DESK  # rows of a place were changed outside the service: it is blocked
    DIFFERENCE = "difference", Whose.DESK, timedelta(0)  # irreversible acts have stopped; also for the person on call
    ARRIVAL = "arrival", Whose.SHELTER  # confirmed, and expected
    STAY_IS_LONG = "stay_is_long", Whose.PLACER  # the stay has reached two thirds, five sixths or all of its limit
    COUNT_MISSING = "count_missing", Whose.SHELTER, 2 * timedelta(days=1)  # a shelter has no fresh count
    PROFILE_QUESTION = "profile_question", Whose.SHELTER, _WEEK  # a refusal contradicts the profile
    KEY_ENDS = "key_ends", Whose.SHELTER  # a key of its software ends or has ended, without a newer key
    CLOSING = "closing", Whose.SHELTER  # a place closes, and clients are in it or expected
    OVERRIDE = "override", Whose.DESK  # a broken safety rule must be reviewed
    LEGAL_HOLD = "legal_hold", Whose.DESK  # the review date of a legal hold has come
    LEGAL_HOLD_LAPSED = "legal_hold_lapsed", Whose.DESK  # nobody granted it in time: it no longer prevents erasure
    SECOND_PERSON = "second_person", Whose.DESK  # a request that another person grants
    ODD_ACCESS = "odd_access", Whose.AUDITOR, _WEEK  # the anomalies of a rule on a day, without review
    TO_RING = "to_ring", Whose.DESK, 2 * _HOUR  # a question to a shelter that works by telephone: the desk calls it
    CONTRADICTION = "contradiction", Whose.DESK, _HOUR  # a shelter contradicts what was entered for it
    CALL_BACK = "call_back", Whose.DESK  # after an acceptance by telephone, before any address is shown
    READ_BACK = "read_back", Whose.DESK, 2 * timedelta(days=1)  # the shelter must be informed of the entry
    RECEIVED = "received", Whose.DESK, timedelta(minutes=15)  # a registrant sent it in: accept, ask or refuse it
    FROM_REGISTRANT = "from_registrant", Whose.DESK, _HOUR  # an answer, news or a withdrawal that nobody has read
    UNANSWERED = "unanswered", Whose.DESK  # a question to a registrant was not answered in time
    EVENT = "event", Whose.DESK, _HOUR  # members of an event have no bed yet, or the event is to be ended
    EVENT_LATE = "event_late", Whose.PLACER, _HOUR  # several late members of an event in a region; the desk owns it too
    ENQUIRY = "enquiry", Whose.ADVISER  # a caller to ring back, or an unfinished call; the desk owns it too
    ENTRY = "entry", Whose.ADVISER  # entries of the help desk wait for a review; the desk owns it too
    COUNTED_TWICE = "counted_twice", Whose.REGISTRAR  # count records with the same pseudonym
    RECERTIFY = "recertify", Whose.ADMIN  # an account must be confirmed, or it is disabled
    SET_UP = "set_up", Whose.ADMIN  # a part is missing without which no bed can be given out


_OF_CASE: Mapping[str | None, str] = MappingProxyType({"legalhold": "/legal-hold", "search": "/whereabouts"})
"""The page below the page of a case on which a request of this kind is answered."""

_PAGES: Mapping[TaskKind, str] = MappingProxyType(
    {
        TaskKind.HOLD: "/holds",
        TaskKind.ARRIVAL: "/holds",
        TaskKind.STAY_IS_LONG: "/stays",
        TaskKind.CONTRADICTION: "/telephone",
        TaskKind.CALL_BACK: "/telephone",
        TaskKind.ODD_ACCESS: "/review",
        TaskKind.SET_UP: "/set-up",
        TaskKind.DIFFERENCE: "/doubt",
        TaskKind.ENTRY: "/entries",
        TaskKind.COUNTED_TWICE: "/counts",
    }
)
"""The page of each kind whose tasks are always done on the same page."""

_OF_ONE: Mapping[TaskKind, str] = MappingProxyType(
    {
        TaskKind.LATE: "/holds/{task.about}/arrival",
        TaskKind.WHEREABOUTS: "/registrations/{task.registration}/whereabouts",
        TaskKind.CLOSING: "/register/{task.cause}/{task.about}",
        TaskKind.PLACE_DOUBT: "/register/{task.cause}/{task.about}",
        TaskKind.COUNT_MISSING: "/shelters/{task.shelter}",
        TaskKind.READ_BACK: "/shelters/{task.shelter}/call",
        TaskKind.TO_RING: "{task.call_page}",
        TaskKind.KEY_ENDS: "/shelters/{task.shelter}",
        TaskKind.PROFILE_QUESTION: "/units/{task.unit}/profile",
        TaskKind.RECERTIFY: "/accounts/{task.about}",
        TaskKind.EVENT: "/events/{task.about}",
        TaskKind.EVENT_LATE: "/events/{task.about}/day",
        TaskKind.ENQUIRY: "/enquiries/{task.about}",
        TaskKind.RECEIVED: "/received/{task.about}",
        TaskKind.FROM_REGISTRANT: "/received/{task.about}",
        TaskKind.UNANSWERED: "/received/{task.about}",
    }
)
"""The page of each kind whose tasks are done on a page of their subject."""

_AT_SHELTER: Mapping[TaskKind, str] = MappingProxyType(
    {TaskKind.COUNT_MISSING: "/capacity", TaskKind.KEY_ENDS: "/account#keys"}
)
"""The page for a shelter's staff. Other readers use the page of the shelter."""

_FIRST: Mapping[TaskKind, int] = MappingProxyType(
    {TaskKind.DIFFERENCE: 0, TaskKind.WHEREABOUTS: 1, TaskKind.PROVISIONAL: 2, TaskKind.DECISION: 3}
)
"""Kinds that come before all others in the order of tasks."""

_PRESSING = frozenset(
    {TaskKind.WHEREABOUTS, TaskKind.DECISION, TaskKind.PROVISIONAL, TaskKind.SEARCH_AGAIN, TaskKind.LATE}
    | {TaskKind.EVENT_LATE, TaskKind.TO_RING, TaskKind.CONTRADICTION}
)
"""Kinds of tasks that are always visible in a list: a person is missing, a bed is kept, or a place was lost."""

_SEARCHES = frozenset({TaskKind.SEARCH_AGAIN, TaskKind.URGENT, TaskKind.STILL_WAITING})
"""Kinds of tasks that are done by a search for a place."""

_ON_DECISION = frozenset({TaskKind.PROVISIONAL, TaskKind.DECISION, TaskKind.OVERRIDE})
"""Kinds that are answered on the page of their decision."""

_BY_TELEPHONE = frozenset({TaskKind.TO_RING, TaskKind.CALL_BACK, TaskKind.READ_BACK, TaskKind.CONTRADICTION})
_LATE_WHEN_DUE = frozenset({TaskKind.CLOSING, TaskKind.PROVISIONAL, TaskKind.WHEREABOUTS, TaskKind.CALL_BACK})
"""Kinds of tasks that go to the next owner as soon as they are due."""


_SEVERAL = frozenset(
    {
        TaskKind.PROVISIONAL,
        TaskKind.OVERRIDE,
        TaskKind.WHEREABOUTS,
        TaskKind.CONTRADICTION,
        TaskKind.CALL_BACK,
    }
)
"""Kinds of tasks of which a case can have several, for example for several provisional decisions or searches."""


RINGS = frozenset(
    {TaskKind.WHEREABOUTS, TaskKind.URGENT, TaskKind.HOLD, TaskKind.DECISION, TaskKind.TO_RING}
    | {TaskKind.RECEIVED, TaskKind.EVENT}
)
"""Kinds of tasks about which the escalation notifies people in the same night: by push, by SMS, and then the next
person on call (`placement/notifications/escalation.py`).
"""


OF_OWNER_ALONE = frozenset({TaskKind.COUNTED_TWICE})
"""Kinds of tasks of which only the owner is notified. No webhook is called. If the owner has no account, the desk is
not notified either.
"""


@dataclass(frozen=True, slots=True)
class WaitingDecision:
    id: str
    status: DecisionStatus
    decided_by: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task. `about`: the id of its subject. `cause`: a code that distinguishes tasks of the same kind and subject.

    `since`: `None` if only the day is known. `area`, `shelter`, `unit`: the reach of the owner, if it is known. `own`:
    the owner, if the kind alone does not determine the owner. `asked_by`: the requester, if another person must grant a
    request.
    """

    kind: TaskKind
    registration: str | None
    urgency: int
    since: datetime | None = None
    due: datetime | None = None
    place: str | None = None
    cause: str | None = None
    decision: WaitingDecision | None = None
    about: str = ""
    area: str | None = None
    unit: str | None = None
    shelter: str | None = None
    asked_by: str | None = None
    own: Whose | None = None
    turn: str = ""
    """A value that changes if the same task begins again, so that its owners are notified again."""
    rows: tuple[str, ...] = ()
    """The ids of the anomalies of a rule on a day, or of the holds of an event's late members."""
    agreed: ArrivalDetails | None = None
    """The agreed arrival of an expected client: time, driver, and telephone number for the journey."""
    rests: bool = False
    """True if a person has looked for the missing client, and the next look is not due yet."""
    persons: tuple[BriefPerson, ...] = ()
    """The missing persons, if only a part of the household is missing."""

    @classmethod
    def of_case(
        cls, kind: TaskKind, case: Registration, since: datetime | None = None, due: datetime | None = None, **more: Any
    ) -> Self:
        """Returns a task about this case, with its urgency and area."""
        return cls(kind, case.id, case.urgency, since, due, area=case.region, **more)

    @classmethod
    def of_search(cls, case: Registration, one: Search, at: datetime) -> Self:
        """Returns the task about a missing client. Its `turn` changes each hour until somebody looks for the client."""
        made = cls.of_case(TaskKind.WHEREABOUTS, case, one.since, one.look_at, about=one.id, cause=one.lost.value)
        turn, tonight = last_asked_at(one, at).isoformat(), int(Urgency.TONIGHT)
        return replace(made, turn=turn, rests=rests(one, at), urgency=tonight)

    @property
    def rings(self) -> bool:
        """True if the escalation notifies the owners of the task until a person has seen it."""
        can_ring = self.kind in RINGS or self.cause == SecondPersonKind.DISCLOSURE
        return can_ring and self.urgency == Urgency.TONIGHT and not self.rests

    @property
    def rank(self) -> tuple[int, int]:
        return _FIRST.get(self.kind, len(_FIRST)), self.urgency

    @property
    def is_urgent(self) -> bool:
        """True if the task concerns tonight, or its kind comes before all others."""
        return self.urgency == Urgency.TONIGHT or self.kind in _FIRST

    @property
    def is_pressing(self) -> bool:
        """True if the task is always visible in a list of tasks, whatever its urgency."""
        return self.is_urgent or self.kind in _PRESSING

    @property
    def key(self) -> str:
        """The key of the task in a reader's list of tasks. It does not change while the task exists."""
        of_region = f"-{self.area}" if self.kind is TaskKind.EVENT_LATE else ""
        subject = self.about if self.kind in _SEVERAL else self.registration or self.about
        return f"{self.kind.value}-{subject}{of_region}"

    @property
    def whose(self) -> Whose:
        if self.own is not None:
            return self.own
        asks_count = self.decision is not None and self.decision.status is DecisionStatus.WAITING_FOR_SHELTER
        return Whose.SHELTER if asks_count else self.kind.whose

    @property
    def is_search(self) -> bool:
        """True if the owner does the task by a search for a place."""
        return self.kind in _SEARCHES

    @property
    def is_by_telephone(self) -> bool:
        """True if the desk does the task by calling the shelter."""
        return self.kind in _BY_TELEPHONE

    @property
    def call_page(self) -> str:
        """The page on which the desk enters the shelter's answer from a call."""
        return f"/holds/{self.about}/call" if self.cause == TaskKind.HOLD.value else f"/shelters/{self.shelter}/call"

    @property
    def goes_on_at(self) -> datetime | None:
        """The time at which the task also goes to the next owner; `None` if no time is set for this."""
        if self.kind in _LATE_WHEN_DUE:
            return self.due
        if self.kind is TaskKind.ONWARD:
            return None if self.due is None else self.due - _LEAVES_LATE
        return None if self.since is None or self.kind.goes_on is None else self.since + self.kind.goes_on

    @property
    def is_to_do(self) -> bool:
        """False for an expected arrival: nobody has to act until the client is late."""
        return self.kind is not TaskKind.ARRIVAL

    def is_late(self, at: datetime) -> bool:
        return self.goes_on_at is not None and self.goes_on_at <= at

    def page_for(self, reader: Role) -> str:
        """Returns the address of the page on which this reader does the task, or looks at it."""
        if self.kind in _AT_SHELTER and reader is self.whose.value:
            return _AT_SHELTER[self.kind]
        if self.kind in _PAGES:
            return _PAGES[self.kind]
        if self.kind is TaskKind.SECOND_PERSON and self.cause in set(SecondPersonKind):
            return "/second-person"
        if self.kind in _OF_ONE:
            return _OF_ONE[self.kind].format(task=self)
        if self.kind in _ON_DECISION:
            return "/capacity" if self.registration is None else f"/decisions/{self.about}"
        return f"/registrations/{self.registration}{_OF_CASE.get(self.cause, '')}"

    def id(self, session: Session) -> str:
        """Returns a keyed hash of kind, subject and cause. While the task exists, the hash is the same for every
        reader.
        """
        said = " ".join((self.kind.value, self.about or str(self.registration), self.cause or "", self.turn)).rstrip()
        known = pseudonym_of(keys_of_session(session).store, "task.id", said, block=1)  # the hash has no length
        return f"T-{hashlib.sha256(known.encode()).hexdigest()[:32]}"
