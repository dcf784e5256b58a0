"""Dated rules with their versions. A change is rehearsed, requested, and granted by a second person."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.http.work_kinds import Work
from api.pages import second_person
from api.pages.declared_pages import form
from api.pages.form_results import form_on, given
from api.pages.forms import Form, SentForm, iso_day, number
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1 import rules as routes
from api.v1.rules import RehearsalIn, RehearsalOut, StatementOut
from placement.access.permissions import Permission
from placement.core.codes import ResidenceBasis, Scheme
from placement.core.context import Act
from placement.core.reason_codes import Effect, Step
from placement.core.rule_codes import RuleKind
from placement.text.catalogue import languages

HERE = "/rules"
Asked = Annotated[str, QueryParameter(max_length=20)]
_SCHEMES = tuple(f"schemes.{place}" for place in range(len(Scheme)))
_YES_OR_NO = {"yes": True, "no": False, "": None}


@dataclass(frozen=True, slots=True)
class History:
    rule: str
    """The id of some version of the rule; empty for a new rule."""
    kind: str
    code: str
    versions: list[StatementOut]


@page_at(HERE, permission=Permission.RULES_READ)
def show(
    request: Page,
    acts: RequestActs,
    as_of: Asked = "",
    wrong: Wrong | None = None,
    *,
    effect: RehearsalOut | None = None,
) -> Response[str]:
    """Shows the rules that are valid on a day (`as_of`, by default today)."""
    rules = acts.show("rules", lambda act: routes.list_rules(act, acts.language, iso_day(as_of)), Permission.RULES_READ)
    return page(request, "rules.html", None, wrong, rules=rules, kinds=list(RuleKind), effect=effect)


def _one(
    request: Page,
    acts: Acts,
    rule_id: str,
    kind: str = "",
    wrong: Wrong | None = None,
    *,
    filled: Form | None = None,
    effect: RehearsalOut | None = None,
) -> Response[str]:
    """Shows a rule with its versions. Without an id, shows the form for a new rule of this kind."""

    def found(act: Act) -> History:
        if not rule_id:
            return History("", next((one for one in RuleKind if one == kind), RuleKind.ENTITLEMENT), "", [])
        versions = routes.read_rule_history(act, rule_id).items
        return History(rule_id, versions[0].kind, versions[0].code, versions)

    view = acts.show("rule", found, Permission.RULES_READ)
    return page(
        request,
        "rule.html",
        view,
        wrong,
        filled=filled or _filled(view),
        effect=effect,
        schemes=_SCHEMES,
        steps=list(Step),
        effects=list(Effect),
        bases=list(ResidenceBasis),
        languages_of_words=languages(),
    )


def _one_of_form(request: Page, acts: Acts, form: Form, wrong: Wrong) -> Response[str]:
    return _one(request, acts, form.get("rule"), form.get("kind"), wrong)


@get(f"{HERE}/{{rule_id:str}}", permission=Permission.RULES_READ)
def show_rule(request: Page, acts: RequestActs, rule_id: FromPath[str]) -> Response[str]:
    return _one(request, acts, rule_id)


@get(f"{HERE}/new", permission=Permission.RULES_TRY)
def ask_new(request: Page, acts: RequestActs, kind: Asked = RuleKind.ENTITLEMENT) -> Response[str]:
    """Shows the form for a new rule of this kind. An unknown kind means entitlement."""
    return _one(request, acts, "", kind)


@post(f"{HERE}/rehearse", work=Work.SLOW, permission=Permission.RULES_TRY)
@form_on(_one_of_form)
def rehearse(request: Page, acts: RequestActs, form: SentForm) -> Reply:
    """Shows the effect of the change on the same page. Saves nothing."""
    wanted = given(RehearsalIn, _facts(form))
    effect = acts.change(RehearsalOut, lambda act: routes.rehearse_rule_change(act, wanted))
    return _one(request, acts, form.get("rule"), form.get("kind"), filled=form, effect=effect)


@post(f"{HERE}/changes/{{rule_change_id:str}}/rehearse", work=Work.SLOW, permission=Permission.RULES_TRY)
@form_on(show)
def rehearse_waiting(request: Page, acts: RequestActs, rule_change_id: FromPath[str]) -> Reply:
    """Shows the effect of a requested change, for the second person."""
    effect = acts.change(RehearsalOut, lambda act: routes.rehearse_requested_rule_change(act, rule_change_id))
    return show(request, acts, effect=effect)


def _facts(form: Form) -> dict[str, object]:
    words = {one: form.get(f"words.{one}") for one in languages() if form.get(f"words.{one}")}
    return {
        **form.every("kind", "code", "ground", "source", "valid_from"),
        "valid_until": form.get("valid_until") or None,
        "place": number(form.get("place")) if form.get("place") else None,
        "assumed": form.has("assumed"),
        "words": words,
        "value": None if form.has("ends") else _value(form),
    }


def _value(form: Form) -> dict[str, object]:
    kind = form.get("kind")
    if kind == RuleKind.ENTITLEMENT:
        return {
            "bases": form.all("bases"),
            "schemes": [form.get(place) for place in _SCHEMES if form.get(place)],
            "households": form.all("households"),
            "multiple_problems": _YES_OR_NO.get(form.get("multiple_problems")),
            "community_rights": form.get("community_rights") or None,
            "genders": form.all("genders") or None,
        }
    if kind == RuleKind.STAY_LIMIT:
        schemes = [form.get(place) for place in _SCHEMES if form.get(place)]
        return {"bases": form.all("bases"), "days": number(form.get("days")), "schemes": schemes or None}
    if kind == RuleKind.SAFETY_DISTANCE:
        return {"km": number(form.get("km"))}
    return {
        "whose": form.get("whose"),
        "steps": form.all("steps"),
        "effect": form.get("effect") or None,
        "needs_text": form.has("needs_text"),
    }


def _filled(view: History) -> Form:
    newest = view.versions[0] if view.versions else None
    fields: list[tuple[str, object]] = [("code", view.code), ("valid_from", "")]
    if newest is None:
        return Form((name, str(value)) for name, value in fields)
    fields += [(name, getattr(newest, name)) for name in ("ground", "source", "place")]
    fields += [("assumed", "yes")] if newest.assumed else []
    fields += [(f"words.{language}", words) for language, words in newest.words.items()]
    for name, value in (newest.value or {}).items():
        if name == "schemes" and isinstance(value, list):
            fields += list(zip(_SCHEMES, value, strict=False))
        elif isinstance(value, list):
            fields += [(name, one) for one in value]
        elif isinstance(value, bool):
            fields.append((name, ("yes" if value else "no") if name != "needs_text" or value else ""))
        elif value is not None:
            fields.append((name, value))
    return Form((name, str(value)) for name, value in fields)


ask = form(f"{HERE}/ask", routes.request_rule_change, _one_of_form, to=second_person.HERE, facts=_facts)
