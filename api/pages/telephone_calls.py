"""The pages on which the desk enters what a shelter reports in a call: a count, an answer, an arrival, a departure."""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.acts_done import answered, arrived, left, read_back, reported
from api.pages.arrivals import expected_in
from api.pages.capacity import AS_SHOWN, count_faults, genders_of, rooms_of, still, tiles
from api.pages.declared_pages import form, screen
from api.pages.form_results import form_on, given, saved
from api.pages.forms import Form, SentForm, local_moment
from api.pages.frame import Page, Reply, Wrong, page, page_at
from api.v1 import capacity, holds, shelter_telephones, stays
from api.v1 import telephone_entries as routes
from api.v1.capacity import CapacityOut, RoomOut
from api.v1.holds import HoldOut
from api.v1.people import People
from api.v1.shelter_telephones import ShelterTelephonesOut
from api.v1.stays import StayOut
from api.v1.telephone_entries import (
    HeardConfirmationIn,
    HeardCountIn,
    TelephoneEntryOut,
)
from api.v1.vocabulary import reasons
from placement.access.permissions import Permission
from placement.capacity import place_names
from placement.capacity.unit_profile import units_of_shelter
from placement.core.context import Act
from placement.core.errors import Invalid
from placement.core.reason_codes import Step
from placement.core.telephone_codes import Heard
from placement.duty.on_call import others_on_duty
from placement.placements import reads
from placement.placements.holds import telephone_entries
from placement.registrations.case_summary import Brief, briefs_of
from placement.tasks.task_views import record_call

OF_SHELTER, OF_HOLD, OF_STAY = (
    "/shelters/{shelter_id:str}/call",
    "/holds/{hold_id:str}/call",
    "/stays/{stay_id:str}/call",
)
_CALLED = ("number", "caller_role", "caller_name")


_NEEDED = (
    Permission.TELEPHONE_ENTER,
    Permission.TELEPHONE_READ,
    Permission.SHELTER_TELEPHONE_READ,
    Permission.CAPACITY_READ,
    Permission.HOLD_READ,
    Permission.STAY_READ,
)


@dataclass(frozen=True, slots=True)
class ShelterCall:
    known: CapacityOut
    rung: ShelterTelephonesOut
    asked: list[HoldOut]
    """Holds that wait for the shelter's answer. Two further fields have expected clients and residents."""
    expected: list[HoldOut]
    housed: list[StayOut]
    briefs: dict[str, Brief | None]
    """Summaries of the residents, by case."""
    genders: dict[str, str]
    """By room: the only gender that its unit admits."""
    unread: list[TelephoneEntryOut]
    """Entries that were not read to the shelter yet."""
    people: People


@page_at(OF_SHELTER, permission=Permission.TELEPHONE_ENTER)
def call_shelter(
    request: Page, acts: RequestActs, shelter_id: FromPath[str], wrong: Wrong | None = None
) -> Response[str]:
    def found(act: Act) -> ShelterCall:
        places = place_names.read_all(act.session)
        known = still(capacity.read_capacity(act, shelter_id), act.day)
        asked, expected, housed = reads.asked_of_shelter(act, shelter_id)
        entries = routes.list_telephone_entries(act, shelter_id)
        of_holds = {row.id: row for row in holds.serialize_holds(act, [*asked, *expected])}
        return ShelterCall(
            known=known,
            rung=shelter_telephones.read_shelter_telephones(act, shelter_id),
            genders=genders_of(known, [unit for unit, _, _ in places]),
            asked=[of_holds[one.id] for one in asked],
            expected=[of_holds[one.id] for one in expected],
            housed=stays.serialize_stays(act, housed),
            briefs=briefs_of(act, [one.registration_id for one in housed], housed=False),
            unread=[one for one in entries.items if one.to_read_back and not one.certain and one.kind is not Heard.YES],
            people=entries.people,
        )

    view = acts.show("shelter_call", found, *_NEEDED)
    shown = tiles(view.known)
    typed = wrong.typed.fields if wrong and wrong.typed else []
    filled = Form([*shown.fields, *typed][::-1])
    return page(request, "shelter_call.html", view, wrong, tiles=filled)


def _brief(act: Act, row: StayOut) -> Brief | None:
    return briefs_of(act, [row.registration], housed=False).get(row.registration)


@post(OF_SHELTER, permission=Permission.TELEPHONE_ENTER)
@form_on(call_shelter)
def enter_count(request: Page, acts: RequestActs, shelter_id: FromPath[str], form: SentForm) -> Reply:
    """Enters the count. The button *all is as shown* confirms the last count if nothing was changed."""
    before: list[RoomOut] = []

    def entered(act: Act) -> CapacityOut:
        known = still(capacity.read_capacity(act, shelter_id), act.day)
        before[:] = known.rooms
        shown, rooms = tiles(known), rooms_of(form, genders_of(known, units_of_shelter(act.session, shelter_id)))
        if form.has(AS_SHOWN) and rooms == rooms_of(shown):
            return routes.enter_confirmation(act, shelter_id, given(HeardConfirmationIn, call_in(form)))
        if faults := count_faults(form, shown, act.day):
            raise Invalid(faults)
        wanted = given(HeardCountIn, {**call_in(form), "rooms": rooms})
        return routes.enter_count(act, shelter_id, wanted, acts.version_if_named())

    after = acts.change(CapacityOut, entered)
    return saved(request, f"/shelters/{shelter_id}", reported(before, after.rooms, "rooms_entered") if before else None)


def call_in(form: Form) -> dict[str, object]:
    said: dict[str, object] = {name: form.get(f"call.{name}") for name in _CALLED if form.get(f"call.{name}")}
    written = form.get("call.heard_at")
    return {"call": said | ({"heard_at": local_moment(written)} if written else {})}


def _answer_in(form: Form) -> dict[str, object]:
    return form.case("apart_from") | expected_in(form) | call_in(form)


def _asked(act: Act, hold_id: str) -> HoldOut:
    """Returns the hold, and marks its task *to ring* as seen, which ends the alarm."""
    record_call(act, hold_id)
    return holds.read_hold(act, hold_id)


call_about_hold = screen(
    OF_HOLD,
    "hold_call.html",
    under=_NEEDED,
    row=_asked,
    rung=lambda act, row: shelter_telephones.of_unit(act, row.unit),
    reasons=lambda act, language: reasons(act, language, Step.REFUSE),
    yes_entry=lambda act, row: telephone_entries.yes_entry(act, row.id),
    others_on_duty=others_on_duty,
)
call_about_stay = screen(
    OF_STAY,
    "stay_call.html",
    under=_NEEDED,
    row=stays.read_stay,
    brief=_brief,
    rung=lambda act, row: shelter_telephones.of_unit(act, row.unit),
    reasons=lambda act, language: reasons(act, language, Step.END),
)
read_back_entries = form(
    f"{OF_SHELTER}/read-back", routes.read_back_entries, call_shelter, to=OF_SHELTER, facts=call_in, done=read_back
)
enter_answer = form(
    f"{OF_HOLD}/answer", routes.enter_answer, call_about_hold, to="/holds", facts=_answer_in, done=answered
)
enter_arrival = form(
    f"{OF_HOLD}/arrival", routes.enter_arrival, call_about_hold, to="/stays", facts=call_in, done=arrived
)
enter_end = form(f"{OF_STAY}/end", routes.enter_end, call_about_stay, to="/stays", facts=call_in, done=left)
