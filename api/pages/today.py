"""The first page of users who place clients: tasks, waiting clients and free beds."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from litestar import Response

from api.http.context import Acts, RequestActs
from api.http.methods import get
from api.pages.area_choices import Choices, area_choices
from api.pages.case_lists import remember
from api.pages.frame import Page, Reply, go, page
from api.v1.set_up import SetUpOut, read_set_up
from placement.access.need_to_know import sees_all_by_name
from placement.access.permissions import Permission
from placement.audit import change_feed
from placement.capacity import reads as capacity
from placement.core.codes import Freshness, Scheme
from placement.core.context import Act
from placement.core.place_codes import PlaceStatus
from placement.tasks.listing import Owned, reading_tasks
from placement.tasks.queue import Queue, queue
from placement.tasks.task import TaskKind

TASKS_SHOWN = 50
OTHERS_SHOWN = 10
"""How many rows of a list the first page shows. The number beside the list counts all."""
FOLDED_FROM = 3
"""From this number of tasks of a kind, tasks that can wait share a line."""

_OPEN = {PlaceStatus.OPEN, PlaceStatus.CLOSING}
_FIRST = (
    (Permission.CAPACITY_REPORT, "/capacity"),
    (Permission.ENQUIRY_WRITE, "/enquiries"),
    (Permission.REVIEW_READ, "/review"),
    (Permission.ACCOUNT_READ, "/accounts"),
    (Permission.SENT_READ, "/sent"),
    (Permission.REPORTS_READ, "/reports"),
    (Permission.COUNT_READ, "/counts"),
    (Permission.SESSION_READ, "/needs"),
)
"""The first page of all other users, by permission."""
_NEEDED = (
    Permission.REGISTRATIONS_READ,
    Permission.COUNTRY_READ,
    Permission.STAY_READ,  # for the tasks
    Permission.DECISION_READ,
    Permission.HOLD_READ,
    Permission.SET_UP_READ,
    Permission.TASKS_READ,
)


@dataclass(frozen=True, slots=True)
class Today:
    newest: int
    """The newest audit event of this page. An open page is notified of later events."""
    set_up: SetUpOut
    queue: Queue
    areas: Choices
    """Names of areas by their codes."""
    sees_all: bool
    """True if the free beds are those of the whole country, and not of the reader's regions."""
    free: Counter[Scheme]
    beds: Counter[Scheme]
    by_old_counts: int
    """How many free beds are known only from old counts."""
    stale_after: timedelta


@dataclass(frozen=True, slots=True)
class Line:
    """A line in the list of tasks: one task, or all tasks of a kind that can wait."""

    tasks: tuple[Owned, ...]
    is_fold: bool = False


def lines_of(tasks: Sequence[Owned]) -> list[Line]:
    """Returns the lines for these tasks, in order. The first task always has a line of its own, because it is the next
    thing to do. A line of several tasks is at the position of its first task.
    """
    waits = [one for one in tasks[1:] if not one.task.is_pressing]
    kinds: dict[TaskKind, list[Owned]] = {}
    for one in waits:
        kinds.setdefault(one.task.kind, []).append(one)
    lines: list[Line] = []
    for number, one in enumerate(tasks):
        kind = one.task.kind
        if number == 0 or one.task.is_pressing or len(kinds[kind]) < FOLDED_FROM:
            lines.append(Line((one,)))
        elif one is kinds[kind][0]:
            lines.append(Line(tuple(kinds[kind]), is_fold=True))
    return lines


@get("/", permission=Permission.SESSION_READ)
def show_today(request: Page, acts: RequestActs) -> Reply:
    """Shows the first page. Redirects users who do not place clients to another page."""
    role = request.user.role
    if role in Permission.REGISTRATIONS_READ.reach:
        return _shown(request, acts, "today.html")
    return go(next(to for permission, to in _FIRST if role in permission.reach))


@get("/today/board", permission=Permission.REGISTRATIONS_READ, by_itself=True)
def show_board(request: Page, acts: RequestActs) -> Response[str]:
    """Shows only the content of the first page. An open page loads it again after a change."""
    return _shown(request, acts, "today_board.html")


def _shown(request: Page, acts: Acts, template: str) -> Response[str]:
    shown = acts.show("today", _today, *_NEEDED)
    found = shown.queue
    lines = lines_of(found.to_do[:TASKS_SHOWN])
    answer = page(request, template, shown, lines=lines, tasks_shown=TASKS_SHOWN, others_shown=OTHERS_SHOWN)
    lists: dict[str, list[str | None]] = {
        "todo": [one.task.registration for one in found.to_do],
        "waits": [row.id for row in found.waiting],
        "arrivals": [row.registration for row in found.arrivals],
        "others": [one.task.registration for one in found.with_others[:OTHERS_SHOWN]],
    }
    remember(request, answer, "/", lists)
    return answer


def _today(act: Act) -> Today:
    newest = change_feed.newest_event(act.session)  # read first, so that no later change is missed
    with reading_tasks(act):
        return _read(act, newest)


def _read(act: Act, newest: int) -> Today:
    shelters = capacity.country(act)
    free: Counter[Scheme] = Counter()
    beds: Counter[Scheme] = Counter()
    for one in (unit for shelter in shelters for unit in shelter.units):
        free[one.unit.scheme] += one.free_now
        beds[one.unit.scheme] += one.beds
    open_ones = {one.shelter.id: one.reported_at for one in shelters if one.shelter.status in _OPEN}
    return Today(
        newest=newest,
        set_up=read_set_up(act),
        queue=odd_accesses_last(queue(act, open_ones)),
        areas=area_choices(act),
        sees_all=sees_all_by_name(act.actor),
        free=free,
        beds=beds,
        by_old_counts=sum(unit.free_now for one in shelters if one.freshness is Freshness.STALE for unit in one.units),
        stale_after=act.settings.stale_after,
    )


def odd_accesses_last(found: Queue) -> Queue:
    """Moves unusual accesses to the end, because there may be weeks of them and the page shows only the first tasks."""
    parts = (found.to_do, found.with_others)
    to_do, others = (tuple(sorted(part, key=lambda one: one.task.kind is TaskKind.ODD_ACCESS)) for part in parts)
    return replace(found, to_do=to_do, with_others=others)
