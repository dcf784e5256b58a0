"""The facts of places. Each kind of place has a model. The entries of a place must together fit it on every day."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from placement.core.area_codes import PlaceKind, SchemesOfArea
from placement.core.codes import Registrant

Name = Annotated[str, Field(min_length=1, max_length=100)]
PlaceCode = Annotated[str, Field(min_length=1, max_length=40, pattern="^[a-zA-Z0-9][a-zA-Z0-9-]*$")]
Ages = Annotated[int, Field(ge=0, le=120)]


class PlaceFacts(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name


class AreaFacts(PlaceFacts):
    """The facts of a care area: the region of a care coordination, or an age group within a region."""

    municipalities: tuple[PlaceCode, ...] = Field(default=(), max_length=500, description="Their codes.")
    age_from: Ages | None = Field(default=None, description="From this age; null: from any.")
    age_until: Ages | None = Field(default=None, description="Below this age; null: to any.")
    coordinated_by: tuple[str, ...] = Field(
        default=(),
        max_length=20,
        description="The organisations whose coordinators see its cases; none: the coordinators to whom an admin gave "
        "it, and without those the desk.",
    )
    schemes: SchemesOfArea = Field(
        default=SchemesOfArea.HERE,
        description="here: those of this service; own: others, that this service does not place in; none; unknown.",
    )
    island: bool = Field(default=False, description="No way over land leads from it to the other areas.")
    partner: Name | None = Field(
        default=None, description="Whom to ring for a client there, if this service does not place there."
    )
    partner_telephone: str | None = Field(default=None, max_length=40, description="Shown as E.164.")
    partner_does: str | None = Field(default=None, max_length=300, description="What the partner does.")


class MunicipalityFacts(PlaceFacts):
    province: Name | None = None
    police_unit: PlaceCode | None = Field(default=None, description="The code of a unit of registrants.")


class RegistrantUnitFacts(PlaceFacts):
    """The facts of a registrants' unit: a police unit, or a district of the Marechaussee."""

    registrants: tuple[Registrant, ...] = Field(
        default=(), max_length=len(Registrant), description="Which registrants it belongs to; none: all of them."
    )
    telephone: str | None = Field(
        default=None, max_length=40, description="How it is rung about a client, day and night. Shown as E.164."
    )
    organisation: str | None = Field(
        default=None, max_length=40, description="The organisation of registrants to which it belongs."
    )
    region: PlaceCode | None = Field(default=None, description="The care area of its clients; null: given each time.")


class PlaceValue(PlaceFacts):
    """The facts of a place on a given day."""

    ended: bool = False


class AreaValue(AreaFacts, PlaceValue):
    pass


class MunicipalityValue(MunicipalityFacts, PlaceValue):
    pass


class RegistrantUnitValue(RegistrantUnitFacts, PlaceValue):
    pass


VALUES: Mapping[PlaceKind, type[PlaceValue]] = {
    PlaceKind.AREA: AreaValue,
    PlaceKind.MUNICIPALITY: MunicipalityValue,
    PlaceKind.REGISTRANT_UNIT: RegistrantUnitValue,
}
