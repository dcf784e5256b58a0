"""A pool of webhook calls: several webhooks at once, each with one event at a time: a slow receiver delays no other.

A receiver can be as slow as the deadline of a call. So one webhook has one call in progress at most, and the webhooks
of one shelter two: a shelter whose software hangs everywhere leaves the rest to the others. One that accepts nothing is
called ever more rarely.
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
"""Calls at once to webhooks that accepted nothing last time: however many these are, the others have the rest."""
_FIRST_REST, _LONGEST_REST = timedelta(seconds=30), timedelta(hours=1)


def rest_after(failing_since: datetime, at: datetime) -> timedelta:
    """How long a webhook is not called, whatever waits for it: as long as it has accepted nothing already."""
    return min(max(at - failing_since, _FIRST_REST), _LONGEST_REST)


class WebhookPool:
    """The threads that call webhooks. The first is started by `wake`; each that finds an event starts one more."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._threads = ThreadPoolExecutor(CALLS_AT_ONCE, "webhooks")
        self._due = outbox.Due(database, Channel.WEBHOOK)
        self._guard = threading.Lock()
        self._running: set[Future[int]] = set()
        self._called: dict[str, str | None] = {}
        """Webhooks with a call in progress, and their owner: a shelter, or the coordination centre."""
        self._failing: dict[str, datetime] = {}
        """Webhooks that accepted nothing last time, and until when they are let rest."""
        self._knows_failing = False
        self._closed = False

    def wake(self) -> int:
        """Starts delivery of what is due, without waiting for it. Returns how many events were delivered since the last
        call.

        Raises what went wrong in a thread since the last time.
        """
        with self._guard:
            ended = {one for one in self._running if one.done()}
            self._running -= ended
        self._start_one()
        return sum(one.result() for one in ended)

    def finish(self) -> int:
        """Waits until nothing is due or in progress. Returns how many events were delivered; raises as `wake` does."""
        arrived = 0
        while running := self._still_running():
            arrived += sum(one.result() for one in wait(running).done)
            with self._guard:
                self._running -= running
        return arrived

    def close(self) -> None:
        """Starts no call any more, and waits for those in progress: as long as their deadline, at most."""
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
        """Delivers one event after the other; returns how many."""
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
        """`result`: of its last call; None where it was not called."""
        if result is None:
            return
        at, since = clock.now(), webhooks.failing_since(self._database, webhook)
        with self._guard:
            if since is None:
                self._failing.pop(webhook, None)
            else:
                self._failing[webhook] = at + rest_after(since, at)

    def _barred(self, at: datetime) -> set[str]:
        """The webhooks that are not called now."""
        calls_to_failing = sum(webhook in self._failing for webhook in self._called)
        crowded = calls_to_failing >= OF_FAILING
        return {*self._called, *(webhook for webhook, until in self._failing.items() if crowded or until > at)}

    def _next(self) -> Delivery | None:
        """Claims an event and marks its webhook as being called, in one step: of two threads one gets it."""
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
