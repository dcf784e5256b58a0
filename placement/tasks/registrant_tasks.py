"""Tasks about sent registrations: the registration itself, the registrant's messages, and unanswered questions."""

from collections.abc import Iterator

from placement.access.permissions import Permission
from placement.core.codes import RegistrationStatus, Role
from placement.core.context import Act
from placement.registrants.received import waiting
from placement.tasks.task import Task, TaskKind


def of_registrants(act: Act) -> Iterator[Task]:
    """Yields the desk's tasks about sent registrations. A received registration is a task until the desk refuses or
    registers it.
    """
    if act.actor.role is not Role.SYSTEM and not Permission.RECEIVED_READ.is_of(act.actor):
        return
    for row, case in waiting(act):
        if case.status is RegistrationStatus.CLOSED:
            continue
        if case.status.is_unregistered:
            yield Task.of_case(TaskKind.RECEIVED, case, row.content.sent_at, about=row.id)
        if unread := row.content.unread:
            yield Task.of_case(TaskKind.FROM_REGISTRANT, case, unread[0].at, about=row.id, turn=unread[-1].id)
        over = [one for one in row.content.open_questions if one.due_at is not None and one.due_at <= act.at]
        if over:
            yield Task.of_case(TaskKind.UNANSWERED, case, over[0].at, over[0].due_at, about=row.id, turn=over[-1].id)
