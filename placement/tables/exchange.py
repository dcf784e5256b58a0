"""Traces of imports: the stored meaning of a user's columns, and imports that wait for a second person. The files
themselves are never stored.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from placement.tables.columns import record
from placement.tables.sealed_row import SealedRow


class ImportMapping(SQLModel, table=True):
    """The stored meaning of a file's header row. A later file with the same headings is found by their fingerprint."""

    fingerprint: str = Field(primary_key=True)
    sheet: str
    columns: dict[str, str] = record()
    """The service's column name, by the user's heading; empty if the column is left out."""
    words: dict[str, dict[str, str]] = record()
    """The service's code by the user's word, for each column of the service."""
    kept_at: datetime
    kept_by: str


class ImportRequest(SealedRow, table=True):
    """A requested import that closes many places. It is carried out when another person submits the same file."""

    fingerprint: str = Field(primary_key=True)
    asked_by: str
    asked_at: datetime
