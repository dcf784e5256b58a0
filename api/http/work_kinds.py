"""The kinds of work. A route can declare its kind (`work=`); by default a GET is a read, everything else a write."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

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
"""How long a proposal takes after its wait, in seconds: reading, engine and storing (assumed)."""


class Work(StrEnum):
    """A kind of work. It has its own pool in every web process, so that no kind waits for another."""

    FREE = "free"
    """Answered without waiting: the liveness check."""
    HEALTH = "health"
    ENTRY = "entry"
    """Looking up the session or key of a request. The route is not known yet, so no route declares this kind."""
    STANDING = "standing"
    """Looking up the priority of a password check before the check. No route declares this kind."""
    READ = "read"
    WRITE = "write"
    PASSWORD = "password"  # noqa: S105 - hashing of passwords
    ENGINE = "engine"
    """Computing proposals."""
    SLOW = "slow"
    """The shortage of places, previews, effects, reports and exports."""
    LIVE = "live"
    """A connection that stays open."""

    @classmethod
    def of(cls, handler: BaseRouteHandler, method: str) -> "Work":
        declared = handler.opt.get("work")
        return cls(declared) if declared else cls.READ if method in READING else cls.WRITE


BUDGETED = frozenset({Work.ENGINE, Work.SLOW})
"""The kinds for which each account has a limit per minute (`allowances`)."""


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a pool: how many requests run at once, how many may wait, and how long a request may wait."""

    at_once: int
    waiting: int
    within_seconds: float
    code: str = "busy"
    """The error code of a full pool."""
    takes_seconds: float = 0.05
    """The assumed duration of a request, until the first request was measured."""


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
    """Returns how many expensive requests an account may make per minute. They may be made all at once."""
    a_minute = {Work.ENGINE: settings.proposals_a_minute, Work.SLOW: settings.slow_reads_a_minute}
    return MappingProxyType({work: Balance(most, timedelta(minutes=1) / most) for work, most in a_minute.items()})
