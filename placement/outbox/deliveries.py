"""Deliveries: the copies of messages, each copy for a single recipient. The unencrypted columns of a message are
computed from its copies.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.core.clock import day_of, start_of
from placement.core.codes import Channel, MessageKind, MessageStatus
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Message
from placement.tables.message import Copy, MessageContent

_BETWEEN = "-"
"""The separator between a message's id and the number of its copy."""

CAN_HAVE: Mapping[MessageStatus, ColumnElement[bool]] = MappingProxyType(
    {
        MessageStatus.WAITING: col(Message.settled_on).is_(None),
        MessageStatus.FAILED: col(Message.failed).is_(True),
    }
)
"""SQL conditions that select, by unencrypted columns, the messages that can have a copy with this status."""

LOOKED_THROUGH = 200
"""The largest number of messages that are decrypted for a page, not counting the messages of its first day. Without
this limit, a search for rare messages would decrypt all messages.
"""
_AT_ONCE = 50

MARK = r"^[0-9]{1,16}\.[0-9A-Z-]{0,40}$"
"""The pattern of a mark as text: microseconds since 1970, and an id."""
_EPOCH, _STEP = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class Delivery(Copy):
    """A copy for one recipient, with the content of its message."""

    id: str
    """The id that is sent with the copy. It is the same at each try."""

    kind: MessageKind
    made_at: datetime
    facts: dict[str, Any]


def deliveries_of(row: Message, wanted: Callable[[Copy], bool] = lambda _: True) -> list[Delivery]:
    """Returns the copies of a message that `wanted` selects, in order."""
    said: MessageContent = row.content
    return [
        Delivery.model_construct(
            None, id=f"{row.id}{_BETWEEN}{number}", kind=said.kind, made_at=said.made_at, facts=said.facts, **dict(copy)
        )
        for number, copy in enumerate(said.copies, start=1)
        if wanted(copy)
    ]


class Mark(NamedTuple):
    """A position in a list, at which the next page begins. It stays correct if newer messages are added meanwhile."""

    made_at: datetime
    id: str = ""

    def __str__(self) -> str:
        return f"{(self.made_at - _EPOCH) // _STEP}.{self.id}"

    @classmethod
    def said(cls, mark: str) -> "Mark":
        """Parses a mark. Raises `ValueError` if the text is not a mark."""
        if not re.search(MARK, mark):
            raise ValueError(mark)
        made_at, _, one = mark.partition(".")
        return cls(_EPOCH + int(made_at) * _STEP, one)


def listed(
    session: Session,
    status: MessageStatus | None,
    wanted: Callable[[Delivery], bool],
    limit: int,
    mark: Mark | None = None,
    *,
    oldest_first: bool = False,
) -> tuple[list[Delivery], Mark | None]:
    """Returns at most `limit` deliveries ordered by time, and the mark at which the next page begins; `None` at the
    end. `status`: `None` for all. Messages are decrypted day by day until the page is full, or until `LOOKED_THROUGH`
    messages were decrypted. So a page can be short or empty although the list continues.
    """
    made_on = col(Message.made_on)
    query = _with(status).order_by(made_on if oldest_first else made_on.desc())
    begun = None if mark is None else day_of(mark.made_at)
    if begun is not None:
        query = query.where(made_on >= begun if oldest_first else made_on <= begun)
    found, looked_through, here = list[Delivery](), 0, mark
    with session.exec(query.execution_options(yield_per=_AT_ONCE)) as rows:
        for day, of_day in groupby(rows, key=lambda row: row.made_on):
            if len(found) >= limit or looked_through >= LOOKED_THROUGH:
                return found, here
            messages = list(of_day)
            these = [one for one in _deliveries(messages, status) if wanted(one)]
            if mark is not None:
                these = [one for one in these if (_made(one) > mark if oldest_first else _made(one) < mark)]
            these.sort(key=_made, reverse=not oldest_first)
            last = limit - len(found)
            found += these[:last]
            if last < len(these):
                return found, _made(found[-1])
            looked_through += 0 if day == begun else len(messages)
            here = Mark(start_of(day + timedelta(days=1) if oldest_first else day))
    return found, None


def found(session: Session, status: MessageStatus | None, webhook_id: str | None = None) -> list[Delivery]:
    """Returns all deliveries with this status, newest first. `status`: `None` for all. `webhook_id`: only deliveries to
    this webhook.
    """
    of_all = _deliveries(session.exec(_with(status)), status)
    return sorted((one for one in of_all if webhook_id in {None, one.webhook_id}), key=_made, reverse=True)


def waiting_rows(session: Session, channel: Channel) -> list[Message]:
    flag = Message.mail_waits if channel is Channel.MAIL else Message.calls_wait
    return _readable(session.exec(select(Message).where(col(flag).is_(True))))


def _readable(rows: Iterable[Message]) -> list[Message]:
    """Returns the readable rows. Leaves out damaged rows and rows whose data key is missing, so that they do not block
    the other rows.
    """
    return [row for row in rows if is_readable(row.content)]


def _deliveries(rows: Iterable[Message], status: MessageStatus | None) -> list[Delivery]:
    def wanted(copy: Copy) -> bool:
        return status in {None, copy.status}

    return [one for row in _readable(rows) for one in deliveries_of(row, wanted)]


def _made(one: Delivery) -> Mark:
    return Mark(one.made_at, one.id)


def locked(session: Session, message_id: str, *, pass_over: bool = False) -> Message | None:
    """Returns a message, locked and read again; `None` if it does not exist any more. If another transaction has locked
    the message, waits; with `pass_over`, returns `None` instead.
    """
    query = select(Message).where(Message.id == message_id).with_for_update(skip_locked=pass_over)
    return session.exec(query.execution_options(populate_existing=True)).first()


def locked_delivery(session: Session, delivery_id: str, *, pass_over: bool = False) -> tuple[Message, Delivery] | None:
    """Returns a delivery with its message, locked and read again. Returns `None` if it no longer exists or is
    unreadable, or if `pass_over` is true and another transaction has locked it.
    """
    row = locked(session, delivery_id.rpartition(_BETWEEN)[0], pass_over=pass_over)
    if row is None or not is_readable(row.content):
        return None
    return next(((row, one) for one in deliveries_of(row) if one.id == delivery_id), None)


def account_of(session: Session, delivery_id: str) -> str | None:
    """Returns the account that gets a delivery. Returns `None` if the delivery goes to a webhook, no longer exists or
    is unreadable.
    """
    row = session.get(Message, delivery_id.rpartition(_BETWEEN)[0])
    if row is None or not is_readable(row.content):
        return None
    return next((one.account_id for one in deliveries_of(row) if one.id == delivery_id), None)


def change_one(row: Message, at: datetime, delivery: Delivery, **values: object) -> None:
    number = int(delivery.id.rpartition(_BETWEEN)[2])
    this = row.content.copies[number - 1]
    change(row, at, lambda copy: copy is this, **values)


def change(row: Message, at: datetime, which: Callable[[Copy], bool], **values: object) -> None:
    """Changes those copies of a locked message that `which` selects. Updates the message's unencrypted columns."""
    copies = tuple(copy.model_copy(update=values) if which(copy) else copy for copy in row.content.copies)
    if copies != row.content.copies:
        row.content = row.content.model_copy(update={"copies": copies})
    waiting = {copy.is_mail for copy in copies if copy.waits}
    row.mail_waits, row.calls_wait = True in waiting, False in waiting
    row.failed = any(copy.status is MessageStatus.FAILED for copy in copies)
    row.settled_on = None if row.mail_waits or row.calls_wait else row.settled_on or day_of(at)


def _with(status: MessageStatus | None) -> SelectOfScalar[Message]:
    query = select(Message)
    return query.where(CAN_HAVE[status]) if status is not None and status in CAN_HAVE else query
