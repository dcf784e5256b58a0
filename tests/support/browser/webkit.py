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

from placement.accounts.totp import code_at
from placement.core import clock
from tests.support.browser.reader import person_of
from tests.support.outages import until
from tests.support.ports import free_port
from tests.support.service_process import Service

ADVICE = "no WebKit for the tests: `make system-deps` installs it"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""How WebDriver calls a reference to an element in JSON."""
_SHOWN = """
const found = [...document.querySelectorAll(arguments[0])].find(one => one.checkVisibility() && one.offsetWidth > 40);
found?.scrollIntoView({block: "center"});
return found ?? null;
"""
"""The first one that a user sees, in the middle, where no bar lies over it."""


@contextmanager
def webkit(width: int, height: int) -> Iterator["WebKit"]:
    """A browser with a profile that nothing has written to."""
    assert all(map(which, ("WebKitWebDriver", "Xvfb"))), ADVICE
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
    """The name of a screen in memory, under a number that no other has."""
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
    """A session of WebDriver: what is asked of it by the path of its protocol."""

    def __init__(self, http: httpx.Client, session: str) -> None:
        self._http, self.session = http, session

    def ask(self, path: str, **sent: Any) -> Any:
        answer = self._http.post(f"{self.session}/{path}", json=sent)
        assert answer.is_success, answer.text
        return answer.json()["value"]

    def run(self, script: str, *given: Any) -> Any:
        return self.ask("execute/sync", script=script, args=given)


class User:
    """A user at this browser."""

    def __init__(self, browser: WebKit, service: Service) -> None:
        self.browser, self._service = browser, service

    def sign_in(self, email: str) -> None:
        person = person_of(self._service, email)
        self.go("/sign-in")
        self.write("[name=email]", email)
        self.write("[name=password]", person["password"])
        self.send("main form button")
        self.write("[name=code]", code_at(person["totp_secret"], clock.now()))
        self.send("main form button")

    def go(self, path: str) -> None:
        self.browser.ask("url", url=f"{self._service.base}{path}")

    def press(self, css: str) -> None:
        self.browser.ask(f"element/{self._shown(css)}/click")

    def write(self, css: str, text: str) -> None:
        self.browser.ask(f"element/{self._shown(css)}/value", text=text)

    def choose(self, css: str, code: str) -> None:
        """In a list to choose from; WebDriver presses its row."""
        self._shown(css)
        row = self.browser.ask("element", using="css selector", value=f"{css} option[value='{code}']")
        self.browser.ask(f"element/{row[_ELEMENT]}/click")

    def send(self, css: str) -> None:
        """Presses it, and waits for the next page."""
        self.browser.run("window.former = true")
        self.press(css)
        until(lambda: self.browser.run("return !window.former && document.readyState === 'complete'"))

    def reads(self, css: str, what: str = "textContent") -> str:
        """A property of what is there, seen or not."""
        return str(self.browser.run("return document.querySelector(arguments[0])?.[arguments[1]] ?? ''", css, what))

    def finds_itself_at(self, role: str) -> None:
        """What has this role has the focus."""
        until(lambda: self.browser.run("return document.activeElement?.role") == role)

    def fits(self) -> bool:
        """Whether the page is no wider than the window."""
        return bool(self.browser.run("return document.documentElement.scrollWidth <= innerWidth"))

    def _shown(self, css: str) -> str:
        return str(until(lambda: self.browser.run(_SHOWN, css))[_ELEMENT])
