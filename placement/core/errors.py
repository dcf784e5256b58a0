"""The errors of the domain. `api/http/problems.py` gives each its HTTP status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as having
from typing import Any, TypeVar

Thing = TypeVar("Thing")


class Misconfigured(Exception):
    """The installation cannot start: the message names the setting and what it should be."""


class KeyMissing(Misconfigured):
    """The key store lacks a key, or holds it damaged: what is encrypted with it is unreadable until its backup is put
    back.
    """


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one field. Its words are in the catalogue (`error`), filled with `facts`."""

    field: str
    code: str
    facts: Mapping[str, Any] = having(default_factory=dict)


class PlacementError(Exception):
    """An error that the caller can read and act on. `code` names the words, `facts` fill them."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Unauthenticated(PlacementError):
    """No session, key or token, or one that is unknown, expired or revoked."""


class NotAllowed(PlacementError):
    """This actor may never do this, whatever the object."""


class ReasonNeeded(NotAllowed):
    """The desk sees that there is this case, and has neither a task about it nor given a reason for opening it."""

    def __init__(self, registration_id: str) -> None:
        super().__init__("reason_needed")
        self.registration_id = registration_id


class SealBroken(NotAllowed):
    """A row that opens something was not written by the service: its seal does not hold, and it opens nothing."""

    def __init__(self, table: str, row: str) -> None:
        super().__init__("seal_broken")
        self.table, self.row = table, row

    def __str__(self) -> str:
        return f"{self.table}/{self.row} was changed outside the service: run `placement audit verify`"


class NotFound(PlacementError):
    """It does not exist, or is outside the actor's scope: the two cases look the same everywhere."""

    def __init__(self) -> None:
        super().__init__("not_found")


def existing(found: Thing | None) -> Thing:
    """What was looked up. Raises `NotFound` where there is none."""
    if found is None:
        raise NotFound
    return found


class Conflict(PlacementError):
    """Another act came first, or the state of the object does not allow it."""


class TooManyTries(PlacementError):
    """The rate limit is reached; `seconds`: how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too_many_tries", seconds=seconds)


class Busy(PlacementError):
    """Too many requests of this kind at the moment; `seconds`: how long to wait before asking again."""

    def __init__(self, code: str, *, seconds: int) -> None:
        super().__init__(code, seconds=seconds)


class NotYet(PlacementError):
    """What is asked for does not exist yet, and will; `seconds`: how long to wait before asking again."""

    def __init__(self, code: str, *, seconds: int, **facts: object) -> None:
        super().__init__(code, seconds=seconds, **facts)


class BudgetSpent(PlacementError):
    """The account asked for more of this than it may; `seconds`: until it may ask for the next."""

    def __init__(self, seconds: int) -> None:
        super().__init__("budget_spent", seconds=seconds)


class TooSlow(PlacementError):
    """The body of a request did not arrive in time."""

    def __init__(self) -> None:
        super().__init__("body_too_slow")


class DiskFull(PlacementError):
    """No disk space for a user's write."""


class Unreachable(PlacementError):
    """A service that we need does not answer."""


class TokenAway(PlacementError):
    """The token with the master keys cannot be used; its text says why, for the operator."""

    def __init__(self, why: str) -> None:
        super().__init__("token_away")
        self.why = why

    def __str__(self) -> str:
        return self.why


class NotAcceptable(PlacementError):
    """No representation that the caller accepts; `offered`: those that exist."""


class VersionMissing(PlacementError):
    """The write must say which version it changes (`If-Match`)."""


class VersionPassed(PlacementError):
    """The version in the write is not the newest."""


class Invalid(PlacementError):
    """Well-formed, and wrong: every fault is named."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("invalid")
        self.faults = tuple(faults)

    @classmethod
    def at(cls, where: str, code: str, **facts: object) -> "Invalid":
        return cls([Fault(where, code, facts)])


class Telling(Invalid):
    """Wrong in a way that says something of what is kept: it has its audit event, as a conflict has."""


class Differs(Invalid):
    """What is typed again is not what is kept: it may be a guess at it, and has its audit event as a refusal."""


def kind_and_place(error: BaseException) -> dict[str, str]:
    """The kind and place of a programming error, for the technical log. Never its message: it can hold case data."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
    return {"kind": type(error).__name__, "place": place}
