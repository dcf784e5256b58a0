"""The plan of an event: a solution that places the event's members together with all other waiting clients, and the
figures of this solution.

All functions are pure. The solver is a parameter (`Match`), so that a plan can also come from the fallback.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from matching import Fixed, Problem, Solution, Together
from placement.core.plan_codes import LARGER_BY, PlanKind
from placement.solver.snapshot_groups import MOST_TOGETHER
from placement.solver.weight_versions import Moved, places_in

Match = Callable[[Problem], Solution]
_MOST_WEIGHT = 10**9


@dataclass(frozen=True, slots=True)
class PlanQuestion:
    """The input of a plan.

    `problem`: all waiting registrations and the members, without fixed places. `house_of`: the house of each unit, to
    count the houses of a plan. `chosen`: the units that a person chose for members, which the plan keeps. `large`:
    groups that are too large for the engine's format.
    """

    problem: Problem
    members: frozenset[str]
    house_of: Mapping[str, str]
    chosen: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    large: Sequence[Together] = ()


class PlanFigures(Struct, frozen=True):
    """Figures of a plan, for a comparison of plans.

    `persons`: the number of persons in the members' registrations. `placed`: the number of these persons who get a bed.
    `houses`: the number of houses with members. `longer`: the number of other persons who get a bed only if there is no
    event. `apart`: how many of the members' groups are not placed together.
    """

    persons: int
    placed: int
    houses: int
    longer: int
    apart: int


class CommonPlan(Struct, frozen=True):
    """A plan. `problem`: the exact input of `solution`. `moved`: other registrations whose place differs from their
    place in a solution without the event. `apart`: the members' groups that are not together. `parts`: the parts of
    each group that was too large.
    """

    kind: PlanKind
    problem: Problem
    solution: Solution
    figures: PlanFigures
    moved: tuple[Moved, ...]
    apart: tuple[tuple[str, ...], ...]
    parts: tuple[tuple[str, ...], ...] = ()


def plans(asked: PlanQuestion, match: Match) -> dict[PlanKind, CommonPlan]:
    """Returns the possible plans by kind:
    - `whole`: the best plan for everybody; always possible;
    - `spare`: all other clients keep the places that they would get without the event; possible if the chosen units
      allow it;
    - `together`: the wish to place groups together has more weight; possible if a group of members has this wish.
    """
    now = places_in(match(without(asked.problem, asked.members)))
    problem = _with_fixed(asked.problem, asked.chosen)
    if asked.large:
        problem = _with_parts(problem, asked.large, match(problem))
    others = {one: unit for one, unit in now.items() if one not in asked.members}
    found = {PlanKind.WHOLE: _least_moved(asked, problem, others, match)}
    spared = _with_fixed(problem, {**others, **asked.chosen})
    if others and (answer := match(spared)).status != "infeasible":
        found[PlanKind.SPARE] = spared, answer
    if any(not group.must and asked.members & {*group.registrations} for group in problem.together):
        weight = min(problem.policy.together * LARGER_BY, _MOST_WEIGHT)
        heavier = replace(problem, policy=replace(problem.policy, together=weight))
        found[PlanKind.TOGETHER] = _least_moved(asked, heavier, others, match)
    return {kind: as_plan(asked, kind, one, answer, now) for kind, (one, answer) in found.items()}


def without(problem: Problem, registrations: Iterable[str]) -> Problem:
    """Returns the problem as it would be if these registrations did not wait."""
    gone = {*registrations}
    groups = [replace(group, registrations=_left(group.registrations, gone)) for group in problem.together]
    return replace(
        problem,
        registrations=tuple(row for row in problem.registrations if row.id not in gone),
        together=tuple(group for group in groups if len(group.registrations) > 1),
        fixed=tuple(row for row in problem.fixed if row.registration not in gone),
    )


def _left(registrations: Iterable[str], gone: Collection[str]) -> tuple[str, ...]:
    return tuple(one for one in registrations if one not in gone)


def _with_fixed(problem: Problem, places: Mapping[str, str]) -> Problem:
    return replace(problem, fixed=tuple(Fixed(one, unit) for one, unit in sorted(places.items())))


def _with_parts(problem: Problem, large: Sequence[Together], first: Solution) -> Problem:
    """Returns the problem in which groups that are too large are divided into parts. Members of a group who get the
    same location in the answer `first` form a part, and the remaining members form another part. `first` need not keep
    the groups together.
    """
    at, location_of = places_in(first), {unit.id: unit.location for unit in problem.units}
    taken, parts = {one.id for one in problem.together}, []
    for group in large:
        ordered = sorted(group.registrations, key=lambda one: (location_of.get(at.get(one, ""), ""), one))
        while ordered:
            house = location_of.get(at.get(ordered[0], ""), "")
            part = [one for one in ordered if location_of.get(at.get(one, ""), "") == house][:MOST_TOGETHER]
            ordered = [one for one in ordered if one not in part]
            if len(part) > 1:
                name = next(name for number in range(len(taken) + 1) if (name := f"P{number}") not in taken)
                taken.add(name)
                parts.append(replace(group, id=name, registrations=tuple(sorted(part))))
    return replace(problem, together=(*problem.together, *parts))


def _least_moved(
    asked: PlanQuestion, problem: Problem, others: Mapping[str, str], match: Match
) -> tuple[Problem, Solution]:
    """Returns a problem with its best solution. If the solution moves registrations in `others`, solves the problem
    again, with the places in `others` fixed for all that the solution places. Returns the second result if its total is
    not worse: nobody moves without a reason. No second run unless the first is proven optimal, to save time.
    """
    best = match(problem)
    then = places_in(best)
    if best.status != "optimal" or all(then.get(one) in {None, unit} for one, unit in others.items()):
        return problem, best
    kept = _with_fixed(problem, {**{one: unit for one, unit in others.items() if one in then}, **asked.chosen})
    same = match(kept)
    return (kept, same) if same.status == best.status and same.objective == best.objective else (problem, best)


def as_plan(
    asked: PlanQuestion, kind: PlanKind, problem: Problem, answer: Solution, now: Mapping[str, str]
) -> CommonPlan:
    """Returns a solution as a plan. `now`: the unit of each registration in a solution without the event."""
    then = places_in(answer)
    persons = {row.id: len(row.persons) for row in asked.problem.registrations}
    moved = tuple(
        Moved(one, now.get(one), then.get(one))
        for one in sorted(persons)
        if one not in asked.members and now.get(one) != then.get(one)
    )
    apart = tuple(
        group.registrations
        for group in (*asked.problem.together, *asked.large)
        if asked.members & {*group.registrations} and _is_apart(problem, group, then)
    )
    parts = {group.id for group in asked.problem.together}
    return CommonPlan(
        kind,
        problem,
        answer,
        PlanFigures(
            persons=sum(persons[one] for one in asked.members),
            placed=sum(persons[one] for one in asked.members if one in then),
            houses=len({asked.house_of[unit] for one, unit in then.items() if one in asked.members}),
            longer=sum(persons[one.registration_id] for one in moved if one.then is None),
            apart=len(apart),
        ),
        moved,
        apart,
        tuple(group.registrations for group in problem.together if group.id not in parts),
    )


def _is_apart(problem: Problem, group: Together, then: Mapping[str, str]) -> bool:
    """Checks whether the registrations of a group are in different places, or only some of them are placed."""
    place, placed = places_of_units(problem, group), [then[one] for one in group.registrations if one in then]
    return bool(placed) and (len(placed) < len(group.registrations) or len({place[one] for one in placed}) > 1)


def places_of_units(problem: Problem, group: Together) -> dict[str, str]:
    """Returns, for each unit, the place in which the group would be together: the unit, its location or its region."""
    if group.where == "unit":
        return {unit.id: unit.id for unit in problem.units}
    region = {one.id: one.region if group.where == "region" else one.id for one in problem.locations}
    return {unit.id: region[unit.location] for unit in problem.units}
