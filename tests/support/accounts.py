"""Accounts made as in production (invitation, password, second factor), or written straight into the table."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyotp

from placement.accounts import accounts, invitations, login
from placement.accounts.login import Begun, Caller
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import OrganisationKind, Role
from placement.core.context import SYSTEM, Act, Actor
from placement.core.settings import Settings
from placement.storage.database import Database
from placement.tables import Account, Organisation
from tests.support.beginnings import remembered
from tests.support.town import Town

PASSWORD = "vier paarse fietsen buiten"  # noqa: S105
HOME = Caller("192.0.2.1", "Firefox, Windows", None)
ELSEWHERE = Caller("198.51.100.7", "Chrome, Linux", None)


@dataclass
class Person:
    """A user with an own clock: a code is taken once, so each sign-in is half a minute after the one before."""

    database: Database
    settings: Settings
    at: datetime
    email: str
    account: str = ""
    totp_secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)

    def code(self) -> str:
        return pyotp.TOTP(self.totp_secret).at(self.at)

    def later(self, **time: float) -> None:
        self.at += timedelta(**time)

    def challenge(self, password: str = PASSWORD, who: Caller = HOME, email: str | None = None) -> str:
        return login.give_password(
            self.database, self.settings, self.at, who, email=email or self.email, password=password
        )

    def sign_in(self, code: str | None = None, who: Caller = HOME, **given: str) -> Begun:
        self.later(seconds=30)
        challenge = self.challenge(who=who, **given)
        return login.give_code(
            self.database, self.settings, self.at, who, challenge=challenge, code=code or self.code()
        )


def invited(place, at: datetime, email: str = "zij@placement.example", role: Role = Role.DESK) -> str:
    """Makes an invitation to the coordination centre through the service, and returns its token."""
    with place.database.transaction() as session:
        act = Act(session, SYSTEM, at, place.settings)
        return invitations.invite(act, email, role, [], accounts.coordination_centre(act).id).token


def person(place, at: datetime, email: str = "zij@placement.example", role: Role = Role.DESK) -> Person:
    token = invited(place, at, email, role)
    made = Person(place.database, place.settings, at, email)
    with place.database.transaction() as session:
        made.totp_secret = invitations.choose_password(session, at, token, PASSWORD).totp_secret
    with place.database.transaction() as session:
        made.recovery_codes = invitations.join(
            Act(session, SYSTEM, at, place.settings), token, made.code()
        ).recovery_codes
    with place.database.transaction() as session:
        found = accounts.with_email(session, email)
        assert found is not None
        made.account = found.id
    return made


def organisation(session, at: datetime, settings: Settings, kind: OrganisationKind, shelter: str | None = None) -> str:
    return accounts.make_organisation(Act(session, SYSTEM, at, settings), kind.value, kind, shelter).id


def account_row(name, role, **facts):
    return Account(id=name, email=f"{name}@x.example", role=role, password_hash="-", totp_secret="-", **facts)  # noqa: S106


@remembered
def add_accounts(town: Town, *actors: Actor) -> None:
    """Adds an account for each of these actors."""
    with town.act(SYSTEM) as act:
        act.session.add_all(account_row(one.id, one.role, regions=sorted(one.regions)) for one in actors)
        audit_log.write(act, Event.ROWS_CHANGED)


@remembered
def disable(town: Town, actor: Actor) -> None:
    with town.act(SYSTEM) as act:
        act.session.get_one(Account, actor.id).disabled_at = town.at
        audit_log.write(act, Event.ROWS_CHANGED)


@remembered
def add_shelter_staff(town: Town) -> None:
    """Adds one member of staff, `A-S1` and `A-S2`, at each of the shelters S1 and S2."""
    with town.act() as act:
        for number in (1, 2):
            organisation = Organisation(
                id=f"O-S{number}", name="-", kind=OrganisationKind.SHELTER, shelter_id=f"S{number}"
            )
            act.session.add(organisation)
            act.session.flush()
            act.session.add(account_row(f"A-S{number}", Role.SHELTER_STAFF, organisation_id=organisation.id))
