"""People who sign in with a password and a code, and clients who know both hosts."""

import time
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pyotp

from tests.support.acknowledged_writes import Client
from tests.support.two_hosts.host import Host

_CONNECTS_WITHIN_SECONDS, _GIVES_UP_AFTER_SECONDS = 2.0, 5.0
"""The times after which a client of a host asks the other host."""


class Person:
    """A user of the synthetic country, signed in at most once at a time."""

    def __init__(self, known: dict[str, str]) -> None:
        self.email, self._password, self._secret = known["email"], known["password"], known["totp_secret"]
        self.headers: dict[str, str] = {}

    def signs_in(self, host: Host) -> None:
        """Signs in by the front door of a host. Its session then belongs to no host."""
        answer = _sent(host, "POST", "/session", json={"email": self.email, "password": self._password})
        code = pyotp.TOTP(self._secret).at(datetime.now(UTC))
        begun = _sent(host, "POST", "/session/code", json={"challenge": answer.json()["challenge"], "code": code})
        cookies = SimpleCookie[str]()
        for line in begun.headers.get_list("set-cookie"):
            cookies.load(line)
        kept = "; ".join(f"{name}={one.value}" for name, one in cookies.items())
        self.headers = {"Cookie": kept, "X-CSRF-Token": begun.json()["csrf_token"]}

    def asks(self, host: Host, method: str, path: str, **sent: Any) -> httpx.Response:
        """Sends a request to a host, and returns any answer."""
        return httpx.request(method, f"{host.base}/api/v1{path}", headers=self.headers, timeout=60, **sent)

    def gets(self, host: Host, path: str) -> Any:
        return self.asks(host, "GET", path).raise_for_status().json()

    def posts(self, host: Host, path: str, sent: object = None) -> Any:
        answer = self.asks(host, "POST", path, json=sent)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


def _sent(host: Host, method: str, path: str, **sent: Any) -> httpx.Response:
    answer = httpx.request(method, f"{host.base}/api/v1{path}", timeout=60, **sent)
    assert answer.is_success, answer.text
    return answer


class PatientClient(Client):
    """A signed-in client of two hosts, who asks the other host if a host does not answer, and asks until answered."""

    def __init__(
        self, person: Person, hosts: list[Host], patience: float, gives_up: float = _GIVES_UP_AFTER_SECONDS
    ) -> None:
        self._patience, self._hosts = patience, list(hosts)
        limits = httpx.Timeout(gives_up, connect=_CONNECTS_WITHIN_SECONDS)
        self._http = httpx.Client(headers=person.headers, timeout=limits)

    def ask(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        end, refused = time.monotonic() + self._patience, ""
        while time.monotonic() < end:
            try:
                answer = self._http.request(method, f"{self._hosts[0].base}/api/v1{path}", **sent)
            except httpx.TransportError as error:
                refused = repr(error)
                self._turn()
                continue
            if answer.is_success:
                return dict(answer.json())
            # 409: an attempt that died still has the key; it is taken over after a while.
            assert answer.status_code in {httpx.codes.CONFLICT, httpx.codes.SERVICE_UNAVAILABLE}, answer.text
            refused = answer.text
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                self._turn()
            time.sleep(0.2)
        raise AssertionError(f"nobody answered {method} {path}: {refused}")

    def _turn(self) -> None:
        self._hosts.reverse()
