"""Choices that are worth less than a point: such a policy leaves people out to save beds."""

from matching.answer import Question
from matching.choices import dearest_waste, space_of, usable
from matching.problem import Problem


def poor_choices(problem: Problem) -> tuple[str, ...]:
    """A sentence for each registration with an eligible choice that is worth less than one point; mostly none."""
    question = Question(problem)
    index, valuation = question.index, question.valuation
    found = []
    for registration_id, units in question.open_to.items():
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
