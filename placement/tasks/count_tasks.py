"""The task of a registrar about persons who were reported twice to the count register."""

from collections.abc import Iterator

from placement.access.permissions import Permission
from placement.core.clock import start_of
from placement.core.codes import Role, Urgency
from placement.core.context import Act
from placement.counts.reading import days_of_doubles
from placement.tasks.task import Task, TaskKind


def of_counts(act: Act) -> Iterator[Task]:
    """Yields at most a single task, for all persons who were reported twice. The task names no record. If persons are
    reported twice on another day, the registrar is notified again. Nobody else gets the task, so that no sender learns
    whether a person was known.
    """
    if act.actor.role is not Role.SYSTEM and not Permission.COUNT_CHANGE.is_of(act.actor):
        return
    days = days_of_doubles(act.session)
    if days is not None:
        first, last = days
        about, can_wait = TaskKind.COUNTED_TWICE.value, int(Urgency.CAN_WAIT)
        yield Task(TaskKind.COUNTED_TWICE, None, can_wait, start_of(first), about=about, turn=last.isoformat())
