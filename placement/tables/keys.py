"""Names of the data keys. The keys themselves are in the key store, apart from the database and its backups."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Field, SQLModel

from placement.core.ids import new_id
from placement.tables.audit import OF_A_DAY
from placement.tables.columns import WITHOUT_ORDER

OF_A_CHANGE = "change-"
"""A key of one change of a case's facts is named `change-<case>-<letters>`: it goes with the case, or alone."""

KINDS: Mapping[str, str] = {
    "cases": "R-",
    "proposals": "P-",
    "problems": "F-",
    "changes": OF_A_CHANGE,
    "answers": OF_A_DAY,
    "anomalies": "O-",
}
"""By kind of data key, how its name begins."""
OTHERS = "others"


def new_change(registration_id: str) -> str:
    """The name of the key of a new change of this case: the owner of what was before and after."""
    return new_id(f"{OF_A_CHANGE}{registration_id}")


def begin_of_changes(registration_id: str) -> str:
    """How the names of the keys of all changes of this case begin."""
    return f"{OF_A_CHANGE}{registration_id}-"


def kind_of(owner: str) -> str:
    return next((kind for kind, begins in KINDS.items() if owner.startswith(begins)), OTHERS)


class DataKey(SQLModel, table=True):
    """The key of a registration, of a proposal, of a frozen problem, of a change of a registration, or of one day's
    stored answers (`answers-2026-11-24`). On SQLite the table keeps no order of its rows: it would be that of
    the cases.
    """

    __table_args__ = WITHOUT_ORDER

    owner: str = Field(primary_key=True)
    made_at: datetime
    destroyed_at: datetime | None = Field(default=None, index=True)


class KeyStoreName(SQLModel, table=True):
    """The key store that this database was made with: one row."""

    id: str = Field(primary_key=True)
    since: datetime
