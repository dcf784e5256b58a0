"""Rows with a seal. Such rows decide who may do what, who can be placed in which unit, and what a person agreed to.
Findings of the anomaly rules have a seal too. A seal is made with a key from outside the database
(`placement/storage/row_seals.py`).
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import ClassVar

from sqlmodel import Field, SQLModel

from placement.core.errors import SealBroken


class InDoubt(Enum):
    """How the service treats a row in doubt, which is a row that differs from the last version that the
    service wrote.
    """

    ABSENT = auto()
    """The row grants nothing. No query finds it, and loading it by its name is refused."""
    SHOWN = auto()
    """The row is loaded and marked. It cannot be changed or used to place, but a hold in doubt still holds."""
    ROOM = auto()
    """The row puts its room in doubt within a minute. Loading does not check the row, as many are read at once."""
    STOPS = auto()
    """The row belongs to a list that must be right as a whole, such as the rules. Loading the row is refused."""


class SealedRow(SQLModel):
    """A row with a seal over its table, its version and its columns, except `OUTSIDE`. The tables without it are listed
    in `placement/tables/unsealed.py`.
    """

    OUTSIDE: ClassVar[Mapping[str, str]] = {}
    """The columns that the seal does not cover, with the reasons."""

    RECONCILED: ClassVar[bool] = True
    """True if the audit log determines which rows exist (`placement/storage/row_ledger.py`). False for rows that live
    only for minutes; their seal contains the time at which they expire.
    """

    NAMED: ClassVar[tuple[str, ...]] = ()
    """The columns that name the row, if they are not `row_columns`."""

    NEWEST: ClassVar[bool] = False
    """True if rows are only added, and the newest row of a name is the only row that decides: the log determines which
    row that is. The name is the id of a row of another table.
    """

    STATED: ClassVar[bool] = True
    """False if no audit event may name the row, since its link with a case ends before the log does. Its share in the
    sum is stated, and the watcher remembers its mark.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.ABSENT

    seal: str | None = Field(default=None)
    """The name of the key, the version of the row, and the MAC. A row without a seal is not valid."""

    @property
    def is_in_doubt(self) -> bool:
        """True if the row that was read differs from the last version that the service wrote."""
        return _DOUBT in self.__dict__

    def put_in_doubt(self, *, doubted: bool) -> None:
        self.__dict__.update({_DOUBT: True}) if doubted else self.__dict__.pop(_DOUBT, None)


_DOUBT = " doubt"


def require_sure(*rows: SealedRow | None) -> None:
    """Raises `SealBroken` if any of these rows is in doubt."""
    for row in rows:
        if row is not None and row.is_in_doubt:
            raise SealBroken(str(row.__tablename__), str(getattr(row, "id", "")))
