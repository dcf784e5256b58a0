"""The context of an act: its transaction, actor and time; the first parameter of every operation of the domain."""

import os
import pwd
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session

from placement.core.clock import day_of, now
from placement.core.codes import Protocol, Role, Sees
from placement.core.ids import new_id
from placement.core.settings import Settings


class Factor(StrEnum):
    """The second factors that a user has set up and may use."""

    CODE = "code"
    """Codes of an app, and recovery codes, because the user has no passkey."""
    EITHER = "either"
    RECOVERY = "recovery"
    """A passkey, or recovery codes, because the user has never set up an app."""
    PASSKEY = "passkey"
    """Only a passkey, because the role accepts nothing else as second factor."""
    MISSING = "missing"
    """No second factor yet: the role requires a passkey, which the user has not made. Codes are accepted only for
    making it.
    """

    @property
    def takes_codes(self) -> bool:
        return self is not Factor.PASSKEY

    @property
    def has_passkey(self) -> bool:
        return self in {Factor.EITHER, Factor.RECOVERY, Factor.PASSKEY}


@dataclass(frozen=True, slots=True)
class Actor:
    """The user or software that acts. `id`: the id of an account; for a shelter's software, the id of the shelter.
    `regions`: the regions of a coordinator. `on_behalf_of`: the account or key that requested the act, if another actor
    carries it out.
    """

    id: str
    role: Role
    regions: frozenset[str] = frozenset()
    shelter_id: str | None = None
    scopes: frozenset[str] = frozenset({"read", "write"})
    on_behalf_of: str | None = None
    session_id: str | None = None
    """The id of the user's session; `None` if software acts with an API key."""

    key_id: str | None = None
    """The id of the API key; set if software acts."""

    verified_at: datetime | None = None
    """The last time at which a signed-in user gave the second factor again."""

    browser: str | None = None
    """A hash of the browser's cookie. It is the same for all users of that browser."""

    factor: Factor = Factor.CODE
    """The second factor of a signed-in user."""

    ends_at: datetime | None = None
    """The time at which the session ends if it is not used. Each use moves this time."""

    ends_at_latest: datetime | None = None
    """The time at which the session ends, even if it is used."""

    email: str | None = field(default=None, repr=False)
    """The address of the account; `None` for a shelter's software."""

    organisation: str | None = None
    """The name of the account's organisation."""

    opened: frozenset[str] = frozenset()
    """Ids of registrations for which the actor has an active access grant (`break_glass.py`)."""

    def covers(self, region: str) -> bool:
        """Checks whether the actor may see cases of this region without an access grant."""
        return self.role.sees is not Sees.REGIONS or region in self.regions


SYSTEM = Actor(id="system", role=Role.SYSTEM)
OPERATOR = "os:"
"""The prefix of the ids of operators. An operator works at the command line and has no account."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The source of an act: protocol, address and request. The default values describe an act of the service itself."""

    protocol: Protocol = Protocol.SYSTEM
    address: str = "local"
    """The caller's network address; `local` for this machine."""

    request_id: str = field(default_factory=lambda: new_id("Q"))
    """An id that connects the audit events and log lines of one request."""


@dataclass(frozen=True, slots=True)
class Act:
    session: Session
    actor: Actor
    at: datetime
    settings: Settings
    origin: Origin = field(default_factory=Origin)
    happened_at: datetime | None = None
    """The time at which the event happened, if it is entered later (`placement/placements/stays/late_entries.py`)."""

    heard_from: str | None = None
    """The id of the shelter that reported the event by telephone. `None` if the event was not reported by telephone
    (`telephone_entries.py`).
    """

    shelters_mailed: set[str] | None = None
    """The shelters to which this act has already sent a mail, so that a shelter gets only one mail for several holds.
    `None`: each hold has its own mail.
    """

    @property
    def when(self) -> datetime:
        """The time at which the event happened: `happened_at` of a late entry, and otherwise the present time."""
        return self.happened_at or self.at

    @property
    def day(self) -> date:
        return day_of(self.at)

    def by_the_system(self) -> "Act":
        """Returns a copy of this act with the service as actor, for automatic consequences of the act."""
        return replace(self, actor=SYSTEM, origin=replace(self.origin, protocol=Protocol.SYSTEM))


def by_command(session: Session, settings: Settings, at: datetime | None = None) -> Act:
    """Returns an act by the operating system's user, at the command line. `at`: its time; `None`: now."""
    typist = Actor(id=f"{OPERATOR}{pwd.getpwuid(os.getuid()).pw_name}", role=Role.SYSTEM)
    return Act(session, typist, at or now(), settings, Origin(Protocol.COMMAND_LINE))
