"""Sixty people at work in the national country, each with a browser and a telephone, all of them through HTTP.

A process is a generator that yields the moment at which it goes on; `Land.run` moves the clock from act to act.
"""

import heapq
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pyotp
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlmodel import Session, col, select

import fixtures
from placement.accounts import api_keys, passwords
from placement.accounts.details import Details, keep
from placement.audit import anomaly_review
from placement.audit.watcher import Watcher
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.tables import Account, Location, Organisation
from tests.support.api.service import Browser, Moment, Program
from tests.support.stores import AT, Country

Process = Generator[datetime, None, None]
Row = dict[str, Any]
COORDINATORS = {"amsterdam": 4, "rotterdam": 4, "noordoost": 3, "zuid": 3}
DESKS, STAFF = 6, 32
AGENTS = ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64", "Android 15; Mobile")
_PASSWORD = "a long password of a test"  # noqa: S105
_LOCAL = timedelta(hours=1)
"""Amsterdam in winter, from UTC."""
_KEYS_LAST = timedelta(days=80)
_COUNTS_LAST = timedelta(hours=12)
_IDLE, _DAY_OF_WORK, _FRESH = timedelta(minutes=14), timedelta(hours=11), timedelta(minutes=4)


def sixty(database: Database, settings: Settings) -> Row:
    """Fills an empty database with the national country, more people, an address for each location, and a number for
    each organisation.
    """
    made = fixtures.load(database, settings, size="national", seed=7, at=AT).as_json()
    people: list[Row] = made["people"]
    wanted = {"desk": DESKS} | {f"coordinator-{name}": number for name, number in COORDINATORS.items()}
    shelters = [f"staff-{one['shelter_id'].lower()}" for one in made["shelters"]]
    wanted |= {name: 2 if turn < STAFF - len(shelters) else 1 for turn, name in enumerate(shelters)}
    with database.transaction() as session:
        rows = {one.email: one for one in session.exec(select(Account))}
        for one in people:
            one["account"] = rows[one["email"]].id
        for name, number in wanted.items():
            alike = [one for one in people if one["email"].startswith((f"{name}@", f"{name}-"))]
            like = rows[alike[0]["email"]]
            people += [_admitted(session, like, alike[0], f"{name}-also-{turn}") for turn in range(len(alike), number)]
        for number, location in enumerate(session.exec(select(Location).order_by(Location.id))):
            location.address = f"Geheimstraat {number + 1}"
        care = col(Organisation.id).like("O-%")
        for number, organisation in enumerate(session.exec(select(Organisation).where(care).order_by(Organisation.id))):
            if not organisation.telephones:
                organisation.telephones = {"placing": f"+3130{5000 + number:07}"}
    return made


def _admitted(session: Session, like: Account, row: Row, name: str) -> Row:
    """Stores a colleague of an account."""
    secret = pyotp.random_base32()
    account = Account(
        id=f"A-{name}", email=f"{name}@placement.example", organisation_id=like.organisation_id, role=like.role,
        regions=list(like.regions), password_hash=passwords.hashed(_PASSWORD), totp_secret=secret,
    )  # fmt: skip
    session.add(account)
    session.flush()
    keep(session, account.id, Details(name, None, None))
    made = {"email": account.email, "account": account.id, "password": _PASSWORD, "totp_secret": secret}
    return row | made | {"api_key": ""}


class Refused(AssertionError):
    """An act that a person expects to succeed was refused."""


@dataclass
class Human:
    """A person, who signs in when a session would have ended, and gives the second factor again when it is asked."""

    land: "Land"
    row: Row
    browser: Browser = field(init=False)
    _begun: datetime | None = None
    _used: datetime | None = None
    _verified: datetime | None = None

    def __post_init__(self) -> None:
        self.new_browser(AGENTS[0])

    @property
    def account(self) -> str:
        return str(self.row["account"])

    @property
    def regions(self) -> list[str]:
        return list(self.row["regions"])

    def new_browser(self, agent: str) -> None:
        """The person has another machine from now on."""
        secrets = (self.row[name] for name in ("email", "password", "totp_secret"))
        self.browser = Browser(self.land.client, self.land.moment, *secrets, f"Mozilla/5.0 ({agent})")
        self._begun = None

    def has(self, agent: str, cookies: dict[str, str]) -> None:
        """The person has this browser, and signs in before the next act."""
        self.new_browser("")
        self.browser.agent, self.browser.cookies = agent, cookies

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        now = self.land.moment.at
        if not (self._begun and self._used and now - self._used < _IDLE and now - self._begun < _DAY_OF_WORK):
            answer = self.browser.sign_in()
            assert answer.is_success, answer.text
            self._begun, self._verified = self.land.moment.at, None
        self._used = self.land.moment.at
        return self.browser.ask(method, path, body, **headers)

    def get(self, path: str) -> Any:
        return self.ask("GET", path).json()

    def post(self, path: str, body: Any = None) -> Response:
        return self.ask("POST", path, body)

    def made(self, path: str, body: Any = None) -> Row:
        answer = self.post(path, body)
        if not answer.is_success:
            raise Refused(f"{path} {body} {answer.text}")
        return dict(answer.json())

    def again(self) -> None:
        """Gives the second factor again, unless that was done just now."""
        self.ask("GET", "/session")
        if self._verified is None or self.land.moment.at - self._verified > _FRESH:
            self.land.moment.pass_by(seconds=30)
            self.made("/session/second-factor", {"code": self.browser.code()})
            self._verified = self.land.moment.at

    def address(self, hold: str) -> Row:
        """Asks for the address of a hold. `address` is missing if the request is refused."""
        self.again()
        answer = self.post(f"/holds/{hold}/address")
        found: Row = answer.json()
        if found.get("address"):
            self.land.disclosed.append((self.land.moment.at, self.account, found["address"]))
        elif found.get("call_back"):
            self.land.waited.append((self.land.moment.at, self.account, found["call_back"]))
        return found


@dataclass
class Land:
    """The country, its people, its clock, and what was disclosed in it."""

    country: Country
    app: Litestar
    client: TestClient[Any]
    moment: Moment
    random: Random
    disclosed: list[tuple[datetime, str, str]] = field(default_factory=list)
    waited: list[tuple[datetime, str, str]] = field(default_factory=list)
    _next: list[tuple[datetime, int, Process]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    refused: list[str] = field(default_factory=list)
    _keys_of: datetime = AT
    _counted_at: datetime | None = None

    def __post_init__(self) -> None:
        self.people = [Human(self, row) for row in self.country.credentials["people"]]
        self.programs = {
            one["shelter_id"]: Program(self.client, self.moment, one["api_key"])
            for one in self.country.credentials["shelters"]
        }

    def of(self, role: Role, **which: Any) -> list[Human]:
        """Returns the people with this role, of a region or a shelter if it is given."""
        found = [one for one in self.people if one.row["role"] == role.value]
        if "shelter" in which:
            return [one for one in found if one.row["shelter_id"] == which["shelter"]]
        if "region" in which:
            return [one for one in found if which["region"] in one.regions]
        return found

    def named(self, start: str) -> Human:
        return next(one for one in self.people if one.row["email"].startswith(start))

    def begin(self, at: datetime, process: Process) -> None:
        heapq.heappush(self._next, (at, next(self._numbers), process))

    def run(self, until: datetime) -> None:
        """Lets everything happen that is due before this moment."""
        while self._next and self._next[0][0] < until:
            at, _, process = heapq.heappop(self._next)
            self.moment.at = max(self.moment.at, at)
            goes_on = next(process, None)
            if goes_on is not None:
                self.begin(goes_on, process)
        self.moment.at = max(self.moment.at, until)

    def begin_anew(self, at: datetime, draws: Random) -> None:
        """Forgets what was planned and noted, at this moment."""
        self._next.clear()
        self.moment.at, self.random, self._keys_of = at, draws, AT
        self._counted_at = None
        self.app.state.watcher = Watcher(self.country.database, self.country.settings, self.moment.seconds)
        self.disclosed, self.waited, self.refused = [], [], []
        for one in self.country.credentials["shelters"]:
            program = self.programs[one["shelter_id"]]
            program.key = one["api_key"]
            program.forget_sign_in()

    def phished(self, who: "Human", agent: str) -> "Human":
        """Returns a thief with the password and the codes of a person, at another browser."""
        thief = Human(self, who.row)
        thief.new_browser(agent)
        return thief

    def local(self) -> datetime:
        return self.moment.at + _LOCAL

    def at(self, day: int, hour: float) -> datetime:
        """Returns the moment of an hour in Amsterdam, so many days after the first day."""
        return AT.replace(hour=0) + timedelta(days=day, hours=hour) - _LOCAL

    def soon(self, least: float, most: float) -> datetime:
        """Returns a moment after so many minutes."""
        return self.moment.at + timedelta(minutes=self.random.uniform(least, most))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def counts(self) -> None:
        """Lets the software of each shelter confirm its count. It gets a new key before the old key ends."""
        if self.moment.at - self._keys_of > _KEYS_LAST:
            self._keys_of = self.moment.at
            with self.country.database.transaction() as session:
                for shelter, program in self.programs.items():
                    program.key = api_keys.new_key(session, self.moment.at, shelter_id=shelter)
                    program.forget_sign_in()
        if self._counted_at is None or self.moment.at - self._counted_at > _COUNTS_LAST:
            self._counted_at = self.moment.at
            for shelter, program in self.programs.items():
                program.made(f"/shelters/{shelter}/capacity/confirm")

    def looked_at(self) -> None:
        """Lets the watcher and the review of anomalies do what they do each minute and each quarter of an hour."""
        self.app.state.watcher.try_to_look()
        with self.country.database.transaction() as session:
            anomaly_review.find_anomalies(Act(session, SYSTEM, self.moment.at, self.country.settings))
