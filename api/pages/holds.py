"""Holds: the questions to a shelter, its answers, arrivals, and releases."""

from dataclasses import dataclass

from litestar import Response

from api.http.context import RequestActs
from api.pages import list_choices
from api.pages.acts_done import answered, arrived
from api.pages.arrivals import expected_in
from api.pages.capacity import first_page_or, first_page_or_to
from api.pages.case_lists import remember
from api.pages.declared_pages import form
from api.pages.forms import Form
from api.pages.frame import Page, Wrong, page, page_at
from api.pages.list_choices import ORDER, Chosen, chosen_of
from api.pages.stays import HERE as STAYS
from api.v1 import holds as routes
from api.v1 import stays
from api.v1.holds import HoldOut
from api.v1.vocabulary import ReasonOut, reasons
from placement.access.permissions import Permission
from placement.core.codes import HoldStatus, StayStatus
from placement.core.context import Act
from placement.core.list_orders import HoldOrder
from placement.core.reason_codes import Step
from placement.tasks.task_views import look_at_holds

HERE = "/holds"
ONE = f"{HERE}/{{hold_id:str}}"
SHOWN = 100
PAST = 20
EXPECTED = 200
_ALIVE = (HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER, HoldStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Holds:
    now: list[HoldOut]
    """Current holds without those of clients who have arrived, who are on the page of stays."""
    past: list[HoldOut]
    reasons: list[ReasonOut]
    chosen: Chosen
    hidden: int
    """The number of current holds that the filter hides."""


@page_at(HERE, permission=Permission.HOLD_READ)
def list_holds(request: Page, acts: RequestActs, wrong: Wrong | None = None, *, hold_id: str = "") -> Response[str]:
    """Shows the holds. `hold_id`: the hold whose form was refused."""

    def found(act: Act) -> Holds:
        rows = routes.list_holds(act, None, None, SHOWN, 0).items
        look_at_holds(act, [row.id for row in rows if row.status == HoldStatus.WAITING_FOR_SHELTER])
        expected = {stay.id for stay in stays.stay_page(act, StayStatus.PLANNED, EXPECTED, 0).items}
        alive = {row.id for row in rows if row.status in _ALIVE and (row.stay is None or row.stay in expected)}
        past = [row for row in rows if row.id not in alive][:PAST]
        may_be_given = reasons(act, acts.language, Step.REFUSE, Step.RELEASE)
        now = [row for row in rows if row.id in alive and chosen["status"] in {"", row.status}]
        return Holds(_in_order(now, HoldOrder(chosen[ORDER])), past, may_be_given, chosen, len(alive) - len(now))

    allowed = {"status": () if hold_id else _ALIVE, ORDER: HoldOrder}
    chosen = chosen_of(request, HERE, allowed, {ORDER: HoldOrder.NEWEST_FIRST})
    view = acts.show("holds", found, Permission.HOLD_READ, Permission.STAY_READ)
    answer = page(request, "holds.html", view, wrong, about=hold_id, alive=_ALIVE)
    if not hold_id:
        list_choices.remember(request, answer, chosen)
    if Permission.REGISTRATION_READ.is_of(request.user):
        remember(request, answer, HERE, {"holds": [row.registration for row in (*view.now, *view.past)]})
    return answer


def _answered(form: Form) -> dict[str, str]:
    return form.case("apart_from") | expected_in(form)


_refused = first_page_or(list_holds)
answer = form(f"{ONE}/answer", routes.answer_hold, _refused, to=first_page_or_to(HERE), facts=_answered, done=answered)
arrive = form(f"{ONE}/arrive", routes.report_arrival, _refused, to=first_page_or_to(STAYS), done=arrived)
release = form(f"{ONE}/release", routes.release_hold, list_holds, to=HERE)


def _in_order(rows: list[HoldOut], order: HoldOrder) -> list[HoldOut]:
    """Sorts holds; `rows` has the newest first. A hold is due at its expected arrival, or else when it expires."""
    if order is HoldOrder.DUE_FIRST:
        return sorted(rows, key=lambda row: row.expected_at or row.expires_at)
    return rows if order is HoldOrder.NEWEST_FIRST else rows[::-1]
