"""Care areas, municipalities and registrants' units, stored as dated entries."""

from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field, UniqueConstraint

from placement.core.area_codes import PlaceKind
from placement.tables.columns import coded, record
from placement.tables.sealed_row import InDoubt, SealedRow


class PlaceEntry(SealedRow, table=True):
    """A dated entry about a place: the facts that change on that day. Entries are never changed or deleted. The state
    of a place on a day results from applying all its entries until that day, in the order of day and number.
    """

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.STOPS
    __table_args__ = (UniqueConstraint("kind", "code", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: PlaceKind = coded(PlaceKind)
    code: str
    """The place's code. It never changes, even if the place is renamed."""
    number: int
    """The sequence number of the entry. After the entry, it is the version of the place."""
    facts: dict[str, object] = record()
    """The facts that the entry sets, in the form of `placement/areas/values.py`."""
    valid_from: date | None = None
    """The first day on which the entry is valid; `None` if the entry has no beginning."""
    source: str
    listed_on: date | None = None
    """The date of the published list that contains the entry."""
    set_by: str
    set_at: datetime
