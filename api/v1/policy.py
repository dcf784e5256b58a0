"""The weights of the engine: the present version, earlier versions, and previews of other weights."""

from datetime import datetime
from typing import Annotated

from litestar import Response
from litestar.params import JSONBody
from pydantic import Field

from api.http import methods
from api.http.context import Acts, Input, Output, RequestActs, Versioned
from api.http.operations import get, put
from api.http.work_kinds import Work
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.solver import reads, weight_versions
from placement.solver.weight_versions import LONGEST_REASON, SHORTEST_REASON, Effect
from placement.solver.weights import WEIGHTS, flat_of
from placement.tables import Policy
from placement.text.messages import Language

Figures = Annotated[
    dict[str, int],
    Field(max_length=100, description="By name, as in GET /api/v1/policy. Omitted weights stay unchanged."),
]


class WeightsIn(Input):
    weights: Figures


class PolicyIn(Input):
    weights: Figures
    reason: str = Field(min_length=SHORTEST_REASON, max_length=LONGEST_REASON, description="The reason. Name no case.")


class WeightOut(Output):
    name: str
    group: str
    words: str
    figure: int
    default: int
    most: int


class PolicyOut(Versioned, Output):
    """A version of the weights. Version 0 is the default and has no author."""

    set_at: datetime | None
    set_by: str | None
    reason: str | None
    weights: list[WeightOut]


class ChangedWeightOut(Output):
    name: str
    words: str
    before: int
    after: int


class PolicyVersionOut(Output):
    version: int
    set_at: datetime
    set_by: str
    reason: str
    changes: list[ChangedWeightOut]
    weights: dict[str, int]


class PolicyVersionsOut(Output):
    items: list[PolicyVersionOut]


class EffectOut(Output):
    """How many waiting clients other weights would move to another place, leave without a place, or give a place."""

    waiting: int
    elsewhere: int
    no_longer: int
    newly: int
    points_now: int = Field(description="The points of today's answer with the new weights.")
    points_then: int = Field(description="The points of the new answer with the new weights.")
    certain: bool = Field(description="true: both answers are proven to be the best.")


class MovedOut(Output):
    registration: str
    how: str = Field(description="elsewhere, no_longer, newly")
    now: str | None
    then: str | None


class EffectCasesOut(EffectOut):
    """The effect of other weights, with the references of the clients."""

    cases: list[MovedOut]


@get("/policy", summary="Read the weights in force", permission=Permission.POLICY_READ)
def read_policy(act: Act, language: Language) -> PolicyOut:
    """Read the current weights, each with its meaning, default and limits."""
    return _serialize(reads.policy(act), language)


@get("/policy/versions", summary="List the versions of the weights", permission=Permission.POLICY_READ)
def list_policy_versions(act: Act, language: Language) -> PolicyVersionsOut:
    """List every version of the weights, newest first: by whom, when, why, and what changed."""
    return _serialize_versions(reads.policies(act), language)


@put("/policy", summary="Change the weights", permission=Permission.POLICY_CHANGE)
def change_policy(act: Act, version: int, data: JSONBody[PolicyIn], language: Language) -> PolicyOut:
    """Save a new version of the weights for later proposals. Earlier proposals keep their weights."""
    return _serialize(weight_versions.set_weights(act, version, data.weights, data.reason), language)


@methods.post("/policy/effect", summary="Preview other weights", permission=Permission.POLICY_TRY, work=Work.SLOW)
def preview_policy(acts: RequestActs, data: JSONBody[WeightsIn]) -> Response[EffectOut]:
    """Preview, in numbers, how other weights would change the answer for all waiting clients. Nothing is saved."""

    return acts.ask_and_write(lambda: ask_effect(acts, data), effect_in_numbers)


@methods.post(
    "/policy/effect/cases",
    summary="Preview other weights, by case",
    permission=Permission.POLICY_TRY_CASES,
    work=Work.SLOW,
)
def preview_policy_cases(acts: RequestActs, data: JSONBody[WeightsIn]) -> Response[EffectCasesOut]:
    """Preview which clients other weights would move, leave without a place, or give a place. Saves nothing."""

    return acts.ask_and_write(lambda: ask_effect(acts, data), effect_by_case)


def ask_effect(acts: Acts, data: WeightsIn) -> Effect:
    """Asks the engine about other weights, outside any transaction."""
    now = acts.world().problem
    return acts.previews.effect(acts.run(lambda act: weight_versions.prepare(act, now, data.weights)))


def effect_in_numbers(act: Act, effect: Effect) -> EffectOut:
    """Returns the effect as numbers, and writes the audit event."""
    weight_versions.record_effect(act, effect, with_cases=False)
    return EffectOut.of(effect, **_counts(effect))


def effect_by_case(act: Act, effect: Effect) -> EffectCasesOut:
    """Returns the effect by case, and writes the audit event."""
    weight_versions.record_effect(act, effect, with_cases=True)
    return EffectCasesOut.of(effect, cases=[MovedOut.of(one) for one in effect.moved], **_counts(effect))


def _counts(effect: Effect) -> dict[str, int]:
    return {how: effect.count(how) for how in ("elsewhere", "no_longer", "newly")}


def _serialize(found: Policy | None, language: Language) -> PolicyOut:
    now = flat_of(found.weights if found else {})
    return PolicyOut(
        version=found.version if found else 0,
        set_at=found.set_at if found else None,
        set_by=found.set_by if found else None,
        reason=found.reason if found else None,
        weights=[WeightOut.of(weight, words=weight.words(language), figure=now[weight.name]) for weight in WEIGHTS],
    )


def _serialize_versions(found: list[Policy], language: Language) -> PolicyVersionsOut:
    items = []
    for one, before in zip(found, [*found, None][1:], strict=True):
        after, earlier = flat_of(one.weights), flat_of(before.weights if before else {})
        changes = [
            ChangedWeightOut(
                name=weight.name,
                words=weight.words(language),
                before=earlier[weight.name],
                after=after[weight.name],
            )
            for weight in WEIGHTS
            if after[weight.name] != earlier[weight.name]
        ]
        items.append(PolicyVersionOut.of(one, changes=changes, weights=after))
    return PolicyVersionsOut(items=items)
