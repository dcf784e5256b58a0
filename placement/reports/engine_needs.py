"""The engine's part of the ledger of need: the smallest changes that open a unit to a registration (its *way out*); and
for each unit, the persons whom an additional room would place. Pure functions, run in a separate process.
"""

from collections.abc import Collection, Iterator

from msgspec import Struct

from matching import EngineFault, MorePlaces, Problem, Step, more_places, ways_out

SEVERAL_CHANGES = "several"


class EngineNeeds(Struct, frozen=True):
    """The engine's part of the ledger. `schemes`: the first scheme of each registration. `smallest`: the kind of the
    smallest way out, for registrations with a known way out. `more`: the additional rooms that would place clients who
    have no place now; `None` if the engine ran out of time.
    """

    schemes: dict[str, str]
    smallest: dict[str, str]
    more: tuple[MorePlaces, ...] | None


def engine_needs(problem: Problem, barred: Collection[str], seconds: float) -> EngineNeeds:
    """Returns the engine's part of the ledger, within about twice `seconds`. `barred`: the registrations to which no
    unit is open.
    """
    return EngineNeeds(
        schemes={one.id: str(one.schemes[0]) for one in problem.registrations},
        smallest=dict(_smallest(problem, barred, seconds)),
        more=more_places(problem, time_limit=seconds),
    )


def _smallest(problem: Problem, barred: Collection[str], seconds: float) -> Iterator[tuple[str, str]]:
    """Yields each registration for which a way out was found, with the kind of its smallest way out."""
    decided = {one.registration for one in problem.fixed}
    for registration in barred:
        if registration in decided:
            continue
        try:
            found = ways_out(problem, registration, top=1, time_limit=seconds / len(barred)).ways_out
        except EngineFault:  # an unproven way out is not stored
            continue
        if found:
            steps = found[0].changes
            yield registration, _kind(steps[0]) if len(steps) == 1 else SEVERAL_CHANGES


def _kind(step: Step) -> str:
    """Returns the kind of a change, as `<rule>.<party>`: the rule that it concerns, and the party that must agree. The
    party is the desk only if nobody else must agree.
    """
    who = next((party for party in step.agree if party != "desk"), "desk")
    return f"{step.rule}.{who}"
