"""Input and output models of areas, municipalities and registrants' units."""

from datetime import date, datetime

from pydantic import BaseModel, Field, JsonValue

from api.http.context import Input, Output, Versioned
from api.http.field_types import LEFT_OUT, Day, with_default
from api.v1.telephone_numbers import NumbersIn
from placement.areas.values import AreaFacts, MunicipalityFacts, PlaceCode, RegistrantUnitFacts

MOST_LISTED = 1000


class _PeriodIn(BaseModel):
    since: Day | None = Field(None, description="The first day, today or later; left out: today.")
    until: Day | None = Field(None, description="The first day on which the place no longer exists.")


class AreaIn(NumbersIn, Input, _PeriodIn, AreaFacts):
    code: PlaceCode


class MunicipalityIn(Input, _PeriodIn, MunicipalityFacts):
    code: PlaceCode


class RegistrantUnitIn(NumbersIn, Input, _PeriodIn, RegistrantUnitFacts):
    code: PlaceCode


@with_default(LEFT_OUT)
class AreaPatch(NumbersIn, Input, _PeriodIn, AreaFacts):
    """Changes of an area, valid from a given day. Omitted fields stay unchanged. `until`: the first day on which the
    area no longer exists.
    """


@with_default(LEFT_OUT)
class MunicipalityPatch(Input, _PeriodIn, MunicipalityFacts):
    """Changes of a municipality, valid from a given day. Omitted fields stay unchanged. `until`: the first day on which
    it no longer exists.
    """


@with_default(LEFT_OUT)
class RegistrantUnitPatch(NumbersIn, Input, _PeriodIn, RegistrantUnitFacts):
    """Changes of a unit, valid from a given day. Omitted fields stay unchanged. `until`: the first day on which the
    unit no longer exists.
    """


class MunicipalityListed(Input, MunicipalityFacts):
    code: PlaceCode


class MunicipalityListIn(Input):
    """A published list of all municipalities. Municipalities that it does not contain end. Can be imported again."""

    source: str = Field(min_length=3, max_length=300, description="Who published the list, and where.")
    listed_on: Day = Field(description="The date of the list.")
    since: Day | None = Field(None, description="The first day on which the list is valid; left out: today.")
    rehearsed: bool = Field(default=False, description="true: count the changes, and store nothing.")
    items: list[MunicipalityListed] = Field(min_length=1, max_length=MOST_LISTED)


class _PlaceOut(Versioned):
    code: str
    since: date | None = Field(description="The first day; null: there is no known beginning.")
    until: date | None = Field(description="The first day on which the place no longer exists, if known.")
    ended: bool
    source: str
    listed_on: date | None = Field(description="The date of the published list from which the place was imported.")


class AreaOut(_PlaceOut, Output, AreaFacts):
    """A care area on a day. `version` also counts changes for later days."""


class MunicipalityOut(_PlaceOut, Output, MunicipalityFacts):
    """A municipality on a day."""


class RegistrantUnitOut(_PlaceOut, Output, RegistrantUnitFacts):
    """A unit of registrants on a day."""


class AreasOut(Output):
    as_of: date
    items: list[AreaOut]


class MunicipalitiesOut(Output):
    as_of: date
    listed_on: date | None = Field(description="The date of the newest list that was imported; null: there is no list.")
    list_age_days: int | None
    list_source: str | None
    items: list[MunicipalityOut]


class RegistrantUnitsOut(Output):
    as_of: date
    items: list[RegistrantUnitOut]


class PlaceEntryOut(Output):
    """A change of a place: its first day, and the person who entered it."""

    number: int
    facts: dict[str, JsonValue]
    valid_from: date | None
    source: str
    listed_on: date | None
    set_by: str
    set_at: datetime


class PlaceHistoryOut(Output):
    code: str
    items: list[PlaceEntryOut]


class ImportedOut(Output):
    made: int
    changed: int
    ended: int
    unchanged: int
