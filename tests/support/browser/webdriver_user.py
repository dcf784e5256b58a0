"""A user at a browser that is driven by WebDriver (W3C), and so of another engine than Playwright's."""

from typing import Any, Protocol

from placement.accounts.totp import code_at
from placement.core import clock
from tests.support.browser.reader import person_of
from tests.support.outages import until
from tests.support.service_process import Service

ADVICE = "no {} for the tests: `make system-deps` installs it"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""How WebDriver calls a reference to an element in JSON."""
_SHOWN = """
const found = [...document.querySelectorAll(arguments[0])].find(one => one.checkVisibility() && one.offsetWidth > 40);
found?.scrollIntoView({block: "center"});
return found ?? null;
"""
"""Script that finds the first visible element, scrolled to the middle of the window, away from any bar."""


class Browser(Protocol):
    """Abilities of a driver. An element is named by the reference that `run` or `find` returned."""

    def go(self, address: str) -> None: ...
    def run(self, script: str, *given: Any) -> Any: ...
    def find(self, css: str) -> Any: ...
    def press(self, element: str) -> None: ...
    def write(self, element: str, text: str) -> None: ...


class User:
    """A user at this browser."""

    def __init__(self, browser: Browser, service: Service) -> None:
        self.browser, self._service = browser, service

    def sign_in(self, email: str) -> None:
        person = person_of(self._service, email)
        self.go("/sign-in")
        self.write("[name=email]", email)
        self.write("[name=password]", person["password"])
        self.send("form[action='/sign-in'] button")
        self.write("[name=code]", code_at(person["totp_secret"], clock.now()))
        self.send("form[action='/sign-in/code'] button")

    def go(self, path: str) -> None:
        self.browser.go(f"{self._service.base}{path}")

    def press(self, css: str) -> None:
        self.browser.press(self._shown(css))

    def write(self, css: str, text: str) -> None:
        self.browser.write(self._shown(css), text)

    def choose(self, css: str, code: str) -> None:
        """Chooses from a list of options, as WebDriver presses the option."""
        self._shown(css)
        self.browser.press(self.browser.find(f"{css} option[value='{code}']")[_ELEMENT])

    def send(self, css: str) -> None:
        """Presses it, and waits for the next page."""
        self.browser.run("window.former = true")
        self.press(css)
        until(lambda: self.browser.run("return !window.former && document.readyState === 'complete'"))

    def reads(self, css: str, what: str = "textContent") -> str:
        """Reads a property of an element, seen or not."""
        return str(self.browser.run("return document.querySelector(arguments[0])?.[arguments[1]] ?? ''", css, what))

    def finds_itself_at(self, expected: str, what: str = "role") -> None:
        """Waits until the element with the focus has this role, or this other property."""
        until(lambda: self.browser.run("return document.activeElement?.[arguments[0]]", what) == expected)

    def fits(self) -> bool:
        """Checks that the page is no wider than the window."""
        return bool(self.browser.run("return document.documentElement.scrollWidth <= innerWidth"))

    def _shown(self, css: str) -> str:
        return str(until(lambda: self.browser.run(_SHOWN, css))[_ELEMENT])
