"""The acceptance of lines of a plan. A person's acceptance of a line becomes a decision on a proposal. Each line has
its own proposal. All these proposals share the stored problem of the plan.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec.structs import replace as with_facts

from matching import RULES, Advice, Placement, Problem, Solution, advise_each, check
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import DecisionKind
from placement.core.context import Act
from placement.core.errors import Conflict, PlacementError
from placement.events.event_plans import StoredPlan, newest
from placement.events.events import event_of, keeps_beds, require_live
from placement.placements.decisions import decisions
from placement.placements.decisions.present_problem import CheckedProblem
from placement.placements.holds import holds
from placement.placements.proposals import proposals
from placement.placements.proposals.proposals import Prepared
from placement.registrations.registrations import require_version
from placement.solver.engine_process import Solver
from placement.solver.missing_counts import MissingCounts
from placement.solver.snapshot import Snapshot, snapshot
from placement.solver.weight_versions import places_in
from placement.storage.locks import lock_registrations, lock_shelter_of_unit
from placement.tables import Decision, MassEvent


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line that could not be accepted, because something changed since the plan. `code`: the error code."""

    registration: str
    unit: str
    code: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Accepted:
    """The result of accepting lines: the decisions, and the lines that changed in the meantime."""

    decisions: tuple[Decision, ...]
    changed: tuple[ChangedLine, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A line for which a person chose the unit. It contains the problem without that choice, and the engine's solution
    of the problem.
    """

    problem: Problem
    solution: Solution


@needs(Permission.EVENT_PLAN_MAKE)
def stored(act: Act, event_id: str, version: int) -> StoredPlan:
    """Returns the plan of this version. Raises `VersionPassed` after a newer plan, and `Conflict` without a plan."""
    return _plan_of(act, event_of(act, event_id), version)


def _plan_of(act: Act, event: MassEvent, version: int) -> StoredPlan:
    row, plan = newest(act, event)
    require_version(version, row.version if row else 0)
    if plan is None:
        raise Conflict("plan_missing")
    return plan


def weigh(plan: StoredPlan, wanted: Collection[str] | None, solver: Solver) -> dict[str, Weighed]:
    """Returns, for each unit that a person chose, the engine's own choice. No transaction may be open."""
    found = {}
    for pick in plan.chosen:
        if wanted is None or pick.registration in wanted:
            fixed = tuple(row for row in plan.plan.problem.fixed if row.registration != pick.registration)
            free = with_facts(plan.plan.problem, fixed=fixed)
            found[pick.registration] = Weighed(free, solver.match(free))
    return found


@needs(Permission.EVENT_PLAN_MAKE)
def accept(
    act: Act,
    event_id: str,
    version: int,
    wanted: Collection[str] | None = None,
    weighed: Mapping[str, Weighed] | None = None,
) -> Accepted:
    """Accepts these lines of the plan: decides on each, and asks the shelters. Each shelter gets a single mail.

    `wanted`: the registrations; `None` for all lines. `weighed`: the result of `weigh`. Does not accept a line if its
    case, rooms or rules changed since the plan; returns it as changed. Accepts all other lines. Raises `Conflict`
    before the day from which beds are reserved.
    """
    event = event_of(act, event_id, lock=True)
    require_live(event)
    if not keeps_beds(event, act.day):
        raise Conflict("event_keeps_no_beds_yet", day=event.content.keep_from.isoformat())
    plan = _plan_of(act, event, version)
    members = {*plan.members} if wanted is None else {*plan.members} & {*wanted}
    lines = [line for line in plan.plan.solution.placements if line.registration in members]
    holds.expire_due(act)
    lock_shelter_of_unit(act.session, *sorted({line.unit for line in lines}))
    lock_registrations(act.session, [line.registration for line in lines])
    today = snapshot(act, early=members)
    changed: dict[str, PlacementError] = {
        line.registration: why for line in lines if (why := _change(plan, today, line))
    }
    same = [line for line in lines if line.registration not in changed]
    changed |= _broken(plan, today.problem, same)
    same = [line for line in same if line.registration not in changed]
    checked = CheckedProblem(today.problem, {line.registration: line.unit for line in same})
    act = replace(_with_members(act, event.id, same), shelters_mailed=set())
    made = []
    for line, advice in zip(same, _advice(plan, same, weighed or {}), strict=True):
        try:
            with act.session.begin_nested():
                other = weighed.get(line.registration) if weighed else None
                prepared = _prepared(plan, line, other.problem if other else plan.plan.problem)
                made.append(_decide(act, plan, prepared, line.unit, advice, checked))
        except PlacementError as error:
            changed[line.registration] = error
    numbers = len(made), len(changed)
    audit_log.write(act, Event.EVENT_PLAN_ACCEPTED, subject=event.id, accepted=numbers[0], changed=numbers[1])
    left = (line for line in lines if line.registration in changed)
    return Accepted(tuple(made), tuple(_changed(line, changed[line.registration]) for line in left))


def _with_members(act: Act, event_id: str, lines: Iterable[Placement]) -> Act:
    """Returns the act with access to the cases of these members. Writes an audit event for each case."""
    ids = {line.registration for line in lines} - act.actor.opened
    for one in sorted(ids):
        audit_log.write(act, Event.OPENED_BY_TASK, registration=one, subject=event_id, reason="event")
    return replace(act, actor=replace(act.actor, opened=act.actor.opened | ids))


def _changed(line: Placement, error: PlacementError) -> ChangedLine:
    return ChangedLine(line.registration, line.unit, error.code, error.facts)


def _change(plan: StoredPlan, today: Snapshot, line: Placement) -> PlacementError | None:
    """Returns an error if the case no longer waits, or has changed since the plan; otherwise `None`."""
    version = today.versions.get(line.registration)
    if version is None:
        return Conflict("plan_line_gone")
    return None if version == plan.versions[line.registration] else Conflict("registration_changed")


def _broken(plan: StoredPlan, today: Problem, lines: Sequence[Placement]) -> dict[str, PlacementError]:
    """Returns the lines that would break a hard rule today, each with its error. All these lines are checked together,
    in the rooms of the plan, by the engine's independent checker. If a bed was taken since the plan, only the lines
    that need that bed are returned. The acceptance of only a part of a group breaks no rule.
    """
    placed = {line.registration for line in lines}
    left = tuple(sorted(row.id for row in today.registrations if row.id not in placed))
    partly = with_facts(plan.plan.solution, placements=tuple(lines), unplaced=left)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for one in check(today, partly).violations:
        if one.rule in RULES and one.rule != "together":
            for line in lines:
                if one.registration in {None, line.registration} and one.unit in {None, line.unit}:
                    found[line.registration].add(one.rule)
    return {
        case: Conflict("plan_rooms_changed")
        if rules == {"rooms"}
        else Conflict("situation_changed", rules=sorted(rules))
        for case, rules in found.items()
    }


def _advice(plan: StoredPlan, lines: Sequence[Placement], weighed: Mapping[str, Weighed]) -> list[Advice]:
    """Returns the advice for the proposal of each line, with the rooms of the plan. If a person chose the unit of a
    line, the advice is the engine's own choice, and states how many points the person's choice loses.
    """
    answer = plan.plan.solution
    of_plan = [line.registration for line in lines if line.registration not in weighed]
    known = {one.registration: one for one in advise_each(plan.plan.problem, answer, of_plan)}
    found = []
    for line in lines:
        facts: dict[str, object] = {"rooms": line.rooms}
        if (other := weighed.get(line.registration)) is None:
            advice = known[line.registration]
        else:
            [advice] = advise_each(other.problem, other.solution, [line.registration])
            facts["loss"] = other.solution.objective - answer.objective
            facts["displaces"] = tuple(sorted(places_in(other.solution).keys() - places_in(answer).keys()))
        units = (with_facts(unit, **facts) if unit.unit == line.unit else unit for unit in advice.units)
        found.append(with_facts(advice, units=tuple(units)))
    return found


def _prepared(plan: StoredPlan, line: Placement, problem: Problem) -> Prepared:
    version = plan.versions[line.registration]
    return Prepared(line.registration, version, problem, plan.policy_version, MissingCounts())


def _decide(  # noqa: PLR0917  (what a decision needs)
    act: Act, plan: StoredPlan, prepared: Prepared, unit: str, advice: Advice, today: CheckedProblem
) -> Decision:
    """Makes the decision for a row of the plan: an override, if a person chose another unit than the engine."""
    made = proposals.record(act, prepared, advice)
    if made.unit_id == unit:
        return decisions.decide(act, made.id, DecisionKind.ACCEPT, today=today)
    [pick] = [one for one in plan.chosen if one.registration == prepared.registration_id]
    return decisions.decide(
        act, made.id, DecisionKind.OVERRIDE, unit_id=unit, reason=pick.reason, text=pick.text, today=today
    )
