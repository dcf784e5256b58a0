"""The page of the engine's weights: their meaning, a preview of other weights, and earlier versions."""

from dataclasses import dataclass

from litestar import Response

from api.http.context import RequestActs
from api.http.methods import post
from api.http.work_kinds import Work
from api.pages.declared_pages import form
from api.pages.form_results import form_on, given
from api.pages.forms import Form, SentForm, number
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1 import policy as routes
from api.v1.policy import EffectCasesOut, EffectOut, PolicyOut, PolicyVersionOut, WeightsIn
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.solver.weights import in_nights

HERE = "/settings"


@dataclass(frozen=True, slots=True)
class Weights:
    now: PolicyOut
    versions: list[PolicyVersionOut]


@page_at(HERE, permission=Permission.POLICY_READ)
def show(
    request: Page,
    acts: RequestActs,
    wrong: Wrong | None = None,
    *,
    form: Form | None = None,
    effect: EffectOut | EffectCasesOut | None = None,
) -> Response[str]:
    def weights(act: Act) -> Weights:
        return Weights(routes.read_policy(act, acts.language), routes.list_policy_versions(act, acts.language).items)

    view = acts.show("settings", weights, Permission.POLICY_READ)
    shown = {weight.name: weight.figure for weight in view.now.weights}
    if form is not None:
        shown |= {name: figure for name, figure in _weights(form).items() if isinstance(figure, int)}
    return page(request, "settings.html", view, wrong, nights=in_nights(shown), filled=form, effect=effect)


@post(f"{HERE}/effect", work=Work.SLOW, permission=Permission.POLICY_TRY)
@form_on(show)
def try_it(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Previews other weights on the same page: the cases that would change. Some users see only the number of cases."""
    effect: EffectOut | EffectCasesOut
    wanted = given(WeightsIn, {"weights": _weights(form)})
    if Permission.POLICY_TRY_CASES.is_of(request.user):
        of_cases = acts.under(Permission.POLICY_TRY_CASES)
        effect = of_cases.ask_and_change(
            EffectCasesOut, lambda: routes.ask_effect(of_cases, wanted), routes.effect_by_case
        )
    else:
        effect = acts.ask_and_change(EffectOut, lambda: routes.ask_effect(acts, wanted), routes.effect_in_numbers)
    return show(request, acts, form=form, effect=effect)


def _weights(form: Form) -> dict[str, int | str]:
    names = (name.removeprefix("weights.") for name, _ in form.fields if name.startswith("weights."))
    return {name: number(form.get(f"weights.{name}")) for name in names}


def _facts(form: Form) -> dict[str, object]:
    return {"weights": _weights(form)}


change = form(HERE, routes.change_policy, show, to=f"{HERE}#versions", facts=_facts)
