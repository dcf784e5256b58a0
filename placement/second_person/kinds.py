"""Kinds of requests. A kind declares its persons, its term, its check and its effect.

The package that carries a kind out declares it. All kinds: `placement/tasks/second_person_kinds.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.second_person_codes import SecondPersonKind
from placement.tables import SecondPersonRequest


@dataclass(frozen=True, slots=True)
class Answer:
    """The second person's input when granting. `address`: a postal address, typed again."""

    address: str | None = None


def _nothing(act: Act, request: SecondPersonRequest) -> None:
    """Does nothing, for a kind without this step."""


def _no_facts(request: SecondPersonRequest) -> Mapping[str, object]:
    _ = request
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request. `ask`, `grant`, `read`: permissions of requester, second person and readers.

    The second person differs from the requester, and uses another browser. When it is granted, the requester must still
    have `ask`, unless `judged_alone`.
    """

    code: SecondPersonKind
    ask: Permission
    grant: Permission
    read: Permission
    waits_for: timedelta | Callable[[Act], timedelta] | None
    """The time within which it can be granted; `None`: no limit."""
    carry_out: Callable[[Act, SecondPersonRequest, Answer], object] | None = None
    """Carries out a granted request; returns what only the granter sees. `None`: the operator carries it out."""
    check: Callable[[Act, SecondPersonRequest], None] = _nothing
    """Raises an error if the request cannot be granted now, or not by this person."""
    ended: Callable[[Act, SecondPersonRequest], None] = _nothing
    """Carries out what follows a refusal, a withdrawal or a lapse."""
    lock: Callable[[Act, SecondPersonRequest], None] = _nothing
    """Locks the subject of the request, before the request itself."""
    logged: Callable[[SecondPersonRequest], Mapping[str, object]] = _no_facts
    """Returns the facts of the request for an audit event."""
    judged_alone: bool = False
    """True if it can be granted even if the requester has lost the permission to request it."""
    of_asker: bool = False
    """True if only the requester can withdraw it; if false, everybody who could request it."""
    by_key: bool = False
    """True if API keys request it. A key reads and withdraws only its own requests."""
    needs_factor: Callable[[Act, SecondPersonRequest], bool] = lambda *_: False
    """Checks whether granting needs a fresh second factor."""
    operator_within: timedelta | None = None
    """The time that the operator has to carry it out."""
    commands: Mapping[str, str] = field(default_factory=dict)
    """The operator's commands, by act within the kind (or empty text); `{id}` is the id of the request."""
    is_shown: bool = True
    """True if its facts are shown. If false, the second person enters them again."""


Kinds = Mapping[SecondPersonKind, Kind]
