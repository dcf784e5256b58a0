"""Near ties: pairs of households with the same urgency, whose order depends only on how well a place fits them.

Either both households compete for a place and one household gets no place, or they could exchange their places. The
engine's answer or the independent checker proves that both alternatives are possible. The person who decides sees both;
nothing happens automatically.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from matching import RULES, Advice, Placement, Points, Problem, Registration, UnitAdvice, check, explain, points
from placement.text.catalogue import Language, translate

MOST_LOOKED_AT = 20
"""The largest number of households without a place that are compared, longest waiting first."""

TERMS_OF_FIT = ("language", "preferred_needs", "scheme", "near", "scarce", "blocked_beds", "rooms")
"""The terms of the points that measure how well a unit fits a household. The age of the count is left out, because it
is equal for both households.
"""

TERMS_OF_THE_HOUSEHOLD = {"language", "preferred_needs", "scheme", "near"}
"""The terms that benefit the household itself. An exchange that improves no such term is not shown."""


@dataclass(frozen=True, slots=True)
class Side:
    """A household in a near tie. `elsewhere`: the number of other units, free or full, that no rule forbids.

    `better` and `better_there` are terms of the points:

    - If both households compete for a place, `better` are the terms in which the place fits this household better than
      the other household.
    - In an exchange, `better` are the terms in which its own place fits this household better than the other place;
      `better_there` are the terms in which the other place fits it better.
    """

    registration: str
    better: tuple[str, ...]
    elsewhere: int | None
    better_there: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NearTie:
    unit: str
    client: Side
    other: Side
    proposed: bool
    """True if the place is proposed for the client; false if it is proposed for the other household."""
    difference: int
    """The number of points by which the engine's choice is ahead of the alternative."""
    other_unit: str | None = None
    """The unit proposed for the other household, if both get a place."""

    def without_other(self, name: str) -> "NearTie":
        """Returns the tie without a comparison, for a reader who may not see the other household. `name`: the
        placeholder for that household.
        """
        client, other = Side(self.client.registration, (), None), Side(name, (), None)
        return NearTie(self.unit, client, other, self.proposed, self.difference)


def near_tie(problem: Problem, advice: Advice, most: int) -> NearTie | None:
    """Returns the closest tie, of at most `most` points; `None` if there is no such tie. Ignores households that must
    stay together with others. Prefers a competition for a place to an exchange.
    """
    if advice.solution.status != "optimal":
        return None
    known = {one.id: one for one in problem.registrations}
    grouped = {one for group in problem.together for one in group.registrations}
    client = known[advice.registration]
    rivals = {one: row for one, row in known.items() if one not in grouped and _alike(row, client)}
    if client.id in grouped:
        return None
    chosen = next((unit for unit in advice.units if unit.kind == "chosen"), None)
    if chosen is None:
        return _given_to_other(problem, advice, client, rivals, most)
    return _given_to_client(problem, advice, chosen, rivals, most) or _exchanged(problem, advice, chosen, rivals, most)


def told_tie(problem: Problem, advice: Advice, most: int, seen: Collection[str], unseen: str) -> NearTie | None:
    """Returns the near tie for a reader who may see the cases `seen`. Another household is named `unseen`. Returns
    `None` for an exchange with a household that the reader may not see, because the exchange would disclose that
    household's place.
    """
    found = near_tie(problem, advice, most)
    if found is None or found.other.registration in seen:
        return found
    return None if found.other_unit else found.without_other(unseen)


def _alike(one: Registration, client: Registration) -> bool:
    """Checks that both cases have equal urgency and number of persons, so that they differ only in the fit."""
    return one.id != client.id and one.urgency == client.urgency and len(one.persons) == len(client.persons)


def _given_to_other(
    problem: Problem, advice: Advice, client: Registration, rivals: Mapping[str, Registration], most: int
) -> NearTie | None:
    """Returns the tie in which the client would take the place of another household. That household would then get no
    place.
    """
    placed = {row.registration: row for row in advice.solution.placements}
    for unit in advice.units:  # the smallest loss first
        if unit.broken or unit.loss is None or not 0 <= unit.loss <= most or len(unit.displaces) != 1:
            continue
        other = placed.get(unit.displaces[0])
        if other is None or other.registration not in rivals or other.unit != unit.unit or unit.points is None:
            continue
        theirs = points(problem, other.registration, other.unit, other.rooms)
        return _tie(problem, unit.unit, (client.id, unit.points), (other.registration, theirs), unit.loss, False)
    return None


def _given_to_client(
    problem: Problem, advice: Advice, chosen: UnitAdvice, rivals: Mapping[str, Registration], most: int
) -> NearTie | None:
    """Returns the tie with an unplaced household that could use the client's beds. The checker has confirmed that no
    rule would break.
    """
    mine = next(row for row in advice.solution.placements if row.registration == advice.registration)
    if chosen.points is None:
        return None
    without = [rivals[one] for one in advice.solution.unplaced if one in rivals]
    found = []
    for other in sorted(without, key=lambda one: (-one.waiting_days, one.id))[:MOST_LOOKED_AT]:
        theirs = points(problem, other.id, mine.unit, mine.rooms)
        behind = mine.points - theirs.total
        if 0 <= behind <= most and _holds(problem, advice, mine, other.id, theirs):
            found.append((behind, other.id, theirs))
    if not found:
        return None
    behind, other_id, theirs = min(found, key=lambda one: one[:2])
    return _tie(problem, mine.unit, (mine.registration, chosen.points), (other_id, theirs), behind, True)


def _holds(problem: Problem, advice: Advice, mine: Placement, other: str, theirs: Points) -> bool:
    """Checks that no rule breaks if the other household gets the place and the client gets no place."""
    solution = advice.solution
    instead = replace(mine, registration=other, points=theirs.total)
    rest = [row for row in solution.placements if row is not mine]
    swapped = replace(
        solution,
        placements=tuple(sorted([*rest, instead], key=lambda row: row.registration)),
        unplaced=tuple(sorted({*solution.unplaced, mine.registration} - {other})),
    )
    return all(one.rule not in {*RULES, "points", "listing"} for one in check(problem, swapped).violations)


def _exchanged(
    problem: Problem, advice: Advice, chosen: UnitAdvice, rivals: Mapping[str, Registration], most: int
) -> NearTie | None:
    """Returns the tie of two households that could exchange their places. Returns `None` if no exchange changes a term
    in `TERMS_OF_THE_HOUSEHOLD`.
    """
    placed = {row.registration: row for row in advice.solution.placements}
    units = {row.unit: row for row in advice.units}
    for one in advice.exchanges:  # the smallest loss first
        theirs, there = placed[one.registration], units[one.unit].points
        if one.registration not in rivals or not 0 <= one.loss <= most or chosen.points is None or there is None:
            continue
        both = {chosen.unit, one.unit}
        client = _side_of_exchange(problem, advice.registration, chosen.points, there, both)
        own, instead = (
            points(problem, one.registration, unit, rooms)
            for unit, rooms in ((theirs.unit, theirs.rooms), (chosen.unit, one.rooms))
        )
        other = _side_of_exchange(problem, one.registration, own, instead, both)
        sides = {*client.better, *client.better_there, *other.better, *other.better_there}
        if sides & TERMS_OF_THE_HOUSEHOLD:
            return NearTie(chosen.unit, client, other, True, one.loss, one.unit)
    return None


def _side_of_exchange(problem: Problem, registration: str, own: Points, instead: Points, both: set[str]) -> Side:
    return Side(
        registration,
        _better(own, instead),
        _open_units(problem, registration, both),
        _better(instead, own),
    )


def _better(one: Points, other: Points) -> tuple[str, ...]:
    return tuple(term for term in TERMS_OF_FIT if getattr(one, term) > getattr(other, term))


def _open_units(problem: Problem, registration: str, but: set[str]) -> int:
    return sum(1 for row in explain(problem, registration).units if row.allowed and row.unit not in but)


def _tie(  # noqa: PLR0917  (the parts of a tie)
    problem: Problem, unit: str, client: tuple[str, Points], other: tuple[str, Points], difference: int, proposed: bool
) -> NearTie:
    def side(one: tuple[str, Points], against: tuple[str, Points]) -> Side:
        return Side(one[0], _better(one[1], against[1]), _open_units(problem, one[0], {unit}))

    return NearTie(unit, side(client, other), side(other, client), proposed, difference)


def terms_in_words(terms: Collection[str], language: Language) -> list[str]:
    return [translate("tie", term, language) for term in terms]
