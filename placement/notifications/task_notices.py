"""Notifications of tasks that are new, unseen or late. A late task is also notified to its next owner.

If `placement/outbox/announcements.py` or a reminder already sends a mail about a new task, this module calls only
webhooks. Several tasks at the same time cause a single mail.
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of
from placement.core.codes import MessageKind, MessageStatus, Sees, Urgency
from placement.core.context import Act
from placement.core.ids import new_id
from placement.core.notice_codes import NoticeMark
from placement.core.second_person_codes import SecondPersonKind
from placement.crypto.encrypted_columns import is_readable
from placement.notifications import escalation
from placement.notifications.escalation import accounts_of
from placement.notifications.reminders import not_at_night
from placement.outbox import outbox, recipients
from placement.outbox.deliveries import Delivery, deliveries_of
from placement.outbox.webhook_events import TaskEventData
from placement.storage.rows_by_id import rows_by_id
from placement.storage.unique_insert import insert_once
from placement.tables import Message, TaskNotice
from placement.tables.message import NoticeContent
from placement.tasks.listing import Owned, Owner, derive, owned
from placement.tasks.task import OF_OWNER_ALONE, TaskKind, Whose
from placement.tasks.task_views import noticed

_TOLD_ELSEWHERE = frozenset(
    {
        TaskKind.DECISION,
        TaskKind.HOLD,
        TaskKind.SEARCH_AGAIN,
        TaskKind.ARRIVAL,
        TaskKind.STAY_IS_LONG,
        TaskKind.COUNT_MISSING,
        TaskKind.SET_UP,
        TaskKind.WHEREABOUTS,
    }
)
"""The kinds of tasks that this module does not mail when they are new. Another module mails them, or only the page
shows them.
"""

_CANNOT_WAIT = frozenset(
    {
        TaskKind.WHEREABOUTS,
        TaskKind.DECISION,
        TaskKind.HOLD,
        TaskKind.SEARCH_AGAIN,
        TaskKind.URGENT,
        TaskKind.LATE,
        TaskKind.EVENT_LATE,
        TaskKind.TO_RING,
        TaskKind.CONTRADICTION,
    }
)
"""The kinds of tasks that are mailed even at night. Tasks about a client who needs a place tonight are also mailed at
night.
"""

_LATE = frozenset({TaskKind.LATE, TaskKind.EVENT_LATE})
_OF_THE_REGISTER = frozenset({SecondPersonKind.UNIT, SecondPersonKind.ADDRESS})
"""The kinds of requests about which `announcements.py` already mails the desk."""
_OF_USE_FOR = timedelta(days=1)
_AT_ONCE = timedelta(minutes=1)
_AT_A_TIME = 500
"""The largest number of notifications of finished tasks that a run ends. The first run can find thousands."""


def tell_of_tasks(act: Act) -> int:
    """Notifies the owners of each task that has become new, unseen or late; returns the number of notifications.

    The notification of a finished task is ended, so that the same task is notified again if it returns. Rows and
    messages are stored in one transaction. After a crash, the next run sends the remaining notifications.
    """
    act, made = act.by_the_system(), 0
    now: set[str] = set()
    later: set[str] = set()
    first = ""
    tasks = derive(act)
    found = owned(act, tasks)
    known = _told_before(act, {one.task.id(act.session) for one in found})
    for one, mark, name in _untold(act, found, noticed(act, tasks).unseen, known):
        told = sorted(_told(act, one, mark))
        if not told and mark is not NoticeMark.NEW:
            continue  # nobody is on call: the notification waits until a person is on call
        mailed = _mailed(act, one, mark, told)
        notice = NoticeContent(
            task=name, kind=one.task.kind.value, mark=mark, at=act.at, told=tuple(told), mailed=tuple(mailed)
        )
        row = TaskNotice(id=new_id("N"), once=f"{name} {mark.value}", made_on=act.day, content=notice)
        if not insert_once(act.session, row):
            continue
        made += 1
        first = first or row.id
        audit_log.write(
            act,
            Event.REMINDED,
            registration=one.task.registration,
            subject=name,
            kind=one.task.kind.value,
            mark=mark.value,
        )
        (now if _is_urgent(one) else later).update(mailed)
        said = TaskEventData(task=name, what=one.task.kind.value, mark=mark.value)
        outbox.put_event(act, MessageKind.TASK_DUE, f"{MessageKind.TASK_DUE} {row.id}", _webhooks(act, one, mark), said)
    escalation.climb(act, found)
    _mail(act, f"now {first}", now, at_night=True)
    _mail(act, f"later {first}", later - now, at_night=False)
    return made


class LastTold:
    """The time of each account's last mail about tasks. Reads the recent messages once; `note` adds each new mail."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._at: dict[str | None, datetime] | None = None

    def note(self, mail: Delivery, at: datetime) -> None:
        with self._guard:
            if self._at is not None and mail.kind is MessageKind.TASK_DUE:
                self._at[mail.account_id] = at

    def is_after(self, session: Session, mail: Delivery, at: datetime) -> bool:
        with self._guard:
            if self._at is None:
                self._at = _last_told(session, at)
            return self._at.get(mail.account_id, mail.made_at) > mail.made_at


def is_over(session: Session, mail: Delivery, at: datetime, told: LastTold) -> bool:
    """Checks whether all tasks of this mail are finished, or whether the mail is late and a newer mail was sent."""
    stand = select(TaskNotice).where(TaskNotice.made_on == day_of(mail.made_at), col(TaskNotice.ended_on).is_(None))
    if not any(_tells_of(row, mail) for row in session.exec(stand)):
        return True
    return at > mail.made_at + _AT_ONCE and told.is_after(session, mail, at)


def _tells_of(row: TaskNotice, mail: Delivery) -> bool:
    said = row.content
    return not is_readable(said) or (said.at == mail.made_at and mail.account_id in said.mailed)


def _last_told(session: Session, at: datetime) -> dict[str | None, datetime]:
    """Returns the time of each account's last delivered mail about tasks. Ignores mails that are too old."""
    rows = session.exec(select(Message).where(Message.made_on >= day_of(at - 3 * _OF_USE_FOR)))
    same = [row for row in rows if is_readable(row.content) and row.content.kind is MessageKind.TASK_DUE]
    went = [
        (one.settled_at, one.account_id)
        for row in same
        for one in deliveries_of(row)
        if one.status is MessageStatus.DELIVERED and one.settled_at is not None
    ]
    return {account: moment for moment, account in sorted(went, key=lambda one: one[0])}


def _told_before(act: Act, waiting: Collection[str]) -> set[str]:
    """Returns the keys (task and mark) of active notifications. Ends notifications of tasks that no longer exist."""
    stand = select(TaskNotice.id, TaskNotice.once).where(col(TaskNotice.ended_on).is_(None))
    told = {once: notice for notice, once in act.session.exec(stand)}
    gone = sorted(notice for once, notice in told.items() if once.partition(" ")[0] not in waiting)
    for row in rows_by_id(act.session, TaskNotice, gone[:_AT_A_TIME]).values():
        row.once, row.ended_on = f"{row.once} {row.id}", act.day
    return set(told)


def _untold(
    act: Act, tasks: Sequence[Owned], not_looked_at: Collection[str], known: Collection[str]
) -> Iterator[tuple[Owned, NoticeMark, str]]:
    """Yields each notification that is due and not sent yet: the task, the mark (new, unseen or late), and the task's
    id. `known`: the keys of the notifications that were sent.
    """
    for one in tasks:
        name = one.task.id(act.session)
        for mark in _marks(act, one, not_looked_at):
            if f"{name} {mark.value}" not in known:
                yield one, mark, name


def _marks(act: Act, one: Owned, not_looked_at: Collection[str]) -> Iterator[NoticeMark]:
    yield NoticeMark.NEW
    if one.task.about in not_looked_at:
        yield NoticeMark.UNSEEN
    if one.next is not None and one.task.is_late(act.at):
        yield NoticeMark.LATE


def _told(act: Act, one: Owned, mark: NoticeMark) -> Collection[str]:
    owners = one.first if mark is NoticeMark.NEW or one.next is None else (one.next,)
    # every new deadline of a search for a missing client is notified to all owners
    if one.task.kind is TaskKind.WHEREABOUTS:
        owners = one.owners(act.at)
    told = {account for owner in owners for account in accounts_of(act, owner)}
    is_of_desk = one.owner.role is Whose.DESK.value and one.task.kind not in _LATE
    if not (told or is_of_desk or one.task.kind in OF_OWNER_ALONE):
        # Nobody is on call, so the desk is notified, whatever its settings.
        told = set(accounts_of(act, Owner(Whose.DESK.value)))
    return set(outbox.that_can_sign_in(act.session, told - {one.task.asked_by or ""}))


def _mailed(act: Act, one: Owned, mark: NoticeMark, told: Collection[str]) -> list[str]:
    """Returns the accounts that get a mail. For a new task, they are the accounts that want mails at once. For an
    unseen or late task, they are all notified accounts.
    """
    if mark is not NoticeMark.NEW:
        return sorted(told)
    if one.task.kind in _TOLD_ELSEWHERE or one.task.cause in _OF_THE_REGISTER:
        return []
    return sorted(recipients.mailed_at_once(act.session, told, urgent=_is_urgent(one)))


def _is_urgent(one: Owned) -> bool:
    return one.task.kind in _CANNOT_WAIT or one.task.urgency == Urgency.TONIGHT


def _webhooks(act: Act, one: Owned, mark: NoticeMark) -> list[str]:
    """Returns the webhooks to call: the shelter's own for its new task, otherwise those of the coordination centre."""
    if one.task.kind in OF_OWNER_ALONE:
        return []
    of_shelter = one.owner.role.sees is Sees.SHELTER and mark is NoticeMark.NEW
    if of_shelter and one.owner.reach is not None:
        return recipients.webhooks_for(act.session, MessageKind.TASK_DUE, one.owner.reach)
    return recipients.centre_webhooks(act.session, MessageKind.TASK_DUE)


def _mail(act: Act, name: str, to: Collection[str], *, at_night: bool) -> None:
    after = act.at if at_night else not_at_night(act)
    kind = MessageKind.TASK_DUE
    outbox.put(act, kind, f"{kind} {name}", accounts=sorted(to), after=after, until=after + _OF_USE_FOR)
