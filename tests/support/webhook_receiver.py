"""A real receiver of webhooks on this machine, which verifies what it gets as any software would."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from placement.core import clock
from placement.notifications.webhook_pool import WebhookPool

LONG = 600.0
"""Seconds: a deadline that does not pass within a test."""


def told_at_its_own_time(town, monkeypatch):
    """Returns the town with webhooks that are called at its own time, each call with all the time that it needs."""
    monkeypatch.setattr(clock, "now", lambda: town.at)
    town.having(plain_http=True, webhook_within_seconds=LONG)
    return town


def deliver_webhooks(database, settings):
    """Delivers all that is due; how many events were accepted."""
    with closing(WebhookPool(database, settings)) as pool:
        pool.wake()
        return pool.finish()


class Receiver:
    """A receiver of webhooks: the requests that came, with their headers, and the status of its answer."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, str], str]] = []
        self.answer = 204
        self.url = ""
        self.got = threading.Event()

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for _, headers, _ in self.came]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            receiver.came.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            receiver.got.set()
            self.send_response(receiver.answer)
            if receiver.answer == 302:
                self.send_header("Location", f"{receiver.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Logs nothing, as a test's output is its failures."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/in"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
