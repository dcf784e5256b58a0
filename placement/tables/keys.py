"""Names of the data keys. The keys themselves are in the key store, apart from the database and its backups."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class DataKey(SQLModel, table=True):
    """The key of a registration, of a proposal, or of one day's stored answers (`answers-2026-11-24`)."""

    owner: str = Field(primary_key=True)
    made_at: datetime
    destroyed_at: datetime | None = Field(default=None, index=True)


class KeyStoreName(SQLModel, table=True):
    """The key store that this database was made with: one row."""

    id: str = Field(primary_key=True)
    since: datetime
