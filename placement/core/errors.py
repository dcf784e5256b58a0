"""The errors of the domain. `api/http/problems.py` gives each its HTTP status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as having
from typing import Any, TypeVar

Thing = TypeVar("Thing")


class Misconfigured(Exception):
    """The installation cannot start: the message names the setting and the value that it requires."""


class KeyMissing(Misconfigured):
    """The key store lacks a key, or its key is damaged: the data is unreadable until the key's backup is restored."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of one field. Its words are in the catalogue (`error`), filled with `facts`."""

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
    """The session, key or token is missing, unknown, expired or revoked."""


class NotAllowed(PlacementError):
    """This actor may never do this, whatever the object."""


class ReasonNeeded(NotAllowed):
    """The desk sees that this case exists, but has neither a task about it nor a reason for opening it."""

    def __init__(self, registration_id: str) -> None:
        super().__init__("reason_needed")
        self.registration_id = registration_id


class SealBroken(NotAllowed):
    """A row that gives access was not written by the service: its seal is not valid, and it gives no access."""

    def __init__(self, table: str, row: str) -> None:
        super().__init__("seal_broken")
        self.table, self.row = table, row

    def __str__(self) -> str:
        return f"{self.table}/{self.row} was changed outside the service: run `placement audit verify`"


class NotFound(PlacementError):
    """The object does not exist, or is outside the actor's scope: the two cases look the same everywhere."""

    def __init__(self) -> None:
        super().__init__("not_found")


def existing(found: Thing | None) -> Thing:
    """Returns the object. Raises `NotFound` if it is `None`."""
    if found is None:
        raise NotFound
    return found


class Conflict(PlacementError):
    """Another act came first, or the state of the object does not allow it."""


class TooManyTries(PlacementError):
    """The rate limit is reached; `seconds`: the time to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too_many_tries", seconds=seconds)


class Busy(PlacementError):
    """Too many requests of this kind at the moment; `seconds`: the time to wait before the next request."""

    def __init__(self, code: str, *, seconds: int) -> None:
        super().__init__(code, seconds=seconds)


class NotYet(PlacementError):
    """The requested result does not exist yet, but will; `seconds`: the time to wait before the next request."""

    def __init__(self, code: str, *, seconds: int, **facts: object) -> None:
        super().__init__(code, seconds=seconds, **facts)


class BudgetSpent(PlacementError):
    """The allowance of such requests is used up; `seconds`: the time until the next request is allowed."""

    def __init__(self, seconds: int, code: str = "budget_spent") -> None:
        super().__init__(code, seconds=seconds)


class TooSlow(PlacementError):
    """The body of a request did not arrive in time."""

    def __init__(self) -> None:
        super().__init__("body_too_slow")


class DiskFull(PlacementError):
    """No disk space for a user's write."""


class Unreachable(PlacementError):
    """A service that we need does not answer."""


class TokenAway(PlacementError):
    """The token with the master keys cannot be used; its text gives the reason, for the operator."""

    def __init__(self, why: str) -> None:
        super().__init__("token_away")
        self.why = why

    def __str__(self) -> str:
        return self.why


class NotAcceptable(PlacementError):
    """No representation that the caller accepts; `offered`: those that exist."""


class VersionMissing(PlacementError):
    """The write must name the version that it changes (`If-Match`)."""


class VersionPassed(PlacementError):
    """The version in the write is not the newest."""


class Invalid(PlacementError):
    """The input is well-formed but wrong: every fault is named."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("invalid")
        self.faults = tuple(faults)

    @classmethod
    def at(cls, where: str, code: str, **facts: object) -> "Invalid":
        return cls([Fault(where, code, facts)])


class Telling(Invalid):
    """A fault that discloses stored facts: like a conflict, it has an audit event."""


class Differs(Invalid):
    """The repeated input differs from the stored value. It may be a guess, so like a refusal it has an audit event."""


def kind_and_place(error: BaseException) -> dict[str, str]:
    """Returns kind and place of a program error, for the technical log; not its message, which may hold case data."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
    return {"kind": type(error).__name__, "place": place}
