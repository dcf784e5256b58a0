"""The outbox: a message is a row in the transaction of the act that causes it, so that neither exists without the
other.

A deliverer claims one row for a while, sends it outside any transaction, and settles it. If it dies between the two,
its claim runs out and the row is sent once more, with the same id. So a message is delivered at least once, and a
repetition can be recognised. Any number of processes may deliver.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, func, or_, select, update
from sqlmodel.sql.expression import SelectOfScalar

from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import Channel, MessageKind, MessageStatus
from placement.core.context import SYSTEM, Act
from placement.core.errors import Conflict, NotFound
from placement.core.ids import new_id, new_secret
from placement.core.settings import Settings
from placement.outbox.webhook_events import EventData, event_of
from placement.storage.database import Database
from placement.storage.unique_insert import insert_once
from placement.tables import Account, Message, Webhook

CLAIMED_FOR = timedelta(minutes=5)
"""Longer than the slowest delivery: its deadline is much shorter (`deadline.py`, `core/settings.py`)."""

TRIED_FOR = timedelta(days=3)
"""assumed: a server that is down over a weekend is back by then."""

_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
REMINDERS = frozenset({MessageKind.HOLD_WAITS, MessageKind.STAY_IS_LONG, MessageKind.COUNT_IS_MISSING})
"""Kinds that are of no use any more when their subject is over."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a try. `trouble`: a code. `for_good`: another try would have the same result."""

    trouble: str | None = None
    for_good: bool = False
    moot: bool = False
    """The message has become pointless: its subject is over."""


DELIVERED = Result()


def put(
    act: Act,
    kind: MessageKind,
    once: str,
    *,
    account_id: str | None = None,
    webhook_id: str | None = None,
    after: datetime | None = None,
    until: datetime | None = None,
    **facts: Any,
) -> bool:
    """Puts a message in the outbox, unless one for the same thing is there; `after`, `until`: when it may go, if not at
    once.
    """
    to = account_id or webhook_id
    return insert_once(
        act.session,
        Message(
            id=new_id("M"),
            once=f"{once} {to}",
            kind=kind,
            channel=Channel.MAIL if account_id else Channel.WEBHOOK,
            account_id=account_id,
            webhook_id=webhook_id,
            facts=facts,
            status=MessageStatus.WAITING,
            made_at=act.at,
            next_at=max(act.at, after or act.at),
            try_until=until or act.at + TRIED_FOR,
        ),
    )


def put_event(
    act: Act, kind: MessageKind, once: str, webhook_id: str, data: EventData, *, until: datetime | None = None
) -> bool:
    """As `put`, for a webhook. Data that does not fit the event's model is refused here, and not at delivery."""
    event_of(kind, act.at, data)
    return put(act, kind, once, webhook_id=webhook_id, until=until, **data.facts())


def mail(act: Act, kind: MessageKind, once: str, to: Collection[str], **more: Any) -> None:
    """Puts an email to each of these accounts that can still sign in; `more` as in `put`."""
    known = select(Account.id).where(col(Account.id).in_(sorted(to)), col(Account.disabled_at).is_(None))
    for account_id in act.session.exec(known.order_by(Account.id)).all():
        put(act, kind, once, account_id=account_id, **more)


def claim(
    database: Database, at: datetime, channel: Channel, not_to: Collection[str] = (), not_of: Collection[str] = ()
) -> Message | None:
    """Claims the next due message for a while.

    `not_to`: webhooks with a call in progress, or not answering at present. `not_of`: shelters with enough calls in
    progress.
    """
    due = (
        select(Message)
        .where(Message.status == MessageStatus.WAITING, Message.channel == channel, Message.next_at <= at)
        .where(or_(col(Message.claimed_until).is_(None), col(Message.claimed_until) <= at))
        .order_by(col(Message.next_at), col(Message.made_at), col(Message.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if not_to:
        due = due.where(col(Message.webhook_id).not_in(not_to))
    if not_of:
        theirs = select(Webhook.id).where(col(Webhook.shelter_id).in_(not_of))
        due = due.where(col(Message.webhook_id).not_in(theirs))
    with database.transaction() as session:
        found = session.exec(due).first()
        if found is not None:
            found.claim, found.claimed_until = new_secret("plm"), at + CLAIMED_FOR
            found.attempts += 1
        return found


def settle(session: Session, settings: Settings, at: datetime, claimed: Message, result: Result) -> None:
    """Stores the result of a try; nothing where the claim ran out and another process has it."""
    row = session.exec(
        select(Message)
        .where(Message.id == claimed.id, Message.claim == claimed.claim, Message.status == MessageStatus.WAITING)
        .with_for_update()
    ).first()
    if row is None:
        return
    row.claim = row.claimed_until = None
    row.trouble = result.trouble
    row.status = _status_after(row, at, result)
    row.next_at = at + wait_after(row.attempts)
    if row.status is not MessageStatus.WAITING:
        row.settled_at = at
    if row.status is MessageStatus.FAILED:
        act = Act(session, SYSTEM, at, settings)
        audit_log.write(act, Event.MESSAGE_FAILED, subject=row.id, kind=row.kind.value, why=row.trouble)


def retry(act: Act, message_id: str) -> Message:
    """Tries a message again now, for as long as a new one. Raises `Conflict` for one that was delivered or is moot."""
    row = act.session.exec(select(Message).where(Message.id == message_id).with_for_update()).first()
    if row is None:
        raise NotFound
    if row.status not in {MessageStatus.FAILED, MessageStatus.WAITING}:
        raise Conflict("message_settled", status=row.status.value)
    row.status, row.settled_at = MessageStatus.WAITING, None
    row.next_at, row.try_until = act.at, max(row.try_until, act.at + TRIED_FOR)
    audit_log.write(act, Event.MESSAGE_RETRIED, subject=row.id, kind=row.kind.value)
    return row


def fail_all_to(act: Act, webhook_id: str, trouble: str) -> None:
    """Fails what still waits for a webhook that is disabled; it can be tried again when it is enabled."""
    waiting = col(Message.webhook_id) == webhook_id, col(Message.status) == MessageStatus.WAITING
    act.session.execute(
        update(Message).where(*waiting).values(status=MessageStatus.FAILED, settled_at=act.at, trouble=trouble)
    )


def listed(status: MessageStatus | None) -> SelectOfScalar[Message]:
    """Messages, the newest first."""
    query = select(Message).order_by(col(Message.made_at).desc(), col(Message.id))
    return query if status is None else query.where(Message.status == status)


def undelivered(session: Session) -> dict[MessageStatus, int]:
    """How many messages wait, and how many were given up."""
    counted = select(Message.status, func.count()).group_by(Message.status)
    found = dict(session.exec(counted).all())
    return {status: found.get(status, 0) for status in (MessageStatus.WAITING, MessageStatus.FAILED)}


def wait_after(attempts: int) -> timedelta:
    """The pause before the next try: twice as long after each, from half a minute to an hour."""
    return min(_FIRST_WAIT * (1 << min(attempts - 1, 20)), _LONGEST_WAIT)


def _status_after(row: Message, at: datetime, result: Result) -> MessageStatus:
    if result.moot:
        return MessageStatus.MOOT
    if result.trouble is None:
        return MessageStatus.DELIVERED
    if result.for_good:
        return MessageStatus.FAILED
    if at < row.try_until:
        return MessageStatus.WAITING
    return MessageStatus.MOOT if row.kind in REMINDERS else MessageStatus.FAILED
