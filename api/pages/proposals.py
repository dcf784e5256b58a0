"""The proposal: feasible places, reasons, reasons against the others, costs; and the decision, in two steps."""

from collections import Counter
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts
from api.pages.forms import Form
from api.pages.frame import Page, content_of, done, given, page
from api.v1 import proposals as routes
from api.v1 import registrations
from placement.access.permissions import Permission
from placement.core.errors import NotFound

KINDS = ("given_to_another", "nearly", "not_eligible")
"""Of the places that were not among the best."""

WAYS_OUT = 3
"""Number of smallest changes shown if no unit can take the client, the smallest first."""

Rule = Annotated[str, QueryParameter(max_length=30)]


@get("/proposals/{proposal_id:str}", permission=Permission.PROPOSAL_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts], proposal_id: FromPath[str], rule: Rule = "") -> Response[str]:
    return _one(request, acts, proposal_id, rule=rule)


@get("/proposals/{proposal_id:str}/units/{unit_id:str}", permission=Permission.PROPOSAL_READ, sync_to_thread=True)
def choose(
    request: Page, acts: NamedDependency[Acts], proposal_id: FromPath[str], unit_id: FromPath[str]
) -> Response[str]:
    """The consequences of a choice, before it is confirmed."""
    return _consequences(request, acts, proposal_id, unit_id)


@get("/proposals/{proposal_id:str}/decline", permission=Permission.PROPOSAL_READ, sync_to_thread=True)
def ask_to_decline(request: Page, acts: NamedDependency[Acts], proposal_id: FromPath[str]) -> Response[str]:
    """The consequences of declining, by reason, before it is confirmed."""
    return _declining(request, acts, proposal_id)


@post("/proposals/{proposal_id:str}/decide", permission=Permission.PROPOSAL_DECIDE, form=True, sync_to_thread=True)
def decide(
    request: Page, acts: NamedDependency[Acts], proposal_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    """Decides. On a conflict the page shows the typed values, and the decision made meanwhile."""

    def do() -> str:
        facts = form.some("decision", "unit", "reason", "text", "review_on")
        made = content_of(routes.decide.fn(acts, proposal_id, given(routes.DecisionIn, facts)))
        return f"/registrations/{made['registration']}"

    def show_again(**wrong: Any) -> Response[str]:
        if form.get("decision") == "override" and form.get("unit"):
            return _consequences(request, acts, proposal_id, form.get("unit"), filled=form, **wrong)
        if form.get("decision") == "decline":
            return _declining(request, acts, proposal_id, filled=form, **wrong)
        return _one(request, acts, proposal_id, filled=form, **wrong)

    return done(request, do, show_again)


@get("/decisions/{decision_id:str}", permission=Permission.DECISION_READ, sync_to_thread=True)
def show_decision(request: Page, acts: NamedDependency[Acts], decision_id: FromPath[str]) -> Response[str]:
    """For the approver: the choice and its consequences, to grant or to refuse."""
    return _decision(request, acts, decision_id)


@post("/decisions/{decision_id:str}/confirm", permission=Permission.DECISION_CONFIRM, form=True, sync_to_thread=True)
def confirm(
    request: Page, acts: NamedDependency[Acts], decision_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    def do() -> str:
        granted = given(routes.ConfirmationIn, {"granted": form.get("granted") == "yes"})
        routes.confirm_decision.fn(acts, decision_id, granted)
        return "/"  # after the answer, the desk has no read access to the case any more

    return done(request, do, lambda **wrong: _decision(request, acts, decision_id, **wrong))


def _one(request: Page, acts: Acts, proposal_id: str, **shown: Any) -> Response[str]:
    found = content_of(routes.read_proposal.fn(acts, proposal_id))
    client = content_of(registrations.read_registration.fn(acts, found["registration"]))
    units = [*([found["chosen"]] if found["chosen"] else []), *found["alternatives"]]
    small = [abs(term["points"]) for unit in units for term in unit["points"] if term["term"] != "serve"]
    counted = Counter(one["rule"] for unit in found["others"] for one in unit["broken"])
    rule = shown.pop("rule", "")
    rows = [unit for unit in found["others"] if not rule or any(one["rule"] == rule for one in unit["broken"])]
    return page(
        request,
        "proposal.html",
        one=found,
        client=client,
        units=units,
        most=max([1, *small]),
        terms=dict.fromkeys(term["term"] for unit in units for term in unit["points"]),
        others={kind: [unit for unit in rows if unit["kind"] == kind] for kind in KINDS},
        rules=counted.most_common(),
        rule=rule,
        ways_out=[unit for unit in found["others"] if unit["change"]][:WAYS_OUT],
        decisions=_decisions_on(acts, found),
        **shown,
    )


def _consequences(request: Page, acts: Acts, proposal_id: str, unit_id: str, **shown: Any) -> Response[str]:
    found = content_of(routes.read_proposal.fn(acts, proposal_id))
    unit = _unit_in(found, unit_id)
    if unit is None:
        raise NotFound
    return page(request, "choose.html", one=found, unit=unit, decisions=_decisions_on(acts, found), **shown)


def _declining(request: Page, acts: Acts, proposal_id: str, **shown: Any) -> Response[str]:
    found = content_of(routes.read_proposal.fn(acts, proposal_id))
    return page(request, "decline.html", one=found, decisions=_decisions_on(acts, found), **shown)


def _decision(request: Page, acts: Acts, decision_id: str, **shown: Any) -> Response[str]:
    made = content_of(routes.read_decision.fn(acts, decision_id))
    one = content_of(routes.read_proposal.fn(acts, made["proposal"]))
    return page(request, "decision.html", made=made, one=one, unit=_unit_in(one, made["unit"]), **shown)


def _decisions_on(acts: Acts, found: dict[str, Any]) -> list[dict[str, Any]]:
    """No request while no decision can exist."""
    if found["status"] == "made":
        return []
    return list(content_of(routes.list_decisions.fn(acts, None, 5, 0, found["id"]))["items"])


def _unit_in(found: dict[str, Any], unit_id: str | None) -> dict[str, Any] | None:
    units = [*([found["chosen"]] if found["chosen"] else []), *found["alternatives"], *found["others"]]
    return next((unit for unit in units if unit["unit"] == unit_id), None)
