"""The list of clients who need a place, and the page of a registration. `drafts.py` has the form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import litestar
from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import Acts, RequestActs
from api.http.methods import get
from api.http.work_kinds import Work
from api.pages import list_choices
from api.pages.area_choices import area_choices
from api.pages.case_lists import between, go_on_in, remember
from api.pages.declared_pages import form
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.pages.list_choices import ORDER, Chosen, Codes, chosen_of
from api.pages.map import Danger, dangers
from api.pages.progress import found
from api.pages.refusal_pages import ask_why
from api.v1 import access_grants, obstacles
from api.v1 import registrations as routes
from api.v1.holds import HoldOut, list_holds
from api.v1.proposals import ProposalOut, ask_proposal, record_proposal
from api.v1.registrations import RegistrationOut
from api.v1.stays import StayOut, living, reversible_end_of
from api.v1.vocabulary import ReasonOut, reasons
from placement.access.permissions import Permission
from placement.capacity import place_names
from placement.core.codes import AvoidedKind, ProposalStatus, RegistrationStatus, Urgency
from placement.core.context import Act
from placement.core.link_codes import LinkKind
from placement.core.list_orders import CaseOrder
from placement.core.reason_codes import Step
from placement.registrants import received
from placement.registrations.case_list import CasePage, case_page
from placement.registrations.links import links
from placement.retention.schedule_of_cases import CONTENT_FOR

PAGE = 50
WAITED = ("1", "3", "7", "14", "28")
"""The choices of the filter by waiting time in days."""
HERE = "/registrations"
CASE = f"{HERE}/{{registration_id:str}}"
_USUAL = {"status": RegistrationStatus.OPEN, ORDER: CaseOrder.URGENT_FIRST}

HOLDS = 5
_HAS_A_PLACE = {RegistrationStatus.PLACED, RegistrationStatus.MOVING, RegistrationStatus.MOVE_HELD}
_CAN_BE_CLOSED = {RegistrationStatus.DRAFT, RegistrationStatus.OPEN}

ListChosen = Annotated[str, QueryParameter(max_length=20, name="in")]
Offset = Annotated[int, QueryParameter(ge=0, le=1_000_000)]


@dataclass(frozen=True, slots=True)
class Case:
    one: RegistrationOut
    holds: list[HoldOut]
    dangers: list[Danger]
    lives: StayOut | None
    """The client's present stay."""
    left: StayOut | None
    """The client's last stay, if its end can be reversed."""
    merged: bool
    """True if the case was merged into another case."""
    goes_on: str | None
    """The case into which it was merged, if the reader may see that case."""
    avoided_names: Mapping[str, str]
    """Names of avoided units, locations and providers, by id."""
    proposed: str | None
    """The name of the place in the open proposal."""
    sent_in: str | None
    """The reference of the registration that a registrant sent in, if the reader may see it."""


@dataclass(frozen=True, slots=True)
class Listed:
    found: CasePage
    areas: list[tuple[str, str]]
    """Code and name of each area that the reader can choose."""
    chosen: Chosen


@dataclass(frozen=True, slots=True)
class Closing:
    one: RegistrationOut
    reasons: list[ReasonOut]


@page_at("/registrations/{registration_id:str}/close", permission=Permission.REGISTRATION_CLOSE)
def ask_to_close(
    request: Page, acts: RequestActs, registration_id: FromPath[str], wrong: Wrong | None = None
) -> Response[str]:
    """Shows what closing would cause, before the user confirms it. Shows the page of the case if the case cannot be
    closed.
    """

    def found(act: Act) -> Closing | Case:
        one = routes.read_registration(act, registration_id, acts.language)
        if one.status in _CAN_BE_CLOSED:
            return Closing(one, reasons(act, acts.language, Step.CLOSE))
        return _case(act, one)

    view = acts.show("close", found, *_NEEDED)
    if isinstance(view, Case):
        sides, by_task = between(request, registration_id), bool(request.state.get("open_by_task"))
        return page(request, "registration.html", view, wrong, between=sides, by_task=by_task)
    return page(request, "close.html", view, wrong, kept_days=CONTENT_FOR.days)


def _one(
    request: Page, acts: Acts, registration_id: str, wrong: Wrong | None = None, chosen: str = ""
) -> Response[str]:
    view = acts.show(
        "registration", lambda act: _case(act, routes.read_registration(act, registration_id, acts.language)), *_NEEDED
    )
    sides, by_task = between(request, registration_id, chosen), bool(request.state.get("open_by_task"))
    answer = page(request, "registration.html", view, wrong, between=sides, by_task=by_task)
    go_on_in(request, answer, chosen)
    return answer


@get(HERE, permission=Permission.REGISTRATIONS_READ)
def list_all(request: Page, acts: RequestActs, offset: Offset = 0) -> Response[str]:
    """Shows the list with the choices in the URL, or else the last choices. Ignores unknown codes."""

    def found(act: Act) -> Listed:
        areas = area_choices(act)
        allowed: dict[str, Codes] = {
            "status": RegistrationStatus,
            "region": dict(areas),
            "urgency": Urgency,
            "waited": WAITED,
            ORDER: CaseOrder,
        }
        chosen = chosen_of(request, HERE, allowed, _USUAL)
        rows = case_page(
            act,
            RegistrationStatus(chosen["status"]) if chosen["status"] else None,
            chosen["region"] or None,
            PAGE,
            offset,
            urgency=int(chosen["urgency"]) if chosen["urgency"] else None,
            waited_days=int(chosen["waited"]) if chosen["waited"] else None,
            order=CaseOrder(chosen[ORDER]),
        )
        return Listed(rows, areas, chosen)

    view = acts.show("registrations", found)
    answer = page(request, "registrations.html", view, days=WAITED, offset=offset, step=PAGE)
    list_choices.remember(request, answer, view.chosen)
    remember(request, answer, view.chosen.at(offset=offset), {"all": [row.id for row in view.found.items]})
    return answer


@get("/registrations/{registration_id:str}", permission=Permission.REGISTRATION_READ)
def show(request: Page, acts: RequestActs, registration_id: FromPath[str], chosen: ListChosen = "") -> Response[str]:
    """Shows a registration. `chosen`: the list from which the reader came, if its page has several lists."""
    return _one(request, acts, registration_id, chosen=chosen)


open_case = form(f"{CASE}/open", access_grants.create_access_grant, ask_why, to=CASE)


@litestar.post(
    "/registrations/{registration_id:str}/propose",
    work=Work.ENGINE,
    permission=Permission.PROPOSAL_MAKE,
    only_asks=True,
    status_code=200,
)
async def propose(request: Page, acts: RequestActs, registration_id: FromPath[str]) -> Reply:
    def do() -> str:
        made = acts.ask_and_change(
            ProposalOut,
            lambda: ask_proposal(acts, request.app.state.solver, registration_id),
            lambda act, asked: record_proposal(act, asked, acts.language),
        )
        return f"/proposals/{made.id}"

    back = f"/registrations/{registration_id}"
    return await found(
        request, do, lambda wrong: _one(request, acts, registration_id, wrong), words=registration_id, back=back
    )


close = form(f"{CASE}/close", routes.close_registration, ask_to_close, to=CASE)
reverse_closing = form(f"{CASE}/close/reversal", routes.reverse_closing, _one, to=CASE)
note_obstacle = form(f"{CASE}/obstacle", obstacles.note_obstacle, _one, to=CASE)
lift = form(f"{CASE}/avoided/{{avoidance_id:str}}/lift", routes.lift_avoidance, _one, to=CASE)


def _case(act: Act, one: RegistrationOut) -> Case:
    avoided = {row.target for row in one.avoided if row.kind != AvoidedKind.REGION}
    said = links(act, one.id) if one.status == RegistrationStatus.CLOSED else ()
    into = [link.other for link in said if link.kind is LinkKind.MERGED and link.into]
    return Case(
        one,
        list_holds(act, None, one.id, HOLDS, 0).items,
        dangers(one.threats),
        lives=living(act, one.id) if one.status in _HAS_A_PLACE else None,
        left=None if one.status in _HAS_A_PLACE else reversible_end_of(act, one.id),
        merged=bool(into),
        goes_on=next((other.id for other in into if other is not None), None),
        avoided_names=place_names.of_avoided(act.session, avoided) if avoided else {},
        proposed=_proposed(act, one),
        sent_in=received.of_case(act, one.id),
    )


def _proposed(act: Act, one: RegistrationOut) -> str | None:
    """Returns the name of the place that the open proposal names; `None` without such a place."""
    unit = one.proposal.unit if one.proposal and one.proposal.status == ProposalStatus.MADE else None
    return place_names.places(act.session, [unit])[unit] if unit else None


_NEEDED = (Permission.REGISTRATION_READ, Permission.HOLD_READ, Permission.STAY_READ)
"""The permissions that the page needs."""
