"""The tasks of the current account. A task has a beginning, an owner, and a second owner who gets the task when it is
late.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated

from litestar import Response
from pydantic import Field

from api.http import methods
from api.http.context import Output, RequestActs
from api.http.readers import readable_by
from api.http.response_formats import FILES, FormAsked
from api.v1.case_files import case_list
from api.v1.organisations import TelephonesOut, serialize_telephones
from placement.access.permissions import Permission
from placement.accounts.number_changes import Telephones
from placement.core.codes import Role
from placement.core.consent_codes import Driver
from placement.core.context import Act
from placement.exchange.case_lists import Listed
from placement.placements.holds.arrival_details import ArrivalDetails
from placement.tasks.listing import Owned, Owner, is_owner, open_tasks
from placement.tasks.task import TaskKind
from placement.tasks.task_views import noticed
from placement.tasks.telephone import numbers_to_ring
from placement.text.catalogue import translate


class TaskOwnerOut(Output):
    """The owner of a task: a role, limited to a shelter, region or case."""

    role: str
    reach: str | None = Field(
        description="The code of an area, or the id of a shelter; on_call: the persons on call; null: no limit."
    )


class TaskOut(Output):
    """A task. Tasks are computed from states and the time, so a task disappears when its state changes."""

    id: str = Field(description="The same for every reader while it waits. A hash that discloses nothing of the case.")
    kind: str = Field(description=f"A code: {', '.join(TaskKind)}.")
    cause: str | None = Field(description="A code of the cause, such as the reason for which a place was lost.")
    since: datetime | None
    due: datetime | None = Field(description="The deadline; null: none.")
    registration: str | None = Field(description="The case, if you may see it.")
    rows: list[str] = Field(
        description="The anomalies of this rule and day, for odd accesses; the holds of late members of an event."
    )
    hold: str | None = Field(description="For an expected or late client: the hold.")
    expected_at: datetime | None = Field(description="When the client is expected, as the shelter confirmed.")
    driver: Driver | None = Field(description="Who brings the client.")
    road_telephone: str | None = Field(description="The number to call during the journey, as E.164; never for a key.")
    shelter_telephones: Annotated[TelephonesOut | None, readable_by(Role.DESK)] = Field(
        description="The shelter's numbers, if the task is done by telephone or nobody of the shelter saw it."
    )
    owner: TaskOwnerOut
    also: TaskOwnerOut | None = Field(description="A second owner from the beginning.")
    goes_to: TaskOwnerOut | None = Field(description="The next owner when it is late; null: there is none.")
    goes_on_at: datetime | None = Field(description="The time from which it is late.")
    late: bool
    unseen: bool = Field(description="true: a task of tonight that nobody of its shelter has opened: call the shelter.")
    yours: bool = Field(description="true: you are among those who must act.")
    page: str = Field(description="The page on which it is done.")


class TasksOut(Output):
    items: list[TaskOut] = Field(description="Missing clients first, then decisions, then by urgency.")


@methods.get("/tasks", summary="List your tasks", permission=Permission.TASKS_READ, also_as=FILES)
def list_tasks(acts: RequestActs, format: FormAsked = None) -> Response[TasksOut]:
    """List your tasks: the desk sees all, a coordinator those of their own areas, a shelter its own. A file has a row
    for each task: reference, scheme, urgency, days and state.
    """

    def read(act: Act, _: bool) -> tuple[TasksOut, list[Listed]]:
        found = open_tasks(act)
        tasks = [one.task for one in found]
        not_looked_at, goes_on = noticed(act, tasks)
        numbers = numbers_to_ring(act, tasks, not_looked_at)
        said = {kind: translate("task", kind.value, acts.language) for kind in TaskKind}
        rows = [Listed(task.registration, task.urgency, task.since, said[task.kind]) for task in tasks]
        return TasksOut(items=[_serialize(act, one, not_looked_at, goes_on, numbers) for one in found]), rows

    return case_list(acts, "tasks", format, read)


def _serialize(
    act: Act, one: Owned, not_looked_at: Collection[str], goes_on: Collection[str], numbers: Mapping[str, Telephones]
) -> TaskOut:
    task = one.task
    agreed = task.agreed or ArrivalDetails()
    rung, is_rung = numbers.get(task.shelter or ""), task.is_by_telephone or task.about in not_looked_at
    return TaskOut.of(
        task,
        id=task.id(act.session),
        rows=list(task.rows),
        hold=None if task.agreed is None else task.about,
        expected_at=agreed.expected_at,
        driver=agreed.driver,
        road_telephone=None if act.actor.session_id is None else agreed.road_telephone,
        shelter_telephones=serialize_telephones(rung) if rung and is_rung else None,
        owner=_owner(one.owner),
        also=None if one.beside is None else _owner(one.beside),
        goes_to=None if one.next is None else _owner(one.next),
        goes_on_at=None if one.next is None else task.goes_on_at,
        late=task.is_late(act.at),
        unseen=task.about in not_looked_at,
        yours=any(is_owner(act, owner) for owner in one.owners(act.at, goes_on)),
        page=task.page_for(act.actor.role),
    )


def _owner(owner: Owner) -> TaskOwnerOut:
    return TaskOwnerOut(role=owner.role.value, reach=owner.reach)
