"""The outbox. A message is stored in the transaction of the act that causes it, so neither exists without the other.

A deliverer claims a copy for a limited time, sends it outside any transaction, and stores the result. If the deliverer
dies in between, the claim expires and the copy is sent again with the same id. So a copy is delivered at least once,
and its receiver can recognise a repeated delivery. Any number of processes may deliver.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Channel, MessageKind, MessageStatus
from placement.core.context import SYSTEM, Act
from placement.core.errors import Conflict, NotFound, existing
from placement.core.ids import new_id, new_secret
from placement.core.settings import Settings
from placement.outbox import deliveries
from placement.outbox.deliveries import Delivery
from placement.outbox.message_visibility import told_to
from placement.outbox.webhook_events import EVENTS, EventData, event_of
from placement.storage import outage
from placement.storage.database import Database
from placement.storage.unique_insert import insert_once
from placement.tables import Account, Message, Webhook
from placement.tables.message import Copy, MessageContent

CLAIMED_FOR = timedelta(minutes=5)
"""The duration of a claim. It is longer than the slowest delivery, which has a much shorter deadline
(`deadline.py`).
"""

TRIED_FOR = timedelta(days=3)
"""The time during which a delivery is tried. Assumed: a server that fails over a weekend works again by then."""
LOOKED_UP_FOR = timedelta(seconds=5)
"""The time after which the due deliveries are looked up again."""
LOOKED_UP_AFTER = timedelta(milliseconds=1)
"""The minimum pause before a new look-up is this time, multiplied by the number of deliveries that were found and not
claimed yet. Decrypting a delivery takes about a tenth of this time.
"""
RESTED = timedelta(minutes=5)
"""The minimum time after a mail's last try before that mail can be sent as a test of a failing server (assumed)."""

_OPENED = 50
"""The number of messages that are decrypted to find the oldest message. They are chosen by day, which is not encrypted.
"""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
REMINDERS = frozenset(
    {
        MessageKind.HOLD_WAITS,
        MessageKind.STAY_IS_LONG,
        MessageKind.COUNT_IS_MISSING,
        MessageKind.KEY_ENDS,
        MessageKind.TASK_DUE,
        MessageKind.SHEET_MADE,
    }
)
"""Kinds of messages that are useless when they can no longer be delivered in time. They do not count as failed."""


class _Known(NamedTuple):
    """A delivery that was due at the last look-up."""

    id: str
    to: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a try. `trouble`: the code of the fault; `None` after a success. `for_good`: true if a further try
    would have the same result.
    """

    trouble: str | None = None
    for_good: bool = False
    moot: bool = False
    """True if the message is useless because its subject has ended."""
    unclear: bool = False
    """True if the receiver got the request, but its answer is unknown."""


DELIVERED = Result()


def put(
    act: Act,
    kind: MessageKind,
    once: str,
    *,
    accounts: Collection[str] = (),
    webhooks: Collection[str] = (),
    after: datetime | None = None,
    until: datetime | None = None,
    calls_until: datetime | None = None,
    **facts: object,
) -> int:
    """Stores a message to these recipients, unless a message with the same key (`once`) exists. Returns the number of
    stored copies. `after`: the earliest time of delivery. `until`: the time limit of mails. `calls_until`: the time
    limit of webhook calls.
    """
    next_at, tried = max(act.at, after or act.at), act.at + TRIED_FOR
    copies = [
        *(Copy(account_id=one, next_at=next_at, try_until=until or tried) for one in sorted(accounts)),
        *(Copy(webhook_id=one, next_at=next_at, try_until=calls_until or tried) for one in sorted(webhooks)),
    ]
    return put_copies(act, kind, once, copies, facts)


def put_copies(act: Act, kind: MessageKind, once: str, copies: Sequence[Copy], facts: Mapping[str, object]) -> int:
    """Stores a message with these copies, unless its key is already stored. Returns the number of stored copies."""
    row = Message(
        id=new_id("M"),
        once=once,
        made_on=act.day,
        mail_waits=any(copy.is_mail for copy in copies),
        calls_wait=kind in EVENTS or not all(copy.is_mail for copy in copies),
        content=MessageContent(kind=kind, made_at=act.at, facts=dict(facts), copies=tuple(copies)),
    )
    return len(copies) if copies and insert_once(act.session, row) else 0


def put_event(
    act: Act,
    kind: MessageKind,
    once: str,
    webhooks: Collection[str],
    data: EventData,
    *,
    calls_until: datetime | None = None,
) -> int:
    """Stores an event to webhooks, as `put` does. Raises pydantic's `ValidationError` if the data does not fit the
    model of the event.
    """
    event_of(kind, act.at, data)
    return put(
        act, kind, once, accounts=(), webhooks=webhooks, after=None, until=None, calls_until=calls_until, **data.facts()
    )


def that_can_sign_in(session: Session, account_ids: Collection[str]) -> list[str]:
    known = select(Account.id).where(col(Account.id).in_(sorted(account_ids)), col(Account.disabled_at).is_(None))
    return list(session.exec(known))


class Due:
    """The due deliveries of a channel. They are cached, because the due time is encrypted: each look-up decrypts every
    waiting message. While a cached delivery can be claimed, a look-up is made at most once per `LOOKED_UP_FOR`. Only
    one thread may use an object of this class.
    """

    def __init__(self, database: Database, channel: Channel) -> None:
        self._database, self._channel = database, channel
        self._found: list[_Known] = []
        self._looked_at: datetime | None = None

    def claim(self, at: datetime, not_to: Collection[str] = (), not_of: Collection[str] = ()) -> Delivery | None:
        """Claims the next due delivery for a limited time, and returns it; `None` if no delivery is due. `not_to`:
        webhooks and accounts that are busy or failing. `not_of`: shelters that already have enough calls in progress.
        """
        with self._database.transaction() as session:
            theirs = session.exec(select(Webhook.id).where(col(Webhook.shelter_id).in_(not_of))).all() if not_of else ()
            barred = {*not_to, *theirs}
            since = LOOKED_UP_FOR if self._looked_at is None else at - self._looked_at
            if timedelta(0) <= since < LOOKED_UP_FOR:
                claimed = self._claim_one(session, at, barred)
                if claimed is not None or since < len(self._found) * LOOKED_UP_AFTER:
                    return claimed
            self._look(session, at)
            return self._claim_one(session, at, barred)

    def _look(self, session: Session, at: datetime) -> None:
        def is_due(copy: Copy) -> bool:
            return copy.channel is self._channel and copy.is_due(at)

        waiting: list[Delivery] = []
        for row in deliveries.waiting_rows(session, self._channel):
            if not any(copy.waits and copy.is_mail is (self._channel is Channel.MAIL) for copy in row.content.copies):
                _close(session, row.id, at)  # no webhook wanted this event
            waiting += deliveries.deliveries_of(row, is_due)
        in_order = sorted(waiting, key=lambda one: (one.next_at, one.made_at, one.id))
        self._found = [_Known(one.id, one.webhook_id or one.account_id) for one in in_order]
        self._looked_at = at

    def _claim_one(self, session: Session, at: datetime, barred: Collection[str]) -> Delivery | None:
        for known in [one for one in self._found if one.to not in barred]:
            self._found.remove(known)
            found = deliveries.locked_delivery(session, known.id, pass_over=True)
            if found is not None and found[1].is_due(at):
                row, one = found
                taken = {"claim": new_secret("plm"), "claimed_until": at + CLAIMED_FOR, "attempts": one.attempts + 1}
                deliveries.change_one(row, at, one, **taken)
                return one.model_copy(update=taken)
        return None


def hasten_mail(session: Session, at: datetime) -> None:
    """Sets the next try to now for every waiting mail that was tried before."""
    for found in sorted(_tried_mail(session), key=lambda row: row.id):  # all locks are taken in this order
        _hasten(session, found, at)


def hasten_one_mail(session: Session, at: datetime) -> bool:
    """Sets the next try to now for the tried mails of a single message, to test the server. Chooses the message with
    the fewest tries among messages last tried at least `RESTED` ago. Returns true if any tried mail waits.
    """
    waiting = _tried_mail(session)
    rested = [row for row in waiting if _last_try(row) <= at - RESTED]
    if rested:
        _hasten(session, min(rested, key=lambda row: (_least_attempts(row), row.id)), at)
    return bool(waiting)


def _tried_mail(session: Session) -> list[Message]:
    return [row for row in deliveries.waiting_rows(session, Channel.MAIL) if any(map(_is_tried, row.content.copies))]


def _is_tried(copy: Copy) -> bool:
    return copy.channel is Channel.MAIL and copy.waits and copy.attempts > 0


def _last_try(row: Message) -> datetime:
    last: datetime = max(one.next_at - wait_after(one.attempts) for one in row.content.copies if _is_tried(one))
    return last


def _least_attempts(row: Message) -> int:
    least: int = min(one.attempts for one in row.content.copies if _is_tried(one))
    return least


def _hasten(session: Session, found: Message, at: datetime) -> None:
    if row := deliveries.locked(session, found.id):
        deliveries.change(row, at, lambda one: _is_tried(one) and one.next_at > at, next_at=at)


def settle(session: Session, settings: Settings, at: datetime, claimed: Delivery, result: Result) -> None:
    """Stores the result of a try. Does nothing if the claim has expired and another process has claimed
    the delivery.
    """
    found = deliveries.locked_delivery(session, claimed.id)
    if found is None or found[1].claim != claimed.claim or found[1].status is not MessageStatus.WAITING:
        return
    row, one = found
    status = _status_after(one, at - outage.away_since(session, one.made_at), result)
    deliveries.change_one(
        row,
        at,
        one,
        claim=None,
        claimed_until=None,
        trouble=result.trouble,
        status=status,
        next_at=at + wait_after(one.attempts),
        settled_at=None if status is MessageStatus.WAITING else at,
    )
    if status is MessageStatus.FAILED:
        act = Act(session, SYSTEM, at, settings)
        audit_log.write(act, Event.MESSAGE_FAILED, subject=one.id, kind=one.kind.value, why=result.trouble)


def retry(act: Act, delivery_id: str) -> Delivery:
    """Tries a delivery again now. The time limit of its tries begins anew. Raises `NotFound` if the actor may not see
    the delivery. Raises `Conflict` if it was delivered or is useless.
    """
    row, one = existing(deliveries.locked_delivery(act.session, delivery_id))
    if not told_to(act)(one):
        raise NotFound
    if one.status not in {MessageStatus.FAILED, MessageStatus.WAITING}:
        raise Conflict("message_settled", status=one.status.value)
    again = {
        "status": MessageStatus.WAITING,
        "settled_at": None,
        "next_at": act.at,
        "try_until": max(one.try_until, act.at + TRIED_FOR),
    }
    deliveries.change_one(row, act.at, one, **again)
    audit_log.write(act, Event.MESSAGE_RETRIED, subject=one.id, kind=one.kind.value)
    return one.model_copy(update=again)


def fail_all_to(act: Act, webhook_id: str, trouble: str) -> None:
    """Marks the waiting deliveries to a disabled webhook as failed. After the webhook is enabled again, they can be
    tried again.
    """
    given_up = {"status": MessageStatus.FAILED, "settled_at": act.at, "trouble": trouble}

    def waits(copy: Copy) -> bool:
        return copy.webhook_id == webhook_id and copy.waits

    for found in sorted(
        deliveries.waiting_rows(act.session, Channel.WEBHOOK), key=lambda row: row.id
    ):  # the order of locks
        if any(map(waits, found.content.copies)) and (row := deliveries.locked(act.session, found.id)):
            deliveries.change(row, act.at, waits, **given_up)


def undelivered(session: Session) -> dict[MessageStatus, int]:
    """Returns the number of messages with a waiting copy, and the number of messages with a failed copy."""
    return {
        status: session.exec(select(func.count()).select_from(Message).where(condition)).one()
        for status, condition in deliveries.CAN_HAVE.items()
    }


def oldest_waiting(session: Session) -> datetime | None:
    """Returns the time of the oldest message with a waiting copy; `None` without such a message."""
    waiting = select(Message).where(deliveries.CAN_HAVE[MessageStatus.WAITING])
    oldest = session.exec(waiting.order_by(col(Message.made_on)).limit(_OPENED)).all()
    return min((one.content.made_at for one in oldest), default=None)


def wait_after(attempts: int) -> timedelta:
    """Returns the pause before the next try. The pause is half a minute, and doubles after each try, up to an hour."""
    return min(_FIRST_WAIT * (1 << min(attempts - 1, 20)), _LONGEST_WAIT)


def _close(session: Session, message_id: str, at: datetime) -> None:
    row = deliveries.locked(session, message_id, pass_over=True)
    if row is not None:
        deliveries.change(row, at, lambda _: False)


def _status_after(row: Delivery, at: datetime, result: Result) -> MessageStatus:
    """Returns the status of a delivery after a try. `at`: the time of the try, minus the duration of outages, in which
    no try was possible.
    """
    if result.moot:
        return MessageStatus.MOOT
    if result.trouble is None:
        return MessageStatus.DELIVERED
    if result.for_good:
        return MessageStatus.FAILED
    if at < row.try_until:
        return MessageStatus.WAITING
    return MessageStatus.MOOT if row.kind in REMINDERS else MessageStatus.FAILED
