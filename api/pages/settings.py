"""The weights with their meaning, a preview of other weights, and every earlier version."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency

from api.http.context import Acts
from api.pages.forms import Form, number
from api.pages.frame import Page, again, content_of, given, go, page
from api.v1 import policy as routes
from placement.access.permissions import Permission
from placement.core.errors import PlacementError

HERE = "/settings"


@get(HERE, permission=Permission.POLICY_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    return _settings(request, acts)


@post(f"{HERE}/effect", permission=Permission.POLICY_TRY, form=True, status_code=200, sync_to_thread=True)
def try_it(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[str]:
    """A preview on the same page: users with access to cases see which change, others see how many."""
    weights = {"weights": _weights(form)}
    may_see = request.user.role in Permission.POLICY_TRY_CASES.reach
    try:
        wanted = given(routes.WeightsIn, weights)
        if may_see:
            seen = acts.under(Permission.POLICY_TRY_CASES)
            effect = content_of(routes.try_policy_on_cases.fn(seen, wanted))
        else:
            effect = content_of(routes.try_policy.fn(acts, wanted))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _settings(request, acts, filled=form, **wrong))
    return _settings(request, acts, filled=form, effect=effect)


@post(HERE, permission=Permission.POLICY_CHANGE, form=True, sync_to_thread=True)
def change(request: Page, acts: NamedDependency[Acts], form: NamedDependency[Form]) -> Response[Any]:
    try:
        wanted = given(routes.PolicyIn, {"weights": _weights(form), "reason": form.get("reason")})
        routes.change_policy.fn(acts, wanted)
    except PlacementError as error:
        return again(request, error, lambda **wrong: _settings(request, acts, filled=form, **wrong))
    return go(f"{HERE}#versions")


def _weights(form: Form) -> dict[str, Any]:
    names = (name.removeprefix("weights.") for name, _ in form.fields if name.startswith("weights."))
    return {name: number(form.get(f"weights.{name}")) for name in names}


def _settings(request: Page, acts: Acts, **shown: Any) -> Response[str]:
    acts = acts.under(Permission.POLICY_READ)
    return page(
        request,
        "settings.html",
        now=content_of(routes.read_policy.fn(acts)),
        versions=content_of(routes.list_policy_versions.fn(acts))["items"],
        may_change=request.user.role in Permission.POLICY_CHANGE.reach,
        may_try=request.user.role in Permission.POLICY_TRY.reach,
        **{"effect": None, **shown},
    )
