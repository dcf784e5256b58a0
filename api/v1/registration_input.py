"""Input models of registrations, and their conversion to the domain's types."""

from collections.abc import Callable
from typing import Any

from pydantic import Field

from api.http.context import Input
from api.http.field_types import LEFT_OUT, CaseSaid, Code, Day, with_default
from placement.core.codes import AgeGroup, AvoidedKind, Gender
from placement.core.reason_codes import ChangeReason
from placement.registrations.case_rows import AvoidedInput, PersonInput, PointInput, ReachInput, ThreatInput
from placement.tables.facts import FACTS, Facts


class PersonIn(Input):
    gender: Gender
    age: int | None = Field(
        None, ge=0, le=120, description="In completed years; a date of birth is not stored. Null: not known."
    )
    presumed: AgeGroup | None = Field(
        None, description="Where the age is not known: what the person is taken for. In doubt a minor."
    )
    adult_on: Day | None = Field(None, description="The day of turning 18, of a minor. Stored encrypted.")
    housed_as: Gender | None = Field(
        None,
        description="As which a place is sought, where it is another than the registered gender.",
    )
    guardian: bool = Field(
        default=False,
        description="Parent or guardian of the minors of this registration; of a minor: parent of the child.",
    )

    def word(self) -> PersonInput:
        return PersonInput(**self.model_dump())


class PointIn(Input):
    """A Dutch place by name, or a point in degrees."""

    place: str | None = Field(None, min_length=1, max_length=100)
    lat: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)
    lon: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)

    def word(self) -> PointInput:
        return PointInput(self.place, self.lat, self.lon)


class ThreatIn(PointIn):
    """A danger point, and the smallest safe distance to it."""

    min_km: int | None = Field(
        None, ge=1, le=400, description="Where nothing is said, the default of the day (`safety_distance`)."
    )


class ReachIn(PointIn):
    """A place that the client must be able to reach, and how far it may be as the crow flies."""

    max_km: int = Field(30, ge=5, le=400, description="30 km where nothing is said (assumed).")


class AvoidedIn(Input):
    kind: AvoidedKind
    target: Code = Field(description="A region's code, or the id of a location, provider or unit.")


class CaseIn(Facts):
    """A household and what is known of it."""

    needed_by: Day = LEFT_OUT
    region: Code = Field(
        LEFT_OUT,
        description="Code of a care area; left out, it is that of the municipality and the first person's age.",
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

    def facts(self) -> dict[str, Any]:
        """The given facts, by name; `near` only where it is emptied, since a place is looked up first."""
        given = self.model_fields_set & FACTS.keys()
        return {name: getattr(self, name) for name in given if name != "near" or self.near is None}

    def parts(self) -> dict[str, Any]:
        """The given fields that are stored in other tables, as the domain's types."""
        words: dict[str, Callable[[], Any]] = {
            "persons": lambda: [person.word() for person in self.persons],
            "threats": lambda: [ThreatInput(threat.word(), threat.min_km) for threat in self.threats],
            "near": lambda: self.near and self.near.word(),
            "avoided": lambda: [AvoidedInput(word.kind, word.target) for word in self.avoided],
            "reach": lambda: [ReachInput(one.word(), one.max_km) for one in self.reach],
            "keep_apart": lambda: self.keep_apart,
            "stay_with": lambda: self.stay_with,
        }
        return {name: word() for name, word in words.items() if name in self.model_fields_set}


class RegistrationIn(Input, CaseIn):
    open: bool = Field(default=True, description="false: a draft.")


@with_default(LEFT_OUT)
class RegistrationPatch(RegistrationIn):
    """Changed fields; omitted fields stay unchanged, but for a `needed_by` that nobody has said: it follows `urgency`
    and `needed_from`. Only `alias` and `near` can be emptied with null.

    `avoided` adds: to lift one, see its own route. `open`: true opens a draft. Of a client who has a place a change
    needs a `reason`; where it makes the place break a rule, `confirm` too.
    """

    reason: ChangeReason | None = None
    text: str | None = Field(None, max_length=500, description="Why, in words; needed with the reason `other`.")
    confirm: bool = Field(default=False, description="true: stored although the place breaks a rule then.")

    def why(self) -> dict[str, Any]:
        """What the change is stored with."""
        return {"reason": self.reason, "text": self.text, "confirm": self.confirm}


class SearchIn(Input):
    said: str = Field(
        min_length=1,
        max_length=100,
        description="The whole alias; the handle, or how its words begin; or four letters of the reference or more.",
    )


class ClosingIn(Input):
    reason: Code | None = Field(None, description="A coded reason of the step `close`; see /api/v1/vocabulary.")
