"""The report of a period in the form in which it is sent and read. Places are exact, as in the daily reports. Counts
about people are combined from the daily reports: a total is a range of the possible values (docs/decisions/0022).
"""

from datetime import date

from pydantic import Field

from placement.core.codes import Freshness
from placement.core.periods import PeriodKind
from placement.reports.model import Count, Counted, Kind, Part, View

FORMAT = "placement-period/1"


class BedsOver(Part):
    """Beds on the days of the period, at 07:00."""

    mean: float | None = Field(description="Of the days that have a report; one decimal; null: no day has one.")
    lowest: int | None
    lowest_on: date | None = Field(description="The first day on which they were so few.")
    highest: int | None
    highest_on: date | None
    bed_days: int = Field(description="The sum over the days that have a report.")


class KindOver(Part):
    """Free places of one kind on the days of the period."""

    kind: Kind
    mean: float | None
    lowest: int | None
    days_without: int = Field(description="Days on which none was free.")


class PeopleOver(Part):
    """A count about people on the days of the period, at 07:00."""

    mean_from: float | None = Field(description="The mean of the days lies between this and `mean_to`; null: not told.")
    mean_to: float | None
    highest: Count | None


class ShelterOver(Part):
    """A shelter that the reader may see. The figures are means over the days that have a report."""

    shelter: str
    name: str
    freshness: Freshness = Field(description="In the last report of the period.")
    beds: float
    used: float = Field(description="By this service or by others.")
    free: float
    occupancy_percent: int | None = Field(description="Used bed-days of all bed-days; null: it had no beds.")
    days_fresh: int = Field(description="Days on which its count was fresh.")


class GroupCounted(Part):
    """The count of a code in a group of codes, such as the reasons why stays ended."""

    group: str
    code: str
    count: Count


class FlowOver(Part):
    """The events in the weeks of the period."""

    weeks: tuple[date, ...] = Field(
        description="The Mondays of its weeks that are over: those whose Thursday is in it."
    )
    missing_weeks: tuple[date, ...] = Field(description="Those of them that no report tells.")
    complete: bool = Field(description="All its weeks are over, and each is told. Until then a total is a range.")
    totals: tuple[Counted, ...]
    parts: tuple[GroupCounted, ...] = Field(description="Sums of what the weekly figures leave possible.")


class PeriodReport(Part):
    format: str = FORMAT
    kind: PeriodKind
    begins_on: date
    ends_on: date
    view: View
    whose: tuple[str, ...]
    reports_from: date = Field(description="The first day of which there is a report at all.")
    days: int = Field(description="Days that have a report.")
    missing_days: tuple[date, ...] = Field(description="Days since then whose moment has come and that have none.")
    days_to_come: int
    free: BedsOver
    used: BedsOver = Field(description="Beds in use, by this service or by others.")
    out_of_service: BedsOver
    by_kind: tuple[KindOver, ...]
    shelters: tuple[ShelterOver, ...]
    waiting: PeopleOver
    near: PeopleOver
    past: PeopleOver
    flow: FlowOver
    series_free: tuple[int | None, ...] = Field(description="Free beds on each day of the period.")
    series_used: tuple[int | None, ...]
    series_waiting: tuple[Count | None, ...] = Field(description="Households that wait on each day of the period.")
