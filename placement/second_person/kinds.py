"""Kinds of requests, each as a row: its persons, its term, its check and its effect.

Each kind stands in the package that carries it out. All of them: `placement/tasks/second_person_kinds.py`.
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
    """Facts that a second person gives with a grant. `address`: typed again, of a postal address."""

    address: str | None = None


def _nothing(act: Act, request: SecondPersonRequest) -> None:
    """Does nothing, for a kind without this step."""


def _no_facts(request: SecondPersonRequest) -> Mapping[str, object]:
    _ = request
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request. `ask`, `grant`, `read`: who asks, who answers, and who reads it.

    The second person is never the first, nor at that browser; the first still has `ask`, unless it is `judged_alone`.
    """

    code: SecondPersonKind
    ask: Permission
    grant: Permission
    read: Permission
    waits_for: timedelta | Callable[[Act], timedelta] | None
    """How long it can be granted; empty: without end."""
    carry_out: Callable[[Act, SecondPersonRequest, Answer], object] | None = None
    """Carries out what was granted, and returns what only the person who granted it sees; empty: the operator does."""
    check: Callable[[Act, SecondPersonRequest], None] = _nothing
    """Raises an error if it cannot be granted now, or not by this person."""
    ended: Callable[[Act, SecondPersonRequest], None] = _nothing
    """The consequence of a refusal, a withdrawal or a lapse."""
    lock: Callable[[Act, SecondPersonRequest], None] = _nothing
    """Locks what it is about, before the request itself."""
    logged: Callable[[SecondPersonRequest], Mapping[str, object]] = _no_facts
    """Its facts in an audit event."""
    judged_alone: bool = False
    """It is granted although who asked could not ask for it any more."""
    of_asker: bool = False
    """True if only the person who asked withdraws it; otherwise each person who could ask."""
    by_key: bool = False
    """True if a key asks for it, and reads and withdraws its own requests alone."""
    needs_factor: Callable[[Act, SecondPersonRequest], bool] = lambda *_: False
    """Checks whether it is granted only right after the second factor was given again."""
    operator_within: timedelta | None = None
    """How long the operator has to carry it out."""
    commands: Mapping[str, str] = field(default_factory=dict)
    """The commands of the operator, by the act within the kind (empty without an act); `{id}` is the request."""
    is_shown: bool = True
    """True if its facts are shown; otherwise the second person gives them again."""


Kinds = Mapping[SecondPersonKind, Kind]
