"""What can be wrong, in the domain's own terms. `api/http/problems.py` gives each its HTTP status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as having
from typing import Any


class Misconfigured(Exception):
    """The installation cannot start: the message says which setting and what it should be."""


class KeyMissing(Misconfigured):
    """The key store lacks a key, or holds it damaged: what it sealed is unreadable until its backup is put back."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one field. Words: `placement/text/messages.py`, filled with `facts`."""

    field: str
    code: str
    facts: Mapping[str, Any] = having(default_factory=dict)


class PlacementError(Exception):
    """Something the caller can read and act on. `code` names the words, `facts` fill them."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Unauthenticated(PlacementError):
    """No key or token, or one that is unknown, expired or revoked."""


class NotAllowed(PlacementError):
    """This actor may never do this, whatever the object."""


class NotFound(PlacementError):
    """There is no such thing, or it is somebody else's: the two are told apart nowhere."""

    def __init__(self) -> None:
        super().__init__("not_found")


class Conflict(PlacementError):
    """Somebody was faster, or the thing is in a state in which this cannot be done."""


class TooManyTries(PlacementError):
    """Tried too often; `seconds`: how long to wait."""

    def __init__(self, seconds: int) -> None:
        super().__init__("too_many_tries", seconds=seconds)


class Busy(PlacementError):
    """Too many ask for this just now; `seconds`: how long to wait before asking again."""

    def __init__(self, code: str, *, seconds: int) -> None:
        super().__init__(code, seconds=seconds)


class DiskFull(PlacementError):
    """There is no room to store what somebody writes."""


class Unreachable(PlacementError):
    """A service that we need does not answer."""


class NotAcceptable(PlacementError):
    """It cannot be told in any form that was asked for; `offered`: in which it can."""


class VersionMissing(PlacementError):
    """The write must say which version it changes (`If-Match`)."""


class VersionPassed(PlacementError):
    """The version that the write names is not the newest."""


class Invalid(PlacementError):
    """Well-formed, and wrong: every fault is named."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("invalid")
        self.faults = tuple(faults)

    @classmethod
    def at(cls, where: str, code: str, **facts: Any) -> "Invalid":
        return cls([Fault(where, code, facts)])


def kind_and_place(error: BaseException) -> dict[str, str]:
    """What a log may tell of a fault of ours. Never its words: they can hold what the case holds."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
    return {"kind": type(error).__name__, "place": place}
