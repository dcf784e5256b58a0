"""Twelve shelters whose clients are placed within days, through HTTP, by people who sign in with a code.

Each shelter's staff sign in each morning to confirm the count, now and then for other work, and whenever a hold waits
for an answer. Its software gets a token each morning, and to report an arrival.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pyotp
from sqlmodel import select

from placement.accounts import api_keys, passwords
from placement.core.codes import Role
from placement.core.geography import places
from placement.tables import Account, Location
from tests.support.api.empty_service import Begun
from tests.support.api.service import Browser, somebody
from tests.support.attacks import just_placed
from tests.support.attacks.just_placed import SHELTERS, beds_of
from tests.support.stores import AT

PASSWORD = "vier paarse fietsen buiten"  # noqa: S105
DESK, COORDINATOR, _AREA = "A-desk", "A-elsewhere", "limburg"
_AREAS = sorted({place.region for place in places().values()} - {_AREA})
_API = "/api/v1"
_BANDS = {"few": 2, "some": 5, "many": 6}


@dataclass(frozen=True)
class Placed:
    """A client and the place that the attacker wants to know."""

    registration: str
    shelter: str


@dataclass
class SignedInCountry:
    service: Begun
    draws: Random
    looks: int = 2
    """How often staff of each shelter sign in on a day for other work."""

    _keys: dict[int, str] = field(default_factory=dict)
    _secrets: dict[str, str] = field(default_factory=dict)
    _browsers: dict[str, Browser] = field(default_factory=dict)
    _at: list[tuple[datetime, int, Any]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def fill(self, clients: int, days: int) -> Iterator[list[Placed]]:
        """Lives so many days; yields those placed so far after each day."""
        self._build()
        placed: list[Placed] = []
        free = {number: beds_of(number) - 1 for number in range(1, SHELTERS + 1)}
        for day in range(days):
            morning = AT + timedelta(days=day) - timedelta(hours=2)
            for number in free:
                self._plan(morning + self._minutes(0, 60), self._confirm_count, number)
                self._plan(morning + self._minutes(0, 60), self._token, number)
                for _ in range(self.looks):
                    self._plan(morning + self._minutes(60, 600), self._look, number)
            for _ in range(clients // days):
                open_to = [number for number, beds in free.items() if beds]
                number = self.draws.choices(open_to, [free[one] for one in open_to])[0]
                free[number] -= 1
                self._plan(morning + self._minutes(70, 420), self._place, number, placed)
            while self._at:
                self._at.sort(key=lambda one: one[:2])
                at, _, (act, *args) = self._at.pop(0)
                self.service.moment.at = max(self.service.moment.at, at)
                act(*args)
            yield list(placed)

    def reads(self, reader: str) -> list[dict[str, Any]]:
        """Returns the falls of free beds that this account reads, each with the places that it may be about. A band of
        a region is about each of its places.
        """
        read = self._signed_in(reader).get("/capacity/history").json()
        days = [date.fromisoformat(day) for day in read["days"]]
        with self.service.country.database.transaction() as session:
            regions = session.exec(select(Location.shelter_id, Location.region)).all()
        seen = [({"unit_id": one["unit"]}, one["free"]) for one in read["units"]]
        for group in read.get("elsewhere", []):
            here = [shelter for shelter, region in regions if group["region"] in {None, region}]
            seen += [({"shelter_id": shelter}, [_BANDS.get(band) for band in group["free"]]) for shelter in here]
        return [
            {**place, "fell_on": day, "fell_by": before - now}
            for place, free in seen
            for day, before, now in zip(days[1:], free, free[1:], strict=False)
            if before is not None and now is not None and now < before
        ]

    def _build(self) -> None:
        with self.service.country.database.transaction() as session:
            just_placed.build(session)
            session.flush()
            for account in session.exec(select(Account)):
                self._let_in(account)
            for number in range(1, SHELTERS + 1):
                key = {"shelter_id": f"S{number}", "scopes": ("read", "write")}
                self._keys[number] = api_keys.new_key(session, AT - timedelta(days=2), **key)
        self.service.account(Role.DESK, name=DESK)
        self.service.account(Role.COORDINATOR, _AREA, name=COORDINATOR)
        with self.service.country.database.transaction() as session:
            for name in (DESK, COORDINATOR):
                self._let_in(session.get_one(Account, name))
        self.service.moment.at = AT - timedelta(hours=5)
        for number in range(1, SHELTERS + 1):
            staff = self._staff(number)
            answer = staff.ask("PUT", f"/shelters/S{number}/capacity", {"rooms": [{"room": f"R{number}"}]})
            assert answer.is_success, answer.text

    def _let_in(self, account: Account) -> None:
        self._secrets[account.id] = pyotp.random_base32()
        account.email = account.email.lower()
        account.password_hash, account.totp_secret = passwords.hashed(PASSWORD), self._secrets[account.id]

    def _minutes(self, least: int, most: int) -> timedelta:
        return timedelta(minutes=self.draws.uniform(least, most))

    def _plan(self, at: datetime, *act: Any) -> None:
        self._at.append((at, next(self._numbers), act))

    def _signed_in(self, account: str) -> Browser:
        """Signs in with password and code, with the browser that the person used before."""
        service = self.service
        if account not in self._browsers:
            with service.country.database.transaction() as session:
                email = session.get_one(Account, account).email
            self._browsers[account] = Browser(service.client, service.moment, email, PASSWORD, self._secrets[account])
        browser = self._browsers[account]
        browser.cookies = {name: value for name, value in browser.cookies.items() if "device" in name}
        answer = browser.sign_in()
        assert answer.is_success, answer.text
        return browser

    def _staff(self, number: int) -> Browser:
        return self._signed_in(f"A-{number}-{self.draws.randrange(1 + number)}")

    def _confirm_count(self, number: int) -> None:
        self._staff(number).made(f"/shelters/S{number}/capacity/confirm")

    def _look(self, number: int) -> None:
        assert self._staff(number).get("/holds").is_success

    def _place(self, number: int, placed: list[Placed]) -> None:
        """The desk registers and decides; the shelter answers within an hour, and the client comes in the evening."""
        desk, area = self._signed_in(DESK), self.draws.choice(_AREAS)
        case = desk.made("/registrations", somebody(region=area))["id"]
        self.service.moment.pass_by(minutes=3)
        proposal = desk.made(f"/registrations/{case}/proposals")
        wanted = {"decision": "override", "unit": f"U{number}", "reason": "client_preference"}
        if proposal["chosen"] and proposal["chosen"]["unit"] == f"U{number}":
            wanted = {"decision": "accept"}
        hold = desk.made(f"/proposals/{proposal['id']}/decision", wanted)["hold"]
        placed.append(Placed(case, f"S{number}"))
        self._plan(self.service.moment.at + self._minutes(4, 50), self._answer, number, hold)

    def _answer(self, number: int, hold: str) -> None:
        staff, evening = self._staff(number), self.service.moment.at + timedelta(hours=3)
        said = {"answer": "confirm", "expected_at": evening.isoformat(), "driver": "taxi"}
        staff.made(f"/holds/{hold}/answer", said)
        staff.made(f"/shelters/S{number}/capacity/confirm")  # who answers often looks at the rooms too
        self._plan(self.service.moment.at + self._minutes(60, 200), self._arrive, number, hold)

    def _arrive(self, number: int, hold: str) -> None:
        bearer = {"Authorization": f"Bearer {self._token(number)}"}
        answer = self.service.client.post(f"{_API}/holds/{hold}/arrival", headers=bearer)
        assert answer.is_success, answer.text

    def _token(self, number: int) -> str:
        answer = self.service.client.post(f"{_API}/token", json={"key": self._keys[number]})
        return str(answer.json()["token"])
