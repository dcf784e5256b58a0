"""Alternatives: how many points the best solution loses if a registration must go to another unit."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from matching.answer import best_of
from matching.explanations.explain import RegistrationFixed, known
from matching.explanations.forced_choice import ForcedChoice, ForcedChoices, displaced
from matching.explanations.listing import first_of
from matching.format.problem import Problem
from matching.format.solution import Solution
from matching.limit import Limit
from matching.prepared_problem import PreparedProblem


class Alternative(Struct, frozen=True):
    """A unit for a registration: the best `objective` with the registration there, the `loss` in points compared with
    the best solution, and the registrations that lose their place.
    """

    unit: str
    objective: int
    loss: int
    displaces: tuple[str, ...]


class Alternatives(Struct, frozen=True, omit_defaults=True):
    """Units for a registration, sorted by loss, then by unit. `best`: the points of the best solution for all
    registrations.

    `complete`: false if the time ran out, or after Ctrl-C.
    """

    registration: str
    best: int
    alternatives: tuple[Alternative, ...]
    complete: bool = True


def alternatives(
    problem: Problem, registration_id: str, *, top: int = 5, time_limit: float | None = None
) -> Alternatives:
    """Returns the `top` units with the smallest loss, each with the exact best objective if the registration goes
    there.

    Builds a single model. Its dual values show which units can be among the `top`; only these units are solved. If
    `time_limit` (seconds) runs out, or after Ctrl-C, the list is incomplete, but its entries are exact. Raises
    UnknownRegistration, RegistrationFixed, and EngineFault if the optimum is not proven.
    """
    limit = Limit(time_limit)
    prepared = PreparedProblem(problem)
    known(prepared.index, registration_id)
    if registration_id in prepared.index.fixed:
        raise RegistrationFixed(f"registration {registration_id!r} is fixed: where it goes is already decided")
    best = best_of(prepared, time_limit=time_limit)
    if best.status == "infeasible":
        return Alternatives(registration_id, best.objective, ())
    allowed = [unit for unit, broken in prepared.broken(registration_id).items() if not broken]
    if not allowed:
        return Alternatives(registration_id, best.objective, ())
    found, complete = first_of(_best_first(prepared, registration_id, allowed, best, limit), top)
    return Alternatives(registration_id, best.objective, found, complete)


def _best_first(
    prepared: PreparedProblem, registration: str, allowed: Sequence[str], best: Solution, limit: Limit
) -> Iterator[Alternative]:
    choices = ForcedChoices(prepared, registration, dict.fromkeys(allowed, ()), best)
    for choice in choices.best_first(limit):
        yield _alternative(choice, registration, best)


def _alternative(choice: ForcedChoice, registration: str, best: Solution) -> Alternative:
    stays = any((row.registration, row.unit) == (registration, choice.unit) for row in best.placements)
    return Alternative(
        unit=choice.unit,
        objective=choice.objective,
        loss=best.objective - choice.objective,
        displaces=() if stays else displaced(best, choice.placements),
    )
