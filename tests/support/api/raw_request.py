"""A request as the server hands it on, byte by byte: a body that never ends, a client that hangs up."""

import asyncio
from typing import Any


class RawRequest:
    """A request without a client library. `sent`: the status and headers of the answer; `None` before the answer."""

    def __init__(
        self, app: Any, method: str, path: str, headers: dict[str, str] | None = None, *, client: str = "192.0.2.1"
    ) -> None:
        self._app = app
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
            "client": (client, 1),
            "server": ("testserver.local", 80),
            "state": {},
        }
        self._arrives: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.body = b""

    async def run(self) -> "RawRequest":
        """Asks, and returns when it was answered or dropped."""
        await self._app(self._scope, self._arrives.get, self._send)
        return self

    def give(self, body: bytes = b"", *, more: bool = False) -> None:
        """Delivers a part of the body."""
        self._arrives.put_nowait({"type": "http.request", "body": body, "more_body": more})

    def hang_up(self) -> None:
        self._arrives.put_nowait({"type": "http.disconnect"})

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message.get("body", b"")
