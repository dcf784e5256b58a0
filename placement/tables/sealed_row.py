"""Rows that open something: a session, a right, a key, a grant. Each carries a seal, made with a key from outside the
database (`placement/storage/row_seals.py`), so that no write into the database gives access.
"""

from collections.abc import Mapping
from typing import ClassVar

from sqlmodel import Field, SQLModel


class SealedRow(SQLModel):
    """A row with a seal over its table, its id and its columns.

    Outside the seal stand `OUTSIDE`, what is encrypted with the key of a case or proposal (bound to its row by its own
    cipher, and emptied by retention), and a number that the database gives.
    """

    OUTSIDE: ClassVar[Mapping[str, str]] = {}
    """Columns without the seal, and why."""

    RECONCILED: ClassVar[bool] = True
    """Whether the audit log says which rows there are (`placement/storage/row_ledger.py`); not of rows that live for
    minutes, whose seal says until when.
    """

    seal: str | None = Field(default=None)
    """Which key made it, and the MAC; a row without one does not hold."""
