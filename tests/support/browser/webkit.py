"""WebKit, the engine of the browser on an iPhone: Debian's, driven by WebDriver (W3C) on a screen of its own in memory.

Playwright's own WebKit is not in Debian; Selenium brings trio, whose import is a warning of Hypothesis.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which
from typing import Any

import httpx

from tests.support.browser.webdriver_user import ADVICE
from tests.support.outages import until
from tests.support.ports import free_port


@contextmanager
def webkit(width: int, height: int) -> Iterator["WebKit"]:
    """Starts a browser with an unused profile."""
    assert all(map(which, ("WebKitWebDriver", "Xvfb"))), ADVICE.format("WebKit")
    port = free_port()
    with (
        _screen() as screen,
        _running(["WebKitWebDriver", f"--port={port}"], env={**os.environ, "DISPLAY": screen}),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http,
    ):
        until(lambda: _answers(http))
        made = http.post("/session", json={"capabilities": {"alwaysMatch": {}}}).raise_for_status().json()["value"]
        browser = WebKit(http, f"/session/{made['sessionId']}")
        try:
            browser.ask("window/rect", width=width, height=height)
            yield browser
        finally:
            http.delete(browser.session)


@contextmanager
def _screen() -> Iterator[str]:
    """Starts a screen in memory, and yields its name, under a number that no other screen has."""
    told, tells = os.pipe()
    command = ["Xvfb", "-displayfd", str(tells), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"]
    with _running(command, pass_fds=[tells], stderr=subprocess.DEVNULL), os.fdopen(told) as number:
        os.close(tells)
        yield f":{number.readline().strip()}"


@contextmanager
def _running(command: list[str], **how: Any) -> Iterator[None]:
    with subprocess.Popen(command, **how) as process:
        try:
            yield
        finally:
            process.terminate()


def _answers(http: httpx.Client) -> bool:
    try:
        return http.get("/status").is_success
    except httpx.TransportError:
        return False


class WebKit:
    """A session of WebDriver, spoken over HTTP."""

    def __init__(self, http: httpx.Client, session: str) -> None:
        self._http, self.session = http, session

    def ask(self, path: str, **sent: Any) -> Any:
        answer = self._http.post(f"{self.session}/{path}", json=sent)
        assert answer.is_success, answer.text
        return answer.json()["value"]

    def go(self, address: str) -> None:
        self.ask("url", url=address)

    def run(self, script: str, *given: Any) -> Any:
        return self.ask("execute/sync", script=script, args=given)

    def find(self, css: str) -> Any:
        return self.ask("element", using="css selector", value=css)

    def press(self, element: str) -> None:
        self.ask(f"element/{element}/click")

    def write(self, element: str, text: str) -> None:
        self.ask(f"element/{element}/value", text=text)
