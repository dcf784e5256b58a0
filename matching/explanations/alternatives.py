"""What the objective loses if a registration goes to another unit than in the best solution."""

from itertools import islice

from msgspec import Struct

from matching.answer import PreparedProblem, best_of
from matching.eligibility import broken_rules
from matching.explanations.explain import RegistrationFixed, known
from matching.explanations.forced_choice import ForcedChoice, ForcedChoices, displaced
from matching.format.problem import Problem
from matching.format.solution import Solution
from matching.limit import Limit


class Alternative(Struct, frozen=True):
    """One unit: the best objective that remains, the loss, and the registrations that become unplaced."""

    unit: str
    objective: int
    loss: int
    displaces: tuple[str, ...]


class Alternatives(Struct, frozen=True):
    """Sorted by loss, the smallest first, then by unit."""

    registration: str
    best: int
    alternatives: tuple[Alternative, ...]


def alternatives(
    problem: Problem, registration_id: str, *, top: int = 5, time_limit: float | None = None
) -> Alternatives:
    """The `top` units with the smallest loss, each with the exact best objective if the registration goes there.

    One model is built, whose duals say which units could belong to the list: the others are not solved. If
    `time_limit` (seconds) runs out, the list is shorter, and its entries are still exact. Raises UnknownRegistration,
    RegistrationFixed, and EngineFault if the optimum is not proven.
    """
    limit = Limit(time_limit)
    prepared = PreparedProblem(problem)
    registration = known(prepared.index, registration_id)
    if registration_id in prepared.index.fixed:
        raise RegistrationFixed(f"registration {registration_id!r} is fixed: where it goes is already decided")
    best = best_of(prepared, time_limit=time_limit)
    if best.status == "infeasible":
        return Alternatives(registration_id, best.objective, ())
    allowed = [unit for unit, broken in broken_rules(prepared.index, registration).items() if not broken]
    if not allowed:
        return Alternatives(registration_id, best.objective, ())
    choices = ForcedChoices(prepared, registration_id, dict.fromkeys(allowed, ()), best)
    found = (_alternative(choice, registration_id, best) for choice in choices.best_first(limit))
    return Alternatives(registration_id, best.objective, tuple(islice(found, top)))


def _alternative(choice: ForcedChoice, registration: str, best: Solution) -> Alternative:
    stays = any((row.registration, row.unit) == (registration, choice.unit) for row in best.placements)
    return Alternative(
        unit=choice.unit,
        objective=choice.objective,
        loss=best.objective - choice.objective,
        displaces=() if stays else displaced(best, choice.placements),
    )
