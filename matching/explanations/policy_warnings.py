"""Warnings about weights that can leave a client without a place although a place is free.

With such weights, an allowed placement has less than one point, because the waste of its beds costs more than it earns.
"""

from collections.abc import Iterable

import msgspec

from matching.exact.room_choices import dearest_waste
from matching.format.policy import Policy
from matching.format.problem import Problem, Registration
from matching.index import Index
from matching.objective import Valuation, idle_cost
from matching.prepared_problem import PreparedProblem
from matching.rooms.spaces import space_of, usable


def policy_warnings(problem: Problem) -> tuple[str, ...]:
    """Returns a sentence for each registration that can have less than one point in an open unit. Raises nothing."""
    may_be = _may_be_worthless(problem)
    if not may_be:
        return ()
    prepared = PreparedProblem(msgspec.structs.replace(problem, registrations=may_be, fixed=(), together=()))
    index, valuation = prepared.index, prepared.valuation
    found = []
    for registration_id, units in prepared.open_to.items():
        registration = index.registrations[registration_id]
        poor = []
        for unit in (index.units[unit_id] for unit_id in units):
            spaces = usable(index, registration, [space_of(room) for room in index.rooms_of[unit.id]])
            waste = dearest_waste(valuation, registration, unit, spaces)
            if waste is not None and valuation.pair_points(registration, unit) - waste < 1:
                poor.append(unit.id)
        if poor:
            found.append(
                f"registration {registration_id}: a place in {', '.join(poor)} can be worth less than one point "
                "(waste above serve): this policy leaves people out to save beds"
            )
    return tuple(found)


def _may_be_worthless(problem: Problem) -> tuple[Registration, ...]:
    """Returns the registrations whose points `serve`, minus the largest possible losses, are less than one point."""
    policy = problem.policy
    valuation = Valuation(Index(msgspec.structs.replace(problem, registrations=(), fixed=(), together=())))
    codes = [_scarce(policy, unit.specialisms) for unit in problem.units]
    features = [_scarce(policy, room.features) for room in problem.rooms]
    bed = max(codes, default=0) + max(features, default=0) + policy.blocked_bed
    largest = max((room.free_beds for room in problem.rooms), default=0)

    def most_lost(row: Registration) -> int:
        persons = len(row.persons)
        beds = max(largest, 2 * min(largest, persons - 1), persons)
        rooms = max(1, persons - 1)
        stale = persons * max(policy.stale.values())
        return (
            policy.near_cap
            + stale
            + policy.scheme_step * (len(row.schemes) - 1)
            + bed * beds
            + policy.extra_room * rooms
        )

    return tuple(row for row in problem.registrations if valuation.serve(row) - most_lost(row) < 1)


def _scarce(policy: Policy, offered: Iterable[str]) -> int:
    return idle_cost(policy.scarce, offered, ())
