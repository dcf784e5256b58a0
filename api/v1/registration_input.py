"""Input models of registrations, and their conversion to the domain's types."""

from collections.abc import Iterable
from typing import TypedDict

from pydantic import BaseModel, Field

from api.http.context import Input
from api.http.field_types import LEFT_OUT, CaseSaid, Code, Day, with_default
from placement.core.codes import AgeGroup, AvoidedKind, Gender
from placement.core.reason_codes import ChangeReason
from placement.registrations.case import AvoidedInput, Case, PersonInput, PointInput, ReachInput, ThreatInput
from placement.tables.facts import Facts


class PersonIn(Input):
    gender: Gender
    age: int | None = Field(
        None, ge=0, le=120, description="In completed years; a date of birth is not stored. Null: not known."
    )
    presumed: AgeGroup | None = Field(
        None, description="If the age is not known: how the person is treated. If in doubt, as a minor."
    )
    adult_on: Day | None = Field(None, description="Only for a minor: the day of turning 18. Stored encrypted.")
    housed_as: Gender | None = Field(
        None,
        description="The gender by which a place is sought, if it differs from the registered gender.",
    )
    guardian: bool = Field(
        default=False,
        description="true: parent or guardian of the minors of this registration; for a minor: parent of the child.",
    )

    def word(self) -> PersonInput:
        return PersonInput(**self.model_dump())


class PointIn(Input):
    """A place in the Netherlands: a name, or coordinates in degrees."""

    place: str | None = Field(None, min_length=1, max_length=100)
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)
    lon: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)

    def word(self) -> PointInput:
        return PointInput(self.place, self.lat, self.lon)


class ThreatIn(PointIn):
    """A danger point, and the smallest safe distance in km."""

    min_km: int | None = Field(None, ge=1, le=400, description="Left out: the default of the day (`safety_distance`).")


class ReachIn(PointIn):
    """A place that the client must be able to reach, and the largest distance in km, as the crow flies."""

    max_km: int = Field(30, ge=5, le=400, description="Left out: 30 km (assumed).")


class AvoidedIn(Input):
    kind: AvoidedKind
    target: Code = Field(description="A region's code, or the id of a location, provider or unit.")

    def word(self) -> AvoidedInput:
        return AvoidedInput(self.kind, self.target)


class CaseIn(Facts):
    """A household and the known facts about it."""

    needed_by: Day = LEFT_OUT
    region: Code = Field(
        LEFT_OUT,
        description="The code of a care area; left out: it follows from the municipality and the first person's age.",
    )
    near: PointIn | None = None
    persons: list[PersonIn] = Field(min_length=1, max_length=20)
    threats: list[ThreatIn] = Field([], max_length=20)
    reach: list[ReachIn] = Field([], max_length=10)
    avoided: list[AvoidedIn] = Field([], max_length=50)
    keep_apart: list[CaseSaid] = Field([], max_length=50, description="References or handles of other registrations.")
    stay_with: list[CaseSaid] = Field(
        [], max_length=10, description="References or handles of registrations that belong together with this one."
    )

    def case(self) -> Case:
        """Returns the given values as a domain object."""
        return as_case(self, self.model_fields_set & Case.model_fields.keys())


def as_case(said: BaseModel, given: Iterable[str]) -> Case:
    """Returns these fields of an input model as a domain object."""
    return Case.of({name: _as_domain(getattr(said, name)) for name in given})


def _as_domain(value: object) -> object:
    match value:
        case ThreatIn():
            return ThreatInput(value.word(), value.min_km)
        case ReachIn():
            return ReachInput(value.word(), value.max_km)
        case PointIn() | PersonIn() | AvoidedIn():
            return value.word()
        case list():
            return [_as_domain(one) for one in value]
    return value


class RegistrationIn(Input, CaseIn):
    open: bool = Field(default=True, description="false: a draft.")


class Why(TypedDict):
    reason: ChangeReason | None
    text: str | None


@with_default(LEFT_OUT)
class RegistrationPatch(RegistrationIn):
    """Changed fields. Fields that are left out stay unchanged. A `needed_by` that nobody entered follows from `urgency`
    and `needed_from`. Only `alias` and `near` can be emptied with null.

    `avoided` adds avoidances; another operation lifts them. `open`: true registers a draft. If the client has a place,
    a change needs a `reason`. If the place then breaks a rule, the change also needs `confirm`.
    """

    reason: ChangeReason | None = None
    text: str | None = Field(None, max_length=500, description="The reason in words; required with the reason `other`.")
    confirm: bool = Field(default=False, description="true: store the change although the place then breaks a rule.")

    def why(self) -> Why:
        """The reason for the change, and the confirmation of broken rules."""
        return {"reason": self.reason, "text": self.text}


class SearchIn(Input):
    said: str = Field(
        min_length=1,
        max_length=100,
        description="The whole alias; the handle, or how its words begin; or four letters or more of the reference.",
    )


class ClosingIn(Input):
    reason: Code | None = Field(None, description="A coded reason of the step `close`; see /api/v1/vocabulary.")
