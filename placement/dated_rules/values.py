"""The values of dated rules: a model for each kind, which every stored value fits."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from placement.core.codes import Gender, Household, ResidenceBasis, Scheme
from placement.core.reason_codes import Effect, Step, Whose
from placement.core.rule_codes import CommunityRights, RuleKind

_Bases = Annotated[tuple[ResidenceBasis, ...], Field(min_length=1, max_length=len(ResidenceBasis))]


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EntitlementValue(_Value):
    """The schemes that are open to these registrations, the most suitable first. An empty list: another service."""

    bases: _Bases
    schemes: tuple[Scheme, ...] = Field(max_length=len(Scheme))
    households: tuple[Household, ...] = Field(default=(Household.ADULTS,), min_length=1, max_length=len(Household))
    multiple_problems: bool | None = None
    """`None`: both with and without."""
    community_rights: CommunityRights | None = None
    """Community rights of citizens of the EU. `None`: any, also if unknown."""
    genders: tuple[Gender, ...] | None = Field(default=None, min_length=1, max_length=len(Gender))
    """The exact genders of the adults, or of the parents or minors in a household without adults. `None`: any."""


class StayLimitValue(_Value):
    """How many days a stay may last, by basis of residence: through all moves, or in a place of these schemes."""

    bases: _Bases
    days: int = Field(ge=1, le=3650)
    schemes: tuple[Scheme, ...] | None = Field(default=None, min_length=1, max_length=len(Scheme))
    """`None`: the limit of the whole stay, wherever the client lives."""


class SafetyDistanceValue(_Value):
    """The distance in km to a danger point for which the registrant gives no distance."""

    km: int = Field(ge=1, le=400)


class ReasonValue(_Value):
    """The steps at which a coded reason is allowed, and its automatic effect."""

    whose: Whose
    steps: tuple[Step, ...] = Field(max_length=len(Step))
    effect: Effect | None = None
    needs_text: bool = False


Value = EntitlementValue | StayLimitValue | SafetyDistanceValue | ReasonValue

VALUES: Mapping[RuleKind, type[Value]] = {
    RuleKind.ENTITLEMENT: EntitlementValue,
    RuleKind.STAY_LIMIT: StayLimitValue,
    RuleKind.SAFETY_DISTANCE: SafetyDistanceValue,
    RuleKind.REASON: ReasonValue,
}


def value_of(kind: RuleKind, stored: object) -> Value:
    """Returns the value in its model, made once for each stored value, since nothing changes it.
    Raises pydantic's `ValidationError`.
    """
    return _read(kind, json.dumps(stored))


@lru_cache(maxsize=1000)
def _read(kind: RuleKind, stored: str) -> Value:
    return VALUES[kind].model_validate_json(stored)
