"""HEAD for every path that has GET (RFC 9110, 9.3.2): the answer of GET without its body."""

from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send


def with_head(app: ASGIApp) -> ASGIApp:
    """Answers HEAD like GET without the body, with the same audit event. A stream ends after its headers."""

    async def answer(scope: Any, receive: Receive, send: Send) -> None:
        if scope.get("method") != "HEAD":
            await app(scope, receive, send)
            return
        has_ended = False

        async def send_headers(message: Message) -> None:
            nonlocal has_ended
            if message["type"] == "http.response.start":
                await send(message)
            elif message["type"] == "http.response.body" and not has_ended:
                has_ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        scope["method"] = "GET"  # in place, because outer middleware reads the scope afterwards
        try:
            await app(scope, receive, send_headers)
        finally:
            scope["method"] = "HEAD"

    return answer
