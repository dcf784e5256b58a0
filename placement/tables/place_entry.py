"""Care areas, municipalities and registrants' units, as data: what was said of each, and from which day."""

from datetime import date, datetime

from sqlmodel import Field, UniqueConstraint

from placement.core.area_codes import PlaceKind
from placement.tables.columns import coded, record
from placement.tables.sealed_row import SealedRow


class PlaceEntry(SealedRow, table=True):
    """One entry about a place: the facts that it changes, from one day on. What a place is on a day is the sum of the
    entries until then, by day and number; none is ever changed or deleted.
    """

    __table_args__ = (UniqueConstraint("kind", "code", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: PlaceKind = coded(PlaceKind)
    code: str
    """Which place: kept through every change, a new name included."""
    number: int
    """The how manieth entry about it: its version."""
    facts: dict[str, object] = record()
    """Those of `placement/areas/values.py` that it sets."""
    valid_from: date | None = None
    """The first day; None: always before."""
    source: str
    listed_on: date | None = None
    """The date of the published list that it comes from."""
    set_by: str
    set_at: datetime
