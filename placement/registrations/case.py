"""The input of a case, from a form, the API or a file, as an immutable value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import ConfigDict

from placement.core.codes import AgeGroup, AvoidedKind, Gender, Registrant, ResidenceBasis
from placement.tables import Registration
from placement.tables.facts import FACTS, Facts


@dataclass(frozen=True, slots=True)
class PersonInput:
    """The input of a person, with the fields of `RegisteredPerson`: either the age or the presumed age group."""

    gender: Gender
    age: int | None = None
    presumed: AgeGroup | None = None
    adult_on: date | None = None
    housed_as: Gender | None = None
    guardian: bool = False


@dataclass(frozen=True, slots=True)
class PointInput:
    """The input of a point: the name of a listed place, or coordinates."""

    place: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class ThreatInput:
    point: PointInput
    min_km: int | None
    """The distance in km; `None`: the default of the day."""


@dataclass(frozen=True, slots=True)
class ReachInput:
    point: PointInput
    max_km: int


@dataclass(frozen=True, slots=True)
class AvoidedInput:
    kind: AvoidedKind
    target: str


class Case(Facts):
    """The given facts and parts of a client; `model_fields_set` has the names of the given fields.

    A change leaves all other fields unchanged; a new registration has their default values. A part that is `None` is
    not given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str | None = None  # type: ignore[assignment]  # as the next three: a change need not give it
    registrant: Registrant | None = None  # type: ignore[assignment]
    residence_basis: ResidenceBasis | None = None  # type: ignore[assignment]
    needed_by: date | None = None  # type: ignore[assignment]
    persons: Sequence[PersonInput] | None = None
    threats: Sequence[ThreatInput] | None = None
    near: PointInput | None = None
    avoided: Sequence[AvoidedInput] | None = None
    reach: Sequence[ReachInput] | None = None
    keep_apart: Sequence[str] | None = None
    stay_with: Sequence[str] | None = None

    @classmethod
    def of(cls, values: Mapping[str, object]) -> "Case":
        """Returns a case with these values, which an input model or the reader of a file has already validated."""
        return cls().model_copy(update=values)

    @property
    def given(self) -> list[str]:
        """The names of the given facts and parts, sorted."""
        return sorted(self.model_fields_set)

    def over(self, known: Registration) -> "Case":
        """Returns the case as it will be after this change, without `near`: its own values, else those of `known`."""
        return self.model_copy(update=known.facts(FACTS.keys() - self.model_fields_set - {"near"}))

    def columns(self) -> dict[str, object]:
        """Returns the given facts by name. `near` only if it is emptied, because its point is looked up first."""
        given = self.model_fields_set & FACTS.keys()
        return {name: getattr(self, name) for name in given if name != "near" or self.near is None}
