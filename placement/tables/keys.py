"""Names of the data keys. The keys themselves are in the key store, apart from the database and its backups."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Field, SQLModel

from placement.core.ids import new_id
from placement.tables.audit import OF_A_DAY
from placement.tables.columns import WITHOUT_ORDER

OF_A_CHANGE = "change-"
"""The prefix of the key of a change of a case's facts, `change-<case>-<letters>`: destroyed with the case, or alone."""

KINDS: Mapping[str, str] = {
    "cases": "R-",
    "proposals": "P-",
    "problems": "F-",
    "changes": OF_A_CHANGE,
    "answers": OF_A_DAY,
    "anomalies": "O-",
}
"""The prefix of the names, by kind of data key."""
OTHERS = "others"


def new_change(registration_id: str) -> str:
    """Returns the name of the key for a new change of this case."""
    return new_id(f"{OF_A_CHANGE}{registration_id}")


def begin_of_changes(registration_id: str) -> str:
    """Returns the prefix of the names of the keys for all changes of this case."""
    return f"{OF_A_CHANGE}{registration_id}-"


def kind_of(owner: str) -> str:
    return next((kind for kind, begins in KINDS.items() if owner.startswith(begins)), OTHERS)


class DataKey(SQLModel, table=True):
    """The key of a registration, proposal, frozen problem, change of a registration, or day of stored answers.
    The last is named like `answers-2026-11-24`. On SQLite the table keeps no order of its rows, which would be that of
    the cases.
    """

    __table_args__ = WITHOUT_ORDER

    owner: str = Field(primary_key=True)
    made_at: datetime
    destroyed_at: datetime | None = Field(default=None, index=True)


class KeyStoreName(SQLModel, table=True):
    """The key store that this database was made with; a single row."""

    id: str = Field(primary_key=True)
    since: datetime
