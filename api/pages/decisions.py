"""A decision that waits for another person, or is looked at again."""

from collections.abc import Mapping
from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.form_results import form_on, given
from api.pages.forms import SentForm
from api.pages.frame import Page, Wrong, page, page_at
from api.pages.proposals import households_in, unit_in
from api.v1 import decisions as routes
from api.v1 import proposals
from api.v1.decisions import ConfirmationIn, DecisionOut, LookIn
from api.v1.proposals import ProposalOut, UnitOut
from api.v1.registrations import RegistrationOut, read_registration
from api.v1.stays import StayOut, living
from placement.access.fresh_factor import is_fresh
from placement.access.permissions import Permission
from placement.accounts import details
from placement.accounts.details import Details
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.placements.decisions.decisions import breaks_safety
from placement.registrations.case_list import ListedCase
from placement.registrations.case_summary import Brief, briefs_of
from placement.text.languages import Language

HERE = "/decisions/{decision_id:str}"


@dataclass(frozen=True, slots=True)
class OneDecision:
    made: DecisionOut
    one: ProposalOut | None
    """None once its term has passed: the decision is looked at again for as long as the stay lasts."""
    unit: UnitOut | None
    brief: Brief | None
    client: RegistrationOut | None
    """The case, for who is asked, and for who waits for the answer."""
    lives: StayOut | None
    """Where the client lives now."""
    households: Mapping[str, ListedCase]
    """The others whom the proposal names, by reference, as far as the reader may see them."""
    telephone: str | None
    """Of who decided."""
    factor_needed: bool
    """Whether the second factor must be given again first: a rule about danger breaks."""


@page_at(HERE, permission=Permission.DECISION_READ)
def show(request: Page, acts: RequestActs, decision_id: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    """For who is asked: who, why now, why this place, who else is concerned, and what follows from yes and from no."""

    def found(act: Act) -> OneDecision:
        made = routes.read_decision(act, decision_id)
        one = _kept(act, made.proposal, acts.language)
        needed = breaks_safety(made.broken) and not is_fresh(act)
        is_asked = made.answer_until is not None
        decider = details.of_all(act.session, {made.decided_by}).get(made.decided_by, Details())
        return OneDecision(
            made=made,
            one=one,
            unit=unit_in(one, made.unit) if one else None,
            brief=briefs_of(act, [made.registration], housed=False).get(made.registration),
            client=read_registration(act, made.registration, acts.language) if is_asked else None,
            lives=living(act, made.registration) if is_asked else None,
            households=households_in(act, one) if one else {},
            telephone=decider.telephone,
            factor_needed=needed,
        )

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
