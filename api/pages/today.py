"""The first page: open tasks, waiting clients, free beds."""

from collections import Counter
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from api.http.context import Acts
from api.pages.frame import Page, content_of, go, page
from api.pages.map import totals
from api.v1 import country, messages, registrations, stays
from placement.access.permissions import GRANTS, Permission
from placement.audit import change_feed
from placement.core.codes import RegistrationStatus, StayStatus
from placement.tasks import board as task_board

SHOWN = 10
TASKS_SHOWN = 50
"""Rows of a list on the first page; the count next to it covers all."""

_FIRST = (
    (Permission.CAPACITY_REPORT, "/capacity"),
    (Permission.AUDIT_READ, "/log"),
    (Permission.ACCOUNT_READ, "/accounts"),
    (Permission.SESSION_READ, "/reports"),
)
"""The first page of users who do not place clients, by permission."""


@get("/", permission=Permission.SESSION_READ, sync_to_thread=True)
def show_today(request: Page, acts: NamedDependency[Acts]) -> Response[Any]:
    """The first page of users who place clients; redirects others to theirs."""
    role = request.user.role
    if role in GRANTS[Permission.REGISTRATIONS_READ]:
        newest = acts.run(
            lambda act: change_feed.newest_event(act.session)
        )  # read first, so that no later change is missed
        return page(request, "today.html", newest=newest, **_of_placers(acts))
    return go(next(to for permission, to in _FIRST if role in GRANTS[permission]))


@get("/today/board", permission=Permission.REGISTRATIONS_READ, by_itself=True, sync_to_thread=True)
def show_board(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    """The content of the first page, fetched by an open page after a change."""
    return page(request, "today_board.html", **_of_placers(acts))


def _of_placers(acts: Acts) -> dict[str, Any]:
    waiting = content_of(registrations.list_registrations.fn(acts, RegistrationStatus.OPEN, None, SHOWN, 0))
    known = content_of(country.read_country.fn(acts))
    long_there = [
        row for row in content_of(stays.list_stays.fn(acts, StayStatus.IN_HOUSE, 200, 0))["items"] if row["mark"]
    ]
    free: Counter[str] = Counter()
    beds: Counter[str] = Counter()
    units = [unit for shelter in known["shelters"] for unit in shelter["units"]]
    for unit in units:
        free[unit["scheme"]] += unit["free_now"]
        beds[unit["scheme"]] += unit["beds"]
    stale = [shelter for shelter in known["shelters"] if shelter["freshness"] in {"stale", "never"}]
    return {
        "waiting": waiting,
        "board": acts.run(task_board.board),
        "tasks_shown": TASKS_SHOWN,
        "areas": totals(units),
        "free": free,
        "beds": beds,
        "free_now": known["free_now"],
        "reminders": content_of(messages.list_reminders.fn(acts))["items"],
        "all_beds": known["beds"],
        "stale": stale,
        "long_there": long_there,
    }
