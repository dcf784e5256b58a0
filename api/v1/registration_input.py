"""Input models of registrations, and their conversion to the domain's types."""

from collections.abc import Callable
from typing import Any

from pydantic import Field

from api.http.context import Input
from api.http.field_types import LEFT_OUT, Code, Day
from placement.core.codes import (
    AvoidedKind,
    Gender,
    LanguageLevel,
    Region,
    Registrant,
    ResidenceBasis,
    RoomFeature,
    Specialism,
)
from placement.registrations.registrations import AvoidedInput, PersonInput, PointInput, ThreatInput

_LISTS = {"languages", "needs", "preferred_needs", "room_needs"}
_COLUMNS = {
    "region",
    "registrant",
    "residence_basis",
    "alias",
    "multiple_problems",
    "urgency",
    "needed_by",
    "language_required",
    "private_room",
    "accepts_mixed",
    "high_care",
}


class PersonIn(Input):
    gender: Gender
    age: int = Field(ge=0, le=120, description="In completed years; a date of birth is not stored.")


class LanguageIn(Input):
    code: Code = Field(description="BCP 47, such as ti, ar, nl.")
    level: LanguageLevel


class PointIn(Input):
    """A Dutch place by name, or a point in degrees."""

    place: str | None = Field(None, max_length=100)
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)
    lon: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)

    def word(self) -> PointInput:
        return PointInput(self.place, self.lat, self.lon)


class ThreatIn(PointIn):
    """A danger point, and the smallest safe distance to it."""

    min_km: int = Field(50, ge=1, le=400, description="50 km where nothing is said (assumed).")


class AvoidedIn(Input):
    kind: AvoidedKind
    target: Code = Field(description="A region's code, or the id of a location, provider or unit.")


class RegistrationPatch(Input):
    """Changed fields; omitted fields stay unchanged. Only `alias` and `near` can be emptied with null.

    `avoided` adds: to lift one, see its own route.
    """

    region: Region = LEFT_OUT
    registrant: Registrant = LEFT_OUT
    residence_basis: ResidenceBasis = LEFT_OUT
    persons: list[PersonIn] = Field(LEFT_OUT, min_length=1, max_length=20)
    alias: str | None = Field(None, max_length=100, description="Never a real name. Stored encrypted.")
    multiple_problems: bool = LEFT_OUT
    urgency: int = Field(LEFT_OUT, ge=1, le=4, description="1 tonight, 2 within days, 3 this week, 4 can wait.")
    needed_by: Day = LEFT_OUT
    languages: list[LanguageIn] = Field(LEFT_OUT, max_length=20)
    language_required: bool = LEFT_OUT
    needs: list[Specialism] = Field(LEFT_OUT, max_length=20)
    preferred_needs: list[Specialism] = Field(LEFT_OUT, max_length=20)
    room_needs: list[RoomFeature] = Field(LEFT_OUT, max_length=20)
    private_room: bool = LEFT_OUT
    accepts_mixed: bool = LEFT_OUT
    high_care: bool = LEFT_OUT
    threats: list[ThreatIn] = Field(LEFT_OUT, max_length=20)
    near: PointIn | None = None
    avoided: list[AvoidedIn] = Field(LEFT_OUT, max_length=50)
    keep_apart: list[Code] = Field(LEFT_OUT, max_length=50, description="References of other registrations.")
    open: bool = Field(LEFT_OUT, description="true: a draft is open from now on.")

    def facts(self) -> dict[str, Any]:
        """Columns of `Registration` for the given fields, as plain values; without a point `near` is emptied."""
        given = self.model_fields_set & (_COLUMNS | _LISTS)
        plain = self.model_dump(mode="json", include=_LISTS)
        facts = {name: plain[name] if name in _LISTS else getattr(self, name) for name in given}
        return facts | {"near": None} if self.near is None and "near" in self.model_fields_set else facts

    def parts(self) -> dict[str, Any]:
        """The given fields that are stored in other tables, as the domain's types."""
        words: dict[str, Callable[[], Any]] = {
            "persons": lambda: [PersonInput(person.gender, person.age) for person in self.persons],
            "threats": lambda: [ThreatInput(threat.word(), threat.min_km) for threat in self.threats],
            "near": lambda: self.near and self.near.word(),
            "avoided": lambda: [AvoidedInput(word.kind, word.target) for word in self.avoided],
            "keep_apart": lambda: self.keep_apart,
        }
        return {name: word() for name, word in words.items() if name in self.model_fields_set}


class RegistrationIn(RegistrationPatch):
    region: Region
    registrant: Registrant
    residence_basis: ResidenceBasis
    persons: list[PersonIn] = Field(min_length=1, max_length=20)
    open: bool = Field(default=True, description="false: a draft.")


class SearchIn(Input):
    alias: str = Field(min_length=1, max_length=100, description="Whole; capitals and spaces do not matter.")


class ClosingIn(Input):
    reason: Code | None = Field(None, description="A coded reason of the step `close`; see /api/v1/vocabulary.")
