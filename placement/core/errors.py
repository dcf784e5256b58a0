"""The errors of the domain. `api/http/problems.py` maps each class to an HTTP status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as having
from typing import Any, TypeVar

Thing = TypeVar("Thing")


class Misconfigured(Exception):
    """The installation cannot start. The message names the setting and the value that the setting requires."""


class NotMigrated(Misconfigured):
    """The tables are older than this version. A process waits until `placement migrate` was run."""


class KeyMissing(Misconfigured):
    """A key is missing from the key store, or is damaged. The data of this key is unreadable until a backup of the key
    is restored.
    """


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in an input field. The catalogue has the text for `code` in the context `error`. `facts`: the values in
    this text.
    """

    field: str
    code: str
    facts: Mapping[str, Any] = having(default_factory=dict)


class PlacementError(Exception):
    """An error that the caller can understand and react to. `code` selects the text. `facts`: the values
    in this text.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Unauthenticated(PlacementError):
    """The session, key or token is missing, unknown, expired or revoked."""


class NotAllowed(PlacementError):
    """The actor never has this permission, whatever the object."""


class ReasonNeeded(NotAllowed):
    """The desk has no task about this case and gave no reason for opening it. The error discloses that
    the case exists.
    """

    def __init__(self, registration_id: str) -> None:
        super().__init__("reason_needed")
        self.registration_id = registration_id


class SealBroken(NotAllowed):
    """A row is in doubt: its seal does not match its content, or it is not the last version that the service wrote. A
    row that gives access then gives no access. If it is any other row, an act that needs it is refused.
    """

    def __init__(self, table: str, row: str) -> None:
        super().__init__("seal_broken")
        self.table, self.row = table, row

    def __str__(self) -> str:
        return f"{self.table}/{self.row} was changed outside the service: run `placement audit verify`"


class NotFound(PlacementError):
    """The object does not exist, or the actor may not see it. In both cases the answer is always the same."""

    def __init__(self) -> None:
        super().__init__("not_found")


def existing(found: Thing | None) -> Thing:
    """Returns the object. Raises `NotFound` if the object is `None`."""
    if found is None:
        raise NotFound
    return found


class Conflict(PlacementError):
    """Another act changed the object first, or its state does not allow the act."""


class Stopped(Conflict):
    """The act is refused, because rows or log are in doubt. Two persons end such a stop. `ring`: whom to call."""

    def __init__(self, cause: str, ring: Sequence[str] = ()) -> None:
        super().__init__("stopped_in_doubt", cause=cause, ring=list(ring) or "-")


class TooManyTries(PlacementError):
    """The rate limit is exceeded. `seconds`: the time after which another attempt is allowed."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too_many_tries", seconds=seconds)


class Busy(PlacementError):
    """The service handles too many requests of this kind. `seconds`: the time after which to try again."""

    def __init__(self, code: str, *, seconds: int) -> None:
        super().__init__(code, seconds=seconds)


class NotYet(PlacementError):
    """The requested result is not ready. `seconds`: the time after which the caller should ask again."""

    def __init__(self, code: str, *, seconds: int, **facts: object) -> None:
        super().__init__(code, seconds=seconds, **facts)


class BudgetSpent(PlacementError):
    """The caller has made too many requests of this kind. `seconds`: the time until the next request is allowed."""

    def __init__(self, seconds: int, code: str = "budget_spent") -> None:
        super().__init__(code, seconds=seconds)


class TooSlow(PlacementError):
    """The body of a request did not arrive in time."""

    def __init__(self) -> None:
        super().__init__("body_too_slow")


class DiskFull(PlacementError):
    """A user's write failed because the disk is full."""


class Unreachable(PlacementError):
    """A service on which this service depends does not answer."""


class TokenAway(PlacementError):
    """The PKCS#11 token with the master keys cannot be used. The message states the reason."""

    def __init__(self, why: str) -> None:
        super().__init__("token_away")
        self.why = why

    def __str__(self) -> str:
        return self.why


class NotAcceptable(PlacementError):
    """The service has no representation that the caller accepts. `offered`: the available representations."""


class VersionMissing(PlacementError):
    """A write request does not state the version of the object that it changes (`If-Match`)."""


class VersionPassed(PlacementError):
    """The version in the write request is outdated."""


class Invalid(PlacementError):
    """The input is well-formed but invalid. The error lists every fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("invalid")
        self.faults = tuple(faults)

    @classmethod
    def at(cls, where: str, code: str, **facts: object) -> "Invalid":
        return cls([Fault(where, code, facts)])


class Telling(Invalid):
    """Invalid input whose error discloses stored facts. An audit event is written for it."""


class Differs(Invalid):
    """Repeated input that differs from the stored value. An audit event is written, because it can be a guess."""


def kind_and_place(error: BaseException) -> dict[str, str]:
    """Returns the class and the code line of an unexpected error, for the technical log. Leaves out the error's
    message, because it may contain case data.
    """
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
    return {"kind": type(error).__name__, "place": place}
