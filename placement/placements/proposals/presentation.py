"""A proposal in words for its reader: the chosen unit, the reasons, the alternatives, and the units that were not
chosen.

A registration that would lose a place is named if the reader may see it, and otherwise only counted. If the inference
guard applies (`inference_guard.py`), only the chosen unit is shown. After the decision, other units are shown only to
readers who see these units by name anyway (`placement/access/need_to_know.py`). Distances are worded as 'at least' or
'about', because the engine knows only the cell of a shelter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from matching import Change, Points, Problem, UnitAdvice
from placement.access import scoped_queries
from placement.access.need_to_know import sees_all_by_name, sees_by_name
from placement.accounts.organisations import telephones_of_units
from placement.capacity import place_names
from placement.capacity.newest_reports import last_confirmed
from placement.capacity.vacancy import freshness
from placement.core.codes import Freshness, Sees
from placement.core.context import Act
from placement.core.occupant_ids import case_of
from placement.core.place_codes import NEVER_REPORTED
from placement.placements.decisions.answer_terms import is_decided_on
from placement.placements.decisions.desk_confirmation import desk_is_asked, mandate_for
from placement.placements.decisions.present_problem import SAFETY_RULES
from placement.placements.proposals.broken_rule_words import UNSEEN, BrokenWords, broken_words, safe_facts, unit_words
from placement.placements.proposals.close_alternatives import NearTie, told_tie
from placement.placements.proposals.fit_reasons import TERMS, Why, not_first
from placement.placements.proposals.frozen_problems import problem_of
from placement.placements.proposals.last_days import NO_LAST_DAY, LastDay, last_days_for
from placement.placements.proposals.proposals import advice_of
from placement.placements.proposals.ways_out_words import RoomFacts, WayOutFacts, is_proposed, ring_first, way_out_words
from placement.placements.stays import place_fit
from placement.registrations import inference_guard
from placement.solver.missing_counts import ROOMS, MissingCounts, read_missing
from placement.solver.snapshot_household import without_sharing
from placement.tables import Decision, Location, Proposal, Registration, Shelter, Unit
from placement.text.catalogue import Language, ntranslate, translate
from placement.text.engine_words import say_change, say_term
from placement.text.reason_words import say_not_first, say_reason
from placement.text.rule_names import rule_name

OF_PAIRS = frozenset({"keep_apart", "together"})
"""Rules about two clients. To show that such a rule is broken would disclose the place of the other client."""


@dataclass(frozen=True, slots=True)
class Term:
    term: str
    points: int
    words: str


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """The smallest change that would open the unit, and who can grant it."""

    rule: str
    who: str
    words: str


@dataclass(frozen=True, slots=True)
class ReasonWords:
    """A reason why a unit fits, or why it is not the first choice."""

    code: str
    facts: Mapping[str, object]
    words: str


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of choosing a unit. `points`: the total points that all registrations lose; `None` if the computation
    took too long, or if no room exists. `registrations`: those registrations that would lose a place and that the
    reader may see.
    """

    points: int | None
    registrations: tuple[str, ...]
    others: int
    """The number of registrations that would lose a place and that the reader may not see."""


@dataclass(frozen=True, slots=True)
class UnitWords(LastDay):
    unit: str
    name: str
    shelter: str
    region: str
    scheme: str
    freshness: Freshness
    kind: str
    why: tuple[ReasonWords, ...]
    not_first: ReasonWords | None
    """The reason why an alternative is not the first choice."""
    rooms: tuple[RoomFacts, ...]
    points: tuple[Term, ...]
    total: int | None
    cost: Cost
    broken: tuple[BrokenWords, ...]
    change: ChangeWords | None
    can_be_chosen: bool
    """True if the unit has a bed. With the required approvals, a person can override every other rule."""
    must_agree: tuple[str, ...]
    """The approvals that are needed if the reader chooses this unit."""
    review_needed: bool


@dataclass(frozen=True, slots=True)
class ProposalWords:
    chosen: UnitWords | None
    alternatives: tuple[UnitWords, ...]
    others: tuple[UnitWords, ...]
    ways_out: tuple[WayOutFacts, ...]
    nobody: str | None
    """A sentence that explains why no unit was chosen."""
    one_place: bool
    """True if the inference guard hides all units but the chosen unit."""
    status: str
    objective: int
    bound: int | None
    why: str | None
    as_of: str
    tie: NearTie | None
    """The near tie, until the decision is approved. It does not identify a household that the reader may not see."""

    @property
    def registrations(self) -> frozenset[str]:
        """Returns the other registrations that this proposal names. They would lose a place, or they occur in broken
        rules, ways out or the near tie.
        """
        units = [*([self.chosen] if self.chosen else []), *self.alternatives, *self.others]
        lose = {one for unit in units for one in unit.cost.registrations}
        told = {one for unit in units for broken in unit.broken for one in broken.facts.get("registrations", ())}
        lose |= {one for way in self.ways_out for one in way.registrations}
        return frozenset((lose | told | ({self.tie.other.registration} if self.tie else set())) - {UNSEEN})


def serialize(act: Act, proposal: Proposal, language: Language) -> ProposalWords:
    problem = problem_of(act.session, proposal)
    advice = without_sharing(problem, advice_of(proposal))
    waiting = [row.id for row in problem.registrations]
    housed = [case_of(occupant.registration) for room in problem.rooms for occupant in room.occupants]
    seen = scoped_queries.visible_registrations(act.session, act.actor, [*waiting, *housed])
    case = proposal.registration_id
    places = _places(act, case)
    one_place = inference_guard.desk_finds_place(act, case) or inference_guard.shows_unseen(act, problem)
    is_open = is_decided_on(act, proposal)
    leaves = {room.unit for room in problem.rooms for one in room.occupants if case_of(one.registration) == case}
    ways_out = [
        way_out_words(way, seen, language)
        for way in advice.ways_out
        if leaves.isdisjoint(place.unit for place in way.places) and is_proposed(way)
    ]
    missing = read_missing(proposal.missing_counts)
    why = Why(problem, case)
    first = next((unit.points for unit in advice.units if unit.kind == "chosen"), None)
    units = [
        _unit(
            unit,
            place,
            unit_words(unit.unit, unit.broken, missing, seen, language),
            seen,
            _must_agree(act, proposal, unit, place),
            why,
            first,
            language,
        )
        for unit, place in ((unit, places[unit.unit]) for unit in advice.units)
        if (unit.kind == "chosen" or not one_place) and unit.unit not in leaves
    ]
    solution = advice.solution
    named = [
        unit
        for unit in units
        if unit.kind == "chosen" or sees_by_name(act.actor, places[unit.unit].location.region, proposed=is_open)
    ]
    return ProposalWords(
        chosen=next((unit for unit in units if unit.kind == "chosen"), None),
        alternatives=tuple(unit for unit in named if unit.kind == "alternative"),
        others=tuple(unit for unit in named if unit.kind not in {"chosen", "alternative"}),
        ways_out=()
        if one_place or not (is_open or sees_all_by_name(act.actor))
        else (*_ring_first(act, problem, case, missing, language), *ways_out),
        nobody=None
        if proposal.unit_id
        else translate("proposal", "one_place", language)
        if one_place
        else _why_no_unit(units, language),
        one_place=one_place,
        status=solution.status,
        objective=solution.objective,
        bound=solution.bound,
        why=solution.why or None,
        as_of=problem.as_of.isoformat(),
        tie=None if one_place or not is_open else told_tie(problem, advice, act.settings.near_tie, seen, UNSEEN),
    )


def _ring_first(act: Act, problem: Problem, case: str, missing: MissingCounts, language: Language) -> list[WayOutFacts]:
    [persons] = [len(row.persons) for row in problem.registrations if row.id == case]
    return ring_first(missing, persons, telephones_of_units(act.session, missing.open), language)


def against_rules(act: Act, registration: Registration, language: Language) -> tuple[BrokenWords, ...]:
    """Returns the texts of the rules that a client's place breaks today. Rules that would disclose another client's
    place are shown only to readers of all cases, such as the desk.
    """
    broken = place_fit.broken_where_lived(act, registration)
    if act.actor.role.sees is not Sees.ALL:
        broken = [one for one in broken if one.rule not in OF_PAIRS]
    named = [case_of(other) for one in broken for other in one.facts.get("registrations", ())]
    seen = scoped_queries.visible_registrations(act.session, act.actor, named)
    return tuple(broken_words(one.rule, one.facts, seen, language) for one in broken)


def visible_breach(act: Act, proposal: Proposal, decision: Decision) -> tuple[list[str], date | None]:
    """Returns the broken rules and review date of a decision, without the rules that the inference guard hides."""
    case, broken = proposal.registration_id, decision.broken
    if OF_PAIRS.intersection(broken) and (
        inference_guard.desk_finds_place(act, case)
        or (act.actor.role.sees is not Sees.ALL and proposal.advice is None)
        or inference_guard.shows_unseen(act, problem_of(act.session, proposal))
    ):
        broken = [rule for rule in broken if rule not in OF_PAIRS]
        return broken, decision.review_on if broken else None
    return broken, decision.review_on


@dataclass(frozen=True, slots=True)
class _Place:
    unit: Unit
    location: Location
    shelter: Shelter
    freshness: Freshness
    last: LastDay


def _places(act: Act, case_id: str) -> dict[str, _Place]:
    """Returns each unit with its last day and the present freshness of its count, not its freshness at the proposal."""
    reported = last_confirmed(act.session)
    found = {}
    everything, last_days = place_names.read_all(act.session), last_days_for(act, case_id)
    for unit, location, shelter in everything:
        age = freshness(reported.get(shelter.id), act.at, act.settings.fresh_within, act.settings.stale_after)
        found[unit.id] = _Place(unit, location, shelter, age, last_days.get(unit.id, NO_LAST_DAY))
    return found


def _unit(  # noqa: PLR0917  (the data of a unit)
    advice: UnitAdvice,
    place: _Place,
    broken: tuple[BrokenWords, ...],
    seen: set[str],
    must_agree: tuple[str, ...],
    why: Why,
    first: Points | None,
    language: Language,
) -> UnitWords:
    points = advice.points
    terms = [Term(term, getattr(points, term), say_term(term, language)) for term in TERMS] if points else []
    return UnitWords(
        unit=advice.unit,
        name=place.unit.name,
        shelter=place.shelter.name,
        region=place.location.region.value,
        scheme=place.unit.scheme.value,
        freshness=place.freshness,
        open_until=place.last.open_until,
        runs_past=place.last.runs_past,
        kind=advice.kind,
        why=tuple(
            ReasonWords(one.code, one.facts, say_reason(one.code, one.facts, language)) for one in why.reasons(advice)
        ),
        not_first=_not_first(first, advice, language),
        rooms=tuple(RoomFacts(use.room, use.persons) for use in advice.rooms or ()),
        points=tuple(term for term in terms if term.points),
        total=points.total if points else None,
        cost=Cost(
            points=advice.loss,
            registrations=tuple(one for one in advice.displaces if one in seen),
            others=sum(1 for one in advice.displaces if one not in seen),
        ),
        broken=broken,
        change=_change(advice.change, language) if advice.change else None,
        can_be_chosen=all(one.rule != "rooms" for one in advice.broken),
        must_agree=must_agree,
        review_needed=any(one.rule in SAFETY_RULES for one in advice.broken),
    )


def _not_first(first: Points | None, advice: UnitAdvice, language: Language) -> ReasonWords | None:
    found = not_first(first, advice) if first is not None and advice.kind == "alternative" else None
    return (
        None
        if found is None
        else ReasonWords(found.code, found.facts, say_not_first(found.code, found.facts, language))
    )


def _must_agree(act: Act, proposal: Proposal, advice: UnitAdvice, place: _Place) -> tuple[str, ...]:
    """Returns the parties that must agree, in order, by the rules of `decisions.decide`. The shelter comes last."""
    found = []
    if advice.broken:
        found.append("second_person")
    elif desk_is_asked(act, proposal, place.unit, as_proposed=(as_proposed := advice.kind == "chosen")):
        beforehand = mandate_for(act, proposal, place.unit, as_proposed=as_proposed)
        found.append("desk" if beforehand is None else "desk_afterwards")
    if place.freshness in {Freshness.STALE, Freshness.NEVER}:
        found.append("shelter_count")
    return (*found, "shelter")


def _change(change: Change, language: Language) -> ChangeWords:
    shown = msgspec.structs.replace(change, facts=safe_facts(change.rule, change.facts))
    return ChangeWords(change.rule, change.who, say_change(shown, language))


def _why_no_unit(units: list[UnitWords], language: Language) -> str:
    open_units = [unit for unit in units if not unit.broken]
    if open_units:
        return ntranslate("proposal", "given", len(open_units), language, count=len(open_units))
    if not units:
        return translate("proposal", "no_units", language)
    rules = [rule for unit in units for rule in _standing_in_the_way(unit)]
    rule = max(sorted(set(rules)), key=rules.count)
    name = rule_name(rule, language)
    return translate("proposal", "nobody", language, rule=name, count=rules.count(rule), units=len(units))


def _standing_in_the_way(unit: UnitWords) -> list[str]:
    """Returns the rules that exclude a unit. Leaves out a lack of beds if the unit was never counted."""
    rules = [one.rule for one in unit.broken]
    return [rule for rule in rules if rule != ROOMS or NEVER_REPORTED not in rules]
