"""The state machine. A move changes a state, writes an audit event, and increases the version. A move that does not fit
the current state is refused.
"""

from collections.abc import Iterable, Mapping
from enum import Enum, StrEnum
from typing import Any, ClassVar, Protocol

from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.tables import Registration
from placement.tables.shelter import Lifetime


class Stateful(Protocol):
    """A row with a state."""

    id: str
    status: Any


class Move(Enum):
    """Base of the tables of moves. A member is (states before, state after, audit event, error code of a refusal). A
    move without states before it makes a row. If a move has no audit event, the caller writes an event that covers it,
    with another row's move. `refusal`, a class argument, is the error code of moves without their own.
    """

    _default_refusal: ClassVar[str]

    def __init__(
        self, sources: Iterable[StrEnum], target: StrEnum, event: Event | None = None, refusal: str | None = None
    ) -> None:
        self.sources = frozenset(sources)
        self.target = target
        self.event = event
        self._own_refusal = refusal

    def __init_subclass__(cls, *, refusal: str) -> None:
        cls._default_refusal = refusal

    @property
    def refusal(self) -> str:
        return self._own_refusal or self._default_refusal


def begin(act: Act, row: Stateful, move: Move, *, registration: str | None = None, **facts: object) -> None:
    """Gives a new row its first state, and writes the audit event."""
    if move.sources:
        raise ValueError(f"{move} begins nothing")
    row.status = move.target
    _write(act, row, move, registration, facts)


def require(row: Stateful, move: Move) -> None:
    """Raises `Conflict` if the row's state does not allow this move."""
    if row.status not in move.sources:
        raise Conflict(move.refusal, status=row.status.value)


def carry_out(act: Act, row: Stateful, move: Move, *, registration: str | None = None, **facts: object) -> None:
    """Changes the state of a row, increases its version if it has a version, and writes the audit event of the move.

    `registration`: the case, if the row does not contain it. `facts`: additional facts of the audit event. Raises
    `Conflict` if the state does not allow the move.
    """
    require(row, move)
    row.status = move.target
    if isinstance(row, Registration | Lifetime):
        row.version += 1
    _write(act, row, move, registration, facts)


def fitting(row: Stateful, *moves: Move) -> Move:
    """Returns the move that the row state allows, among moves for the same act in several states. If no move fits,
    returns the first, which then raises the error.
    """
    return next((move for move in moves if row.status in move.sources), moves[0])


def _write(act: Act, row: Stateful, move: Move, registration: str | None, facts: Mapping[str, object]) -> None:
    if move.event is None:
        return
    if isinstance(row, Registration):
        audit_log.write(act, move.event, registration=row.id, subject=None, shown=None, **facts)
    else:
        case = registration or getattr(row, "registration_id", None)
        audit_log.write(act, move.event, registration=case, subject=row.id, shown=None, **facts)
