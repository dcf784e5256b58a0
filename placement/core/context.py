"""The context of an act: its transaction, actor and moment.
Every operation of the domain takes it as its first argument.
"""

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
    """The second factors that a person has and may use."""

    CODE = "code"
    """Codes of an app, and recovery codes; no passkey exists."""
    EITHER = "either"
    RECOVERY = "recovery"
    """A passkey, or recovery codes; no app was ever set up."""
    PASSKEY = "passkey"
    """Only a passkey: the role may use nothing else."""
    MISSING = "missing"
    """The role requires a passkey that does not exist yet: codes are accepted only to make it."""

    @property
    def takes_codes(self) -> bool:
        return self is not Factor.PASSKEY

    @property
    def has_passkey(self) -> bool:
        return self in {Factor.EITHER, Factor.RECOVERY, Factor.PASSKEY}


@dataclass(frozen=True, slots=True)
class Actor:
    """The actor of an act. `id`: an account, or the shelter if its software acts; `regions`: those of a coordinator.

    `on_behalf_of`: the account or key that requested the act, if the actor acts for another.
    """

    id: str
    role: Role
    regions: frozenset[str] = frozenset()
    shelter_id: str | None = None
    scopes: frozenset[str] = frozenset({"read", "write"})
    on_behalf_of: str | None = None
    session_id: str | None = None
    """The session of a signed-in user; `None` for an API key."""

    key_id: str | None = None
    """The API key of software."""

    verified_at: datetime | None = None
    """The last time at which a signed-in user gave the second factor again."""

    browser: str | None = None
    """A hash of the browser's cookie, equal for all users who sign in with that browser."""

    factor: Factor = Factor.CODE
    """The second factor of a signed-in user."""

    ends_at: datetime | None = None
    """The end of the session of a signed-in user, unless it is used before."""

    ends_at_latest: datetime | None = None
    """The end of the session, however much it is used."""

    opened: frozenset[str] = frozenset()
    """Ids of the registrations outside the actor's own to which an access grant is active (`break_glass.py`)."""

    def covers(self, region: str) -> bool:
        """Checks whether cases of this region can be the actor's own."""
        return self.role.sees is not Sees.REGIONS or region in self.regions


SYSTEM = Actor(id="system", role=Role.SYSTEM)
OPERATOR = "os:"
"""The prefix of the ids of operators at the command line, who have no account."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of an act. Without arguments: the service itself."""

    protocol: Protocol = Protocol.SYSTEM
    address: str = "local"
    """The network address; `local`: this machine."""

    request_id: str = field(default_factory=lambda: new_id("Q"))
    """The id that the audit events and log lines of one request have in common."""


@dataclass(frozen=True, slots=True)
class Act:
    session: Session
    actor: Actor
    at: datetime
    settings: Settings
    origin: Origin = field(default_factory=Origin)
    happened_at: datetime | None = None
    """The real time of a late entry (`placement/placements/stays/late_entries.py`)."""

    heard_from: str | None = None
    """The shelter that reported it by telephone, if the desk enters it (`telephone_entries.py`)."""

    @property
    def when(self) -> datetime:
        """The time of the event: now, or the real time of a late entry."""
        return self.happened_at or self.at

    @property
    def day(self) -> date:
        """Today in Amsterdam."""
        return day_of(self.at)

    def by_the_system(self) -> "Act":
        """Returns the same act with the service as its actor, for automatic consequences."""
        return replace(self, actor=SYSTEM, origin=replace(self.origin, protocol=Protocol.SYSTEM))


def by_command(session: Session, settings: Settings, at: datetime | None = None) -> Act:
    """Returns an act of the operator at the command line, now or at `at`, with the operating system's user name."""
    typist = Actor(id=f"{OPERATOR}{pwd.getpwuid(os.getuid()).pw_name}", role=Role.SYSTEM)
    return Act(session, typist, at or now(), settings, Origin(Protocol.COMMAND_LINE))
