"""Access to a case because of a task. While a task exists, its owners may open its case. Coordinators can always open
their cases, so this matters only to the desk: without a task, the desk has to give a reason
(`placement/registrations/break_glass.py`). A task does not change which cases a coordinator sees.
"""

from collections.abc import Collection
from dataclasses import replace

from sqlmodel import col, select

from placement.access.permissions import Permission, Reach
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import ProposalStatus
from placement.core.context import Act
from placement.core.errors import ReasonNeeded
from placement.tables import Proposal
from placement.tasks.listing import derive, is_owner, owned
from placement.tasks.task import Task, TaskKind, Whose
from placement.tasks.task_views import noticed

_OPEN = frozenset({Whose.PLACER, Whose.DESK})
_OPENS_NOTHING = frozenset({TaskKind.LEGAL_HOLD_LAPSED})
"""Kinds of tasks that give no access to a case, because a single person of the desk could cause such a task: by a
request that nobody grants.
"""
PROPOSAL = "proposal"
"""The logged reason for opening a case after its task ended with a proposal. It is valid until the proposal is decided
or expires.
"""


def with_cases_of_tasks(act: Act, registration_ids: Collection[str]) -> Act:
    """Returns a copy of the act, with access to these cases. For each case, writes an audit event with the task as the
    reason. Raises `ReasonNeeded` for the first case that no task of the actor opens. An API key gets no access.
    """
    for one in registration_ids:
        found = _reason_to_open(act, one)
        if found is None:
            raise ReasonNeeded(one)
        reason, subject = found
        audit_log.write(act, Event.OPENED_BY_TASK, registration=one, subject=subject, reason=reason)
    return replace(act, actor=replace(act.actor, opened=act.actor.opened.union(registration_ids)))


def are_open_still(act: Act, registration_ids: Collection[str]) -> bool:
    """Checks whether tasks still open these cases after the changes of this transaction."""
    return all(_reason_to_open(act, one) is not None for one in registration_ids)


def _reason_to_open(act: Act, registration_id: str) -> tuple[str, str] | None:
    """Returns the kind and id of the task that opens this case, or of the actor's own undecided proposal for it; `None`
    if the actor has neither.
    """
    if act.actor.session_id is None or Permission.REGISTRATION_READ.reach_of(act.actor) is not Reach.OPENED:
        return None
    about = [task for task in derive(act) if task.registration == registration_id and _opens(act, task)]
    goes_on = noticed(act, about).passed_on
    for one in owned(act, about):
        if any(is_owner(act, owner) for owner in one.owners(act.at, goes_on)):
            return one.task.kind.value, one.task.id(act.session)
    made = select(Proposal.id).where(Proposal.registration_id == registration_id, Proposal.made_by == act.actor.id)
    waits = made.where(Proposal.status == ProposalStatus.MADE, col(Proposal.expires_at) > act.at)
    proposal = act.session.exec(waits).first()
    return None if proposal is None else (PROPOSAL, proposal)


def _opens(act: Act, task: Task) -> bool:
    """Checks whether the task opens its case. Only tasks of coordinators and of the desk open cases. A task never opens
    a case for the actor whose request caused the task.
    """
    return task.whose in _OPEN and task.kind not in _OPENS_NOTHING and task.asked_by != act.actor.id
