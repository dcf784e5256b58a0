"""A pool of threads that call webhooks. Each webhook gets one event at a time, so that no receiver delays the others.

A call can last as long as its deadline. Therefore a webhook has at most one call in progress, and all webhooks of a
shelter together have at most two. The other threads stay free for other shelters. A webhook that accepts no event is
called less and less often.
"""

import threading
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from placement.core import clock
from placement.core.codes import Channel
from placement.core.settings import Settings
from placement.notifications.delivery import deliver_event
from placement.outbox import outbox, webhooks
from placement.outbox.deliveries import Delivery
from placement.outbox.outbox import Result
from placement.storage.database import Database

CALLS_AT_ONCE = 16  # assumed
OF_ONE_SHELTER = 2
OF_FAILING = 4
"""The largest number of simultaneous calls to webhooks that did not accept their last event."""
_FIRST_REST, _LONGEST_REST = timedelta(seconds=30), timedelta(hours=1)


def rest_after(failing_since: datetime, at: datetime) -> timedelta:
    """Returns the pause before a failing webhook is called again: as long as it has failed, but at least 30 seconds and
    at most an hour.
    """
    return min(max(at - failing_since, _FIRST_REST), _LONGEST_REST)


class WebhookPool:
    """The threads that call webhooks. `wake` starts the first thread. A thread that finds an event starts another
    thread.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._threads = ThreadPoolExecutor(CALLS_AT_ONCE, "webhooks")
        self._due = outbox.Due(database, Channel.WEBHOOK)
        self._guard = threading.Lock()
        self._running: set[Future[int]] = set()
        self._called: dict[str, str | None] = {}
        """The webhooks with a call in progress, each with its shelter, or `None` for the coordination centre."""
        self._failing: dict[str, datetime] = {}
        """The webhooks that did not accept their last event, each with the end of its pause."""
        self._knows_failing = False
        self._closed = False

    def wake(self) -> int:
        """Starts the delivery of due events without waiting. Returns the number of events delivered since the last
        call.

        Raises errors that the threads had since the last call.
        """
        with self._guard:
            ended = {one for one in self._running if one.done()}
            self._running -= ended
        self._start_one()
        return sum(one.result() for one in ended)

    def finish(self) -> int:
        """Waits until no event is due or in progress; returns how many were delivered. Raises the errors of threads."""
        arrived = 0
        while running := self._still_running():
            arrived += sum(one.result() for one in wait(running).done)
            with self._guard:
                self._running -= running
        return arrived

    def close(self) -> None:
        """Starts no further calls, and waits for calls in progress, at most until their deadline."""
        with self._guard:
            self._closed = True
        self._threads.shutdown()

    def _still_running(self) -> set[Future[int]]:
        with self._guard:
            return set(self._running)

    def _start_one(self) -> None:
        with self._guard:
            busy = sum(not one.done() for one in self._running)
            if not self._closed and busy < CALLS_AT_ONCE:
                self._running.add(self._threads.submit(self._deliver))

    def _deliver(self) -> int:
        """Delivers events one after another; returns their number."""
        arrived = 0
        while (message := self._next()) is not None:
            self._start_one()
            webhook = str(message.webhook_id)
            try:
                result = deliver_event(self._database, self._settings, message)
                self._let_rest(webhook, result)
            finally:
                with self._guard:
                    del self._called[webhook]
            arrived += result == outbox.DELIVERED
        return arrived

    def _let_rest(self, webhook: str, result: Result | None) -> None:
        """Sets the pause of a webhook after a call. `result`: the result of the call; `None` if no call was made."""
        if result is None:
            return
        at, since = clock.now(), webhooks.failing_since(self._database, webhook)
        with self._guard:
            if since is None:
                self._failing.pop(webhook, None)
            else:
                self._failing[webhook] = at + rest_after(since, at)

    def _barred(self, at: datetime) -> set[str]:
        """Returns the webhooks that must not be called now."""
        calls_to_failing = sum(webhook in self._failing for webhook in self._called)
        crowded = calls_to_failing >= OF_FAILING
        return {*self._called, *(webhook for webhook, until in self._failing.items() if crowded or until > at)}

    def _next(self) -> Delivery | None:
        """Claims an event and records that its webhook is being called, under one lock, so that no two threads get the
        event.
        """
        with self._guard:
            if self._closed:
                return None
            at = clock.now()
            if not self._knows_failing:
                self._failing = dict.fromkeys(webhooks.failing(self._database), at)
                self._knows_failing = True
            calls = Counter(shelter for shelter in self._called.values() if shelter is not None)
            crowded = [shelter for shelter, number in calls.items() if number >= OF_ONE_SHELTER]
            message = self._due.claim(at, self._barred(at), not_of=crowded)
            if message is not None:
                self._called[str(message.webhook_id)] = webhooks.shelter_of(self._database, str(message.webhook_id))
            return message
