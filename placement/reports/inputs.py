"""The input of the report: rows for one moment, stored beside the report, from which it can be built again.

They contain no reference, no name and no text. A row about a client is a length of time with a code.
"""

from datetime import date, datetime

import msgspec
from msgspec import Struct

from placement.core.codes import Region

PART = "/"
"""The separator of the parts of a key."""


def area_reader(code: str) -> str:
    return f"area:{code}"


def shelter_reader(shelter_id: str) -> str:
    return f"shelter:{shelter_id}"


class RoomRow(Struct, frozen=True):
    """One room; `ends`: the days on which beds in other use or out of service become free, with their number."""

    beds: int
    used: int
    held: int
    others: int
    out: int
    out_reason: str | None
    out_until: date | None
    withheld: int
    free: int
    empty: bool
    wheelchair: bool
    too_many: int
    counted_otherwise: bool
    ends: tuple[tuple[date, int], ...]


class UnitRow(Struct, frozen=True):
    unit: str
    name: str
    shelter: str
    region: str
    scheme: str
    admits: tuple[str, ...]
    adults: bool
    children: bool
    rooms: tuple[RoomRow, ...]
    open_until: date | None = None


class ShelterRow(Struct, frozen=True):
    shelter: str
    name: str
    reported_at: datetime | None
    freshness: str
    corrected: bool


class WaitingRow(Struct, frozen=True, order=True):
    region: str
    urgency: int
    days: int
    cause: str


class StayRow(Struct, frozen=True, order=True):
    """A stay in house. `day`: whole days since the first; `limit`: days until the limit of its scheme.
    `before`: the part of the days that the client lived elsewhere, before a move.
    """

    unit: str
    region: str
    day: int
    limit: int
    beds: int
    blocker: str
    before: int = 0


class Span(Struct, frozen=True, order=True):
    """The number of stays in a scheme that lasted so many days; `ended` false: they go on.

    `known_from`: their days at the take-over; stays that had ended by then are unknown.
    """

    scheme: str
    days: int
    ended: bool
    count: int
    known_from: int = 0


class Left(Struct, frozen=True, order=True):
    """Beds of stays that ended in this unit, by the days on which they began, or were taken over, and ended."""

    unit: str
    began_on: date
    ended_on: date
    beds: int


class Extra(Struct, frozen=True):
    unit: str
    extra: str
    serves: int


class FlowRow(Struct, frozen=True):
    """Events of the last complete week; for most, by code.

    `moved`: arrivals at a next place, which are counted nowhere else; `moved_by_region`: by the area of the case. Both
    are `None` in rows from before they were counted so.
    """

    begins_on: date
    registered: int
    arrived: int
    expired: int
    decisions: dict[str, int]
    override_reasons: dict[str, int]
    decline_reasons: dict[str, int]
    refusal_reasons: dict[str, int]
    end_reasons: dict[str, int]
    moved: int | None = None
    moved_by_region: dict[str, int] | None = None
    of_readers: dict[str, dict[str, int]] | None = None
    """The share of each count of a reader who knows some events itself (a shelter, an area); `None` in older rows."""


class Before(Struct, frozen=True):
    """The compared part of the newest version of an earlier day's report."""

    on: date
    free: int
    used: int
    by_kind: dict[str, int]
    units: dict[str, tuple[int, int]]
    """Free beds, and beds in use, by unit."""
    expected: dict[str, tuple[int, int, float]]
    """The forecast of stays, by kind: low, high, likely; only kinds with a forecast."""


class Past(Struct, frozen=True):
    """A day's rounded figures of beds, which later reports compare; `kinds`: free places by kind."""

    on: date
    free: int
    used: int
    kinds: dict[str, int]


class Memory(Struct, frozen=True):
    """The figures that readers saw (`memory.py`). `people_on`: the day of the counts of people."""

    people_on: date
    anchors: dict[str, int]
    """The true count at which a rounded figure last changed, by figure."""

    past: tuple[Past, ...]
    """This day and the 28 days before, the oldest first."""

    people: dict[str, str] = {}
    """The published counts of people that go on from day to day, by key."""

    waits: tuple[str, str] | None = None
    """The published median and longest waiting time; `None` if too few wait."""


class Rows(Struct, frozen=True):
    on: date
    as_of: datetime
    late: bool
    shelters: tuple[ShelterRow, ...]
    units: tuple[UnitRow, ...]
    waiting: tuple[WaitingRow, ...]
    extras: tuple[Extra, ...]
    flow: FlowRow
    stays: tuple[StayRow, ...]
    spans: tuple[Span, ...]
    left: tuple[Left, ...]
    before: tuple[Before, ...]
    """The oldest first."""
    areas: tuple[tuple[str, str], ...] = tuple((region.value, "") for region in Region)
    """Code and name of every care area, past or present. In rows from before areas were data: the ten police units."""
    moving: dict[str, int] | None = None
    """Residents for whom another place is sought, by kind of request; `None` in earlier rows."""
    moving_of_readers: dict[str, dict[str, int]] | None = None
    """The share of `moving` of each reader (a shelter or an area); `None` in earlier rows."""
    missing: int | None = None
    """Registrations whose client, or a person of the household, is missing; `None` in earlier rows."""
    missing_of_readers: dict[str, dict[str, int]] | None = None
    """The share of `missing` of each reader, like `moving_of_readers`."""

    memory: Memory | None = None
    """`None` in rows from before reports had a memory."""

    @property
    def area_codes(self) -> tuple[str, ...]:
        return tuple(code for code, _ in self.areas)


def write_rows(rows: Rows) -> str:
    return msgspec.json.encode(rows, order="sorted").decode()


def read_rows(written: str) -> Rows:
    return msgspec.json.decode(written, type=Rows)
