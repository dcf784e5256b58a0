"""The plan of an event, in three steps: `prepare`, `work_out` (outside any transaction), `record`.

Each event has one plan, in versions. A person can choose another unit for a member. The plan is then computed again,
and this choice stays fixed. An accepted line of the plan (a member with its place) becomes an ordinary decision
(`plan_acceptance.py`). A new plan does not change such decisions.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from msgspec import Struct
from sqlmodel import col, select

from matching import Together
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, existing
from placement.core.ids import new_id
from placement.core.plan_codes import PlanKind
from placement.core.reason_codes import Step
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.reasons import reason_for
from placement.events.events import event_of, require_live
from placement.events.members import registrations_of
from placement.placements.holds import holds
from placement.registrations.registrations import require_version
from placement.solver.common_plan import CommonPlan, PlanFigures, PlanQuestion, plans
from placement.solver.engine_process import Solver
from placement.solver.plan_ways_out import PlanWayOut, way_out_for_all
from placement.solver.snapshot import Snapshot, snapshot
from placement.solver.snapshot_groups import linked
from placement.solver.weight_versions import places_in
from placement.tables import EventPlan, Hold, Location, MassEvent, Registration, Unit


class ChosenUnit(Struct, frozen=True):
    """The unit that a person chose for a member, and the coded reason of this choice."""

    registration: str
    unit: str
    reason: str | None = None
    text: str | None = None


class StoredPlan(Struct, frozen=True):
    """A stored plan.

    - `figures`: the figures of each kind of plan for which a solution exists.
    - `versions`: the version of each registration for which the plan was computed.
    - `lost`: members who lost their place after the last plan, as `lost_places` returns them.
    """

    made_at: datetime
    made_by: str
    plan: CommonPlan
    figures: dict[PlanKind, PlanFigures]
    way_out: PlanWayOut
    members: tuple[str, ...]
    chosen: tuple[ChosenUnit, ...]
    versions: dict[str, int]
    policy_version: int
    lost: tuple[str, ...] = ()

    @property
    def places(self) -> dict[str, str]:
        """The unit of each member that has a place in the plan, by registration."""
        return {one: unit for one, unit in places_in(self.plan.solution).items() if one in {*self.members}}


@dataclass(frozen=True, slots=True)
class PlanAsked:
    """The input of a plan. `version`: the version of the last plan, which this plan replaces; 0 if there is no plan."""

    event_id: str
    at: datetime
    by: str
    version: int
    kind: PlanKind
    taken: Snapshot
    question: PlanQuestion
    chosen: tuple[ChosenUnit, ...]
    temporary: frozenset[str]
    lost: tuple[str, ...]


@needs(Permission.EVENT_PLAN_MAKE)
def prepare(
    act: Act,
    event_id: str,
    kind: PlanKind | None = None,
    *,
    version: int | None = None,
    chosen: ChosenUnit | None = None,
    freed: Collection[str] = (),
) -> PlanAsked:
    """Reads the input of a plan: all waiting cases, and all members, even if no place is sought for them yet.

    `kind`: by default the kind of the last plan. `version`: the version of the plan that the actor saw. `chosen`:
    another unit for a member, with the reason that an override needs. `freed`: members whose chosen unit is given up,
    so that the engine chooses again.

    Raises `VersionPassed` if another plan was made meanwhile, and `Conflict` if no member waits for a place.
    """
    event = event_of(act, event_id)
    require_live(event)
    row, last = newest(act, event)
    number = row.version if row else 0
    if version is not None:
        require_version(version, number)
    holds.expire_due(act)
    cases = {case.id: case for case in registrations_of(act, event)}
    taken = snapshot(act, early=cases.keys())
    members = frozenset(cases.keys() & taken.versions.keys())
    if not members:
        raise Conflict("plan_without_members")
    kept = {one.registration: one for one in (last.chosen if last else ()) if one.registration in members}
    for one in freed:
        kept.pop(one, None)
    units = {unit.id for unit in taken.problem.units}
    if chosen is not None:
        if chosen.registration not in members or chosen.unit not in units:
            field = "unit" if chosen.registration in members else "registration"
            raise Invalid.at(field, "unit_unknown" if field == "unit" else "no_member", found=getattr(chosen, field))
        reason_for(act, Step.OVERRIDE, chosen.reason, chosen.text)
        kept[chosen.registration] = chosen
    standing = {one: pick for one, pick in kept.items() if pick.unit in units}
    houses = shelters_of_units(act)
    question = PlanQuestion(
        taken.problem,
        members,
        houses,
        {one: pick.unit for one, pick in standing.items()},
        _too_large(act, cases, taken),
    )
    temporary = frozenset(unit for unit in units if houses[unit] in event.content.shelters)
    wanted = kind or (last.plan.kind if last else PlanKind.WHOLE)
    lost = () if last is None else lost_places(act, last, cases.values())
    by = act.actor.id
    return PlanAsked(event.id, act.at, by, number, wanted, taken, question, (*standing.values(),), temporary, lost)


def lost_places(act: Act, plan: StoredPlan, cases: Iterable[Registration]) -> tuple[str, ...]:
    """Returns the members for whom a place is sought, and whose case or reserved place changed since the plan. For
    example, a shelter refused or did not answer, the client did not arrive, or a person changed the case.
    """
    changed = [case.id for case in cases if case.status.is_sought_for and plan.versions.get(case.id) != case.version]
    later = [one for one in changed if one not in plan.members]
    ended = select(Hold.registration_id).where(col(Hold.registration_id).in_(later), col(Hold.ended_on).is_not(None))
    return tuple(sorted({*plan.members}.intersection(changed) | {*act.session.exec(ended)}))


def _too_large(act: Act, cases: Mapping[str, Registration], taken: Snapshot) -> list[Together]:
    """Returns the groups of members that are too large for the engine's format."""
    listed = [case for one, case in cases.items() if one in taken.versions]
    return [
        Together(f"L{number}", group.registrations, group.where.value, group.must)
        for number, group in enumerate(linked(act.session, listed))
        if group.is_too_large
    ]


def work_out(asked: PlanAsked, solver: Solver) -> StoredPlan:
    """Computes the plan. Raises `Conflict` if a chosen unit breaks a rule, because a second person is then needed."""
    found = plans(asked.question, solver.match)
    plan = found.get(asked.kind, found[PlanKind.WHOLE])
    if plan.solution.status == "infeasible":
        broken = plan.solution.broken or ()
        raise Conflict(
            "plan_choice_breaks", rules=sorted({row.rule for row in broken}), registration=broken[0].registration
        )
    way_out = way_out_for_all(plan.problem, plan.solution, asked.question.members, solver.match, asked.temporary)
    return StoredPlan(
        made_at=asked.at,
        made_by=asked.by,
        plan=plan,
        figures={kind: one.figures for kind, one in found.items()},
        way_out=way_out,
        members=tuple(sorted(asked.question.members)),
        chosen=asked.chosen,
        versions=dict(asked.taken.versions),
        policy_version=asked.taken.policy_version,
        lost=asked.lost,
    )


@needs(Permission.EVENT_PLAN_MAKE)
def record(act: Act, asked: PlanAsked, worked: StoredPlan) -> EventPlan:
    """Stores the plan, and replaces the last plan. Raises `VersionPassed` if another plan was made meanwhile."""
    event = event_of(act, asked.event_id, lock=True)
    require_live(event)
    row, _ = newest(act, event)
    require_version(asked.version, row.version if row else 0)
    if row is None:
        row = EventPlan(id=new_id("EP"), event_id=event.id, version=0, made_on=act.day)
        act.session.add(row)
    row.version, row.made_on, row.content = asked.version + 1, act.day, write_plan(worked)
    act.session.flush()
    figures = worked.plan.figures
    audit_log.write(
        act,
        Event.EVENT_PLAN_MADE,
        subject=event.id,
        version=row.version,
        kind=worked.plan.kind.value,
        placed=figures.placed,
        longer=figures.longer,
    )
    return row


def newest(act: Act, event: MassEvent) -> tuple[EventPlan | None, StoredPlan | None]:
    """Returns the row of the plan, or `None` without a plan. Also returns the content of the plan, or `None` if there
    is no plan or its key is missing.
    """
    row = act.session.exec(select(EventPlan).where(EventPlan.event_id == event.id)).first()
    readable = row is not None and is_readable(row.content) and row.content is not None
    return row, read_plan(str(existing(row).content)) if readable else None


def write_plan(plan: StoredPlan) -> str:
    return msgspec.json.encode(plan, order="deterministic").decode()


def read_plan(written: str) -> StoredPlan:
    return msgspec.json.decode(written, type=StoredPlan)


def shelters_of_units(act: Act, units: Iterable[str] | None = None) -> dict[str, str]:
    rows = act.session.exec(select(Unit.id, Location.shelter_id).join(Location)).all()
    wanted = None if units is None else {*units}
    return {unit: shelter for unit, shelter in rows if wanted is None or unit in wanted}
