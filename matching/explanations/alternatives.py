"""What the objective loses if a registration goes to another unit than in the best solution."""

import time

from msgspec import Struct

from matching.answer import PreparedProblem, best_of
from matching.eligibility import broken_rules
from matching.explanations.explain import RegistrationFixed, known
from matching.explanations.forced_choice import ForcedChoices, displaced
from matching.format.problem import Problem


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

    One model is built; each solve finds the best of the remaining units. If `time_limit` (seconds) runs out, the list
    is shorter, and its entries are still exact. Raises UnknownRegistration, RegistrationFixed, and EngineFault if the
    optimum is not proven.
    """
    prepared = PreparedProblem(problem)
    registration = known(prepared.index, registration_id)
    if registration_id in prepared.index.fixed:
        raise RegistrationFixed(f"registration {registration_id!r} is fixed: where it goes is already decided")
    ends = None if time_limit is None else time.monotonic() + time_limit
    best = best_of(prepared, time_limit=time_limit)
    if best.status == "infeasible":
        return Alternatives(registration_id, best.objective, ())
    allowed = [unit for unit, broken in broken_rules(prepared.index, registration).items() if not broken]
    forced_choices = ForcedChoices(prepared, registration_id, allowed, best)
    found: list[Alternative] = []
    while len(found) < top:
        forced_choice = forced_choices.next_best(None if ends is None else ends - time.monotonic())
        if forced_choice is None:
            break
        stays = any((row.registration, row.unit) == (registration_id, forced_choice.unit) for row in best.placements)
        found.append(
            Alternative(
                unit=forced_choice.unit,
                objective=forced_choice.objective,
                loss=best.objective - forced_choice.objective,
                displaces=() if stays else displaced(best, forced_choice.placements),
            )
        )
    return Alternatives(registration_id, best.objective, tuple(found))
