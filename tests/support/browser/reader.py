"""A user at a browser: what the user does there, and what the browser reports."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Response, StorageState, expect

from placement.accounts.totp import code_at
from placement.text.catalogue import translations
from placement.text.messages import Language
from tests.support.browser.input_methods import Mouse
from tests.support.service_process import Service

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
TWICE_AS_LARGE = {"width": 640, "height": 450}
"""What a window of 1280 by 900 shows at 200 %."""
PATIENCE_MS = 15_000
"""For what a page is to show: a machine with more to do is slow, and that is not what is asked."""
expect.set_options(timeout=PATIENCE_MS)
CODE_LIVES = timedelta(seconds=30)
LOCALES = {"nl": "nl-NL", "en": "en-GB"}
_SEES_VIOLATIONS = "addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.blockedURI))"


class Reader:
    """One browser profile, in one language, at one size; everything that it asks for and complains of is kept."""

    def __init__(
        self, chromium: Browser, service: Service, language: Language = "en", hand: Mouse | None = None, **how: Any
    ) -> None:
        self.service, self.language, self.hand = service, language, hand or Mouse()
        self.asked: list[Request] = []
        self.answered: list[Response] = []
        self.complaints: list[str] = []
        settings = {"viewport": DESKTOP, "locale": LOCALES[language], "timezone_id": "America/New_York", **how}
        self.context: BrowserContext = chromium.new_context(base_url=service.base, **settings)
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.add_init_script(_SEES_VIOLATIONS)
        self.context.on("request", lambda one: self.asked.append(one))  # noqa: PLW0108  (a built-in is refused there)
        self.context.on("response", lambda one: self.answered.append(one))  # noqa: PLW0108  (as above)
        self.context.on(
            "console",
            lambda translated: self.complaints.append(translated.text) if translated.type == "error" else None,
        )
        self.context.on("weberror", lambda wrong: self.complaints.append(str(wrong.error)))
        self.page: Page = self.context.new_page()

    def word(self, english: str, **facts: Any) -> str:
        """Returns the text of the pages in the user's language."""
        translated = translations(self.language).gettext(english)
        return translated % facts if facts else translated

    def go(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def sign_in(self, email: str, *, later: int = 0) -> None:
        """Signs in with an account of the demo. `later`: uses a following code, which is valid too."""
        person = person_of(self.service, email)
        code = code_at(person["totp_secret"], datetime.now(UTC) + later * CODE_LIVES)
        self.give(email, person["password"], code)

    def give(self, email: str, password: str, code: str) -> None:
        """Enters the password and the second factor in the pages that ask for them."""
        self.hand.write(self.page.locator("#email"), email)
        self.hand.write(self.page.locator("#password"), password)
        self.press(self.page.get_by_role("button", name=self.word("Go on")))
        self.hand.write(self.page.locator("#code"), code)
        self.press(self.page.get_by_role("button", name=self.word("Sign in"), exact=True))
        expect(self.page.locator("#code")).to_have_count(0)

    def in_menu(self, english: str) -> Locator:
        """Opens what hides this page in the menu, and returns its link."""
        link = self.page.locator("header nav").get_by_role("link", name=self.word(english), exact=True)
        for closed in (
            self.page.get_by_role("button", name=self.word("Menu"), exact=True),
            self.page.locator("#menu summary"),
        ):
            if not link.is_visible() and closed.is_visible():
                self.press(closed)
        return link

    def press(self, what: Locator) -> None:
        self.hand.press(what)

    def outside(self) -> list[str]:
        """Returns the addresses of all requests to other servers than the service."""
        return [one.url for one in self.asked if not one.url.startswith((f"{self.service.base}/", "data:", "blob:"))]

    def forget(self) -> None:
        """Forgets all requests and complaints until now, as signing in is not part of the page under test."""
        for kept in (self.asked, self.answered, self.complaints):
            kept.clear()

    def close(self) -> None:
        self.context.close()


def person_of(service: Service, email: str) -> dict[str, Any]:
    people = json.loads((service.var / "demo-credentials.json").read_text())["people"]
    return next(dict(one) for one in people if one["email"] == email)


def readers(
    chromium: Browser, sessions: dict[tuple[str, str], StorageState], opened: ExitStack, usual: Service
) -> Callable[..., Reader]:
    def make(email: str = "", service: Service = usual, **how: Any) -> Reader:
        known = sessions.get((service.base, email))
        made = Reader(chromium, service, **({"storage_state": known} if known else {}), **how)
        opened.callback(made.close)
        if email and not known:
            made.go("/sign-in")
            made.sign_in(email)
            sessions[service.base, email] = made.context.storage_state()
        return made

    return make
