"""The input of a case, from a form, the API or a file, as immutable objects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import ConfigDict

from placement.core.codes import AgeGroup, AvoidedKind, Gender, Registrant, ResidenceBasis
from placement.tables import Registration
from placement.tables.facts import FACTS, Facts


@dataclass(frozen=True, slots=True)
class PersonInput:
    """The input of a person, with the fields of `RegisteredPerson`. Either the age or the presumed age
    group is given.
    """

    gender: Gender
    age: int | None = None
    presumed: AgeGroup | None = None
    adult_on: date | None = None
    housed_as: Gender | None = None
    guardian: bool = False


@dataclass(frozen=True, slots=True)
class PointInput:
    """The input of a point: the name of a place in the list of places, or coordinates."""

    place: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class ThreatInput:
    point: PointInput
    min_km: int | None
    """The distance in km. `None`: the distance that the rule of the day sets."""


@dataclass(frozen=True, slots=True)
class ReachInput:
    point: PointInput
    max_km: int


@dataclass(frozen=True, slots=True)
class AvoidedInput:
    kind: AvoidedKind
    target: str


class Case(Facts):
    """The input of a client's facts and parts. `model_fields_set` contains the names of the fields that were given. A
    change leaves all other fields unchanged; in a new registration they have their default values. A part that is
    `None` was not given.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    region: str | None = None  # type: ignore[assignment]  # like the next three: a change can leave it out
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
        """Returns a case with these values. They must already be validated by an input model or by the reader of a
        file.
        """
        return cls().model_copy(update=values)

    @property
    def given(self) -> list[str]:
        """Returns the names of the given facts and parts, sorted."""
        return sorted(self.model_fields_set)

    def over(self, known: Registration) -> "Case":
        """Returns the case as it will be after this change, without a stored `near`. Facts that were not given have the
        values in `known`.
        """
        return self.model_copy(update=known.facts(FACTS.keys() - self.model_fields_set - {"near"}))

    def columns(self) -> dict[str, object]:
        """Returns the given facts by name. Contains `near` only to empty it, because a new point must be looked up
        first.
        """
        given = self.model_fields_set & FACTS.keys()
        return {name: getattr(self, name) for name in given if name != "near" or self.near is None}
