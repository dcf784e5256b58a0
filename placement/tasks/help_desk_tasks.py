"""Tasks of the help desk: callers to ring back, calls that nobody finished, and entries to review."""

from collections.abc import Iterator

from placement.access.permissions import Permission
from placement.core.clock import start_of
from placement.core.codes import Role, Urgency
from placement.core.context import Act
from placement.core.enquiry_codes import EnquiryStatus
from placement.help_desk.enquiries import FINISHED_WITHIN, unfinished
from placement.help_desk.entries import is_due, to_review
from placement.tasks.task import Task, TaskKind

UNFINISHED, DUE, WAITING = "unfinished", "due", "waiting"


def of_help_desk(act: Act) -> Iterator[Task]:
    """Yields a task for each enquiry that a person has to continue, and at most two tasks to review the help desk's
    texts: texts whose next review is due, and new versions. Nobody reviews their own texts.
    """
    if act.actor.role is not Role.SYSTEM and not Permission.ENQUIRY_WRITE.is_of(act.actor):
        return
    for row in unfinished(act.session):
        said = row.content
        urgency = int(Urgency.DAYS if said.urgent else Urgency.CAN_WAIT)
        if row.status is EnquiryStatus.CALL_BACK:
            yield Task(TaskKind.ENQUIRY, None, urgency, said.at, said.due_at, about=row.id)
        elif said.at + FINISHED_WITHIN <= act.at:
            yield Task(TaskKind.ENQUIRY, None, urgency, said.at, cause=UNFINISHED, about=row.id)
    waiting = [row for row in to_review(act.session, act.day) if row.content.written_by != act.actor.id]
    again = [row.due_on for row in waiting if row.due_on is not None and is_due(row, act.day)]
    new = [row.content.written_at for row in waiting if not is_due(row, act.day)]
    can_wait = int(Urgency.CAN_WAIT)
    if again:
        first, last = min(again), max(again)
        yield Task(TaskKind.ENTRY, None, can_wait, start_of(first), cause=DUE, about=DUE, turn=last.isoformat())
    if new:
        yield Task(TaskKind.ENTRY, None, can_wait, min(new), cause=WAITING, about=WAITING, turn=max(new).isoformat())
