"""Somebody does something at a moment: what every verb of the domain gets as its first argument."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session

from placement.clock import day_of
from placement.settings import Settings
from placement.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `id` is an account's, or a shelter's where its software acts; `regions` are a coordinator's."""

    id: str
    role: Role
    regions: frozenset[str] = frozenset()
    shelter_id: str | None = None
    scopes: frozenset[str] = frozenset({"read", "write"})
    session_id: str | None = None
    """Of a person who is signed in; None for whoever came with a key."""

    verified_at: datetime | None = None
    """When a signed-in person last gave the second factor again."""


SYSTEM = Actor(id="system", role=Role.SYSTEM)


@dataclass(frozen=True, slots=True)
class Act:
    session: Session
    actor: Actor
    at: datetime
    settings: Settings

    @property
    def day(self) -> date:
        """Today in Amsterdam."""
        return day_of(self.at)

    def by_the_system(self) -> "Act":
        """The same moment and transaction; what follows by itself is not this actor's deed."""
        return replace(self, actor=SYSTEM)
