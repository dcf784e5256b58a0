"""The report in the form in which it is stored, sent and read. Its JSON schema describes it. Numbers of beds are exact
for readers who see the places, and otherwise in steps (`rounded_beds.py`). A count about people is a `Count`: a text
from which no value below 5 can be read or derived (`disclosure_control.py`, docs/decisions/0022).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from placement.core.codes import Freshness, OutOfService, Region, Scheme

FORMAT = "placement-report/1"

Count = Annotated[
    str,
    Field(
        pattern="^(<[0-9]+|[0-9]+(\u2013[0-9]+)?|hidden)$",
        description="How many people or households: `<5` (0 to 4), a number, a range such as `3\u201311`, or `hidden`: "
        "it would tell another.",
    ),
]
Days = Annotated[
    str,
    Field(
        pattern="^(<[0-9]+|[0-9]+(\u2013[0-9]+)?|30\\+)$",
        description="A time of waiting in days: `<7`, a range such as `7\u201313`, or `30+`: 30 days or more.",
    ),
]


class Kind(StrEnum):
    """Kinds of places. The kinds overlap: a bed for women in an accessible room counts for both kinds."""

    WOMEN = "women"  # units that admit adult women, but not the scheme for multiple problems
    MEN = "men"  # units that admit adult men, but not the scheme for multiple problems
    FAMILIES = "families"  # units that take children with a parent
    MULTI_PROBLEM = "multi_problem"  # the scheme for multiple problems (OMM)
    ACCESSIBLE = "accessible"  # rooms for a wheelchair
    MINORS = "minors"  # protected shelter for minors


class View(StrEnum):
    """The part of the report that a reader sees in addition to the totals of the country."""

    ALL = "all"
    REGIONS = "regions"
    SHELTER = "shelter"
    TOTALS = "totals"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FreeOfKind(Part):
    """Places of one kind that can be given out now. They are computed by `capacity/vacancy.py`, as on the page of the
    country.
    """

    kind: Kind
    free: int = Field(description="Beds free at the moment of the report.")
    yesterday: int | None = Field(description="The same in yesterday's report; null: there is none.")
    mean_28: float | None = Field(description="Mean of the 28 days before, of as many as have a report; one decimal.")


class Free(Part):
    """Section 1. Free places now: all free beds, each counted once, and the free beds of each kind."""

    free: int
    yesterday: int | None
    mean_28: float | None
    by_kind: tuple[FreeOfKind, ...]
    few: tuple[Kind, ...] = Field((), description="Kinds with so few free places that only the desk reads the number.")


class OutOfUse(Part):
    """Beds in a unit that are out of service for the same reason."""

    reason: OutOfService
    beds: int
    until: date | None = Field(description="The first day on which they can be used again; null: not known.")


class Discrepancies(Part):
    """Rooms in which the shelter's report contradicts known facts (`placement/capacity/vacancy.py`)."""

    too_many: int = Field(description="By how many beds more are in use than there are.")
    counted_otherwise: int = Field(description="Rooms whose free beds the shelter counted otherwise.")


_USED = (
    "Beds of people whom this service placed, with the empty beds of a household that has its room to itself: more "
    "than there are persons."
)
_NOT_READY = (
    "Beds in nobody's use that cannot be given out today: free on a later day, in a place that takes nobody new, or in "
    "a room that was never counted."
)


class UnitPlaces(Part):
    """Section 2. The places of a unit. Each bed is used, used by others, held, out of service, withheld, not ready or
    free. If more beds are in use than exist, `discrepancies` shows it.
    """

    unit: str
    name: str
    shelter: str
    region: Region
    scheme: Scheme
    beds: int
    used: int = Field(description=_USED)
    used_by_others: int
    held: int = Field(description="Kept for a client who has not arrived.")
    out_of_service: int
    out: tuple[OutOfUse, ...]
    withheld: int = Field(description="Not given out until the shelter has confirmed its count.")
    not_ready: int = Field(description=_NOT_READY)
    free: int
    free_rooms: int = Field(description="Rooms with a free bed in which nobody lives.")
    rooms: int
    discrepancies: Discrepancies
    series_free: tuple[int | None, ...] = Field(description="Free beds on the 28 days before, the oldest first.")
    series_used: tuple[int | None, ...] = Field(description="Beds in use, by us or others, on the same days.")
    open_until: date | None = Field(
        default=None, description="Its last day, or that of what it is part of; null: there is none."
    )


class ShelterPlaces(Part):
    """Section 2. The places of a shelter, and how fresh its count is."""

    shelter: str
    name: str
    reported_at: datetime | None = Field(description="When it counted the room that it counted longest ago.")
    freshness: Freshness
    beds: int
    free: int
    units: tuple[UnitPlaces, ...]


class CountryPlaces(Part):
    """Section 2. The figures of `UnitPlaces`, added up for the whole country."""

    shelters: int
    units: int
    beds: int
    used: int = Field(description=_USED)
    used_by_others: int
    held: int
    out_of_service: int
    withheld: int
    not_ready: int = Field(description=_NOT_READY)
    free: int
    free_rooms: int
    rooms: int
    series_free: tuple[int | None, ...]
    series_used: tuple[int | None, ...]


class Counted(Part):
    """A count about people, by a code."""

    code: str
    count: Count


class Bottleneck(Part):
    """An additional place that would help most, computed exactly by the engine
    (`matching.explanations.bottlenecks`).
    """

    unit: str
    scheme: Scheme
    extra: str = Field(description="`room_1`, `room_4`: a room of so many beds; `high_care`: one more place of it.")
    serves: Count = Field(description="How many of those who wait would be placed.")


class Waiting(Part):
    """Section 3. Open registrations that wait. Each registration is a household."""

    total: Count
    median_days: int | Days | None = Field(
        description="Days waited, exact for the desk's page alone; null where fewer than 5 wait."
    )
    longest_days: int | Days | None
    by_urgency: tuple[Counted, ...]
    by_cause: tuple[Counted, ...] = Field(
        description="What keeps them waiting: a rule whose lifting alone would open the most units; `capacity`: no bed "
        "where they may go; `several`: more than one rule everywhere; `decision`: there is a place, "
        "nobody has decided; `no_scheme`: no scheme is open to them; `unknown`: the report was made too late "
        "to ask the engine."
    )
    bottlenecks: tuple[Bottleneck, ...] = Field(description="Of the units that the reader may see; most help first.")
    moving: Count | None = Field(
        None,
        description="Clients who live somewhere and for whom another place is sought, none of them in `total`; null in "
        "reports of before they were counted.",
    )
    moving_by_kind: tuple[Counted, ...] = Field((), description="`transfer`, `onward`.")
    missing: Count | None = Field(
        None,
        description="Registrations of which the client, or a person of the household, is missing; a whole household is "
        "not in `total`. Null in reports of before they were counted.",
    )


class Flow(Part):
    """Section 4. Events of the last complete week (Monday to Sunday in Amsterdam), counted by registrations."""

    begins_on: date
    ends_on: date
    registered: Count
    arrived: Count = Field(description="At a first place; at a next one: `moved`.")
    moved: Count | None = Field(
        None,
        description="Arrivals at a next place, of a client who came from another one: neither `arrived` nor `ended`; "
        "null in reports of before they were counted apart.",
    )
    decisions: Count
    by_decision: tuple[Counted, ...] = Field(description="`accept`, `override`, `decline`.")
    override_percent: str | None = Field(description="Of the decisions, as a range; null where too little may be told.")
    override_reasons: tuple[Counted, ...]
    decline_reasons: tuple[Counted, ...]
    refused: Count = Field(description="Holds that a shelter refused.")
    refusal_reasons: tuple[Counted, ...]
    expired: Count = Field(description="Holds that no shelter answered in time.")
    ended: Count = Field(description="Stays that ended, and no other began.")
    end_reasons: tuple[Counted, ...]


class Clocks(Part):
    """Section 5. Stays near their limit (after two thirds of it: from day 60 of 90), and stays past their limit, by the
    obstacle to leaving.
    """

    near: Count
    past: Count
    past_by_blocker: tuple[Counted, ...] = Field(description="A code, or `none_named`.")


class RegionPeople(Part):
    """The counts of sections 3 to 5 for a care area, about the clients of its coordinator."""

    region: str = Field(description="The code of the area.")
    name: str = Field("", description="Its name; empty in reports of before areas were data.")
    waiting: Count
    near: Count
    past: Count
    moved: Count | None = Field(None, description="In the last week; null in reports of before it was counted.")


class Expected(Part):
    """Section 6. Places of a kind that become free within 14 days."""

    kind: Kind
    known: int = Field(description="Beds of which the end is known: of other use, or of being out of service.")
    likely: float | None = Field(description="Beds of stays that probably end, one decimal; null: too little history.")
    low: int | None = Field(description="With `high`: what comes free of stays lies between them 8 times in 10.")
    high: int | None


class CameOut(Part):
    """Section 6. The forecast of stays in an earlier report, and the number of beds that really became free in those 14
    days.
    """

    expected_on: date
    kind: Kind
    low: int
    high: int
    likely: float
    happened: int


class Forecast(Part):
    """Section 6. The forecast of places that become free."""

    days: int
    stays_known: int = Field(description="Stays of this service that have ended, on which this rests.")
    by_kind: tuple[Expected, ...]
    came_out: tuple[CameOut, ...]
    within: int | None = Field(description="How many of `came_out` lay in their range; null where there are none.")


class Quality(Part):
    """Section 7. The reliability of the data."""

    shelters_not_reported: tuple[str, ...] = Field(description="Without a fresh report of their own.")
    stale_units: tuple[str, ...] = Field(description="Of shelters that have not reported for 72 hours, or never.")
    corrected_shelters: tuple[str, ...] = Field(description="Whose count the service corrected and nobody confirmed.")
    not_reported: int
    stale: int
    corrected: int
    discrepancies: int = Field(description="Rooms with a discrepancy.")


class Report(Part):
    """The capacity report of a day. `view`: the part that a reader sees."""

    format: str = FORMAT
    on: date
    as_of: datetime
    view: View = Field(
        View.ALL,
        description="What the reader sees. Except in `all`, totals of beds are rounded to fives; 0 is fewer than 7.",
    )
    whose: tuple[str, ...] = Field((), description="The regions, or the shelter, that the reader sees beside totals.")
    people_on: date | None = Field(
        None,
        description="The day of the counts of people in `waiting`, `clocks` and `regions`: the first with a report in "
        "its week; null: this day.",
    )
    free: Free
    country: CountryPlaces
    shelters: tuple[ShelterPlaces, ...]
    waiting: Waiting
    flow: Flow
    clocks: Clocks
    regions: tuple[RegionPeople, ...]
    expecting: Forecast
    quality: Quality

    @property
    def is_rounded(self) -> bool:
        """Checks whether the totals of beds are rounded. They are exact only for a reader who sees all places."""
        return self.view is not View.ALL
