"""A case as given by a form, the API or a file: one frozen value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import ConfigDict

from placement.core.codes import AgeGroup, AvoidedKind, Gender, Registrant, ResidenceBasis
from placement.tables import Registration
from placement.tables.facts import FACTS, Facts


@dataclass(frozen=True, slots=True)
class PersonInput:
    """A person, with the fields of `RegisteredPerson`. Either the age or the presumed age group is given."""

    gender: Gender
    age: int | None = None
    presumed: AgeGroup | None = None
    adult_on: date | None = None
    housed_as: Gender | None = None
    guardian: bool = False


@dataclass(frozen=True, slots=True)
class PointInput:
    """A place from the list, or a point, as given by the user."""

    place: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class ThreatInput:
    point: PointInput
    min_km: int | None
    """`None`: the default of the day."""


@dataclass(frozen=True, slots=True)
class ReachInput:
    point: PointInput
    max_km: int


@dataclass(frozen=True, slots=True)
class AvoidedInput:
    kind: AvoidedKind
    target: str


class Case(Facts):
    """The facts of a client and the other parts, as far as they are given (`model_fields_set`).

    A change leaves the rest unchanged; in a new registration the rest gets its default values. A part that is `None` is
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
        """Returns a case with values that an input model or the reader of a file has validated."""
        return cls().model_copy(update=values)

    @property
    def given(self) -> list[str]:
        """The names of the given facts and parts, sorted."""
        return sorted(self.model_fields_set)

    def over(self, known: Registration) -> "Case":
        """Returns the case that the registration has once this case is stored, without `near`."""
        return self.model_copy(update=known.facts(FACTS.keys() - self.model_fields_set - {"near"}))

    def columns(self) -> dict[str, object]:
        """Returns the given facts by name; `near` only if it is emptied, because a point is looked up first."""
        given = self.model_fields_set & FACTS.keys()
        return {name: getattr(self, name) for name in given if name != "near" or self.near is None}
