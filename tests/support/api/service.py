"""The service in this process, and its callers: signed-in users, and software with a key."""

import hashlib
import io
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from typing import Any

import pyotp
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import inspect
from sqlmodel import Session, select

from api.http.cookies import session_cookie
from placement.accounts import api_keys, sessions
from placement.core.codes import Action, Outcome, Role
from placement.core.context import SYSTEM, Act
from placement.core.settings import Settings
from placement.registrations import registrations
from placement.storage.database import Database
from placement.tables import Account, AccountSession, Registration
from tests.support.audit_log import logged
from tests.support.stores import AT, Country, small_country

API = "/api/v1"
OF_SIGN_IN = "signed_in_on"
LEDGERS = {"idempotentrequest", "accesstoken", "accountsession", "apikey", "jobrun", "auditindex", "throttle"}
"""What a refused request may leave behind: that it was tried, its part of a budget, and the token or session that it
came with.
"""

_NUMBERS = count(1)
_MORE = {
    "second": (Role.DESK, (), api_keys.SCOPES),
    "elsewhere": (Role.COORDINATOR, ("limburg",), api_keys.SCOPES),
    "auditor": (Role.AUDITOR, (), api_keys.SCOPES),
    "reader": (Role.DESK, (), ("read",)),
}
"""More users, and their keys: the role, the regions and the scopes of each."""


def served(database: Database, settings: Settings) -> dict[str, Any]:
    """Puts the small country and more users into an empty database, and returns the credentials of all."""
    credentials = small_country(database, settings)
    with database.transaction() as session:
        return credentials | {"more": {name: _account(session, *facts) for name, facts in _MORE.items()}}


def _account(session: Session, role: Role, regions: tuple[str, ...], scopes: tuple[str, ...]) -> tuple[str, str]:
    """Returns the id of a new account, and a key of it."""
    number = next(_NUMBERS)
    account = Account(
        id=f"A-{number}",
        email=f"{number}@test.example",
        role=role,
        regions=list(regions),
        password_hash="-",  # noqa: S106  (nobody signs in with it)
        totp_secret="-",  # noqa: S106
    )
    session.add(account)
    session.flush()
    return account.id, api_keys.new_key(session, AT, account_id=account.id, scopes=scopes)


class Moment:
    """The clock of a test."""

    def __init__(self) -> None:
        self.at = AT

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()

    def pass_by(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Caller(ABC):
    """A sender of requests. After the test's clock has moved, it signs in again, because tokens and sessions end."""

    client: TestClient[Any]
    moment: Moment
    key: str
    account: str = ""
    answers: list[Response] = field(default_factory=list)
    _let_in: dict[str, str] = field(default_factory=dict)
    _since: datetime | None = None

    def authorization(self) -> dict[str, str]:
        """Returns the headers that identify the sender."""
        if self._since != self.moment.at:
            self._let_in, self._since = self._come_in(), self.moment.at
        return dict(self._let_in)

    def forget_sign_in(self) -> None:
        """The next request lets the caller in anew, as after the end of a session."""
        self._since = None

    @abstractmethod
    def _come_in(self) -> dict[str, str]:
        """Signs the sender in again; returns the headers that identify it."""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()} | self.authorization()
        sent = {"json": body} if body is not None else {}
        answer = self.client.request(method, f"{API}{path}", headers=named, **sent)
        self.answers.append(answer)
        return answer

    def get(self, path: str, **headers: str) -> Response:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        return self.ask("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Response:
        return self.ask("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Response:
        return self.ask("PATCH", path, body, **headers)

    def made(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """Returns the answer to a POST that must succeed."""
        answer = self.post(path, body, **headers)
        assert answer.is_success, answer.text
        return dict(answer.json())


@dataclass
class Program(Caller):
    """Software with a key, its own or that of a person."""

    @property
    def software(self) -> "Program":
        return self

    def _come_in(self) -> dict[str, str]:
        answer = self.client.post(f"{API}/token", json={"key": self.key})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}


@dataclass
class Person(Caller):
    """A signed-in user, who has a key as well."""

    begin: Callable[[str], tuple[dict[str, str], str]] = field(kw_only=True)
    """Starts a session of an account: its cookies, and its token against forged requests."""

    @cached_property
    def software(self) -> Program:
        """A program with the key of this person, which gets a token once, as a program does."""
        return Program(self.client, self.moment, self.key, self.account)

    def _come_in(self) -> dict[str, str]:
        cookies, csrf = self.begin(self.account)
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "X-CSRF-Token": csrf}


@dataclass
class Browser:
    """A user who signs in with password and code, and the cookies of the browser."""

    client: TestClient[Any]
    moment: Moment
    email: str
    password: str
    totp_secret: str
    agent: str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def code(self) -> str:
        return pyotp.TOTP(self.totp_secret).at(self.moment.at)

    def challenge(self, **facts: str) -> Response:
        return self._send("POST", "/session", {"email": self.email, "password": self.password, **facts})

    def sign_in(self, code: str | None = None, **facts: str) -> Response:
        """Both steps; half a minute later, since a code is taken once."""
        self.moment.pass_by(seconds=30)
        challenge = self.challenge(**facts)
        if challenge.status_code != 200:
            return challenge
        return self.give_code(challenge.json()["challenge"], code or self.code())

    def give_code(self, challenge: str, code: str) -> Response:
        answer = self._send("POST", "/session/code", {"challenge": challenge, "code": code})
        if answer.is_success:
            for set_cookie in answer.headers.get_list("set-cookie"):
                name, _, value = set_cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            self.csrf = answer.json()["csrf_token"]
        return answer

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        return self._send(method, path, body, **({"X_CSRF_Token": self.csrf} | headers))

    def get(self, path: str) -> Response:
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        return self.ask("POST", path, body, **headers)

    def made(self, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.post(path, body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def _send(self, method: str, path: str, body: Any, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()} | {"User-Agent": self.agent}
        if self.cookies:
            named["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"json": body} if body is not None else {}
        return self.client.request(method, f"{API}{path}", headers=named, **sent)


class Service:
    def __init__(
        self, country: Country, app: Litestar, client: TestClient[Any], moment: Moment, log: io.StringIO
    ) -> None:
        self.country, self.app, self.client, self.moment, self.log = country, app, client, moment, log
        self.shelter, self.other_shelter, self.crisis_shelter = map(self._shelters_software, ("S01", "S02", "S03"))
        with self.database.transaction() as session:
            accounts = self.accounts(session)
            self.desk, self.coordinator, self.report_reader, self.admin = (
                self.known(accounts, role) for role in (Role.DESK, Role.COORDINATOR, Role.READER, Role.ADMIN)
            )
            self.registrant, self.analyst, self.registrar, self.adviser = (
                self.known(accounts, role) for role in (Role.REGISTRANT, Role.ANALYST, Role.REGISTRAR, Role.ADVISER)
            )
            self.staff, self.other_staff, self.crisis_staff = (
                self.known(accounts, Role.SHELTER_STAFF, shelter) for shelter in ("S01", "S02", "S03")
            )
        more = country.credentials["more"]
        self.second, self.elsewhere, self.auditor = (
            self._person(*more[name]) for name in ("second", "elsewhere", "auditor")
        )
        account, key = more["reader"]
        self.reader = Program(client, moment, key, account)
        self._changes: list[tuple[int, str]] = []
        self._read_through = 0

    @property
    def database(self) -> Database:
        return self.country.database

    def person(self, role: Role, *regions: str) -> Person:
        """A new user, signed in."""
        with self.database.transaction() as session:
            return self._person(*_account(session, role, regions, api_keys.SCOPES))

    def program(self, role: Role, *, scopes: tuple[str, ...]) -> Program:
        """With a key of a new user."""
        with self.database.transaction() as session:
            account, key = _account(session, role, (), scopes)
        return Program(self.client, self.moment, key, account)

    def _person(self, account: str, key: str) -> Person:
        return Person(self.client, self.moment, key, account, begin=self._begin)

    def accounts(self, session: Session) -> dict[str, str]:
        """Returns the id of each account by its e-mail address."""
        return dict(session.exec(select(Account.email, Account.id)).all())

    def known(self, accounts: dict[str, str], role: Role, shelter: str | None = None) -> Person:
        """Returns the first person of the country with this role, at this shelter if it is given."""
        people = [person for person in self.country.credentials["people"] if person["role"] == role]
        one = next(person for person in people if shelter in {None, person["shelter_id"]})
        return Person(self.client, self.moment, one["api_key"], accounts[one["email"]], begin=self._begin)

    def _shelters_software(self, shelter: str) -> Program:
        return Program(self.client, self.moment, self.country.key_of(shelter))

    def _begin(self, account: str) -> tuple[dict[str, str], str]:
        begun = self.session_of(account)
        return begun.cookies, begun.csrf

    def browser(self, role: str, number: int = 0) -> Browser:
        """Returns a browser of the n-th person with a role, who is not signed in yet."""
        one = [person for person in self.country.credentials["people"] if person["role"] == role][number]
        return Browser(self.client, self.moment, one["email"], one["password"], one["totp_secret"])

    def signed_in(self, role: str, number: int = 0) -> Browser:
        made = self.browser(role, number)
        answer = made.sign_in()
        assert answer.is_success, answer.text
        return made

    def session_of(self, account_id: str) -> Browser:
        """A signed-in user without a password."""
        with self.database.transaction() as session:
            account = session.get_one(Account, account_id)
            act = Act(session, SYSTEM, self.moment.at, self.country.settings)
            made, secret = Browser(self.client, self.moment, account.email, "", ""), sessions.start(act, account, "?")
        made.cookies, made.csrf = {session_cookie(act.settings): secret}, sessions.csrf_token_of(secret)
        return made

    def verified(self, account_id: str) -> Browser:
        """A signed-in user who has just given the second factor again."""
        made = self.session_of(account_id)
        with self.database.transaction() as session:
            for one in session.exec(select(AccountSession).where(AccountSession.account_id == account_id)):
                one.verified_at = self.moment.at
        return made

    def granted(self, asking: dict[str, Any]) -> dict[str, Any]:
        """Grants a request of the first admin, as the second admin."""
        return self.session_of("A-admin-2").made(f"/second-person-requests/{asking['id']}/grant", {})

    def shelters_program(self, shelter: str, *scopes: str) -> Program:
        with self.database.transaction() as session:
            key = api_keys.new_key(session, AT, shelter_id=shelter, scopes=scopes)
        return Program(self.client, self.moment, key)

    def close_all(self) -> None:
        """Closes every waiting registration, so that those of the test get the places."""
        with self.database.transaction() as session:
            waiting = session.exec(select(Registration.id).where(Registration.status == "open")).all()
            for reference in waiting:
                act = Act(session, SYSTEM, self.moment.at, self.country.settings)
                registrations.close(act, reference, "entered_in_error")

    def opened(self, reference: str) -> str:
        """A case of a region that has a coordinator, opened by the desk with a reason."""
        self.desk.made(f"/registrations/{reference}/opening", {"reason": "record_check"})
        return reference

    def log_read(self) -> tuple[list[tuple[int, str]], int]:
        """How far `digest` has read the log."""
        return list(self._changes), self._read_through

    def read_log_from(self, read: tuple[list[tuple[int, str]], int]) -> None:
        """Forgets what `digest` read since: the store is again as it was then."""
        self._changes, self._read_through = list(read[0]), read[1]

    def digest(self) -> dict[str, str]:
        """Every row of every table, but for the ledgers: a fingerprint by table. Of the log, the changes in it; each of
        its events is opened once.
        """
        found = {}
        events = logged(self, self._read_through)
        done = [one for one in events if (one.action, one.outcome) == (Action.CHANGE, Outcome.DONE)]
        self._changes += [(one.id, one.link) for one in done]
        self._read_through = events[-1].id if events else self._read_through
        with self.database.engine.connect() as connection:
            for table in sorted(set(inspect(connection).get_table_names()) - LEDGERS):
                # Read access, attempts and repeated answers have their own lines: tests/api/http/test_audit_events.py.
                which = {
                    "datakey": "WHERE substr(owner, 1, 8) <> 'answers-'",  # of the ledger of writes
                }.get(table, "")
                if table == "auditevent":
                    rows = list(map(repr, self._changes))
                else:
                    stored = connection.exec_driver_sql(f'SELECT * FROM "{table}" {which}')  # noqa: S608
                    whole = ([value for name, value in row.items() if name != OF_SIGN_IN] for row in stored.mappings())
                    rows = sorted(map(repr, whole))
                found[table] = f"{len(rows)} {hashlib.sha256(repr(rows).encode()).hexdigest()}"
        return found


def somebody(**facts: Any) -> dict[str, Any]:
    """A woman in the reflection period, who speaks English: any unit of the scheme COSM for women is possible."""
    return {
        "region": "amsterdam",
        "registrant": "NP",
        "residence_basis": "reflection",
        "urgency": 1,
        "persons": [{"gender": "female", "age": 30}],
        "languages": [{"code": "en", "level": "fluent"}],
        **facts,
    }


def rooms_as_they_are(shelter: Caller, name: str) -> list[dict[str, Any]]:
    """Returns a report that repeats the last count of every room."""
    return [
        {
            "room": room["room"],
            "out_of_service": room["out_of_service"] if room["out_of_service"]["beds"] else None,
            "used_by_others": room["used_by_others"],
        }
        for room in shelter.get(f"/shelters/{name}/capacity").json()["rooms"]
    ]
