"""The delivery of pushes, and of SMS through the operator's gateway. Any number of processes may deliver.

Each channel has its own threads, so that a slow gateway does not delay pushes.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from sqlmodel import Session

from placement.access import account_lookup
from placement.core import clock
from placement.core.codes import Channel, MessageKind
from placement.core.notice_codes import NoticeMark
from placement.core.settings import Settings
from placement.notifications import delivery
from placement.notifications.escalation import gets_sms
from placement.notifications.subscriptions import language_of
from placement.outbox import outbox, practice_post, push_devices, sms_gateway, web_push
from placement.outbox.deliveries import Delivery
from placement.outbox.outbox import Result
from placement.storage.database import Database
from placement.tables import AccountDetails, PushDevice
from placement.tasks.task_views import notices
from placement.text.catalogue import DEFAULT, translate

AT_ONCE = 8  # assumed
_GONE = Result("device_removed", for_good=True)
_DISABLED = Result("account_disabled", for_good=True)
Send = Callable[[], Result]


def deliver_pushes(database: Database, settings: Settings) -> int:
    """Sends the due pushes; returns how many a push service accepted."""
    return _deliver(database, settings, Channel.PUSH)


def deliver_sms(database: Database, settings: Settings) -> int:
    """Sends the due SMS; returns how many the gateway accepted."""
    return _deliver(database, settings, Channel.SMS)


def _deliver(database: Database, settings: Settings, channel: Channel) -> int:
    due, guard = outbox.Due(database, channel), threading.Lock()

    def claim() -> Delivery | None:
        with guard:
            return due.claim(clock.now())

    def send_all(message: Delivery | None) -> int:
        done = 0
        while message is not None:
            done += _ring(database, settings, message)
            message = claim()
        return done

    first = [message for _ in range(AT_ONCE) if (message := claim()) is not None]
    if not first:
        return 0
    with ThreadPoolExecutor(len(first), channel.value) as threads:
        return sum(threads.map(send_all, first))


def _ring(database: Database, settings: Settings, message: Delivery) -> bool:
    """Sends a claimed message, and stores the result in the outbox. A second transaction stores the result with the
    device or person. Returns true if the message was accepted.
    """
    send = delivery.written(message, partial(_send_of, database, settings, message))
    result = send if isinstance(send, Result) else send()
    delivery.settle(database, settings, message, result)
    if not isinstance(send, Result):
        with database.transaction() as session:
            _note(session, settings, message, result)
    return result == outbox.DELIVERED


def _send_of(database: Database, settings: Settings, message: Delivery) -> Send | Result:
    """Returns a function that sends the message. The caller calls it outside the transaction. Returns a result instead
    if the message cannot or need not be sent.
    """
    with database.transaction() as session:
        if is_over(session, message):
            return delivery.MOOT
        account = message.account_id
        if account is not None and not account_lookup.is_at_work(session, account):
            return _DISABLED
        language = DEFAULT if account is None else language_of(session, account)
        line = translate(message.channel.value, message.kind, language)
        if message.channel is Channel.PUSH:
            return _push(session, settings, message, {"text": line, "lang": language})
        return _sms(session, settings, message, line)


def is_over(session: Session, message: Delivery) -> bool:
    """Checks whether the task of a push or an SMS is done or seen."""
    if message.kind is not MessageKind.TASK_RINGS:
        return False
    marks = notices(session, [str(message.facts["task"])], [NoticeMark.NEW]).values()
    return not any(not found[NoticeMark.NEW].content.seen for found in marks)


def _push(session: Session, settings: Settings, message: Delivery, said: dict[str, str]) -> Send | Result:
    device = session.get(PushDevice, message.device_id)
    if device is None or device.subscription is None:
        return _GONE
    if settings.practice:
        return partial(practice_post.keep, settings, Channel.PUSH, device.subscription["endpoint"], said["text"])
    call = web_push.call_of(session, settings, device.subscription, said, clock.now())
    return partial(web_push.send, call, settings)


def _sms(session: Session, settings: Settings, message: Delivery, line: str) -> Send | Result:
    number = message.number
    if message.account_id is not None:
        own = session.get(AccountDetails, message.account_id)
        number = own.telephone if own is not None and gets_sms(own) else None
    if number is None:
        return Result("no_number", for_good=True)
    if settings.practice:
        return partial(practice_post.keep, settings, Channel.SMS, number, line)
    if settings.sms is None:
        return Result("sms_not_set_up")
    within = settings.webhook_within_seconds
    return partial(sms_gateway.send, settings.sms, number, line, message.id, within)


def _note(session: Session, settings: Settings, message: Delivery, result: Result) -> None:
    """Stores with a device or number whether the last message failed or succeeded. The owner sees this."""
    if message.device_id is not None:
        push_devices.note(session, settings, clock.now(), message.device_id, result)
    elif message.account_id is not None:
        own = session.get(AccountDetails, message.account_id, with_for_update=True)
        if own is not None and own.sms_trouble != result.trouble:
            own.sms_trouble = result.trouble
