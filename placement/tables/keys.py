"""Names of data keys. The keys themselves are in the key store, separate from the database and its backups."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Field, SQLModel

from placement.core.ids import new_id
from placement.tables.audit import OF_A_DAY
from placement.tables.columns import WITHOUT_ORDER
from placement.tables.count import COUNTS

OF_A_CHANGE = "change-"
"""The prefix of key names for changes of facts: `change-<case>-<letters>`. Such a key is destroyed with the key of the
case, or separately.
"""

KINDS: Mapping[str, str] = {
    "cases": "R-",
    "proposals": "P-",
    "problems": "F-",
    "changes": OF_A_CHANGE,
    "answers": OF_A_DAY,
    "anomalies": "O-",
    "imports": "I-",
    "counts": COUNTS,
}
"""The prefix of the key names, for each kind of data key."""
OTHERS = "others"


def new_change(registration_id: str) -> str:
    """Returns a new key name for a change of this case."""
    return new_id(f"{OF_A_CHANGE}{registration_id}")


def begin_of_changes(registration_id: str) -> str:
    """Returns the common prefix of the key names for all changes of this case."""
    return f"{OF_A_CHANGE}{registration_id}-"


def kind_of(owner: str) -> str:
    return next((kind for kind, begins in KINDS.items() if owner.startswith(begins)), OTHERS)


class DataKey(SQLModel, table=True):
    """The name of a data key, with the times at which the key was made and destroyed. The owner of a key is a
    registration, a proposal, a frozen problem, a change of a registration, or a day of stored answers
    (`answers-2026-11-24`). On SQLite the table keeps no insertion order, because that would be the order of the cases.
    """

    __table_args__ = WITHOUT_ORDER

    owner: str = Field(primary_key=True)
    made_at: datetime
    destroyed_at: datetime | None = Field(default=None, index=True)


class KeyStoreName(SQLModel, table=True):
    """The name of the key store with which this database was made. The table has a single row."""

    id: str = Field(primary_key=True)
    since: datetime
