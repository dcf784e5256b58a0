"""Somebody does something at a moment: what every verb of the domain gets as its first argument."""

import os
import pwd
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlmodel import Session

from placement.core.clock import day_of, now
from placement.core.codes import Protocol, Role
from placement.core.ids import new_id
from placement.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `id` is an account's, or a shelter's where its software acts; `regions` are a coordinator's.

    `on_behalf_of`: the id of whoever asked for it, where somebody acts for another.
    """

    id: str
    role: Role
    regions: frozenset[str] = frozenset()
    shelter_id: str | None = None
    scopes: frozenset[str] = frozenset({"read", "write"})
    on_behalf_of: str | None = None
    session_id: str | None = None
    """Of a person who is signed in; None for whoever came with a key."""

    verified_at: datetime | None = None
    """When a signed-in person last gave the second factor again."""

    opened: frozenset[str] = frozenset()
    """Ids of the registrations that she opened outside her own, and that are still open to her (`break_glass.py`)."""


SYSTEM = Actor(id="system", role=Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class Origin:
    """From where an act came. Without arguments: from the service itself."""

    protocol: Protocol = Protocol.SYSTEM
    address: str = "local"
    """Of the network; `local`: this machine."""

    request_id: str = field(default_factory=lambda: new_id("Q"))
    """What the lines of one request have in common, in the log of access and in that of the service."""


@dataclass(frozen=True, slots=True)
class Act:
    session: Session
    actor: Actor
    at: datetime
    settings: Settings
    origin: Origin = field(default_factory=Origin)

    @property
    def day(self) -> date:
        """Today in Amsterdam."""
        return day_of(self.at)

    def by_the_system(self) -> "Act":
        """The same moment and transaction; what follows by itself is not this actor's deed."""
        return replace(self, actor=SYSTEM, origin=replace(self.origin, protocol=Protocol.SYSTEM))


def by_command(session: Session, settings: Settings, at: datetime | None = None) -> Act:
    """The act of whoever types at the machine, now or as if `at`, by the name that the machine knows them by."""
    typist = Actor(id=f"os:{pwd.getpwuid(os.getuid()).pw_name}", role=Role.SYSTEM)
    return Act(session, typist, at or now(), settings, Origin(Protocol.COMMAND_LINE))
