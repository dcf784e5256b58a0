"""The report of the ledger for a period, as the API returns it. No figure is about fewer than five households. A figure
that is too small for a conclusion is left out.
"""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from placement.core.need_codes import Dimension, NeedMeasure, Owner, PartOfCountry
from placement.core.periods import PeriodKind

FORMAT = "placement-needs/1"
LEAST = 5
"""The smallest number of households in a figure."""
OTHERS = "others"
"""The code of the sum of all groups that are too small to be shown."""


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Interval(Part):
    low: float
    high: float


class Obstacle(Part):
    code: str = Field(
        description="A code of the report's causes; a rule and who can change it, such as "
        "`language.shelter`; an obstacle that people noted; or `others`: the groups below five, and more if their "
        "sum would tell one of them."
    )
    owner: Owner | None = Field(description="Who can change it; null for `others`.")
    household_days: int = Field(description="Households and days: a household that waits for ten days counts ten.")
    percent: int = Field(description="Of all household days.")
    at_least: int = Field(description="Households, rounded down to a multiple of five: there were at least so many.")


class Statement(Part):
    """A group whose figure differs from the figure of all other clients by more than chance explains."""

    dimension: Dimension
    code: str
    measure: NeedMeasure
    of_group: Interval = Field(description="Days for each household, or events for each hundred decisions.")
    of_others: Interval
    is_higher: bool


class Estimate(Part):
    likely: int
    low: int | None = Field(description="With `high`: 8 of 10 resampled periods lie between them; null: not enough.")
    high: int | None


class MoreOfKind(Part):
    """The effect of additional places of a kind in the period, in the housing unit in which they would help most."""

    kind: str
    region: PartOfCountry
    places: int = Field(description="One or two places more; of the kind `families` a place is a room of four beds.")
    placed: Estimate = Field(description="Persons who would have been placed in addition.")
    days_saved: Estimate = Field(description="Days that these persons would not have waited.")
    stay_days: int = Field(description="The measured length of a stay, on which the figures rest.")


class KindOfPlace(Part):
    """The beds of a kind of place: averages per day, rounded to whole beds. `refused`: the number of refusals by
    shelters of this kind; null if it is below five.
    """

    kind: str
    beds: int
    free: int
    unknown: int = Field(description="Beds of shelters that never reported.")
    stale: int
    refused: int | None


class Advised(Part):
    """A kind of place that the previous period's report advised, with the number of its beds then and now."""

    kind: str
    region: PartOfCountry
    beds_then: int
    beds_now: int


class NeedReport(Part):
    format: str = FORMAT
    kind: PeriodKind
    begins_on: date
    ends_on: date
    ledger_from: date = Field(description="The first day of the ledger.")
    days: int = Field(description="Days that are in the ledger.")
    days_without_engine: int = Field(description="Days without causes, because the report was late.")
    days_solved: int = Field(description="Days on which the engine looked for places more.")
    waiting: tuple[Obstacle, ...] = Field(description="What stood in the way of a place, largest first.")
    noted: tuple[Obstacle, ...] = Field(description="What people noted as an obstacle to a place, largest first.")
    staying: tuple[Obstacle, ...] = Field(description="What kept clients beyond the limit of their stay.")
    groups: tuple[Statement, ...]
    places: tuple[KindOfPlace, ...]
    more: tuple[MoreOfKind, ...] = Field(description="Most persons first.")
    advised: tuple[Advised, ...]
