"""The page of a client who is expected and not there: whom to ring, then later, or not come; and the way back."""

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.capacity import answered_to, first_page_or
from api.pages.form_results import form_on, given
from api.pages.forms import Form, SentForm, happened, local_moment, yes_or_no
from api.pages.frame import Page, Wrong, page, page_at
from api.v1 import arrivals, holds
from api.v1.arrivals import ExpectedIn, NoShowIn
from placement.access.permissions import Permission
from placement.core import clock

_SEEN = "seen_expected_at"


@page_at("/holds/{hold_id:str}/arrival", permission=Permission.HOLD_READ)
def show(request: Page, acts: RequestActs, hold_id: FromPath[str], wrong: Wrong | None = None) -> Response[str]:
    row = acts.show("arrival", lambda act: holds.read_hold(act, hold_id), Permission.HOLD_READ)
    return page(request, "arrival_missed.html", None, wrong, row=row)


@post("/holds/{hold_id:str}/expected", permission=Permission.ARRIVAL_SAY)
@form_on(first_page_or(show))
def postpone(acts: RequestActs, hold_id: FromPath[str], form: SentForm) -> str:
    later = given(ExpectedIn, expected_in(form) | form.some(_SEEN))
    acts.write(lambda act: arrivals.postpone_arrival(act, hold_id, later))
    return answered_to(form, "/holds")


@post("/holds/{hold_id:str}/no-show", permission=Permission.ARRIVAL_SAY)
@form_on(first_page_or(show))
def no_show(acts: RequestActs, hold_id: FromPath[str], form: SentForm) -> str:
    said = given(NoShowIn, {**form.some("rung", _SEEN), **happened(form), **yes_or_no(form, "wants_place")})
    acts.write(lambda act: arrivals.report_no_show(act, hold_id, said))
    return answered_to(form, f"/holds/{hold_id}/arrival")  # where it can be taken back


@post("/holds/{hold_id:str}/no-show/reversal", permission=Permission.ARRIVAL_SAY)
@form_on(first_page_or(show), typed=False)
def reverse(acts: RequestActs, hold_id: FromPath[str], form: SentForm) -> str:
    acts.write(lambda act: arrivals.reverse_no_show(act, hold_id))
    return answered_to(form, "/holds")


def expected_in(form: Form) -> dict[str, str]:
    """The time that was written, or else the one that was chosen."""
    other = form.get("expected_other")
    return {"expected_at": local_moment(other, clock.now())} if other else form.some("expected_at")
