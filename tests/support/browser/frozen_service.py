"""The service in this process, served to a real browser, with a clock that stands until a test moves it.

Its jobs run when the clock moves, and its mails go to a real mail server: what a person sees and is sent has a moment.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server
from playwright.sync_api import Browser, Locator, Page
from sqlmodel import col, select

from placement.core.codes import Role
from placement.jobs.periodic import JOBS, run
from placement.notifications.delivery import deliver_mail
from placement.notifications.ring_delivery import deliver_pushes, deliver_sms
from placement.storage.change_signal import ChangeSignal
from placement.tables import Account
from placement.text.catalogue import translations
from placement.text.messages import Language
from tests.support.api.service import Service
from tests.support.browser.reader import Reader
from tests.support.mail_server import Mailbox, mail_server
from tests.support.ports import free_port
from tests.support.settings import changed

WITHIN = timedelta(seconds=5)
"""Longest time between a cause and its notice: the slot of the job that sends notices of tasks."""


@dataclass(frozen=True)
class Mail:
    """`after`: of the clock of the service, since the act that was watched."""

    to: str
    subject: str
    after: timedelta


@dataclass
class Address:
    """The address of a service, which is all that a reader needs."""

    base: str


@dataclass
class Frozen:
    """The service, what arrived at its mail server, and who is at work at a browser."""

    service: Service
    base: str
    box: Mailbox
    chromium: Browser
    opened: ExitStack
    language: Language = "nl"
    _seen: int = 0
    _people: dict[str, Reader] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return self.service.moment.at

    def sets(self, moment: datetime) -> None:
        """Moves the clock to this moment and does the due work, without a look at the mails on the way. Pages are
        closed before, as their sessions may be over by then.
        """
        for one in self._people.values():
            one.go("about:blank")
        self.service.moment.at = moment
        self._works()
        self._seen = len(self.box.arrived)

    def told(self, since: datetime | None = None, within: timedelta = WITHIN) -> list[Mail]:
        """Runs the jobs of the next seconds and returns the mails that they send. Delays count from `since`, or from
        now.
        """
        begun = since or self.at
        self.service.moment.at = self.at + within
        self._works()
        mails, self._seen = self.box.arrived[self._seen :], len(self.box.arrived)
        return [Mail(str(mail["To"]), str(mail["Subject"]), self.at - begun) for mail in mails]

    def person(self, account: str, **how: Any) -> Reader:
        """This account's browser, signed in at this moment. `how`: of its first time."""
        if account not in self._people:
            made = Reader(self.chromium, Address(self.base), self.language, **how)  # type: ignore[arg-type]
            self._people[account] = made
            self.opened.callback(self._people[account].close)
        one = self._people[account]
        known = self.service.session_of(account).cookies
        one.context.clock.set_fixed_time(self.at)  # what the pages count by themselves, such as for how long
        one.context.add_cookies([{"name": name, "value": value, "url": self.base} for name, value in known.items()])
        return one

    def goes(self, account: str, path: str) -> Page:
        return self.person(account).go(path)

    def dies(self, account: str) -> None:
        """Ends this account's browser at once. The next page of the account is in a new browser."""
        self._people.pop(account).context.close()

    def press(self, account: str, what: Locator) -> None:
        self._people[account].press(what)

    def word(self, english: str) -> str:
        return str(translations(self.language).gettext(english))

    def mailed(self, *accounts: str) -> set[str]:
        """Returns the addresses of these accounts."""
        with self.service.database.transaction() as session:
            return set(session.exec(select(Account.email).where(col(Account.id).in_(accounts))))

    def desks(self) -> set[str]:
        """Returns the addresses of all who work as the desk."""
        with self.service.database.transaction() as session:
            return set(session.exec(select(Account.email).where(Account.role == Role.DESK)))

    def complaints(self) -> list[str]:
        found = [one for reader in self._people.values() for one in (*reader.complaints, *reader.outside())]
        return [one for one in found if not one.startswith("Failed to load resource")]  # a form that was refused

    def _works(self) -> None:
        database, settings = self.service.database, self.service.app.state.settings
        for job in JOBS:
            run(database, settings, job, self.at)
        for deliver in (deliver_mail, deliver_pushes, deliver_sms):
            deliver(database, settings)


@contextmanager
def frozen(service: Service, chromium: Browser) -> Iterator[Frozen]:
    box = Mailbox()
    with ExitStack() as opened:
        smtp = opened.enter_context(mail_server(box))
        base = opened.enter_context(_served(service.app))
        service.app.state.settings = changed(service.app.state.settings, smtp=smtp, address=base, plain_http=True)
        service.country = type(service.country)(
            service.database, service.app.state.settings, service.country.credentials
        )
        service.app.state.change_signal = ChangeSignal(service.database)
        yield Frozen(service, base, box, chromium, opened)


@contextmanager
def _served(app: Any) -> Iterator[str]:
    """Serves the application without its lifespan: the engine of the tests is running, and outlives it."""
    port = free_port()
    server = Server(app, port=port, interface=Interfaces.ASGINL, log_enabled=False, websockets=False)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.serve(), loop)
    base = f"http://127.0.0.1:{port}"
    _wait_for(lambda: httpx.get(f"{base}/health/live").status_code == httpx.codes.OK)
    yield base
    loop.call_soon_threadsafe(server.stop)
    asyncio.run_coroutine_threadsafe(_end_all(), loop).result()
    for listening in [thread for thread in threading.enumerate() if thread.name == "changes"]:
        listening.join()  # its connection is closed before the database goes
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


async def _end_all() -> None:
    """Lets what still runs come to its end, as an answer that is cut off leaves its file or connection open; then ends
    the rest, such as the live updates of a page that was open.
    """
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        _, others = await asyncio.wait(others, timeout=3)
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _wait_for(ready: Callable[[], bool]) -> None:
    for _ in range(600):
        try:
            if ready():
                return
        except httpx.TransportError:
            threading.Event().wait(0.05)
    raise AssertionError("it does not answer")
