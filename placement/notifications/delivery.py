"""Delivers what is due: claim, send, settle, until nothing is. Any number of processes may.

Mail goes one after the other: when the mail server itself fails, the rest waits for the next look, and a server that
hangs is not asked a hundred times. Webhooks are called several at once (`webhook_pool.py`): who does not answer holds
up nobody else.
"""

from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from placement.core import clock
from placement.core.codes import Channel
from placement.core.errors import kind_and_place
from placement.core.settings import Settings, Smtp
from placement.notifications import emails as letters
from placement.outbox import outbox, smtp, webhooks
from placement.outbox import webhook_client as calling
from placement.outbox.outbox import Result
from placement.storage.database import Database
from placement.tables import Message

_LOG = structlog.get_logger()
_MOOT = Result(moot=True)
_What = TypeVar("_What")


def deliver_mail(database: Database, settings: Settings) -> int:
    """Returns how many mails were handed over. Without a server all of it waits."""
    server, done = settings.smtp, 0
    if server is None:
        return 0
    while (message := outbox.claim(database, clock.now(), Channel.MAIL)) is not None:
        letter = _written(message, partial(_letter, database, settings, server, message))
        within = settings.mail_within_seconds
        sent = smtp.Sent(letter) if isinstance(letter, Result) else smtp.send(server, letter, within)
        _settle(database, settings, message, sent.result)
        done += sent.result == outbox.DELIVERED
        if sent.server_fails:
            break
    return done


def deliver_event(database: Database, settings: Settings, message: Message) -> Result | None:
    """Calls the webhook of a claimed message, and settles it. Returns how that ended; None where none was."""
    call = _written(message, partial(_call, database, message))
    if isinstance(call, Result):
        _settle(database, settings, message, call)
        return None
    result = calling.send(call, local=settings.plain_http, within_seconds=settings.webhook_within_seconds)
    _settle(database, settings, message, result, called=message.webhook_id)
    return result


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
