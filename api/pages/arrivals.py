"""The page about a client who has not arrived in time: whom to call, a later time, or the report of a no-show."""

from api.pages.acts_done import missed
from api.pages.capacity import first_page_or, first_page_or_to
from api.pages.declared_pages import form, screen
from api.pages.forms import Form, local_moment
from api.v1 import arrivals, holds
from placement.core import clock
from placement.core.errors import Fault, Invalid

HOLDS = "/holds"
ONE = f"{HOLDS}/{{hold_id:str}}"
HERE = f"{ONE}/arrival"


def expected_in(form: Form) -> dict[str, str]:
    """Returns the typed or chosen time of arrival. Raises `Invalid` at both fields if both are filled."""
    other = form.get("expected_other")
    if other and form.get("expected_at"):
        raise Invalid([Fault(field, "form_two_moments") for field in ("expected_at", "expected_other")])
    return {"expected_at": local_moment(other, clock.now())} if other else form.some("expected_at")


show = screen(HERE, "arrival_missed.html", code="arrival", row=holds.read_hold)
_refused = first_page_or(show)
postpone = form(f"{ONE}/expected", arrivals.postpone_arrival, _refused, to=first_page_or_to(HOLDS), facts=expected_in)
# the first page can reverse a no-show
no_show = form(f"{ONE}/no-show", arrivals.report_no_show, _refused, to=first_page_or_to(HERE), done=missed)
reverse = form(f"{ONE}/no-show/reversal", arrivals.reverse_no_show, _refused, to=first_page_or_to(HOLDS))
