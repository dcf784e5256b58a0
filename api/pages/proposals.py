"""The pages of a proposal: places with reasons and costs, and the decision in two steps."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get, post
from api.pages.acts_done import decided
from api.pages.comparison import Comparison, compare
from api.pages.declared_pages import screen
from api.pages.form_results import form_on, given, saved
from api.pages.forms import Form, SentForm
from api.pages.frame import Page, Reply, Wrong, page
from api.pages.input_values import values_of
from api.pages.proposal_map import ProposalMap, map_of
from api.v1 import decisions, proposals
from api.v1.decisions import DecisionIn, DecisionOut
from api.v1.holds import HoldOut, list_holds
from api.v1.kept_beds import KeptBedOut, list_kept_beds
from api.v1.proposals import ProposalOut, SideOut, UnitOut
from api.v1.registrations import RegistrationOut, read_registration
from api.v1.vocabulary import ReasonOut, reasons
from api.v1.ways_out import WayOutOut
from placement.access.fresh_factor import is_fresh
from placement.access.permissions import Permission
from placement.capacity import place_names
from placement.core.codes import DecisionKind, HoldStatus, ProposalStatus, Sees
from placement.core.context import Act
from placement.core.errors import existing
from placement.core.reason_codes import Step
from placement.placements.decisions.answer_terms import answered_by
from placement.placements.decisions.decisions import look_again_on
from placement.placements.proposals.map_cells import cells_for
from placement.placements.proposals.ways_out_contacts import WayContacts, way_contacts
from placement.registrations.case_list import ListedCase, listed_ones
from placement.registrations.case_summary import Brief, briefs_of
from placement.tables.facts import FACTS

KINDS = ("given_to_another", "nearly", "not_eligible")
"""The groups of places that were not chosen."""

CLIENTS = FACTS.keys() | {"room_need"}
"""Changes of a way out that concern the registration."""

WAYS_OUT = 5
"""How many ways out are shown if no place fits. Those with few changes come first."""

DECISIONS = 5
REFUSALS = 50
"""How many refusals of a client are looked up."""
ONE = "/proposals/{proposal_id:str}"
_DECIDING = (Permission.PROPOSAL_READ, Permission.DECISION_READ, Permission.HOLD_READ)
Rule = Annotated[str, QueryParameter(max_length=30)]


@dataclass(frozen=True, slots=True)
class OneProposal:
    one: ProposalOut
    client: RegistrationOut
    decisions: list[DecisionOut]
    units: list[UnitOut]
    """The proposed place and the alternatives."""
    compared: Comparison | None
    """The comparison of the first two places; `None` if there are fewer."""
    picture: ProposalMap
    most: int
    """The largest points of a single term. The bars of the terms are drawn in proportion to it."""
    terms: list[str]
    others: dict[str, list[UnitOut]]
    """Other places by group. If a rule is chosen, only places that break it."""
    rules: list[tuple[str, int]]
    """The rules that other places break, with the number of places, most frequent first."""
    ways: list[tuple[WayOutOut, UnitOut]]
    """Each way out with its unit, if no place is proposed."""
    contacts: WayContacts
    """Who must agree to each way out, with telephone numbers."""
    households: Mapping[str, ListedCase]
    """By reference: other households in the proposal that the reader may see."""
    until: datetime | None
    """The earliest time by which somebody must agree to the proposed place."""
    tied: tuple[tuple[SideOut, ListedCase | None], ...]
    """The client and the other household of a near tie. `None` stands for a case that the reader may not see."""
    tied_unit: UnitOut | None
    tied_other: UnitOut | None
    """The place of the other household, if both get a place."""
    kept: list[KeptBedOut]
    """For the desk, if no place is proposed: beds that are kept for events of later days."""
    reasons: list[ReasonOut]
    """The reasons for requesting a way out."""
    refused: Mapping[str, HoldOut]
    """By unit: the last refusal of this client by its shelter. Empty after the decision, or if no place fits."""
    speaks: bool
    """True if the reader is the coordinator who talks to the client."""


def _undecided(request: Page, acts: Acts, proposal_id: str, form: Form, wrong: Wrong) -> Response[str]:
    if form.get("decision") == DecisionKind.OVERRIDE and form.get("unit"):
        return choose(request, acts, wrong, proposal_id=proposal_id, unit_id=form.get("unit"))
    if form.get("decision") == DecisionKind.DECLINE:
        return ask_to_decline(request, acts, wrong, proposal_id=proposal_id)
    return _one(request, acts, proposal_id, wrong)


@get(ONE, permission=Permission.PROPOSAL_READ)
def show(request: Page, acts: RequestActs, proposal_id: FromPath[str], rule: Rule = "") -> Response[str]:
    return _one(request, acts, proposal_id, rule=rule)


@post(f"{ONE}/decide", permission=Permission.PROPOSAL_DECIDE)
@form_on(_undecided)
def decide(request: Page, acts: RequestActs, proposal_id: FromPath[str], form: SentForm) -> Reply:
    """Stores the decision. If another person has decided meanwhile, shows that decision and the typed values."""
    wanted = given(DecisionIn, values_of(DecisionIn, form))
    made = acts.change(DecisionOut, lambda act: decisions.decide_on_proposal(act, proposal_id, wanted))
    return saved(request, f"/registrations/{made.registration}", decided(made))


def _one(request: Page, acts: Acts, proposal_id: str, wrong: Wrong | None = None, *, rule: str = "") -> Response[str]:
    def found(act: Act) -> OneProposal:
        one = proposals.read_proposal(act, proposal_id, acts.language)
        units = [*([one.chosen] if one.chosen else []), *one.alternatives]
        by_id = {unit.unit: unit for unit in (*units, *one.others)}
        small = [abs(term.points) for unit in units for term in unit.points if term.term != "serve"]
        rows = [unit for unit in one.others if not rule or any(broken.rule == rule for broken in unit.broken)]
        client = read_registration(act, one.registration, acts.language)
        known = households_in(act, one)
        ways = [] if one.chosen else [(way, by_id[way.unit]) for way in one.ways_out[:WAYS_OUT]]
        cells = cells_for(act, [unit.unit for unit in units], [unit.unit for unit in one.others])
        return OneProposal(
            one=one,
            client=client,
            decisions=_decisions_on(act, one),
            units=units,
            compared=compare(*units[:2]) if len(units) > 1 else None,
            picture=map_of(units, one.others, [unit for _, unit in ways], client.threats, cells),
            most=max([1, *small]),
            terms=list(dict.fromkeys(term.term for unit in units for term in unit.points)),
            others={kind: [unit for unit in rows if unit.kind == kind] for kind in KINDS},
            rules=Counter(broken.rule for unit in one.others for broken in unit.broken).most_common(),
            households=known,
            until=answered_by(act, one.chosen.must_agree) if one.chosen else None,
            tied=_tied(one, known) if one.status == ProposalStatus.MADE else (),
            tied_unit=by_id[one.near_tie.unit] if one.near_tie else None,
            tied_other=by_id[one.near_tie.other_unit] if one.near_tie and one.near_tie.other_unit else None,
            ways=ways,
            contacts=_contacts(act, client, one, ways),
            kept=_kept(act, one),
            reasons=reasons(act, acts.language, Step.OVERRIDE) if ways and one.status == ProposalStatus.MADE else [],
            refused=_refused(act, one) if units else {},
            speaks=act.actor.role.sees is Sees.REGIONS and act.actor.covers(client.region),
        )

    needed = (Permission.PROPOSAL_READ, Permission.REGISTRATION_READ, Permission.DECISION_READ, Permission.HOLD_READ)
    view = acts.show("proposal", found, *needed)
    return page(request, "proposal.html", view, wrong, rule=rule, clients=CLIENTS)


def _kept(act: Act, one: ProposalOut) -> list[KeptBedOut]:
    is_asked = one.chosen is None and one.status == ProposalStatus.MADE and Permission.EVENT_PLAN_READ.is_of(act.actor)
    return list_kept_beds(act, one.registration).items if is_asked else []


def _contacts(
    act: Act, client: RegistrationOut, one: ProposalOut, ways: list[tuple[WayOutOut, UnitOut]]
) -> WayContacts:
    """Returns who must agree to each way out. Empty after the decision."""
    if not ways or one.status != ProposalStatus.MADE:
        return WayContacts()
    parties = {party for way, _ in ways for party in way.agree} | {"desk"}
    parties |= {"coordinator"} if "client" in parties else set()
    return way_contacts(act, client.region, parties, {unit.unit for _, unit in ways})


def _tied(one: ProposalOut, known: Mapping[str, ListedCase]) -> tuple[tuple[SideOut, ListedCase | None], ...]:
    if one.near_tie is None:
        return ()
    return tuple((side, known.get(side.registration)) for side in (one.near_tie.client, one.near_tie.other))


def households_in(act: Act, one: ProposalOut) -> dict[str, ListedCase]:
    """Returns households in a proposal by reference: those that would lose a place, and those of a near tie."""
    return {row.id: row for row in listed_ones(act, set(_named_in(one)))}


def _named_in(one: ProposalOut) -> Iterator[str]:
    for unit in (*([one.chosen] if one.chosen else []), *one.alternatives, *one.others):
        yield from unit.cost.registrations
    for way in one.ways_out:
        yield from way.registrations
    if one.near_tie:
        yield from (one.near_tie.client.registration, one.near_tie.other.registration)


def _refused(act: Act, one: ProposalOut) -> dict[str, HoldOut]:
    """Returns the result of `refusals_in`, or an empty dictionary after the decision."""
    return refusals_in(act, one) if one.status == ProposalStatus.MADE else {}


def refusals_in(act: Act, one: ProposalOut) -> dict[str, HoldOut]:
    """Returns, for each unit in the proposal whose shelter refused this client before, the last refusal."""
    shelters = place_names.shelters(act.session)
    newest_first = list_holds(act, HoldStatus.REFUSED, one.registration, REFUSALS).items
    last = {shelters[hold.unit]: hold for hold in reversed(newest_first)}
    units = [*([one.chosen] if one.chosen else []), *one.alternatives, *one.others]
    return {unit.unit: last[shelters[unit.unit]] for unit in units if shelters[unit.unit] in last}


def _decisions_on(act: Act, one: ProposalOut) -> list[DecisionOut]:
    """Returns the decisions on a proposal; empty while it is undecided."""
    if one.status == ProposalStatus.MADE:
        return []
    return decisions.list_decisions(act, limit=DECISIONS, proposal=one.id).items


def unit_in(one: ProposalOut, unit_id: str | None) -> UnitOut | None:
    units = [*([one.chosen] if one.chosen else []), *one.alternatives, *one.others]
    return next((unit for unit in units if unit.unit == unit_id), None)


def _unit(_: Act, one: ProposalOut, unit_id: str) -> UnitOut:
    return existing(unit_in(one, unit_id))


def _brief(act: Act, one: ProposalOut) -> Brief | None:
    return briefs_of(act, [one.registration], housed=False).get(one.registration)


choose = screen(
    f"{ONE}/units/{{unit_id:str}}",
    "choose.html",
    under=_DECIDING,
    one=proposals.read_proposal,
    unit=_unit,
    decisions=_decisions_on,
    reasons=lambda act, language: reasons(act, language, Step.OVERRIDE),
    brief=_brief,
    households=households_in,
    refused=_refused,
    until=lambda act, unit: answered_by(act, unit.must_agree),
    factor_needed=lambda act, unit: unit.review_needed and not is_fresh(act),
    look_again_on=lambda act: look_again_on(act, act.day),
)
ask_to_decline = screen(
    f"{ONE}/decline",
    "decline.html",
    under=_DECIDING,
    one=proposals.read_proposal,
    decisions=_decisions_on,
    reasons=lambda act, language: reasons(act, language, Step.DECLINE),
)
