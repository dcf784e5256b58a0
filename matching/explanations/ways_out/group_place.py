"""The check whether a group that must be together has a place, if the registration goes to the unit of a way out."""

from collections.abc import Mapping

from matching.explanations.ways_out.case import Case
from matching.explanations.ways_out.lifts import with_parts_fixed
from matching.fallback import Impossible, open_house
from matching.format.problem import Unit
from matching.objective import Valuation

ABOUT_COMPANY = frozenset({"keep_apart", "high_care"})  # rules that `open_house` always obeys, even if they are waived


def has_place(case: Case, valuation: Valuation, open_to: Mapping[str, list[str]]) -> bool:
    """Checks whether the other members of each partly fixed group have a place. The registration counts as fixed. If
    they have a place, the case has a solution, because all other registrations can stay unplaced.

    If a rule about other registrations is waived, the result can be true although there is no place. `valuation`: the
    points in the case's problem. `open_to`: the open units of the other registrations. Raises Undecided.
    """
    index = with_parts_fixed(case, valuation.index)
    groups = index.fixed_in_part()
    if not groups:
        return True
    open_to = {**open_to, **{registration: [unit] for registration, unit in case.parts}}

    def options(name: str) -> list[tuple[int, Unit]]:
        row = index.registrations[name]
        return [(valuation.pair_points(row, index.units[unit]), index.units[unit]) for unit in open_to[name]]

    for group in groups:
        there = {index.place(index.fixed[name], group.where) for name in group.members if name in index.fixed}
        for name in group.members:
            if not any(index.place(unit, group.where) in there for unit in open_to[name]):
                return False
    try:
        open_house(index, valuation, options)
    except Impossible:
        return bool(case.waived & ABOUT_COMPANY)
    return True
