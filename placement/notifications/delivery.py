"""The delivery of due messages. A message is claimed and sent, and the result is stored. Any number of processes may
deliver.

Several mails are sent at once, so that a slow mail does not delay the others. If the mail server itself fails, the
other mails wait for the next run, so that a hanging server is not tried a hundred times. Several webhooks are called at
once (`webhook_pool.py`).
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from email.message import EmailMessage
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from placement.core import clock
from placement.core.codes import Channel, StoreFact
from placement.core.errors import kind_and_place
from placement.core.setting_parts import Smtp
from placement.core.settings import Settings
from placement.notifications import emails
from placement.notifications.task_notices import LastTold
from placement.outbox import deliveries, outbox, practice_post, smtp, webhook_client, webhooks
from placement.outbox.deliveries import Delivery
from placement.outbox.outbox import Result
from placement.storage import store_records
from placement.storage.database import Database
from placement.tables import StoreRecord

_LOG = structlog.get_logger()
MOOT = Result(moot=True)
MAILS_AT_ONCE = 4  # assumed
_What = TypeVar("_What")


def deliver_mail(database: Database, settings: Settings) -> int:
    """Sends the due mails; returns how many the server accepted. Without a mail server all mails wait."""
    server = practice_post.SENDER if settings.practice else settings.smtp
    if server is None:
        return 0
    with ThreadPoolExecutor(MAILS_AT_ONCE, "mail") as threads:
        return _Round(database, settings, server, threads).run()


def _note_server(database: Database, *, fails: bool, refused: Sequence[Delivery], sent: int) -> None:
    """Stores whether the mail server works, after a run:

    - If the server failed, or refused the mails of two users: stores the time of the first failure.
    - If the server refused only mails of a single user: stores the time, and the id of a refused mail.
    - If the server accepted a mail: deletes the record, and makes all mails that were tried before due at once.
    """
    if not (fails or refused or sent):
        return
    with database.transaction() as session:
        found = store_records.records(session).get(StoreFact.MAIL_FAILS)
        if sent:
            if found is not None:
                store_records.forget(session, StoreFact.MAIL_FAILS)
                outbox.hasten_mail(session, clock.now())
            return
        before = deliveries.account_of(session, found.detail) if found is not None and found.detail else None
        accounts = {one.account_id for one in refused} | {before} - {None}
        detail = "" if fails or len(accounts) > 1 else refused[0].id
        if found is None:
            store_records.record_once(session, StoreFact.MAIL_FAILS, clock.now(), detail)
        elif found.detail and not detail:
            store_records.replace(session, found, found.at, detail)


def _failing(database: Database) -> StoreRecord | None:
    with database.transaction() as session:
        return store_records.records(session).get(StoreFact.MAIL_FAILS)


def _look_again(database: Database, settings: Settings, server: Smtp) -> None:
    """Tests a failing mail server. If it works again, makes a waiting message due as a trial. If no message waits any
    more, deletes the record of the failure.
    """
    found = _failing(database)
    if found is None or found.detail:
        return
    within_seconds = settings.mail_within_seconds
    trouble = practice_post.trouble(settings) if settings.practice else smtp.trouble_with(server, within_seconds)
    if trouble is None:
        with database.transaction() as session:
            if not outbox.hasten_one_mail(session, clock.now()):
                store_records.forget(session, StoreFact.MAIL_FAILS)


class _Round:
    """A run that sends all due mails. Each thread that finds a mail starts another thread, up to a limit. A recipient
    gets one mail at a time. If the server itself fails, no further mail is started.
    """

    def __init__(self, database: Database, settings: Settings, server: Smtp, threads: ThreadPoolExecutor) -> None:
        self._database, self._settings, self._server, self._threads = database, settings, server, threads
        self._due = outbox.Due(database, Channel.MAIL)
        self._guard = threading.Lock()
        self._more: list[Future[int]] = []
        self._to: set[str] = set()
        self._server_fails = False
        self._refused: list[tuple[Delivery, Result]] = []
        self._told = LastTold()

    def run(self) -> int:
        """Runs the round; returns how many mails the server accepted. Raises the errors of its threads."""
        done = self._deliver()
        while self._more:
            done += self._more.pop().result()
        self._settle_refused(takes=done > 0)
        new = [message for message, _ in self._refused if message.attempts == 1]
        _note_server(self._database, fails=self._server_fails, refused=new, sent=done)
        if not (self._server_fails or self._refused or done):
            _look_again(self._database, self._settings, self._server)
        return done

    def _deliver(self) -> int:
        done = 0
        while (message := self._next()) is not None:
            try:
                done += self._send(message)
            finally:
                with self._guard:
                    self._to.discard(str(message.account_id))
        return done

    def _next(self) -> Delivery | None:
        with self._guard:
            if self._server_fails:
                return None
            message = self._due.claim(clock.now(), self._to)
            if message is not None:
                self._to.add(str(message.account_id))
                if len(self._more) < MAILS_AT_ONCE - 1:
                    self._more.append(self._threads.submit(self._deliver))
            return message

    def _send(self, message: Delivery) -> bool:
        write = partial(_email, self._database, self._settings, self._server, message, self._told)
        email = written(message, write)
        sent = smtp.Sent(email) if isinstance(email, Result) else self._hand_over(email)
        with self._guard:
            self._server_fails = self._server_fails or sent.server_fails
            if sent.refused:
                self._refused.append((message, sent.result))
        if not sent.refused:
            settle(self._database, self._settings, message, sent.result)
        if sent.result == outbox.DELIVERED:
            self._told.note(message, clock.now())
        return sent.result == outbox.DELIVERED

    def _hand_over(self, email: EmailMessage) -> smtp.Sent:
        if self._settings.practice:
            plain = email.get_body(("plain",))
            text, name = plain.get_content() if plain is not None else "", email["Message-ID"]
            done = practice_post.keep(self._settings, Channel.MAIL, email["To"], text, email["Subject"], name=name)
            return smtp.Sent(done, server_fails=done != outbox.DELIVERED)
        return smtp.send(self._server, email, self._settings.mail_within_seconds)

    def _settle_refused(self, *, takes: bool) -> None:
        """Gives up mails that the server refused permanently, but only if it accepts other mails (`takes`). If it
        refuses all mails, the server is at fault, and the mails wait.
        """
        for message, result in self._refused:
            final = result.for_good and (takes or (message.attempts > 1 and _failing(self._database) is None))
            settle(self._database, self._settings, message, replace(result, for_good=final))


def deliver_event(database: Database, settings: Settings, message: Delivery) -> Result | None:
    """Calls the webhook of a claimed message, and stores the result. Returns the result; `None` if no call was made."""
    call = written(message, partial(_call, database, message))
    if isinstance(call, Result):
        settle(database, settings, message, call)
        return None
    if settings.practice:
        result = practice_post.keep(settings, Channel.WEBHOOK, call.url, call.body)
    else:
        result = webhook_client.send(call, local=settings.plain_http, within_seconds=settings.webhook_within_seconds)
    settle(database, settings, message, result, called=message.webhook_id)
    return result


def written(message: Delivery, write: Callable[[], _What]) -> _What | Result:
    """Returns the message that `write` composes. If composing fails, returns a failed result, and the message is tried
    again until its time limit.
    """
    try:
        return write()
    except SQLAlchemyError:
        raise  # the database has failed, not this message
    except Exception as error:  # noqa: BLE001  (a faulty message must not stop the others)
        _LOG.error("message.not_written", message=message.id, **kind_and_place(error))
        return Result("cannot_be_written")


def _email(
    database: Database, settings: Settings, server: Smtp, message: Delivery, told: LastTold
) -> EmailMessage | Result:
    """Returns the mail, or the result that explains why no mail is sent."""
    with database.transaction() as session:
        if emails.is_moot(session, message, told):
            return MOOT
        email = emails.email_of(session, settings, server, message, clock.now())
    return email or Result("account_disabled", for_good=True)


def _call(database: Database, message: Delivery) -> webhook_client.Call | Result:
    """Returns the webhook call, or the result that explains why no call is made."""
    with database.transaction() as session:
        call = webhooks.call_for(session, message, clock.now())
    return call or Result("webhook_disabled", for_good=True)


def settle(
    database: Database, settings: Settings, message: Delivery, result: Result, called: str | None = None
) -> None:
    """Stores the result of a delivery. `called`: the id of the called webhook. The webhook's own result is stored in a
    second transaction: disabling a webhook locks all its waiting messages, so a single transaction could deadlock.
    """
    at = clock.now()
    with database.transaction() as session:
        outbox.settle(session, settings, at, message, result)
    if called is not None:
        with database.transaction() as session:
            webhooks.note(session, settings, at, called, result)
