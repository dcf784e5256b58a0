"""The values of dated rules. Each kind of rule has a model, and every stored value must fit the model of its kind."""

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
    """The schemes that are open to registrations with these facts, best first. If the list is empty, the client is
    referred elsewhere.
    """

    bases: _Bases
    schemes: tuple[Scheme, ...] = Field(max_length=len(Scheme))
    households: tuple[Household, ...] = Field(default=(Household.ADULTS,), min_length=1, max_length=len(Household))
    multiple_problems: bool | None = None
    """True: the rule is only for clients with multiple problems. False: only for other clients. `None`: for all."""
    community_rights: CommunityRights | None = None
    """The rights under Community law that the rule requires. `None`: every value, and unknown rights."""
    genders: tuple[Gender, ...] | None = Field(default=None, min_length=1, max_length=len(Gender))
    """The rule applies if the adults of the household have exactly these genders. Without adults, the genders of the
    parents count, or else those of the minors. `None`: the rule accepts every gender.
    """


class StayLimitValue(_Value):
    """The limit in days of a whole stay for these bases of residence, or of a stay in places of `schemes`."""

    bases: _Bases
    days: int = Field(ge=1, le=3650)
    schemes: tuple[Scheme, ...] | None = Field(default=None, min_length=1, max_length=len(Scheme))
    """The schemes in whose places the limit is valid. `None`: the limit is for the whole stay."""


class SafetyDistanceValue(_Value):
    """The distance in km to a danger point that applies if the registrant gives no distance."""

    km: int = Field(ge=1, le=400)


class ReasonValue(_Value):
    """The steps at which a coded reason is allowed, and the automatic effect of the reason."""

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
    """Returns the model of a stored value. The result is cached, because the model is immutable. Raises pydantic's
    `ValidationError` if the value does not fit.
    """
    return _read(kind, json.dumps(stored))


@lru_cache(maxsize=1000)
def _read(kind: RuleKind, stored: str) -> Value:
    return VALUES[kind].model_validate_json(stored)
