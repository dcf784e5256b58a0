"""The first look of a shelter's staff at a hold. It is stored, sealed, in the notification of its task."""

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import Session, col, select

from placement.core.codes import Urgency
from placement.core.context import Act
from placement.core.notice_codes import NoticeMark
from placement.crypto.encrypted_columns import is_readable
from placement.tables import TaskNotice
from placement.tasks.task import Task, TaskKind

LOOKED_AT_WITHIN = timedelta(minutes=10)
"""The time within which a shelter must look at a hold for tonight; after it the hold goes to the desk."""


def look_at(act: Act, tasks: Iterable[Task]) -> None:
    """Records the first time at which these holds were shown to a signed-in person of the shelter."""
    if act.actor.session_id is None or act.actor.shelter_id is None:
        return
    for notice in _notices(act.session, [task for task in tasks if task.kind is TaskKind.HOLD]):
        said = notice.content
        if act.actor.id in said.told and act.actor.id not in said.seen:
            notice.content = said.model_copy(update={"seen": {**said.seen, act.actor.id: act.at}})


def look_at_holds(act: Act, hold_ids: Iterable[str]) -> None:
    """Records a look at holds that a page shows outside the list of tasks."""
    look_at(act, [Task(TaskKind.HOLD, None, int(Urgency.CAN_WAIT), about=hold_id) for hold_id in hold_ids])


def unseen(act: Act, tasks: Iterable[Task]) -> frozenset[str]:
    """Returns the ids of the holds for tonight that nobody of the shelter looked at in time."""
    waiting = {task.id(act.session): task.about for task in tasks if _is_for_tonight(task)}
    told = (notice.content for notice in _notices(act.session, [], names=waiting))
    return frozenset(waiting[one.task] for one in told if not one.seen and one.at + LOOKED_AT_WITHIN <= act.at)


def _is_for_tonight(task: Task) -> bool:
    return task.kind is TaskKind.HOLD and task.urgency == Urgency.TONIGHT


def _notices(session: Session, tasks: Iterable[Task], names: Iterable[str] = ()) -> list[TaskNotice]:
    once = [f"{name} {NoticeMark.NEW.value}" for name in (*names, *(task.id(session) for task in tasks))]
    if not once:
        return []
    found = session.exec(select(TaskNotice).where(col(TaskNotice.once).in_(once))).all()
    return [notice for notice in found if is_readable(notice.content)]
