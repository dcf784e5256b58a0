"""Tasks of the desk about shelters that it calls: questions to them, and entries that the desk made for them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from sqlalchemy import true
from sqlmodel import Session, col

from placement.access.permissions import Permission
from placement.accounts import organisations
from placement.accounts.number_changes import Telephones
from placement.capacity import place_names
from placement.core.codes import Role, Urgency
from placement.core.context import Act
from placement.core.read_ahead import Rows, rows_of
from placement.core.telephone_codes import Heard, TelephoneUse
from placement.duty.hours import duty_of
from placement.duty.on_call import desk_confirms_by
from placement.placements.holds import telephone_records
from placement.placements.holds.telephone_records import Entry
from placement.tables import Registration, Shelter
from placement.tasks.task import Task, TaskKind, Whose

BY_TELEPHONE = Rows(Shelter, col(Shelter.works_by_telephone) == true())
_LEAST = int(Urgency.CAN_WAIT)
_ASKED = frozenset({TaskKind.HOLD, TaskKind.DECISION, TaskKind.COUNT_MISSING})
"""The kinds of a shelter's tasks that can be done in a single call."""


def to_ring(act: Act, tasks: Iterable[Task]) -> Iterator[Task]:
    """Yields these tasks with their owners. If a shelter works by telephone, the desk owns the shelter's tasks, and
    calls the shelter.
    """
    known = list(tasks)
    if act.actor.shelter_id is not None or not any(one.whose is Whose.SHELTER for one in known):
        yield from known
        return
    rung = _work_by_telephone(act.session)
    shelter_of = place_names.shelters(act.session) if rung else {}
    for task in known:
        shelter = task.shelter or shelter_of.get(task.unit or "")
        if task.whose is not Whose.SHELTER or shelter not in rung:
            yield task
        elif task.kind in _ASKED:
            asked = replace(task, kind=TaskKind.TO_RING, cause=task.kind.value, shelter=shelter)
            yield replace(asked, decision=None)
        else:
            yield replace(task, own=Whose.DESK, shelter=shelter)


def of_entries(act: Act) -> Iterator[Task]:
    """Yields the desk's tasks about entries by telephone: contradictions, and calls that must still be made."""
    if act.actor.role is not Role.SYSTEM and not Permission.TELEPHONE_ENTER.is_of(act.actor):
        return
    unread: dict[str, Entry] = {}
    for entry in telephone_records.waiting(act):
        said = entry.content
        if said.is_contradicted:
            yield replace(_task(act, TaskKind.CONTRADICTION, entry), since=said.contradicted_at)
        elif said.kind is not Heard.YES:
            unread.setdefault(said.shelter, entry)
        elif act.actor.id != said.entered_by:
            due = desk_confirms_by(duty_of(act.settings), said.entered_at)
            is_day = duty_of(act.settings).is_on(said.entered_at)
            yield replace(
                _task(act, TaskKind.CALL_BACK, entry),
                due=said.entered_at + telephone_records.RING_BACK_WITHIN if is_day else due,
                asked_by=said.entered_by,
            )
    for shelter, entry in unread.items():
        since = entry.content.entered_at
        yield Task(TaskKind.READ_BACK, None, _LEAST, since, about=shelter, shelter=shelter, turn=entry.id)


def numbers_to_ring(act: Act, tasks: Iterable[Task], not_looked_at: Collection[str]) -> Mapping[str, Telephones]:
    """Returns telephone numbers for these tasks, by shelter. Outside the hours of duty, the night number comes first.
    `not_looked_at`: the subjects of tonight's tasks that nobody of the shelter has opened, so that the desk must call
    the shelter.
    """
    rung = (task for task in tasks if task.is_by_telephone or task.about in not_looked_at)
    found = organisations.telephones_of_shelters(act.session, {task.shelter for task in rung if task.shelter})
    if duty_of(act.settings).is_on(act.at):
        return found
    return {shelter: dict(sorted(by_use.items(), key=_is_by_day)) for shelter, by_use in found.items()}


def _is_by_day(number: tuple[TelephoneUse, str]) -> bool:
    return number[0] is not TelephoneUse.NIGHT


def _task(act: Act, kind: TaskKind, entry: Entry) -> Task:
    said = entry.content
    case = None if said.registration is None else act.session.get(Registration, said.registration)
    urgency = _LEAST if case is None else case.urgency
    area = None if case is None else case.region
    return Task(
        kind,
        said.registration,
        urgency,
        said.entered_at,
        about=entry.id,
        area=area,
        shelter=said.shelter,
        cause=said.kind.value,
    )


def _work_by_telephone(session: Session) -> set[str]:
    return {one.id for one in rows_of(session, BY_TELEPHONE)}
