"""Delivers what is due: claim, send, settle, one after the other, until nothing is. Any number of processes may.

When the mail server itself fails, the rest of the mail waits for the next look: a server that hangs is not asked a
hundred times. A webhook that does not answer holds up nobody else's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from placement import clock
from placement.database import Database
from placement.errors import kind_and_place
from placement.messages import calling, letters, outbox, smtp, webhooks
from placement.messages.outbox import Result
from placement.settings import Settings, Smtp
from placement.tables import Message
from placement.vocabulary import Channel

_LOG = structlog.get_logger()
_MOOT = Result(moot=True)
_What = TypeVar("_What")


@dataclass(frozen=True, slots=True)
class Postman:
    """What carries one channel, in a thread of its own."""

    name: str
    deliver: Callable[[Database, Settings], int]


def deliver_mail(database: Database, settings: Settings) -> int:
    """Returns how many mails were handed over. Without a server all of it waits."""
    server, done = settings.smtp, 0
    if server is None:
        return 0
    while (message := outbox.claim(database, clock.now(), Channel.MAIL, ())) is not None:
        letter = _written(message, partial(_letter, database, settings, server, message))
        sent = smtp.Sent(letter) if isinstance(letter, Result) else smtp.send(server, letter)
        _settle(database, settings, message, sent.result)
        done += sent.result == outbox.DELIVERED
        if sent.server_fails:
            break
    return done


def deliver_webhooks(database: Database, settings: Settings) -> int:
    """Returns how many events were taken."""
    silent: set[str] = set()
    done = 0
    while (message := outbox.claim(database, clock.now(), Channel.WEBHOOK, silent)) is not None:
        call = _written(message, partial(_call, database, message))
        if isinstance(call, Result):
            _settle(database, settings, message, call)
            continue
        result = calling.send(call, local=settings.plain_http)
        _settle(database, settings, message, result, called=message.webhook_id)
        done += result == outbox.DELIVERED
        if result.trouble is not None:
            silent.add(str(message.webhook_id))
    return done


POSTMEN = (Postman("deliver_mail", deliver_mail), Postman("deliver_webhooks", deliver_webhooks))


def _written(message: Message, write: Callable[[], _What]) -> _What | Result:
    """What is to go out. What cannot be written is given up in its time, as what does not arrive."""
    try:
        return write()
    except SQLAlchemyError:
        raise  # of the database, and not of this message
    except Exception as error:  # noqa: BLE001  (whatever is wrong with one message, the next one goes)
        _LOG.error("message.not_written", message=message.id, **kind_and_place(error))
        return Result("cannot_be_written")


def _letter(database: Database, settings: Settings, server: Smtp, message: Message) -> EmailMessage | Result:
    """The mail, or why there is none."""
    with database.transaction() as session:
        if letters.is_moot(session, message):
            return _MOOT
        letter = letters.letter_of(session, settings, server, message, clock.now())
    return letter or Result("account_disabled", for_good=True)


def _call(database: Database, message: Message) -> calling.Call | Result:
    """The event, or why there is none."""
    with database.transaction() as session:
        call = webhooks.call_for(session, message, clock.now())
    return call or Result("webhook_disabled", for_good=True)


def _settle(
    database: Database, settings: Settings, message: Message, result: Result, called: str | None = None
) -> None:
    """`called`: the webhook that was asked to take it, of which is kept how that went."""
    at = clock.now()
    with database.transaction() as session:
        outbox.settle(session, settings, at, message, result)
        if called is not None:
            webhooks.note(session, settings, at, called, result)
