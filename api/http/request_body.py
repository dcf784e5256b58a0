"""The reading of a request's body before the request gets a place in a pool, and the notice of a closed connection."""

import asyncio
import time
from collections import deque
from typing import Any

from litestar.types import HTTPReceiveMessage, Receive

from placement.core.errors import TooSlow

_BEGINS_WITHIN_SECONDS = 10.0
_LEAST_BYTES_A_SECOND = 16_000
"""The smallest accepted speed of a body in bytes per second (assumed: slower than any mobile connection)."""


class HungUp(Exception):
    """Raised if the client has closed the connection. No answer can be sent."""


class Incoming:
    """A `receive` function for the application that returns messages which were read earlier."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: deque[HTTPReceiveMessage] = deque()
        self._gone = asyncio.Event()
        self.is_complete = False

    async def read(self, most: int) -> None:
        """Reads the body, but not much more than `most` bytes; the handler refuses a longer body.

        Raises `TooSlow` if the body does not arrive in time, and `HungUp` if the client closes the connection.
        """
        received, began = 0, time.monotonic()
        while not self.is_complete and received <= most:
            ends = began + _BEGINS_WITHIN_SECONDS + received / _LEAST_BYTES_A_SECOND
            try:
                async with asyncio.timeout(ends - time.monotonic()):
                    message: Any = await self._receive()
            except TimeoutError:
                raise TooSlow from None
            if message["type"] == "http.disconnect":
                raise HungUp
            whole: Any = {"body": b"", "more_body": False, **message}  # ASGI allows both keys to be missing
            received += len(whole["body"])
            self.is_complete = not whole["more_body"]
            self._kept.append(whole)

    async def hung_up(self) -> None:
        """Waits until the client closes the connection. Call it only after the body is complete."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._gone.set()

    async def __call__(self) -> HTTPReceiveMessage:
        if self._kept:
            return self._kept.popleft()
        if not self.is_complete:
            return await self._receive()  # type: ignore[return-value]
        await self._gone.wait()
        return {"type": "http.disconnect"}
