"""A decision that waits for another person, or is looked at again."""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.forms import SentForm
from api.pages.frame import Page, Wrong, page, page_at
from api.pages.outcomes import form_on, given
from api.pages.proposals import unit_in
from api.v1 import decisions as routes
from api.v1 import proposals
from api.v1.decisions import ConfirmationIn, DecisionOut, LookIn
from api.v1.proposals import ProposalOut, UnitOut
from placement.access.permissions import Permission
from placement.accounts.totp import is_fresh
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.placements.decisions import breaks_safety
from placement.registrations.brief import Brief, briefs_of
from placement.text.languages import Language

HERE = "/decisions/{decision_id:str}"


@dataclass(frozen=True, slots=True)
class OneDecision:
    made: DecisionOut
    one: ProposalOut | None
    """None once its term has passed: the decision is looked at again for as long as the stay lasts."""
    unit: UnitOut | None
    brief: Brief | None
    factor_needed: bool
    """Whether the second factor must be given again first: a rule about danger breaks."""


@page_at(HERE, permission=Permission.DECISION_READ)
def show(request: Page, acts: RequestActs, decision_id: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    """For the approver: the choice and its consequences, to grant or to refuse."""

    def found(act: Act) -> OneDecision:
        made = routes.read_decision(act, decision_id)
        one = _kept(act, made.proposal, acts.language)
        needed = breaks_safety(made.broken) and not is_fresh(act)
        brief = briefs_of(act, [made.registration], housed=False).get(made.registration)
        return OneDecision(made, one, unit_in(one, made.unit) if one else None, brief, needed)

    view = acts.show("decision", found, Permission.DECISION_READ, Permission.PROPOSAL_READ)
    return page(request, "decision.html", view, wrong)


@post(f"{HERE}/confirm", permission=Permission.DECISION_CONFIRM)
@form_on(show)
def confirm(acts: RequestActs, decision_id: FromPath[str], form: SentForm) -> str:
    """Afterwards the first page: the desk has no read access to the case any more. Who is refused reads why."""
    if form.get("granted") != "yes" and not form.get("text"):
        raise Invalid.at("text", "text_missing", reason="-")
    answer = given(ConfirmationIn, {"granted": form.get("granted") == "yes", "text": form.get("text") or None})
    acts.write(lambda act: routes.confirm_decision(act, decision_id, answer))
    return "/"


@post(f"{HERE}/look", permission=Permission.DECISION_CONFIRM)
@form_on(show)
def look_at(acts: RequestActs, decision_id: FromPath[str], form: SentForm) -> str:
    said = given(LookIn, form.optional("again_on"))
    acts.write(lambda act: routes.look_at_decision(act, decision_id, said))
    return "/"


def _kept(act: Act, proposal_id: str, language: Language) -> ProposalOut | None:
    """None where its term has passed, and it was erased."""
    try:
        return proposals.read_proposal(act, proposal_id, language)
    except Conflict as fault:
        if fault.code != "content_erased":
            raise
        return None
