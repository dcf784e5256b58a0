"""The first page of people who place clients: their own tasks, tasks of others, expected clients and
waiting clients.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select

from placement.accounts.number_changes import Telephones
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity import place_names
from placement.core.codes import ProposalStatus
from placement.core.context import Act
from placement.registrations import inference_guard
from placement.registrations.case_list import ListedCase, listed, waits_since
from placement.registrations.case_summary import Brief, brief_of
from placement.tables import Proposal, Registration, Shelter
from placement.tasks.board import Arrival, of_cases
from placement.tasks.listing import Owned, divide, owned, with_others
from placement.tasks.task import Task
from placement.tasks.task_views import noticed
from placement.tasks.telephone import numbers_to_ring

WAITING_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Queue:
    """The content of the first page. `to_do`: tasks that the reader owns. `with_others`: visible tasks that others own.

    `waiting`: the first clients for whom a place is sought and who have no task, those with an open proposal first.
    `waits`: the number of all clients for whom a place is sought, by urgency. `briefs`: the summary of each readable
    case. `unseen`: ids of holds for tonight that nobody of the shelter opened in time.
    """

    to_do: tuple[Owned, ...]
    with_others: tuple[Owned, ...]
    arrivals: tuple[Arrival, ...]
    waiting: tuple[ListedCase, ...]
    waits: Mapping[int, int]
    briefs: Mapping[str, Brief | None]
    unseen: frozenset[str]
    found_by_desk: frozenset[str]
    """The cases for which only the desk may search, among the reader's tasks and the cases with an open proposal."""
    proposed: Mapping[str, str]
    """By case: the open proposal with a place, if a place is sought and the reader may search."""
    numbers: Mapping[str, Telephones]
    """Telephone numbers by shelter, for tasks that are done by telephone."""
    next_at: datetime | None
    """The next time at which a task of others becomes late or due, or at which a client is expected."""


def queue(act: Act, reports: Mapping[str, datetime | None] | None = None) -> Queue:
    """Returns the content of the reader's first page. `reports`: the last report of each open shelter, if known."""
    found = of_cases(act)
    known_tasks = with_others(act, found.tasks, reports)
    tasks = [_named(act, task) for task in known_tasks if task.is_to_do]
    known = owned(act, tasks)
    not_looked_at, goes_on = noticed(act, tasks)
    mine, others = divide(act, known, goes_on)
    sought = [case for case in found.cases.values() if case.status.is_sought_for]
    proposals = _open_proposals(act, [case.id for case in sought])
    found_by_desk = frozenset(inference_guard.found_by_desk(act, {*_sought(mine), *proposals}))
    proposed = {case: one for case, one in proposals.items() if case not in found_by_desk}
    named = {one.registration for one in tasks if one.registration} | {one.registration for one in found.arrivals}
    without_task = _in_turn((case for case in sought if case.id not in named), proposed)
    waiting = listed(act, without_task[:WAITING_SHOWN])
    _record(act, named, [case.id for case in waiting], len(tasks))
    return Queue(
        to_do=tuple(mine),
        with_others=tuple(others),
        arrivals=found.arrivals,
        waiting=tuple(waiting),
        waits=Counter(case.urgency for case in sought),
        briefs={key: brief_of(case, act.day) for key, case in found.cases.items() if key in named},
        unseen=not_looked_at,
        found_by_desk=found_by_desk,
        proposed=proposed,
        numbers=numbers_to_ring(act, [one.task for one in known], not_looked_at),
        next_at=_next_at(act, others, found.arrivals),
    )


def _sought(mine: Iterable[Owned]) -> list[str]:
    return [one.task.registration for one in mine if one.task.is_search and one.task.registration]


def _open_proposals(act: Act, cases: Collection[str]) -> dict[str, str]:
    open_now = Proposal.status == ProposalStatus.MADE, Proposal.expires_at > act.at, col(Proposal.unit_id).is_not(None)
    query = select(Proposal.registration_id, Proposal.id).where(*open_now, col(Proposal.registration_id).in_(cases))
    return dict(act.session.exec(query).all())


def _named(act: Act, task: Task) -> Task:
    """Returns the task with the name of its unit or shelter, if it belongs to a unit or shelter."""
    if task.place or (task.unit is None and task.shelter is None):
        return task
    if task.unit is not None:
        return replace(task, place=place_names.places(act.session)[task.unit])
    return replace(task, place=act.session.get_one(Shelter, task.shelter).name)


def _in_turn(cases: Iterable[Registration], proposed: Collection[str]) -> list[Registration]:
    """Sorts the cases: first those with an open proposal, then by urgency, then by waiting time, longest first."""
    return sorted(cases, key=lambda case: (case.id not in proposed, case.urgency, waits_since(case), case.id))


def _record(act: Act, named: set[str], waiting: list[str], number: int) -> None:
    audit_log.write(act, Event.TASKS_LISTED, shown=named, found=number)
    facts = dict.fromkeys(("region", "urgency", "waited_days"))
    audit_log.write(act, Event.REGISTRATIONS_LISTED, shown=waiting, status="sought", offset=0, **facts)


def _next_at(act: Act, others: Iterable[Owned], arrivals: Iterable[Arrival]) -> datetime | None:
    moments = [one.task.goes_on_at or one.task.due for one in others] + [one.agreed.expected_at for one in arrivals]
    return min((at for at in moments if at is not None and at > act.at), default=None)
