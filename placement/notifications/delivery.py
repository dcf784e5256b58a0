"""Delivery of due messages: claim, send, settle, until none is due. Any number of processes may deliver.

Emails go one after the other: when the mail server itself fails, the rest waits for the next run, and a server that
hangs is not asked a hundred times. Webhooks are called several at once (`webhook_pool.py`): one that does not answer
delays no other.
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
from placement.core.setting_parts import Smtp
from placement.core.settings import Settings
from placement.notifications import emails
from placement.outbox import outbox, smtp, webhook_client, webhooks
from placement.outbox.deliveries import Delivery
from placement.outbox.outbox import Result
from placement.storage.database import Database

_LOG = structlog.get_logger()
_MOOT = Result(moot=True)
_What = TypeVar("_What")


def deliver_mail(database: Database, settings: Settings) -> int:
    """Sends the due emails; returns how many were handed over. Without a mail server all of them wait."""
    server, done = settings.smtp, 0
    if server is None:
        return 0
    while (message := outbox.claim(database, clock.now(), Channel.MAIL)) is not None:
        email = _written(message, partial(_email, database, settings, server, message))
        within = settings.mail_within_seconds
        sent = smtp.Sent(email) if isinstance(email, Result) else smtp.send(server, email, within)
        _settle(database, settings, message, sent.result)
        done += sent.result == outbox.DELIVERED
        if sent.server_fails:
            break
    return done


def deliver_event(database: Database, settings: Settings, message: Delivery) -> Result | None:
    """Calls the webhook of a claimed message, and settles it. Returns the result; None where no message was claimed."""
    call = _written(message, partial(_call, database, message))
    if isinstance(call, Result):
        _settle(database, settings, message, call)
        return None
    result = webhook_client.send(call, local=settings.plain_http, within_seconds=settings.webhook_within_seconds)
    _settle(database, settings, message, result, called=message.webhook_id)
    return result


def _written(message: Delivery, write: Callable[[], _What]) -> _What | Result:
    """Renders a message. One that cannot be rendered is given up after its term, as one that is not delivered."""
    try:
        return write()
    except SQLAlchemyError:
        raise  # an error of the database, and not of this message
    except Exception as error:  # noqa: BLE001  (whatever is wrong with one message, the next one goes)
        _LOG.error("message.not_written", message=message.id, **kind_and_place(error))
        return Result("cannot_be_written")


def _email(database: Database, settings: Settings, server: Smtp, message: Delivery) -> EmailMessage | Result:
    """The email, or why there is none."""
    with database.transaction() as session:
        if emails.is_moot(session, message):
            return _MOOT
        email = emails.email_of(session, settings, server, message, clock.now())
    return email or Result("account_disabled", for_good=True)


def _call(database: Database, message: Delivery) -> webhook_client.Call | Result:
    """The webhook call, or why there is none."""
    with database.transaction() as session:
        call = webhooks.call_for(session, message, clock.now())
    return call or Result("webhook_disabled", for_good=True)


def _settle(
    database: Database, settings: Settings, message: Delivery, result: Result, called: str | None = None
) -> None:
    """Stores the result of a try. `called`: the webhook that was called, of which the result is kept."""
    at = clock.now()
    with database.transaction() as session:
        outbox.settle(session, settings, at, message, result)
        if called is not None:
            webhooks.note(session, settings, at, called, result)
