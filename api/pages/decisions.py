"""A decision that waits for another person, or is reviewed later."""

from collections.abc import Mapping

from api.pages.acts_done import desk_answered, reviewed
from api.pages.declared_pages import form, screen
from api.pages.forms import Form
from api.pages.proposals import households_in, refusals_in, unit_in
from api.v1 import decisions, proposals
from api.v1.decisions import DecisionOut
from api.v1.holds import HoldOut
from api.v1.proposals import ProposalOut
from api.v1.registrations import RegistrationOut, read_registration
from api.v1.stays import StayOut, living
from placement.access.fresh_factor import is_fresh
from placement.access.permissions import Permission
from placement.accounts import details
from placement.accounts.details import Details
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.placements.decisions.present_problem import breaks_safety
from placement.registrations.case_list import ListedCase
from placement.registrations.case_summary import Brief, briefs_of
from placement.text.languages import Language

HERE = "/decisions/{decision_id:str}"


def _proposal(act: Act, made: DecisionOut, language: Language) -> ProposalOut | None:
    """Returns the proposal of the decision, or `None` if it was erased before the review of the decision."""
    try:
        return proposals.read_proposal(act, made.proposal, language)
    except Conflict as fault:
        if fault.code != "content_erased":
            raise
        return None


def _brief(act: Act, made: DecisionOut) -> Brief | None:
    return briefs_of(act, [made.registration], housed=False).get(made.registration)


def _client(act: Act, made: DecisionOut, language: Language) -> RegistrationOut | None:
    """Returns the case while the decision waits, because the answer depends on the client's facts."""
    return read_registration(act, made.registration, language) if made.answer_until else None


def _lives(act: Act, made: DecisionOut) -> StayOut | None:
    """Returns the client's present stay if the decision waits for an answer."""
    return living(act, made.registration) if made.answer_until else None


def _households(act: Act, one: ProposalOut | None) -> Mapping[str, ListedCase]:
    """Returns the other cases in the proposal that the reader may see."""
    return households_in(act, one) if one else {}


def _refused(act: Act, made: DecisionOut, one: ProposalOut | None) -> Mapping[str, HoldOut]:
    """Returns the earlier refusals of this client by unit, if the decision waits for an answer."""
    return refusals_in(act, one) if one and made.answer_until else {}


def _telephone(act: Act, made: DecisionOut) -> str | None:
    """Returns the telephone number of the person who decided."""
    return details.of_all(act.session, {made.decided_by}).get(made.decided_by, Details()).telephone


def _answered(form: Form) -> dict[str, str]:
    """Returns the fields of the answer. Raises `Invalid` if a refusal has no reason."""
    if form.get("granted") != "yes" and not form.get("text"):
        raise Invalid.at("text", "text_missing", reason="-")
    return {}


show = screen(
    HERE,
    "decision.html",
    under=(Permission.DECISION_READ, Permission.PROPOSAL_READ, Permission.HOLD_READ),
    made=decisions.read_decision,
    one=_proposal,
    unit=lambda _, one, made: unit_in(one, made.unit) if one else None,
    brief=_brief,
    client=_client,
    lives=_lives,
    households=_households,
    refused=_refused,
    telephone=_telephone,
    factor_needed=lambda act, made: breaks_safety(made.broken) and not is_fresh(act),
)
# Afterwards the desk may no longer be allowed to read the case, so the next page is the first page.
confirm = form(f"{HERE}/confirm", decisions.confirm_decision, show, to="/", facts=_answered, done=desk_answered)
look_at = form(f"{HERE}/look", decisions.look_at_decision, show, to="/", done=reviewed)
