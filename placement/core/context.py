"""The context of an act: its transaction, actor and moment. Every operation of the domain gets it as its first
argument.
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
    """Which second factor a person has and may use."""

    CODE = "code"
    """Codes of an app, and recovery codes: there is no passkey."""
    EITHER = "either"
    RECOVERY = "recovery"
    """A passkey, or recovery codes: no app was ever set up."""
    PASSKEY = "passkey"
    """A passkey alone: the role may use nothing else."""
    MISSING = "missing"
    """The role may use nothing but a passkey, and there is none yet: codes count until it is made, for that alone."""

    @property
    def takes_codes(self) -> bool:
        return self is not Factor.PASSKEY

    @property
    def has_passkey(self) -> bool:
        return self in {Factor.EITHER, Factor.RECOVERY, Factor.PASSKEY}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `id` is an account's, or a shelter's where its software acts; `regions` are a coordinator's.

    `on_behalf_of`: the id of the account that asked for it, where the actor acts for another.
    """

    id: str
    role: Role
    regions: frozenset[str] = frozenset()
    shelter_id: str | None = None
    scopes: frozenset[str] = frozenset({"read", "write"})
    on_behalf_of: str | None = None
    session_id: str | None = None
    """The session of a signed-in user; None for an API key."""

    verified_at: datetime | None = None
    """When a signed-in user last gave the second factor again."""

    browser: str | None = None
    """A hash of what the browser of a signed-in user keeps, over all who sign in with it."""

    factor: Factor = Factor.CODE
    """The second factor of a signed-in user."""

    ends_at: datetime | None = None
    """When the session of a signed-in user ends, unless it is used before."""

    ends_at_latest: datetime | None = None
    """When it ends, however much it is used."""

    opened: frozenset[str] = frozenset()
    """Ids of the registrations outside the actor's own to which an access grant is active (`break_glass.py`)."""

    def covers(self, region: str) -> bool:
        """Whether cases of this region can be the actor's own."""
        return self.role.sees is not Sees.REGIONS or region in self.regions


SYSTEM = Actor(id="system", role=Role.SYSTEM)
OPERATOR = "os:"
"""What the ids of operators at the command line begin with: they have no account."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of an act. Without arguments: the service itself."""

    protocol: Protocol = Protocol.SYSTEM
    address: str = "local"
    """Of the network; `local`: this machine."""

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
    """When it really happened, of what is entered afterwards (`placement/placements/stays/late_entries.py`)."""

    heard_from: str | None = None
    """The shelter that said it by telephone, of what the desk enters for it (`telephone_entries.py`)."""

    @property
    def when(self) -> datetime:
        """When it happened: now, unless it is entered afterwards."""
        return self.happened_at or self.at

    @property
    def day(self) -> date:
        """Today in Amsterdam."""
        return day_of(self.at)

    def by_the_system(self) -> "Act":
        """The same moment and transaction, with the service as actor: for what follows by itself."""
        return replace(self, actor=SYSTEM, origin=replace(self.origin, protocol=Protocol.SYSTEM))


def by_command(session: Session, settings: Settings, at: datetime | None = None) -> Act:
    """The act of the operator at the command line, now or as if `at`, under the user name of the operating system."""
    typist = Actor(id=f"{OPERATOR}{pwd.getpwuid(os.getuid()).pw_name}", role=Role.SYSTEM)
    return Act(session, typist, at or now(), settings, Origin(Protocol.COMMAND_LINE))
