"""The kinds of work. A route declares its own (`work=`); without that one that reads is a read, any other a write."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from litestar.handlers import BaseRouteHandler

from placement.accounts.rate_limits import Balance
from placement.core.settings import Settings

READING = frozenset({"GET", "HEAD", "OPTIONS"})
_TURN_SECONDS = 10.0
_SIGN_IN_SECONDS = 4.0
_SLOW_SECONDS = 20.0
_ENTRIES_AT_ONCE = 4
_STANDINGS_AT_ONCE = 2
_ENGINE_NEEDS_SECONDS = 1.5
"""Of the time for a proposal, what it needs from its turn on: reading, the engine, storing (assumed)."""


class Work(StrEnum):
    """Each kind has a pool of its own in every web process, and none waits for another's."""

    FREE = "free"
    """Waits for nothing: the liveness check."""
    HEALTH = "health"
    ENTRY = "entry"
    """Finding out whose session or key it is. No route's own: it comes before the rest."""
    STANDING = "standing"
    """Finding out in which order passwords are judged. No route's own: it comes before that."""
    READ = "read"
    WRITE = "write"
    PASSWORD = "password"  # noqa: S105 - hashing of passwords
    ENGINE = "engine"
    """Proposals."""
    SLOW = "slow"
    """The shortage, previews, effects, reports, exports."""
    LIVE = "live"
    """A connection that stays open."""

    @classmethod
    def of(cls, handler: BaseRouteHandler, method: str) -> "Work":
        declared: Any = handler.opt.get("work")
        return cls(declared) if declared else cls.READ if method in READING else cls.WRITE


BUDGETED = frozenset({Work.ENGINE, Work.SLOW})
"""What one account may ask for so many times a minute (`allowances`)."""


@dataclass(frozen=True, slots=True)
class Size:
    """A pool: so many are carried out, so many more wait, each at most so long from its arrival."""

    at_once: int
    waiting: int
    within_seconds: float
    code: str = "busy"
    """Of the refusal."""
    takes_seconds: float = 0.05
    """How long one holds its place, before any was measured."""


def sizes(settings: Settings) -> Mapping[Work, Size]:
    waiting, answered = settings.waiting, settings.answer_within_seconds
    return MappingProxyType(
        {
            Work.HEALTH: Size(1, 7, _TURN_SECONDS),
            Work.ENTRY: Size(_ENTRIES_AT_ONCE, waiting + settings.live_pages, _TURN_SECONDS, takes_seconds=0.01),
            Work.STANDING: Size(_STANDINGS_AT_ONCE, waiting, _SIGN_IN_SECONDS, "sign_in_busy", takes_seconds=0.01),
            Work.READ: Size(settings.reads_at_once, waiting, _TURN_SECONDS),
            Work.WRITE: Size(settings.writes_at_once, waiting, _TURN_SECONDS),
            Work.PASSWORD: Size(settings.passwords_at_once, waiting, _SIGN_IN_SECONDS, "sign_in_busy"),
            Work.ENGINE: Size(
                settings.proposals_at_once, waiting, answered - _ENGINE_NEEDS_SECONDS, "engine_busy", 0.1
            ),
            Work.SLOW: Size(settings.slow_reads_at_once, waiting, _SLOW_SECONDS, "engine_busy", 0.3),
            Work.LIVE: Size(settings.live_pages, 0, 0.0, takes_seconds=1.0),
        }
    )


def allowances(settings: Settings) -> Mapping[Work, Balance]:
    """How often one account may ask for the expensive kinds: a minute's worth at once."""
    a_minute = {Work.ENGINE: settings.proposals_a_minute, Work.SLOW: settings.slow_reads_a_minute}
    return MappingProxyType({work: Balance(most, timedelta(minutes=1) / most) for work, most in a_minute.items()})
