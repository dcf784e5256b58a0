"""The heart: where could she go, why, why not elsewhere, at what cost; and what a person decides."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.acts import Acts
from api.pages.forms import Form
from api.pages.frame import Page, again, given, go, page, told
from api.v1 import proposals as routes
from api.v1 import registrations
from placement.errors import PlacementError
from placement.permissions import Permission

KINDS = ("given_to_another", "nearly", "not_eligible")
"""Of the places that were not among the best."""


@get("/proposals/{proposal_id:str}", permission=Permission.PROPOSAL_READ, sync_to_thread=True)
def show(request: Page, acts: NamedDependency[Acts], proposal_id: FromPath[str]) -> Response[str]:
    return _one(request, acts, proposal_id)


@post(
    "/proposals/{proposal_id:str}/decide",
    permission=Permission.PROPOSAL_DECIDE,
    form=True,
    sync_to_thread=True,
)
def decide(
    request: Page, acts: NamedDependency[Acts], proposal_id: FromPath[str], form: NamedDependency[Form]
) -> Response[Any]:
    facts = {name: form.get(name) for name in ("decision", "unit", "reason", "text", "review_on") if form.get(name)}
    try:
        made = told(routes.decide.fn(acts, proposal_id, given(routes.DecisionIn, facts)))
    except PlacementError as error:
        return again(request, error, lambda **wrong: _one(request, acts, proposal_id, filled=form, **wrong))
    return go(f"/registrations/{made['registration']}")


@post(
    "/decisions/{decision_id:str}/confirm",
    permission=Permission.DECISION_CONFIRM,
    form=True,
    sync_to_thread=True,
)
def confirm(acts: NamedDependency[Acts], decision_id: FromPath[str], form: NamedDependency[Form]) -> Response[Any]:
    granted = given(routes.ConfirmationIn, {"granted": form.get("granted") == "yes"})
    made = told(routes.confirm_decision.fn(acts, decision_id, granted))
    return go(f"/registrations/{made['registration']}")


def _one(request: Page, acts: Acts, proposal_id: str, **shown: Any) -> Response[str]:
    found = told(routes.read_proposal.fn(acts, proposal_id))
    her = told(registrations.read_registration.fn(acts, found["registration"]))
    units = [*([found["chosen"]] if found["chosen"] else []), *found["alternatives"]]
    small = [abs(term["points"]) for unit in units for term in unit["points"] if term["term"] != "serve"]
    most = max(small, default=1)
    others = {kind: [unit for unit in found["others"] if unit["kind"] == kind] for kind in KINDS}
    return page(request, "proposal.html", one=found, her=her, units=units, most=max(1, most), others=others, **shown)
