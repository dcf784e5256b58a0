"""Numbers of tasks by owner. They count only tasks that the reader sees anyway."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from placement.access.permissions import Permission
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.vacancy import is_counted
from placement.core.codes import Sees
from placement.core.context import Act
from placement.tasks.board import of_cases
from placement.tasks.listing import derive, divide, owned, with_others
from placement.tasks.stay_tasks import last_reports
from placement.tasks.task import TaskKind
from placement.tasks.task_views import noticed


@dataclass(frozen=True, slots=True)
class Tasks:
    """The number of tasks, and how many of them are late."""

    number: int = 0
    late: int = 0


@dataclass(frozen=True, slots=True)
class ToDo:
    """The numbers of tasks of a reader. `own`: the reader's own tasks.

    Only for a reader who sees all cases: `areas`, the tasks that wait in each area, by its code; `shelters`, the tasks
    that wait for shelters. `not_counted`: the ids of shelters without a fresh count; `None` if only the report lists
    these shelters. `counts_on`: the page on which counts are made or seen.
    """

    own: Tasks
    areas: Mapping[str, int] = field(default_factory=dict)
    shelters: int = 0
    not_counted: tuple[str, ...] | None = None
    counts_on: str | None = None


def to_do(act: Act) -> ToDo:
    """Returns the numbers of tasks. Runs no query for a reader who may not read tasks."""
    if not Permission.TASKS_READ.is_of(act.actor):
        return ToDo(Tasks())
    reports = last_reports(act) if act.actor.role.sees is Sees.ALL else {}
    found = owned(act, with_others(act, of_cases(act).tasks, reports) if reports else derive(act))
    audit_log.write(act, Event.TASKS_LISTED, shown=set(), found=len(found))
    mine, _ = divide(act, found, noticed(act, [one.task for one in found]).passed_on)
    own = Tasks(len(mine), sum(one.task.is_late(act.at) for one in mine))
    if act.actor.role.sees is not Sees.ALL:
        return ToDo(own, counts_on="/capacity" if Permission.CAPACITY_REPORT.is_of(act.actor) else "/country")
    others = [one for one in found if one.owner.role is not act.actor.role]
    of_areas = [one.owner.reach for one in others if one.owner.role.sees is Sees.REGIONS and one.task.is_to_do]
    return ToDo(
        own,
        Counter(reach for reach in of_areas if reach),
        sum(one.owner.role.sees is Sees.SHELTER and one.task.kind is not TaskKind.COUNT_MISSING for one in others),
        tuple(shelter for shelter, at in reports.items() if not is_counted(at, act.at, act.settings.fresh_within)),
        "/country",
    )
