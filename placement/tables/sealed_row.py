"""Rows with a seal: the rows on which permissions, placements and agreements depend, and the findings of the anomaly
rules. A seal is made with a key from outside the database (`placement/storage/row_seals.py`).
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import ClassVar

from sqlmodel import Field, SQLModel

from placement.core.errors import SealBroken


class InDoubt(Enum):
    """The treatment of a row in doubt: a row that differs from the last version that the service wrote."""

    ABSENT = auto()
    """The row grants nothing. Queries leave it out, and loading it by its name raises an error."""
    SHOWN = auto()
    """The row is loaded and marked. It cannot be changed, or used for a placement. A hold in doubt still keeps its
    beds.
    """
    ROOM = auto()
    """If such a row is in doubt, its room is in doubt within a minute. There are many such rows, so loading a row does
    not check its seal.
    """
    STOPS = auto()
    """The row belongs to a list that must be right as a whole, such as the rules. Loading the row raises an error."""


class SealedRow(SQLModel):
    """A row with a seal over its table, its version and its columns, except those in `OUTSIDE`. Tables without a seal
    are listed in `placement/tables/unsealed.py`.
    """

    OUTSIDE: ClassVar[Mapping[str, str]] = {}
    """The columns that the seal does not cover, each with the reason."""

    RECONCILED: ClassVar[bool] = True
    """True if the audit log determines which rows exist (`placement/storage/row_ledger.py`). False for rows that exist
    only for minutes; their seal contains the time at which they expire.
    """

    NAMED: ClassVar[tuple[str, ...]] = ()
    """The columns that identify the row, if they are not `row_columns`."""

    NEWEST: ClassVar[bool] = False
    """True if rows are only added, and only the newest row of each name is valid. The log determines which row is the
    newest. The name is the id of a row of another table.
    """

    STATED: ClassVar[bool] = True
    """False if no audit event may name the row: the link between this row and a case must end earlier than the audit
    log. The sum of all rows in the audit log still includes the row. Its version and MAC are stored by the check of the
    rows (`placement/audit/row_check.py`).
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
