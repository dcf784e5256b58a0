"""The tasks of a reader, each with its owner, for the API, the pages and notifications."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from placement.access.permissions import Permission
from placement.areas.lookup import all_of
from placement.audit import log as audit_log
from placement.audit.anomaly_review import UNREVIEWED
from placement.audit.events import Event
from placement.capacity import place_names
from placement.capacity.confirmation import WAITING_FOR_SHELTER
from placement.core.area_codes import PlaceKind
from placement.core.codes import Role, Sees
from placement.core.context import Act
from placement.core.read_ahead import reading_ahead
from placement.core.second_person_codes import SecondPersonKind
from placement.dated_rules.lookup import BESIDE, statements_of
from placement.duty.hours import duty_of
from placement.duty.on_call import on_call
from placement.events.events import LIVE
from placement.help_desk.enquiries import UNFINISHED_ROWS
from placement.help_desk.entries import rows_to_review
from placement.placements.decisions.provisional_status import Provisional, provisional_among
from placement.placements.holds.telephone_records import WAITING
from placement.placements.stays.stay_clock import in_house
from placement.placements.stays.stays import reversible_no_shows
from placement.registrants.received import UNREGISTERED_CASES
from placement.storage.store_records import RECORDS
from placement.tasks import set_up
from placement.tasks.board import LINKS, in_order, of_cases
from placement.tasks.count_tasks import of_counts
from placement.tasks.doubt_tasks import of_doubt
from placement.tasks.event_tasks import late_together, of_events
from placement.tasks.help_desk_tasks import of_help_desk
from placement.tasks.misfit_tasks import ending_rooms
from placement.tasks.registrant_tasks import of_registrants
from placement.tasks.requests import waiting_beside_cases
from placement.tasks.staff import covered, staff
from placement.tasks.stay_tasks import asked_of, last_reports, missing_counts, of_stays
from placement.tasks.task import Task, TaskKind, Whose
from placement.tasks.task_views import look_at
from placement.tasks.telephone import BY_TELEPHONE, of_entries, to_ring

ON_CALL = "on_call"
"""The value of `Owner.reach` that stands for all persons on call."""

_NEXT = {Whose.PLACER: Whose.DESK, Whose.SHELTER: Whose.DESK, Whose.AUDITOR: Whose.DESK}
"""The next owner of a late task, by its owner. A late task of the desk goes to the person on call."""

_OF_DESK_TOO = frozenset({TaskKind.LATE, TaskKind.EVENT_LATE, TaskKind.WHEREABOUTS, TaskKind.ENQUIRY, TaskKind.ENTRY})
"""The kinds of tasks that the desk owns from the beginning, in addition to their owner."""
_TO_ON_CALL = _OF_DESK_TOO | {TaskKind.ONWARD}
"""The kinds of tasks that go to the person on call when they are late, whoever their owner is. If nobody is on call,
they go to the whole desk.
"""


_EACH = (
    *(all_of(PlaceKind.AREA), statements_of(*BESIDE), RECORDS, BY_TELEPHONE, WAITING_FOR_SHELTER),
    *(LINKS, UNREVIEWED, WAITING, UNREGISTERED_CASES, LIVE, UNFINISHED_ROWS),
)
"""The rows that almost every list of tasks needs."""

_OF_HOLDS = frozenset({TaskKind.HOLD, TaskKind.ARRIVAL, TaskKind.LATE})
_SAID = _OF_HOLDS | {TaskKind.DECISION, TaskKind.SET_UP}
"""The kinds of tasks for which a shelter's first page has a separate section."""


@dataclass(frozen=True, slots=True)
class Owner:
    """An owner of tasks: a role with a reach, which is an area, a shelter, or `None` for the whole service."""

    role: Role
    reach: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The tasks of a shelter. `holds`: the holds that wait for the shelter's answer or for an arrival. `tasks`: the
    keys of all its tasks, in order.
    """

    holds: tuple[str, ...]
    tasks: tuple[str, ...]
    taken_back: tuple[str, ...]
    """The holds whose no-show the shelter can still reverse."""
    provisional: Provisional
    """The number of holds that were requested under a standing mandate, and the earliest deadline of the desk."""
    beside: tuple[Task, ...]
    """The tasks for which the first page has no separate section."""


@dataclass(frozen=True, slots=True)
class Owned:
    """A task with its owners. `beside`: a second owner from the beginning. `next`: a further owner, added when the task
    is late.
    """

    task: Task
    owner: Owner
    next: Owner | None
    beside: Owner | None = None

    @property
    def first(self) -> tuple[Owner, ...]:
        """The owners of the task before it is late."""
        return (self.owner,) if self.beside is None else (self.owner, self.beside)

    def owners(self, at: datetime, passed_on: Collection[str] = ()) -> tuple[Owner, ...]:
        """Returns the owners at this time. Includes the next owner of a task that is late, or whose key is in
        `passed_on`.
        """
        goes_on = self.task.is_late(at) or self.task.key in passed_on
        return (*self.first, self.next) if self.next is not None and goes_on else self.first


def open_tasks(act: Act) -> list[Owned]:
    """Returns the actor's tasks in the order in which they should be done. Writes an audit event."""
    tasks = derive(act)
    look_at(act, tasks)
    found = owned(act, tasks)
    shown = {one.task.registration for one in found if one.task.registration}
    audit_log.write(act, Event.TASKS_LISTED, shown=shown, found=len(found))
    return found


def asked_of_shelter(act: Act, *, looks: bool = True) -> Asked:
    """Returns the tasks of the actor's shelter for the first page. `looks`: true if a person opened the page; false if
    a page that is already open refreshes itself.
    """
    tasks = derive(act)
    if looks:
        look_at(act, tasks)
    shown = {task.registration for task in tasks if task.registration}
    audit_log.write(act, Event.TASKS_LISTED, shown=shown, found=len(tasks))
    of_holds = [task.about for task in tasks if task.kind in _OF_HOLDS]
    keys = tuple(one.key for one in tasks)
    beside = tuple(one for one in tasks if one.kind not in _SAID)
    return Asked(tuple(of_holds), keys, tuple(reversible_no_shows(act)), provisional_among(act, of_holds), beside)


def derive(act: Act) -> list[Task]:
    """Returns the open tasks that this actor sees. The service itself sees all open tasks."""
    if act.actor.shelter_id is not None:
        reports = last_reports(act, act.actor.shelter_id)
        of_places = *asked_of(act, act.actor.shelter_id), *of_stays(act, in_house(act))
        return with_others(act, of_places, reports)
    with reading_tasks(act):
        return with_others(act, of_cases(act).tasks if act.actor.role.sees is not Sees.NOTHING else ())


def reading_tasks(act: Act) -> AbstractContextManager[None]:
    """Context manager that reads, with a single statement, the waiting rows from which tasks are derived. Does nothing
    unless the actor is the desk or the service: other actors need few of these tables.
    """
    if act.actor.role.sees is not Sees.ALL:
        return nullcontext()
    of_day = ending_rooms(act.day), rows_to_review(act.day)
    return reading_ahead(act.session, [*_EACH, *of_day])


def with_others(act: Act, tasks: Iterable[Task], reports: Mapping[str, datetime | None] | None = None) -> list[Task]:
    """Returns these tasks together with the other tasks that concern the actor, in order. The other tasks are, for
    example, about counts, requests, events and missing set-up. `reports`: the last report of each shelter, if it was
    already read.
    """
    found = [*tasks]
    if act.actor.shelter_id is not None or act.actor.role.sees is Sees.ALL:
        found += missing_counts(act, last_reports(act) if reports is None else reports)
    found += [
        *waiting_beside_cases(act),
        *of_entries(act),
        *of_registrants(act),
        *of_events(act),
        *of_help_desk(act),
        *of_counts(act),
        *_not_set_up(act),
        *of_doubt(act),
    ]
    found = [*late_together(act, to_ring(act, found))]
    return in_order(act, _of_reader(act, found))


def _of_reader(act: Act, tasks: Iterable[Task]) -> list[Task]:
    """Returns the tasks that this reader owns or sees. If a shelter owns a task without a case, the task goes to the
    desk when it is late. If nobody of the shelter has an account, it goes to the desk at once.
    """
    known = list(tasks)
    if act.actor.role is Role.SYSTEM or act.actor.shelter_id is not None:
        return known
    theirs = [one for one in known if _is_a_shelters(one) and not one.is_late(act.at)]
    owners = _Owners.of(act.session, act.at) if theirs else None
    hidden = {one.key for one in theirs if owners is not None and not owners.is_without_people(one)}
    return [one for one in known if one.key not in hidden]


def _is_a_shelters(task: Task) -> bool:
    return task.whose is Whose.SHELTER and task.registration is None


def owned(act: Act, tasks: Iterable[Task]) -> list[Owned]:
    known = list(tasks)
    owners = _Owners.of(act.session, act.at) if known else None
    return [owners.owned(task) for task in known] if owners is not None else []


def divide(act: Act, known: Iterable[Owned], passed_on: Collection[str]) -> tuple[list[Owned], list[Owned]]:
    """Returns the tasks that the reader has to do now, and those of others. Leaves out expected arrivals. `passed_on`:
    as in `Owned.owners`.
    """
    mine: list[Owned] = []
    others: list[Owned] = []
    for one in known:
        if one.task.is_to_do:
            is_mine = any(is_owner(act, owner) for owner in one.owners(act.at, passed_on))
            (mine if is_mine else others).append(one)
    return mine, others


def is_owner(act: Act, owner: Owner) -> bool:
    if act.actor.role is not owner.role:
        return False
    if owner.reach is None:
        return True
    if owner.reach == ON_CALL:
        called = _called(act)
        return not called or act.actor.id in called
    return (
        owner.reach in act.actor.regions if act.actor.role.sees is Sees.REGIONS else owner.reach == act.actor.shelter_id
    )


def _called(act: Act) -> Sequence[str]:
    """Returns the persons on call. The result is cached during a transaction."""
    found: Sequence[str] | None = act.session.info.get(ON_CALL)
    if found is None:
        found = act.session.info[ON_CALL] = on_call(act.session, duty_of(act.settings), act.at)
    return found


def _not_set_up(act: Act) -> Iterable[Task]:
    """Yields a task for each missing part of the set-up without which no bed can be given out. Only for roles that
    invite users. (The operator adds admins.)
    """
    if not Permission.ACCOUNT_INVITE.is_of(act.actor):
        return
    for check in set_up.set_up(act).checks:
        if check.needed and act.actor.role in check.missing.done_by:
            yield Task(TaskKind.SET_UP, None, 4, about=check.missing.value)


@dataclass(frozen=True, slots=True)
class _Owners:
    """The owners that tasks can have: the areas with a coordinator, the shelters with staff, the shelter of each unit,
    and whether the help desk has advisers.
    """

    areas: frozenset[str]
    shelters: frozenset[str]
    shelter_of: Mapping[str, str]
    advisers: bool

    @classmethod
    def of(cls, session: Session, at: datetime) -> "_Owners":
        at_work = [one for one in staff(session, at) if not one.is_invited]
        staffed = {one.shelter_id for one in at_work if one.role.sees is Sees.SHELTER and one.shelter_id is not None}
        advisers = any(one.role is Whose.ADVISER.value for one in at_work)
        return cls(covered(session, at), frozenset(staffed), place_names.shelters(session), advisers)

    def is_without_people(self, task: Task) -> bool:
        """Checks whether no owner of the task is at work: no coordinator, staff or adviser. The desk then owns it."""
        if task.whose is Whose.PLACER:
            return task.area is not None and task.area not in self.areas
        if task.whose is Whose.ADVISER:
            return not self.advisers
        return task.whose is Whose.SHELTER and self._shelter(task) not in self.shelters

    def _shelter(self, task: Task) -> str | None:
        return task.shelter or self.shelter_of.get(task.unit or "")

    def owned(self, task: Task) -> Owned:
        shelter = self._shelter(task)
        whose = Whose.DESK if self.is_without_people(task) else task.whose
        reach = {Whose.PLACER: task.area, Whose.SHELTER: shelter}.get(whose)
        of_desk_too = task.kind in _OF_DESK_TOO and whose is not Whose.DESK
        beside = Owner(Whose.DESK.value) if of_desk_too else _auditor_of(task)
        return Owned(replace(task, shelter=shelter), Owner(whose.value, reach), _next(task, whose), beside)


def _auditor_of(task: Task) -> Owner | None:
    """Returns the auditor as second owner of an odd request for an address; `None` for other tasks."""
    return Owner(Whose.AUDITOR.value) if task.cause == SecondPersonKind.DISCLOSURE else None


def _next(task: Task, whose: Whose) -> Owner | None:
    if task.goes_on_at is None:
        return None
    if whose is Whose.DESK or task.kind in _TO_ON_CALL:
        return Owner(Whose.DESK.value, ON_CALL)
    following = _NEXT.get(whose)
    return None if following is None else Owner(following.value)
