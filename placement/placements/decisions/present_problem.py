"""Today's problem for the engine, in which a certain registration waits; and the hard rules that placing this
registration would break.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from matching import HARD_RULES, Problem, explain
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.crypto.encrypted_columns import is_readable
from placement.registrations.case_rows import require_sure
from placement.registrations.consent_ground import require_ground
from placement.solver.snapshot import snapshot
from placement.tables import Decision, Hold, Registration

SAFETY_RULES = frozenset(rule.code for rule in HARD_RULES if rule.is_safety)
"""Hard rules about safety. A decision that breaks such a rule needs a review date."""


@dataclass(frozen=True, slots=True)
class CheckedProblem:
    """Today's problem, and a plan for it that the independent checker accepted. `places`: the planned unit of each
    registration. Used if a single transaction decides on several registrations. That transaction has locked the
    shelters of these units.
    """

    problem: Problem
    places: Mapping[str, str]

    def has(self, registration_id: str, unit_id: str) -> bool:
        return self.places.get(registration_id) == unit_id


def breaks_safety(broken: Collection[str]) -> bool:
    """Checks whether these rules include a safety rule."""
    return not SAFETY_RULES.isdisjoint(broken)


def broken_rules(
    problem: Problem, registration_id: str, unit_id: str, today: CheckedProblem | None = None
) -> list[str]:
    """Returns the hard rules that the registration would break in this unit today. `today`: as in `decide`. Raises
    `Conflict` if the unit is not in the problem, or has no suitable room.
    """
    if today is not None and today.has(registration_id, unit_id):
        return []
    unit = next((unit for unit in explain(problem, registration_id).units if unit.unit == unit_id), None)
    if unit is None:
        raise Conflict("unit_gone")
    for broken in unit.broken:
        if broken.rule == "rooms":
            raise Conflict("rooms_gone", why=broken.facts["reason"])
    return [broken.rule for broken in unit.broken]


def problem_as_kept(act: Act, decision: Decision, held: Hold) -> Problem:
    """Returns today's problem. In it the registration waits, and the beds that are kept for the registration are free.
    Raises `Conflict` if the placement breaks a rule that was not broken at the decision.
    """
    problem = problem_with(act, act.session.get_one(Registration, held.registration_id))
    if new := sorted(set(broken_rules(problem, held.registration_id, str(decision.unit_id))) - set(decision.broken)):
        raise Conflict("situation_changed", rules=new)
    return problem


def problem_with(act: Act, registration: Registration, today: CheckedProblem | None = None) -> Problem:
    """Returns today's problem. In it the registration waits, and the beds that are kept for the registration are free.
    `today`: contains the problem if the caller has already read it. Raises `Conflict` if the registration cannot be
    included: its key is missing, no scheme is open to it, or its data may not be shared with shelters.
    """
    if is_readable(registration.content):
        require_ground(act, registration)
    problem = snapshot(act, reserved=registration.id).problem if today is None else today.problem
    if registration.id not in {row.id for row in problem.registrations}:
        require_sure(registration)
        raise Conflict("registration_changed")
    return problem
