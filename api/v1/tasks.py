"""The tasks of the current account: each with its beginning, its owner, and the next owner when it is late."""

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
from placement.tasks.task_views import passed_on, unseen
from placement.tasks.telephone import numbers_to_ring
from placement.text.catalogue import translate


class TaskOwnerOut(Output):
    """An owner: a role with a reach."""

    role: str
    reach: str | None = Field(
        description="The code of an area, or the id of a shelter; on_call: of the desk who is on call; null: all."
    )


class TaskOut(Output):
    """A task. It is derived from states and the clock, and disappears when they change."""

    id: str = Field(description="The same for every reader as long as it waits. A hash: it says nothing of the case.")
    kind: str = Field(description=f"A code: {', '.join(TaskKind)}.")
    cause: str | None = Field(description="A code of why, such as the reason for which a place was lost.")
    since: datetime | None
    due: datetime | None = Field(description="By when; null: no moment is set.")
    registration: str | None = Field(description="The case, where you may see it.")
    rows: list[str] = Field(description="Of odd accesses: the anomalies of this rule and day that nobody reviewed.")
    hold: str | None = Field(description="Of a client who is expected, or late: the hold.")
    expected_at: datetime | None = Field(description="When the client is expected, as the shelter confirmed.")
    driver: Driver | None = Field(description="Who brings the client.")
    road_telephone: str | None = Field(description="Whom to ring on the way, as E.164; never to a key.")
    shelter_telephones: Annotated[TelephonesOut | None, readable_by(Role.DESK)] = Field(
        description="On which numbers the shelter is rung, if a task is done by telephone or nobody there saw it."
    )
    owner: TaskOwnerOut
    also: TaskOwnerOut | None = Field(description="Who has it from the first moment as well.")
    goes_to: TaskOwnerOut | None = Field(description="To whom it goes when it is late; null: it stays.")
    goes_on_at: datetime | None = Field(description="From when it is late.")
    late: bool
    unseen: bool = Field(description="A task of tonight at which nobody of its shelter has looked: it is to be rung.")
    yours: bool = Field(description="Whether you are among those who have to act.")
    page: str = Field(description="The page on which it is done.")


class TasksOut(Output):
    items: list[TaskOut] = Field(description="Missing clients first, then decisions, then the most urgent.")


@methods.get("/tasks", summary="List your tasks", permission=Permission.TASKS_READ, also_as=FILES)
def list_tasks(acts: RequestActs, format: FormAsked = None) -> Response[TasksOut]:
    """List your tasks: the desk gets all, a coordinator those of the own areas, a shelter its own. A file contains
    the reference, scheme, urgency, days and state of each.
    """

    def read(act: Act, _: bool) -> tuple[TasksOut, list[Listed]]:
        found = open_tasks(act)
        tasks = [one.task for one in found]
        not_looked_at, goes_on = unseen(act, tasks), passed_on(act, tasks)
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
