"""Server-sent events that make an open page load its content again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated

import anyio
from litestar import get
from litestar.datastructures import State
from litestar.params import QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from api.http import threads
from api.http.connections import AnyRequest
from api.http.cookies import session_secret_of
from api.http.work_kinds import Work
from api.pages.forms import number
from api.pages.frame import Page
from placement.access.permissions import Permission, require
from placement.accounts import sessions
from placement.audit import change_feed
from placement.core import clock
from placement.core.errors import NotAllowed, Unauthenticated
from placement.storage.change_signal import ChangeSignal

LOOK_SECONDS = 0.5
"""The shortest time between two checks, in seconds. So an open page closes within a second after its session has
ended.
"""
RECHECK_SECONDS = 5.0
"""The longest time between two checks, in seconds (assumed), because a session can expire without any change."""
EVENT_SECONDS = 5.0
"""The shortest time between two events, in seconds (assumed). After each event pages load content and write audit
events.
"""
KEEP_ALIVE_SECONDS = 15.0
"""The seconds between keep-alive messages, by which both sides notice a broken connection (assumed)."""

Since = Annotated[int, QueryParameter(ge=0, le=2**53)]


@get("/changes", work=Work.LIVE, permission=Permission.HOLD_READ, by_itself=True)
async def watch(request: Page, since: Since = 0) -> ServerSentEvent:
    """Sends `changed` after each change that this reader may see, and `ended` at the session's end. Sends no data."""
    secret = session_secret_of(request)
    if secret is None:
        raise NotAllowed("sign_in_needed")
    last = request.headers.get("last-event-id", "")
    seen = number(last)
    return ServerSentEvent(_events(request, secret, seen if isinstance(seen, int) else since))


async def _events(request: AnyRequest, secret: str, last_seen: int) -> AsyncIterator[ServerSentEventMessage]:
    heard, loop = asyncio.Event(), asyncio.get_running_loop()
    signal: ChangeSignal = request.app.state.change_signal
    with signal.heard_by(lambda: _wake(loop, heard)):
        changed_at, sent_at, looked = 0.0, time.monotonic(), last_seen
        yield ServerSentEventMessage(comment="open")
        while True:
            now = time.monotonic()
            heard.clear()
            try:
                found, through = await threads.run(_newest_change, request.app.state, secret, looked)
            except (Unauthenticated, NotAllowed):
                yield ServerSentEventMessage(event="ended", data="-")
                return
            if found is None:
                looked = through
            if found is not None and now - changed_at >= EVENT_SECONDS:
                looked, changed_at, sent_at = through, now, now
                yield ServerSentEventMessage(event="changed", id=str(found), data="-")
                found = None
            elif now - sent_at >= KEEP_ALIVE_SECONDS:
                sent_at = now
                yield ServerSentEventMessage(comment="still here")
            await anyio.sleep(LOOK_SECONDS)
            wait = RECHECK_SECONDS if found is None else max(0.0, changed_at + EVENT_SECONDS - time.monotonic())
            with anyio.move_on_after(wait):
                await heard.wait()


def _wake(loop: asyncio.AbstractEventLoop, heard: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the event loop was closed meanwhile
        loop.call_soon_threadsafe(heard.set)


def _newest_change(state: State, secret: str, last_seen: int) -> tuple[int | None, int]:
    """Returns the newest change for this reader, if any, and the last audit event that was checked.

    Raises `Unauthenticated` or `NotAllowed` when the session, the account or the permission has ended.
    """
    with state.database.transaction() as session:
        actor = sessions.actor_of(session, clock.now(), state.settings, secret, used=False)
        require(actor, Permission.HOLD_READ)
        looked = change_feed.look(session, actor, last_seen)
    return looked.change, looked.through
