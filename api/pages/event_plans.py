"""The pages of an event's plan: places by shelter, another unit for a member, the call to a shelter, the arrivals."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from litestar.params import FromPath

from api.http.context import Acts, RequestActs
from api.http.methods import post
from api.http.work_kinds import Work
from api.pages.arrivals import expected_in
from api.pages.bulk_actions import CHOSEN
from api.pages.declared_pages import form, screen
from api.pages.form_results import form_on, given
from api.pages.forms import Form, SentForm
from api.pages.frame import Page, Reply
from api.pages.input_values import values_of
from api.pages.telephone_calls import call_in
from api.v1 import event_plans as routes
from api.v1 import house_answers, kept_beds, shelter_telephones
from api.v1.arrivals import ExpectedIn, postpone_arrival
from api.v1.event_plans import EventPlanOut, PlanAcceptanceIn, PlanAcceptedOut, PlanIn, PlanLineIn
from api.v1.holds import HoldOut, holds_named
from api.v1.house_answers import ArrivalsIn, HeardHouseAnswerIn, HoldsOut
from api.v1.vocabulary import ReasonOut, reasons
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.core.plan_codes import LineState, PlanKind
from placement.core.reason_codes import Step
from placement.events.events import event_of
from placement.registrations.case_summary import Brief, briefs_of

EVENT = "/events/{event_id:str}"
HERE, DAY = f"{EVENT}/plan", f"{EVENT}/day"
LINE, HOUSE = f"{HERE}/lines/{{registration_id:str}}", f"{HERE}/houses/{{shelter_id:str}}"
_PLAN = "/events/{}/plan"
YES = "yes"


def _briefs(act: Act, found: EventPlanOut) -> Mapping[str, Brief | None]:
    """Returns the summaries of the members, and of other households whose place the plan changes."""
    lines = [*(line for house in found.houses for line in house.lines), *found.without, *found.ended]
    return briefs_of(
        act, {*(one.registration for one in lines), *(one.registration for one in found.cost)}, housed=True
    )


def _asked(act: Act, found: EventPlanOut, shelter_id: str) -> list[HoldOut]:
    """Returns the holds of the event that this shelter has not answered yet."""
    lines = [line for house in found.houses if house.shelter == shelter_id for line in house.lines]
    return holds_named(act, [line.hold for line in lines if line.hold and line.state is LineState.ASKED])


def _name(act: Act, event_id: str) -> str:
    return event_of(act, event_id).content.name


def _refusals(act: Act, language: str) -> list[ReasonOut]:
    return reasons(act, language, Step.REFUSE)


show = screen(
    HERE,
    "event_plan.html",
    found=routes.read_event_plan,
    briefs=_briefs,
    kinds=lambda _: list(PlanKind),
    event_name=_name,
    done=lambda _: None,
)
line = screen(
    LINE,
    "event_plan_line.html",
    under=(Permission.EVENT_PLAN_MAKE,),
    plan=routes.read_event_plan,
    event_name=_name,
    found=routes.read_plan_choices,
    brief=lambda act, registration_id: briefs_of(act, [registration_id], housed=True).get(registration_id),
    reasons=lambda act, language: reasons(act, language, Step.OVERRIDE),
)
house = screen(
    HOUSE,
    "event_house.html",
    under=(Permission.TELEPHONE_ENTER, Permission.HOLD_READ),
    found=routes.read_event_plan,
    event_name=_name,
    asked=_asked,
    rung=shelter_telephones.read_shelter_telephones,
    reasons=_refusals,
)
day = screen(DAY, "event_day.html", found=routes.read_event_plan, event_name=_name, briefs=_briefs)


@post(HERE, permission=Permission.EVENT_PLAN_MAKE, work=Work.ENGINE)
@form_on(show, typed=False)
def make(request: Page, acts: RequestActs, event_id: FromPath[str], form: SentForm) -> str:
    wanted = given(PlanIn, {"kind": form.get("kind") or None})
    _planned(request, acts, event_id, wanted.kind)
    return _PLAN.format(event_id)


@post(f"{HERE}/accept", permission=Permission.EVENT_PLAN_MAKE, work=Work.ENGINE)
@form_on(show, typed=False)
def accept(request: Page, acts: RequestActs, event_id: FromPath[str], form: SentForm) -> str | Reply:
    """Accepts the lines of all members, of the members at a shelter, or of chosen members. If lines have changed
    meanwhile, makes a new plan, and shows the members of these lines.
    """
    chosen = form.all(CHOSEN) or None
    wanted = given(PlanAcceptanceIn, {"registrations": chosen, "shelter": form.get("shelter") or None})
    version, solver = acts.version(), request.app.state.solver
    done = acts.ask_and_change(
        PlanAcceptedOut,
        lambda: routes.weighed(acts, solver, event_id, version, wanted),
        lambda act, asked: routes.accepted(act, event_id, version, asked),
    )
    if not done.changed:
        return _PLAN.format(event_id)
    _plan_again(request, acts, event_id)
    return show(request, acts, event_id=event_id, done=done)


@post(LINE, permission=Permission.EVENT_PLAN_MAKE, work=Work.ENGINE)
@form_on(line)
def choose(
    request: Page, acts: RequestActs, event_id: FromPath[str], registration_id: FromPath[str], form: SentForm
) -> str:
    wanted = given(PlanLineIn, values_of(PlanLineIn, form))
    solver = request.app.state.solver
    acts.ask_and_change(
        EventPlanOut,
        lambda: routes.planned(acts, solver, event_id, line=(registration_id, wanted)),
        lambda act, worked: routes.recorded(act, event_id, worked),
    )
    return _PLAN.format(event_id)


def _client_in(form: Form) -> str:
    """Returns the address of the page of the client who gets the bed."""
    return f"/registrations/{form.get('client')}"


give_up = form(f"{LINE}/withdraw", kept_beds.withdraw_kept_bed, line, to=_client_in)


@post(HOUSE, permission=Permission.TELEPHONE_ENTER)
@form_on(house)
def enter(request: Page, acts: RequestActs, event_id: FromPath[str], shelter_id: FromPath[str], form: SentForm) -> str:
    """Stores a shelter's answers from a telephone call. Makes a new plan if the shelter refused members."""
    wanted = given(HeardHouseAnswerIn, {**answers_in(form), **call_in(form)})
    acts.change(HoldsOut, lambda act: house_answers.enter_answers(act, shelter_id, wanted))
    if wanted.refused:
        _plan_again(request, acts, event_id)
    return _PLAN.format(event_id)


set_vehicle = form(f"{DAY}/vehicle", routes.set_vehicle, day, facts=lambda form: {"registrations": form.all(CHOSEN)})


@post(f"{DAY}/arrivals", permission=Permission.HOLD_ARRIVE)
@form_on(day, typed=False)
def arrive(acts: RequestActs, event_id: FromPath[str], form: SentForm) -> str:
    wanted = given(ArrivalsIn, {"holds": [*_chosen_holds(form)]})
    acts.write(lambda act: house_answers.report_arrivals(act, wanted))
    return f"/events/{event_id}/day"


@post(f"{DAY}/later", permission=Permission.ARRIVAL_SAY)
@form_on(day)
def postpone(acts: RequestActs, event_id: FromPath[str], form: SentForm) -> str:
    """Sets a new expected time for the chosen members. Each shelter gets a single mail."""
    wanted = {
        hold: given(ExpectedIn, {**expected_in(form), "seen_expected_at": seen})
        for hold, seen in _chosen_holds(form).items()
    }

    def later(act: Act) -> HoldsOut:
        act = replace(act, shelters_mailed=set())
        return HoldsOut(items=[postpone_arrival(act, hold, wanted[hold]) for hold in sorted(wanted)])

    acts.write(later)
    return f"/events/{event_id}/day"


def _chosen_holds(form: Form) -> dict[str, str | None]:
    """Returns the holds of the chosen members, each with the expected time that the page showed."""
    chosen = [one for one in form.all(CHOSEN) if form.get(f"hold.{one}")]
    if not chosen:
        raise Invalid.at(CHOSEN, "several_none")
    return {form.get(f"hold.{one}"): form.get(f"seen.{one}") or None for one in chosen}


def answers_in(form: Form) -> dict[str, object]:
    """Returns the answers in a form that has a field for each hold. An answer is yes, or the reason of a refusal."""
    answers = {hold: form.get(f"answer.{hold}") for hold in form.all("hold")}
    confirmed = [hold for hold, answer in answers.items() if answer == YES]
    refused = [
        {"hold": hold, "reason": answer, **form.optional("text")}
        for hold, answer in answers.items()
        if answer not in {YES, ""}
    ]
    details = {**form.some("driver", "road_telephone"), **expected_in(form)} if confirmed else {}
    return {"confirmed": confirmed, "refused": refused, **details}


def _planned(request: Page, acts: Acts, event_id: str, kind: PlanKind | None = None) -> None:
    solver = request.app.state.solver
    acts.ask_and_change(
        EventPlanOut,
        lambda: routes.planned(acts, solver, event_id, kind, follows=False),
        lambda act, worked: routes.recorded(act, event_id, worked),
    )


def _plan_again(request: Page, acts: Acts, event_id: str) -> None:
    """Makes a new plan after an act. Keeps the old plan if no member waits, or if another person is making a plan."""
    with suppress(Conflict):
        _planned(request, acts.for_one("again").under(Permission.EVENT_PLAN_MAKE), event_id)
