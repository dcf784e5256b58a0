"""The state machine. A move changes the state of a row, writes an audit event, and increases the version. A move that
the current state does not allow is refused.
"""

from collections.abc import Iterable, Mapping
from enum import Enum, StrEnum
from typing import Any, ClassVar, Protocol

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core import signals
from placement.core.codes import RegistrationStatus
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.signals import CaseClosed, CaseReopened
from placement.tables import MassEvent, Registration
from placement.tables.shelter import Lifetime


class Stateful(Protocol):
    """A row with a state."""

    id: str
    status: Any


class Move(Enum):
    """The base of the tables of moves. A member of a table has these values:

    - `sources`: the states before the move; empty if the move makes a row.
    - `target`: the state after the move.
    - `event`: the audit event; `None` if another row's move in the same act writes the event.
    - `refusal`: the error code if the state does not allow the move; by default the argument `refusal` of the class.
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
    """Sets the first state of a new row, and writes the audit event. Raises `ValueError` for a later move."""
    if move.sources:
        raise ValueError(f"{move} begins nothing")
    row.status = move.target
    _write(act, row, move, registration, facts)


def require(row: Stateful, move: Move) -> None:
    """Raises `Conflict` if the state of the row does not allow this move."""
    if row.status not in move.sources:
        raise Conflict(move.refusal, status=row.status.value)


def carry_out(act: Act, row: Stateful, move: Move, *, registration: str | None = None, **facts: object) -> None:
    """Changes the state of a row, and increases its version if it has a version. Writes the audit event of the move.
    Publishes a signal if the move closes or reopens a case.

    `registration`: the id of the case, if the row does not contain it. `facts`: further facts of the audit event.
    Raises `Conflict` if the state does not allow the move.
    """
    require(row, move)
    was, row.status = row.status, move.target
    if isinstance(row, MassEvent | Registration | Lifetime):
        row.version += 1
    _write(act, row, move, registration, facts)
    if isinstance(row, Registration) and RegistrationStatus.CLOSED in {was, row.status}:
        ended = row.status is RegistrationStatus.CLOSED
        signals.publish(act, CaseClosed(row.id) if ended else CaseReopened(row.id))


def fitting(row: Stateful, *moves: Move) -> Move:
    """Returns the first of these moves that the row's state allows. If the state allows no move, returns the first
    move, for which `carry_out` then raises `Conflict`.
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
