"""The audit log: search, access to a case, and anomalies to review."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from urllib.parse import quote

from litestar import Response
from litestar.params import FromPath, QueryParameter

from api.http.context import RequestActs
from api.http.methods import get
from api.http.work_kinds import Work
from api.pages import list_choices
from api.pages.declared_pages import form
from api.pages.form_results import again, form_on
from api.pages.forms import number
from api.pages.frame import Page, Reply, Wrong, go, page, page_at
from api.pages.list_choices import ORDER, Chosen, chosen_of, one_of
from api.v1 import audit as routes
from api.v1.audit import LAST_LINE, ChainOut, LogPage, ReviewPage, State
from api.v1.set_up import SetUpOut, read_set_up
from placement.access.permissions import Permission
from placement.audit.events import Event
from placement.audit.search import Search
from placement.core.context import Act
from placement.core.errors import Invalid, PlacementError
from placement.core.ids import CODE_PATTERN
from placement.core.list_orders import ReviewOrder

SHOWN = 50
LOG, REVIEW = "/log", "/review"
_ABOUT, _KEPT = ("actor", "registration"), ("event", "since", "until")
LONGEST = 100
Asked = Annotated[str, QueryParameter(max_length=100)]


@dataclass(frozen=True, slots=True)
class Log:
    found: LogPage
    chain: ChainOut
    set_up: SetUpOut


@dataclass(frozen=True, slots=True)
class Review:
    found: ReviewPage
    set_up: SetUpOut


@page_at(REVIEW, permission=Permission.REVIEW_READ)
def list_review(
    request: Page, acts: RequestActs, wrong: Wrong | None = None, *, oddity_id: str = "", registration: str = ""
) -> Response[str]:
    """Shows anomalies to review. `oddity_id`: an anomaly whose form was refused, which is shown even if the filter
    hides it.
    `registration`: the text of a search that found no case.
    """
    usual = {"status": "" if oddity_id else State.WAITING, ORDER: ReviewOrder.NEWEST_FIRST}
    chosen = chosen_of(request, REVIEW, {"status": () if oddity_id else State, ORDER: ReviewOrder}, usual)
    state, order = State(chosen["status"]) if chosen["status"] else None, ReviewOrder(chosen[ORDER])
    review = lambda act: Review(routes.review_page(act, state, SHOWN, 0, acts.language, order), read_set_up(act))  # noqa: E731
    view = acts.show("review", review, Permission.REVIEW_READ, Permission.SET_UP_READ)
    answer = page(request, "review.html", view, wrong, chosen=chosen, looked_for=registration)
    if not oddity_id:
        list_choices.remember(request, answer, chosen)
    return answer


@get(LOG, work=Work.SLOW, permission=Permission.AUDIT_READ)
def search(request: Page, acts: RequestActs) -> Reply:
    """Shows the log with the filter in the URL, or else the last filter. A filter by user or case is not stored."""
    said = list_choices.said(request, LOG, (*_ABOUT, *_KEPT, "before"))
    asked = {name: said.get(name, "")[:LONGEST] for name in (*_ABOUT, *_KEPT)}
    asked["event"] = one_of(Event, asked["event"])
    try:
        wanted = Search(
            actor=_code("actor", asked["actor"]),
            registration=acts.run(lambda act: routes.case_said(act, asked["registration"])) or None,
            event=Event(asked["event"]) if asked["event"] else None,
            since=_day("since", asked["since"]),
            until=_day("until", asked["until"]),
            before=_line(said.get("before", "")),
        )
        view = acts.show("log", lambda act: _found(act, routes.log_page(act, wanted, SHOWN)))
    except PlacementError as error:
        return again(request, error, lambda wrong: _log(request, asked, acts.show("log", _nothing), wrong))
    answer = _log(request, asked, view)
    list_choices.remember(request, answer, Chosen(LOG, {name: asked[name] for name in _KEPT}))
    return answer


@get("/log/cases/{registration_id:str}", permission=Permission.ACCESS_READ)
def show_accesses(
    request: Page, acts: RequestActs, registration_id: FromPath[str], before: Asked = ""
) -> Response[str]:
    found = acts.show("log_case", lambda act: routes.list_case_accesses(act, registration_id, _line(before), SHOWN))
    return page(request, "log_case.html", registration=registration_id, found=found)


@get("/log/cases", permission=Permission.ACCESS_READ)
@form_on(list_review)
def find_case(acts: RequestActs, registration: Asked = "") -> Reply:
    """Opens the case with this reference or handle."""
    reference = acts.run(lambda act: routes.case_said(act, registration))
    return go(f"/log/cases/{quote(reference, safe='')}" if reference else REVIEW)


acknowledge = form(f"{REVIEW}/{{oddity_id:str}}/tick", routes.review_anomaly, list_review, to=REVIEW)


def _nothing(act: Act) -> Log:
    """Returns the page without results, because a field of the search is invalid."""
    return _found(act, LogPage(items=[], people={}, next=None))


def _found(act: Act, lines: LogPage) -> Log:
    return Log(lines, routes.read_audit_chain(act), read_set_up(act))


def _log(request: Page, asked: dict[str, str], view: Log, wrong: Wrong | None = None) -> Response[str]:
    events = [(event.value, event.value) for event in sorted(Event)]
    return page(request, "log.html", view, wrong, chosen=Chosen(LOG, asked), events=events)


def _code(name: str, written: str) -> str | None:
    if written and not re.fullmatch(CODE_PATTERN, written):
        raise Invalid.at(name, "not_a_code")
    return written or None


def _line(written: str) -> int | None:
    """Returns the number in a link; `None` for other texts."""
    found = number(written)
    return found if isinstance(found, int) and found <= LAST_LINE else None


def _day(name: str, written: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise Invalid.at(name, "not_a_day") from error
