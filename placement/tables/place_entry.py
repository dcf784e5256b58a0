"""Care areas, municipalities and registrants' units, as data: dated entries about each."""

from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field, UniqueConstraint

from placement.core.area_codes import PlaceKind
from placement.tables.columns import coded, record
from placement.tables.sealed_row import InDoubt, SealedRow


class PlaceEntry(SealedRow, table=True):
    """An entry about a place: the facts that it changes, from one day on. The state of a place on a day is the sum of
    the entries until then, by day and number. Entries are never changed or deleted.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.STOPS
    __table_args__ = (UniqueConstraint("kind", "code", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: PlaceKind = coded(PlaceKind)
    code: str
    """The code of the place: it stays the same through every change, even of the name."""
    number: int
    """The sequence number of the entry: its version."""
    facts: dict[str, object] = record()
    """The facts of `placement/areas/values.py` that it sets."""
    valid_from: date | None = None
    """The first day; `None`: since ever."""
    source: str
    listed_on: date | None = None
    """The date of the published list from which it comes."""
    set_by: str
    set_at: datetime
