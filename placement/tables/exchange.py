"""The traces of imports: the meaning of a user's columns, and the imports that wait for a second person.
The files themselves are never stored.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from placement.tables.columns import record
from placement.tables.sealed_row import SealedRow


class ImportMapping(SQLModel, table=True):
    """The meaning of a row of headings, found again by their fingerprint."""

    fingerprint: str = Field(primary_key=True)
    sheet: str
    columns: dict[str, str] = record()
    """The service's column by the user's heading; empty for a column that is left out."""
    words: dict[str, dict[str, str]] = record()
    """The code by the user's word, by column of the service."""
    kept_at: datetime
    kept_by: str


class ImportRequest(SealedRow, table=True):
    """A requested import that closes many places: another person has to give the same file."""

    fingerprint: str = Field(primary_key=True)
    asked_by: str
    asked_at: datetime
