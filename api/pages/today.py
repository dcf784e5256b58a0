"""The first page: what needs me now, who waits, what is free."""

from collections import Counter
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from api.http.context import Acts
from api.pages.frame import Page, go, page, told
from api.pages.map import totals
from api.v1 import country, messages, registrations, stays
from placement.access.permissions import GRANTS, Permission
from placement.audit import change_feed as changes
from placement.core.codes import RegistrationStatus, StayStatus
from placement.tasks import board as tasks

SHOWN = 10
TASKS_SHOWN = 50
"""Of a list on the first page. What is counted beside it is all of it."""

_FIRST = (
    (Permission.CAPACITY_REPORT, "/capacity"),
    (Permission.AUDIT_READ, "/log"),
    (Permission.ACCOUNT_READ, "/accounts"),
    (Permission.SESSION_READ, "/reports"),
)
"""Of who places nobody: by what else she does."""


@get("/", permission=Permission.SESSION_READ, sync_to_thread=True)
def show_today(request: Page, acts: NamedDependency[Acts]) -> Response[Any]:
    """For who places people; to others, the first page that is theirs."""
    role = request.user.role
    if role in GRANTS[Permission.REGISTRATIONS_READ]:
        line = acts.run(lambda act: changes.newest_line(act.session))  # before the rest: nothing falls between
        return page(request, "today.html", line=line, **_of_placers(acts))
    return go(next(to for permission, to in _FIRST if role in GRANTS[permission]))


@get("/today/board", permission=Permission.REGISTRATIONS_READ, by_itself=True, sync_to_thread=True)
def show_board(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    """What the first page shows, for a page that stands open and was told that something changed."""
    return page(request, "today_board.html", **_of_placers(acts))


def _of_placers(acts: Acts) -> dict[str, Any]:
    waiting = told(registrations.list_registrations.fn(acts, RegistrationStatus.OPEN, None, SHOWN, 0))
    known = told(country.read_country.fn(acts))
    long_there = [row for row in told(stays.list_stays.fn(acts, StayStatus.IN_HOUSE, 200, 0))["items"] if row["mark"]]
    free: Counter[str] = Counter()
    beds: Counter[str] = Counter()
    units = [unit for shelter in known["shelters"] for unit in shelter["units"]]
    for unit in units:
        free[unit["scheme"]] += unit["free_now"]
        beds[unit["scheme"]] += unit["beds"]
    stale = [shelter for shelter in known["shelters"] if shelter["freshness"] in {"stale", "never"}]
    return {
        "waiting": waiting,
        "board": acts.run(tasks.board),
        "tasks_shown": TASKS_SHOWN,
        "areas": totals(units),
        "free": free,
        "beds": beds,
        "free_now": known["free_now"],
        "reminders": told(messages.list_reminders.fn(acts))["items"],
        "all_beds": known["beds"],
        "stale": stale,
        "long_there": long_there,
    }
