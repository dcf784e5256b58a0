"""What it costs everybody if a registration goes somewhere else than the best answer says."""

import time

from msgspec import Struct

from matching.answer import Question, best_of
from matching.eligibility import broken_rules
from matching.explanations.explain import RegistrationFixed, known
from matching.explanations.forced_choice import Exchanges, displaced
from matching.format.problem import Problem


class Alternative(Struct, frozen=True):
    """One unit: the best total that remains, what that loses, and who is unplaced for it."""

    unit: str
    objective: int
    loss: int
    displaces: tuple[str, ...]


class Alternatives(Struct, frozen=True):
    """Smallest loss first, then by unit."""

    registration: str
    best: int
    alternatives: tuple[Alternative, ...]


def alternatives(
    problem: Problem, registration_id: str, *, top: int = 5, time_limit: float | None = None
) -> Alternatives:
    """The `top` units that lose least for everybody, each with the exact best total if the registration goes there.

    One model is built, and each search in it finds the best of the units that are left. When `time_limit`
    (seconds) runs out, the list is shorter, and what it holds is still exact.
    Raises UnknownRegistration, RegistrationFixed; EngineFault where the best total is not proven.
    """
    question = Question(problem)
    registration = known(question.index, registration_id)
    if registration_id in question.index.fixed:
        raise RegistrationFixed(f"registration {registration_id!r} is fixed: where it goes is already decided")
    ends = None if time_limit is None else time.monotonic() + time_limit
    best = best_of(question, time_limit=time_limit)
    if best.status == "infeasible":
        return Alternatives(registration_id, best.objective, ())
    allowed = [unit for unit, broken in broken_rules(question.index, registration).items() if not broken]
    exchanges = Exchanges(question, registration_id, allowed, best)
    found: list[Alternative] = []
    while len(found) < top:
        exchange = exchanges.next_best(None if ends is None else ends - time.monotonic())
        if exchange is None:
            break
        stays = any((row.registration, row.unit) == (registration_id, exchange.unit) for row in best.placements)
        found.append(
            Alternative(
                unit=exchange.unit,
                objective=exchange.objective,
                loss=best.objective - exchange.objective,
                displaces=() if stays else displaced(best, exchange.placements),
            )
        )
    return Alternatives(registration_id, best.objective, tuple(found))
