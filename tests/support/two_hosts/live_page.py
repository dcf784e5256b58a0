"""An open page that updates by itself: what a browser does with `/changes`."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.support.two_hosts.host import Host
from tests.support.two_hosts.people import Person

_PATIENCE = 60


class Stream:
    """The events of a page, as they come."""

    def __init__(self) -> None:
        self.opened, self.changed, self.ended = threading.Event(), threading.Event(), threading.Event()

    def takes(self, line: str) -> None:
        if line.startswith(":"):
            self.opened.set()
        elif line == "event: changed":
            self.changed.set()
        elif line == "event: ended":
            self.ended.set()


@contextmanager
def live_page(person: Person, host: Host) -> Iterator[Stream]:
    """Opens the page of today at a host, and yields its stream when it is open."""
    stream, page = Stream(), httpx.Client(base_url=host.base, headers=person.headers, timeout=_PATIENCE)
    found = re.search(r'sse-connect="([^"]+)"', page.get("/").raise_for_status().text)
    assert found is not None

    def read() -> None:
        try:
            with page.stream("GET", found[1]) as answer:
                for line in answer.iter_lines():
                    stream.takes(line)
        except httpx.TransportError:
            """The page was closed."""

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert stream.opened.wait(_PATIENCE)
        yield stream
    finally:
        page.close()
