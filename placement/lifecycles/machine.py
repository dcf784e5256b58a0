"""The state machine.
A move from state to state is refused if it does not fit, written as an audit event, and counted in the version.
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
    """A row that has a state."""

    id: str
    status: Any


class Move(Enum):
    """Base of a table of moves: a member is (states before, state after, audit event, error code of a refusal).
    A move without a state before it begins a row. For a move without an audit event, the caller writes the event that
    covers it, with the move of another row. `refusal`, given with the class, is the error code of every move without
    its own.
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
    """Gives a new row its first state, and writes the audit event of that."""
    if move.sources:
        raise ValueError(f"{move} begins nothing")
    row.status = move.target
    _write(act, row, move, registration, facts)


def require(row: Stateful, move: Move) -> None:
    """Raises `Conflict` if this move does not lead from the state of the row."""
    if row.status not in move.sources:
        raise Conflict(move.refusal, status=row.status.value)


def carry_out(act: Act, row: Stateful, move: Move, *, registration: str | None = None, **facts: object) -> None:
    """Changes the state of a row, raises its version if it has any, and writes the audit event of the move.

    `registration`: the case, if the row does not name it. `facts`: further facts of the audit event. Raises `Conflict`
    as `require` does.
    """
    require(row, move)
    row.status = move.target
    if isinstance(row, Registration | Lifetime):
        row.version += 1
    _write(act, row, move, registration, facts)


def fitting(row: Stateful, *moves: Move) -> Move:
    """Returns the move that leads from the state of the row, among moves that are the same act from several states.
    If no move does, returns the first, which then refuses.
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
