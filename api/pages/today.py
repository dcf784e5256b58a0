"""The first page: open tasks, waiting clients, free beds."""

from collections import Counter
from dataclasses import dataclass

from litestar import Response, get
from litestar.di import NamedDependency

from api.http.context import Acts
from api.pages.frame import Page, Reply, go, page
from api.pages.map import AreaTotal, totals
from api.v1.country import ShelterOut, country
from api.v1.messages import ReminderOut, reminders
from api.v1.registrations import RegistrationPage, registration_page
from api.v1.set_up import SetUpOut, set_up
from api.v1.stays import StayOut, stay_page
from placement.access.permissions import Permission
from placement.audit import change_feed
from placement.core.codes import Freshness, StayStatus
from placement.core.context import Act
from placement.tasks import board as task_board
from placement.tasks.board import Board

SHOWN = 10
MOST_STAYS = 200
TASKS_SHOWN = 50
"""Rows of a list on the first page; the count next to it covers all."""

_FIRST = (
    (Permission.CAPACITY_REPORT, "/capacity"),
    (Permission.AUDIT_READ, "/log"),
    (Permission.ACCOUNT_READ, "/accounts"),
    (Permission.SESSION_READ, "/reports"),
)
"""The first page of users who do not place clients, by permission."""
_NEEDED = (
    Permission.REGISTRATIONS_READ,
    Permission.COUNTRY_READ,
    Permission.STAY_READ,
    Permission.REMINDERS_READ,
    Permission.DECISION_READ,  # of the tasks, with the next
    Permission.HOLD_READ,
    Permission.SET_UP_READ,
    Permission.TASKS_READ,
)


@dataclass(frozen=True, slots=True)
class Today:
    """What the first page shows to users who place clients."""

    newest: int
    """The newest audit event when this was read: an open page is told of later ones."""
    set_up: SetUpOut
    board: Board
    waiting: RegistrationPage
    reminders: list[ReminderOut]
    stale: list[ShelterOut]
    free: Counter[str]
    beds: Counter[str]
    areas: list[AreaTotal]
    free_now: int
    all_beds: int
    long_there: list[StayOut]


@get("/", permission=Permission.SESSION_READ, sync_to_thread=True)
def show_today(request: Page, acts: NamedDependency[Acts]) -> Reply:
    """The first page of users who place clients; redirects others to theirs."""
    role = request.user.role
    if role in Permission.REGISTRATIONS_READ.reach:
        return page(request, "today.html", acts.show("today", _today, *_NEEDED), tasks_shown=TASKS_SHOWN)
    return go(next(to for permission, to in _FIRST if role in permission.reach))


@get("/today/board", permission=Permission.REGISTRATIONS_READ, by_itself=True, sync_to_thread=True)
def show_board(request: Page, acts: NamedDependency[Acts]) -> Response[str]:
    """The content of the first page, fetched by an open page after a change."""
    return page(request, "today_board.html", acts.show("today", _today, *_NEEDED), tasks_shown=TASKS_SHOWN)


def _today(act: Act) -> Today:
    newest = change_feed.newest_event(act.session)  # read first, so that no later change is missed
    known = country(act)
    units = [unit for shelter in known.shelters for unit in shelter.units]
    free: Counter[str] = Counter()
    beds: Counter[str] = Counter()
    for unit in units:
        free[unit.scheme] += unit.free_now
        beds[unit.scheme] += unit.beds
    return Today(
        newest=newest,
        set_up=set_up(act),
        board=task_board.board(act),
        waiting=registration_page(act, None, None, SHOWN, 0, sought=True),
        reminders=reminders(act).items,
        stale=[shelter for shelter in known.shelters if shelter.freshness in {Freshness.STALE, Freshness.NEVER}],
        free=free,
        beds=beds,
        areas=totals(units),
        free_now=known.free_now,
        all_beds=known.beds,
        long_there=[row for row in stay_page(act, StayStatus.IN_HOUSE, MOST_STAYS, 0).items if row.mark],
    )
