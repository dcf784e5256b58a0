"""A push service at a public address that only namespaces of the test reach, and the browsers that subscribed to it."""

import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ringing import Browser, Server, ringing, signature_of
from tests.support.two_hosts.host import Host
from tests.support.two_hosts.network import Network
from tests.support.two_hosts.people import Person

NAME = "push"
ADDRESS = "192.31.196.1"
"""An address of the sink for useless DNS queries (RFC 7535). The service may call it, because it is public."""
_HELD_SECONDS = 8.0
"""The longest time that an answer waits for the second host: longer than a host's pause, shorter than its patience."""


class PushService(Server):
    """Delays the answer to each push until both hosts have sent a push. So both hosts send at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.url = f"https://{ADDRESS}"
        self.browsers: dict[str, Browser] = {}
        """The browsers by the id that the service gave to each."""
        self.senders: set[str] = set()
        self._sent = threading.Condition()

    def takes(self, sender: str, path: str, headers: dict[str, str], body: bytes) -> int | str:
        answer = super().takes(sender, path, headers, body)
        with self._sent:
            self.senders.add(sender)
            self._sent.notify_all()
            self._sent.wait_for(self.has_both, _HELD_SECONDS)
        return answer

    def has_both(self) -> bool:
        return len(self.senders) > 1

    def subscribe(self, person: Person, host: Host) -> None:
        """Lets a person allow a new browser at a host."""
        browser = Browser(self, f"{len(self.browsers)}")
        made = person.posts(host, "/rings/devices", {"name": "telefoon", **browser.subscription})
        self.browsers[made["id"]] = browser

    def read(self) -> Counter[tuple[str, str]]:
        """Returns how often each browser, by its path, got each text."""
        of_path = {browser.path: browser for browser in self.browsers.values()}
        return Counter((path, of_path[path].read(body)["text"]) for path, _, body in list(self.came))

    def signatures(self) -> set[tuple[str, str]]:
        """Returns the keys that signed the pushes, each with the push service that it names."""
        found = [signature_of(headers) for _, headers, _ in list(self.came)]
        return {(key, claims["aud"]) for key, claims in found}


@contextmanager
def push_service(net: Network, folder: Path) -> Iterator[PushService]:
    """Runs a push service in its namespace. `folder`: contains its certificate."""
    trusted = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trusted.load_cert_chain(folder / "server.pem")
    listening = net.listener(NAME, ADDRESS, 443)
    # The thread of each connection does its handshake, so that a silent host delays nobody else.
    secure = trusted.wrap_socket(listening, server_side=True, do_handshake_on_connect=False)
    made = PushService()
    with ringing(made, secure):
        yield made
