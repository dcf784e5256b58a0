"""The first look of a person at an urgent task (`RINGS`). The time of the look is sealed in the stored notification of
the task.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from sqlmodel import Session, col, select

from placement.access.case_access import ASKS_THE_DESK
from placement.core.codes import Urgency
from placement.core.context import Act
from placement.core.notice_codes import NoticeMark
from placement.crypto.encrypted_columns import is_readable
from placement.tables import Decision, Registration, TaskNotice
from placement.tasks.task import RINGS, Task, TaskKind, WaitingDecision, Whose

_OF_LADDER = (NoticeMark.NEW, NoticeMark.PUSH, NoticeMark.SMS, NoticeMark.ON_CALL)
"""The steps of the escalation whose recipients have an account, so that they can open the task."""

Notices = Mapping[str, Mapping[NoticeMark, TaskNotice]]
"""The notifications of tasks, by the task's id and the step of the escalation."""


class Noticed(NamedTuple):
    """The state of notified tasks. `unseen`: the subjects of shelters' tasks of tonight that nobody of the shelter had
    opened when the person on call was notified. `passed_on`: the keys of tasks that the escalation passed on to this
    person.
    """

    unseen: frozenset[str]
    passed_on: frozenset[str]


def look_at(act: Act, tasks: Iterable[Task]) -> None:
    """Records that a list showed these tasks to a signed-in person of the shelter, who can answer them there."""
    if act.actor.shelter_id is not None:
        record_looks(act, tasks)


def look_at_holds(act: Act, hold_ids: Iterable[str]) -> None:
    """Records that a page outside the list of tasks showed these holds."""
    look_at(act, [Task(TaskKind.HOLD, None, int(Urgency.CAN_WAIT), about=hold_id) for hold_id in hold_ids])


def record_looks(act: Act, tasks: Iterable[Task]) -> None:
    """Records the first time at which a signed-in person opened these tasks. For a task of a shelter, that person must
    have been notified of it. For any other task, that person must not be its requester.
    """
    asked = [task for task in tasks if task.kind in RINGS and act.actor.id not in _asked_by(task)]
    if act.actor.session_id is None or not asked:
        return
    of_shelter = {task.id(act.session) for task in asked if task.whose is Whose.SHELTER}
    for name, marks in notices(act.session, [task.id(act.session) for task in asked], _OF_LADDER).items():
        first = marks.get(NoticeMark.NEW)
        told = {account for notice in marks.values() for account in notice.content.told}
        if first is None or act.actor.id in first.content.seen or (name in of_shelter and act.actor.id not in told):
            continue
        first.content = first.content.model_copy(update={"seen": {**first.content.seen, act.actor.id: act.at}})


def record_look_at_case(act: Act, case: Registration) -> Registration:
    """Records that a person opened the case if the client is missing or waits for a place tonight. Returns the case."""
    tasks = [Task.of_search(case, one, act.at) for one in case.open_searches]
    if case.is_searched_for and not tasks:
        tasks.append(Task.of_case(TaskKind.WHEREABOUTS, case, about=case.id))
    if case.urgency == Urgency.TONIGHT and case.status.is_sought_for:
        tasks.append(Task.of_case(TaskKind.URGENT, case))
    record_looks(act, tasks)
    return case


def record_look_at_received(act: Act, case: Registration, sent_id: str) -> None:
    """Records that a signed-in person of the desk opened a sent registration."""
    record_looks(act, [Task.of_case(TaskKind.RECEIVED, case, about=sent_id)])


def record_look_at_decision(act: Act, made: Decision) -> None:
    """Records that a signed-in person opened a decision that waits."""
    waits = WaitingDecision(made.id, made.status, made.decided_by)
    if made.status in ASKS_THE_DESK:
        record_looks(act, [Task(TaskKind.DECISION, None, int(Urgency.CAN_WAIT), about=made.id, decision=waits)])


def record_call(act: Act, hold_id: str) -> None:
    """Records that a signed-in person of the desk opened the page on which a call about this hold is entered."""
    asked = Task(TaskKind.HOLD, None, int(Urgency.CAN_WAIT), about=hold_id)
    record_looks(act, [asked, replace(asked, kind=TaskKind.TO_RING, cause=TaskKind.HOLD.value)])


def noticed(act: Act, tasks: Iterable[Task]) -> Noticed:
    """Returns the state of these tasks, from their stored notifications."""
    ringing = {task.id(act.session): task for task in tasks if task.rings}
    not_looked_at, goes_on = set(), set()
    for name, marks in notices(act.session, ringing, (NoticeMark.NEW, NoticeMark.ON_CALL)).items():
        task, first = ringing[name], marks.get(NoticeMark.NEW)
        if NoticeMark.ON_CALL in marks:
            goes_on.add(task.key)
        if task.whose is not Whose.SHELTER or first is None or first.content.seen:
            continue
        if first.content.at + act.settings.ladder[1] <= act.at:
            not_looked_at.add(task.about)
    return Noticed(frozenset(not_looked_at), frozenset(goes_on))


def _asked_by(task: Task) -> set[str | None]:
    return {task.asked_by, None if task.decision is None else task.decision.decided_by}


def notices(session: Session, names: Iterable[str], marks: Iterable[NoticeMark]) -> Notices:
    """Returns the readable notifications of these tasks at these steps of the escalation. Leaves out tasks that have
    ended.
    """
    once = {f"{name} {mark.value}": (name, mark) for name in names for mark in marks}
    if not once:
        return {}
    found: dict[str, dict[NoticeMark, TaskNotice]] = {}
    for notice in session.exec(select(TaskNotice).where(col(TaskNotice.once).in_(once))):
        if is_readable(notice.content):
            name, mark = once[notice.once]
            found.setdefault(name, {})[mark] = notice
    return found
