"""Kinds of requests for a second person. A kind declares who makes and who answers its requests, how long they wait,
when they can be granted, and what a grant does. Each kind is declared in the package that carries out its requests.
`placement/tasks/second_person_kinds.py` lists all kinds.
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
    """The input of the second person who grants a request. `address`: a postal address, typed again. `addresses`: the
    addresses of several locations, by location id. `number`: the telephone number that the second person called.
    """

    address: str | None = None
    addresses: Mapping[str, str] = field(default_factory=dict)
    number: str | None = None


def _nothing(act: Act, request: SecondPersonRequest) -> None:
    """Does nothing. The default of `check`, `ended` and `lock`."""


def _no_facts(request: SecondPersonRequest) -> Mapping[str, object]:
    _ = request
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request. `ask`, `grant`, `read`: the permissions that are needed to make, to grant and to read its
    requests. The second person differs from the requester, and uses another browser. When a request is granted, the
    requester must still have the permission `ask`, unless `judged_alone` is true.
    """

    code: SecondPersonKind
    ask: Permission
    grant: Permission
    read: Permission
    waits_for: timedelta | Callable[[Act], timedelta] | None
    """The time within which a request can be granted. `None`: without a limit."""
    carry_out: Callable[[Act, SecondPersonRequest, Answer], object] | None = None
    """Carries out a granted request, and returns what only the granter may see. `None`: the operator carries the
    request out.
    """
    check: Callable[[Act, SecondPersonRequest], None] = _nothing
    """Raises an error if the request cannot be granted now, or not by this person."""
    ended: Callable[[Act, SecondPersonRequest], None] = _nothing
    """Carries out the consequences of a refusal, a withdrawal or a lapse."""
    lock: Callable[[Act, SecondPersonRequest], None] = _nothing
    """Locks the subject of the request. It runs before the request itself is locked."""
    logged: Callable[[SecondPersonRequest], Mapping[str, object]] = _no_facts
    """Returns the facts of the request for an audit event."""
    judged_alone: bool = False
    """True if a request can be granted although the requester has lost the permission to request it."""
    of_asker: bool = False
    """True if only the requester can withdraw a request. If false, everybody who may make such a request can withdraw
    it.
    """
    by_key: bool = False
    """True if API keys make such requests. A key reads and withdraws only its own requests."""
    needs_factor: Callable[[Act, SecondPersonRequest], bool] = lambda *_: False
    """Checks whether granting this request needs a fresh second factor."""
    operator_within: timedelta | None = None
    """The time within which the operator must carry out a granted request. `None`: the operator does not
    carry it out.
    """
    commands: Mapping[str, str] = field(default_factory=dict)
    """The commands with which the operator carries the request out, by the code of the requested act (`what`). `{id}`
    stands for the id of the request.
    """
    is_shown: bool = True
    """True if the facts of a request are shown. If false, the second person enters the facts again."""


Kinds = Mapping[SecondPersonKind, Kind]
