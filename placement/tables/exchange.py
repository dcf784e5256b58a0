"""Imports: the stored meaning of a user's columns, unfinished imports, and the effects of finished imports. A file is
stored only while its import is unfinished.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from placement.crypto.sealed_values import SealedLongText
from placement.tables.columns import encrypted, record, sealed, sealed_as
from placement.tables.sealed_row import SealedRow


class ImportMapping(SQLModel, table=True):
    """The meaning of the columns of a user's file, stored by the fingerprint of the headings. The meaning is used again
    for a later file with the same headings.
    """

    fingerprint: str = Field(primary_key=True)
    sheet: str
    columns: dict[str, str] = record()
    """The service's name of each column, by the user's heading. The name is empty if the column is left out."""
    words: dict[str, dict[str, str]] = record()
    """The service's code by the user's word, for each column of the service."""
    ranges: str | None = None
    """The meaning of a row with several rooms (`RoomRange`), if the user chose it for the whole sheet."""
    name: str | None = encrypted()
    """The user's name for this kind of file."""
    kept_at: datetime
    kept_by: str


class OpenImport(SealedRow, table=True):
    """An unfinished import: the file and the user's answers about it, sealed under a key that is named by the row's id.

    An import can be unfinished for an hour at most. At its end the row is deleted and the key destroyed.
    """

    RECONCILED: ClassVar[bool] = False

    id: str = Field(primary_key=True)
    session_id: str | None = Field(default=None, index=True)
    """The session of the user who gave the file. Empty if the file waits for a second person."""
    ends_at: datetime = Field(index=True)
    request_id: str | None = None
    """The request to a second person, if the import waits for the answer."""
    name: str | None = sealed("id")
    content: str | None = sealed_as(SealedLongText, "id")
    """The file, in base64."""
    answers: dict[str, object] | None = sealed("id")
    """The answers of the person, by kind (`open_imports.Answered`)."""


class ImportRecord(SealedRow, table=True):
    """A finished import, which can be reversed as a whole."""

    id: str = Field(primary_key=True)
    done_at: datetime
    done_by: str
    content: Any = encrypted(nullable=False)
    """The name, counts and effects of the import (`import_records.Content`)."""
    taken_back_at: datetime | None = None
    taken_back_by: str | None = None
