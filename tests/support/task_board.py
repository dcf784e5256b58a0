"""The tasks about cases and requests, as the first page derives them."""

from dataclasses import dataclass

from placement.core.context import Act
from placement.tasks.board import Arrival, in_order
from placement.tasks.queue import queue
from placement.tasks.task import Task, TaskKind


@dataclass(frozen=True, slots=True)
class Seen:
    tasks: list[Task]
    arrivals: tuple[Arrival, ...]
    unseen: frozenset[str]


def board(act: Act) -> Seen:
    """Returns the tasks that the reader is shown, its own and others', without missing counts and long stays."""
    shown = queue(act)
    tasks = [one.task for one in (*shown.to_do, *shown.with_others)]
    beside = {TaskKind.COUNT_MISSING, TaskKind.STAY_IS_LONG}
    return Seen(in_order(act, (task for task in tasks if task.kind not in beside)), shown.arrivals, shown.unseen)
