"""Rows that give access: a session, a right, a key, a grant. Each carries a seal, made with a key from outside the
database. So no write into the database gives access (`placement/storage/row_seals.py`).
"""

from collections.abc import Mapping
from typing import ClassVar

from sqlmodel import Field, SQLModel


class SealedRow(SQLModel):
    """A row with a seal over its table, its id and its columns.

    The seal does not cover `OUTSIDE` and numbers that the database assigns. Nor does it cover values encrypted with the
    key of a case or proposal: their cipher binds them to the row, and retention empties them.
    """

    OUTSIDE: ClassVar[Mapping[str, str]] = {}
    """Columns without the seal, and the reasons."""

    RECONCILED: ClassVar[bool] = True
    """True if the audit log determines which rows exist (`placement/storage/row_ledger.py`).
    False for rows that live for minutes: their seal contains the end.
    """

    REFUSED: ClassVar[bool] = True
    """True if loading a row that the service did not write is an error."""

    seal: str | None = Field(default=None)
    """The name of the key and the MAC; a row without a seal is not valid."""
