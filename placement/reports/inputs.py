"""The input of the report: rows for a certain moment. They are stored with the report, so that the report can be built
again. The rows contain no reference, no name of a person and no free text. A row about a client contains only a length
of time and codes.
"""

from datetime import date, datetime

import msgspec
from msgspec import Struct

from placement.core.codes import Region

PART = "/"
"""The separator between the parts of a key."""


def area_reader(code: str) -> str:
    return f"area:{code}"


def shelter_reader(shelter_id: str) -> str:
    return f"shelter:{shelter_id}"


class RoomRow(Struct, frozen=True):
    """A room. `ends`: the days on which beds in other use or out of service become free, each with the number of these
    beds.
    """

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
    """A stay in house. `day`: the number of whole days since the first day. `limit`: the number of days at which the
    limit of the scheme is reached. `before`: how many days of `day` the client spent elsewhere, before a move.
    """

    unit: str
    region: str
    day: int
    limit: int
    beds: int
    blocker: str
    before: int = 0


class Span(Struct, frozen=True, order=True):
    """The number of stays in a scheme that lasted this number of days. `ended`: false if these stays still continue.
    `known_from`: the number of days that the stays had already lasted at the take-over. Stays that ended before the
    take-over are unknown.
    """

    scheme: str
    days: int
    ended: bool
    count: int
    known_from: int = 0


class Left(Struct, frozen=True, order=True):
    """The beds of an ended stay in this unit. `began_on`: the first day of the stay, or the day of its take-over."""

    unit: str
    began_on: date
    ended_on: date
    beds: int


class Extra(Struct, frozen=True):
    unit: str
    extra: str
    serves: int


class FlowRow(Struct, frozen=True):
    """The events of the last complete week, most of them by code. `moved`: arrivals after a move; no other figure
    includes them. `moved_by_region`: the number of these arrivals by the area of the case. Both are `None` in older
    rows, made before moves were counted separately.
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
    """Share of each count that a reader (a shelter or an area) knows without the report, by reader. `None` in
    older rows.
    """


class Before(Struct, frozen=True):
    """The figures of an earlier day, from its newest report, with which this report compares its own figures."""

    on: date
    free: int
    used: int
    by_kind: dict[str, int]
    units: dict[str, tuple[int, int]]
    """The number of free beds and the number of beds in use, by unit."""
    expected: dict[str, tuple[int, int, float]]
    """The forecast of stays by kind: low, high, likely. Contains only kinds with a forecast."""


class Past(Struct, frozen=True):
    """The rounded figures of beds on a day, with which later reports compare their figures. `kinds`: free places by
    kind.
    """

    on: date
    free: int
    used: int
    kinds: dict[str, int]


class Memory(Struct, frozen=True):
    """The figures that readers saw (`memory.py`). `people_on`: the day whose counts of people they saw."""

    people_on: date
    anchors: dict[str, int]
    """The true count at the last change of each rounded figure."""

    past: tuple[Past, ...]
    """The figures of this day and of the 28 days before, oldest first."""

    people: dict[str, str] = {}
    """The published counts of people that continue from day to day, by key."""

    waits: tuple[str, str] | None = None
    """The published median and longest waiting time; `None` if too few clients wait."""


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
    """Figures of earlier days, oldest first."""
    areas: tuple[tuple[str, str], ...] = tuple((region.value, "") for region in Region)
    """Code and name of every care area, past or present. The default is for older rows: the ten police units."""
    moving: dict[str, int] | None = None
    """The number of residents for whom another place is sought, by kind of request. `None` in older rows."""
    moving_of_readers: dict[str, dict[str, int]] | None = None
    """Share of `moving` that a reader (a shelter or an area) knows without the report, by reader. `None` in older
    rows.
    """
    missing: int | None = None
    """The number of registrations of which the client, or a person of the household, is missing. `None`
    in older rows.
    """
    missing_of_readers: dict[str, dict[str, int]] | None = None
    """Share of `missing` that a reader (a shelter or an area) knows without the report, by reader."""

    memory: Memory | None = None
    """The memory of the report. `None` in rows of reports without a memory."""

    @property
    def area_codes(self) -> tuple[str, ...]:
        return tuple(code for code, _ in self.areas)


def write_rows(rows: Rows) -> str:
    return msgspec.json.encode(rows, order="sorted").decode()


def read_rows(written: str) -> Rows:
    return msgspec.json.decode(written, type=Rows)
