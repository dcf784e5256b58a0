"""The search for the ways out of a registration, best first. Definitions: docs/guide/matching.md, "Ways out"."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, count, product
from math import inf
from typing import NamedTuple

import msgspec
from msgspec import Struct

from matching.answer import best_of
from matching.eligibility import JOINT_RULES, broken_by_each
from matching.explanations.explain import RegistrationFixed, known
from matching.explanations.forced_choice import NoAnswer
from matching.explanations.listing import Stopped, first_of
from matching.explanations.ways_out.case import Case
from matching.explanations.ways_out.group_place import has_place
from matching.explanations.ways_out.lifts import (
    ROOMS,
    Edits,
    RoomLifts,
    broken_in,
    carried_out,
    lifts,
    with_parts_fixed,
)
from matching.explanations.ways_out.other_registrations import Others, without
from matching.explanations.ways_out.proof import Place, prove
from matching.explanations.ways_out.vocabulary import (
    ROOM_FACTS,
    Party,
    Step,
    in_two,
    parties_of_waiver,
    partitions,
    split_step,
    waiver,
)
from matching.format.problem import Problem, Registration
from matching.format.solution import Facts, Solution
from matching.index import Index
from matching.limit import Limit
from matching.prepared_problem import PreparedProblem
from matching.rules import HARD_RULES
from matching.rules.base import Rule
from matching.rules.changes import MOST_CHANGES
from matching.rules.together import TogetherRule, facts_of

_BY_CODE = {rule.code: rule for rule in HARD_RULES}


class WayOut(Struct, frozen=True):
    """A smallest set of changes that opens a unit. `objective` and `loss` are in points.

    `agree`: the parties that must agree. `places`: the place of the registration after the changes, or both places of a
    split household. `objective`: the best total of all registrations after the changes. `loss`: the points that the
    other registrations lose, compared with their best total without this registration. `displaces`: the registrations
    that lose their place.
    """

    unit: str
    agree: tuple[Party, ...]
    changes: tuple[Step, ...]
    places: tuple[Place, ...]
    objective: int
    loss: int
    displaces: tuple[str, ...]


class WaysOut(Struct, frozen=True, omit_defaults=True):
    """Ways out, sorted by number of parties, number of changes, loss, and ids. `best`: the best total (points) of the
    other registrations without this registration.

    `complete`: false if the time ran out, or after Ctrl-C.
    """

    registration: str
    best: int
    ways_out: tuple[WayOut, ...]
    complete: bool = True


def ways_out(
    problem: Problem, registration_id: str, *, top: int = 5, time_limit: float | None = None, workers: int = 1
) -> WaysOut:
    """Returns the `top` best ways out of a registration, over all units that are closed to it.

    If `time_limit` (seconds) runs out, or after Ctrl-C, the list is incomplete, but its entries are exact. Raises
    UnknownRegistration, RegistrationFixed, and EngineFault if the optimum is not proven. `workers`: threads of the
    solver.
    """
    return ways_out_of(PreparedProblem(problem), registration_id, top=top, limit=Limit(time_limit), workers=workers)


def ways_out_of(
    prepared: PreparedProblem,
    registration_id: str,
    *,
    top: int,
    limit: Limit,
    workers: int = 1,
    solution: Solution | None = None,
) -> WaysOut:
    """Returns the result of `ways_out` for a prepared problem. `solution`: the problem's best solution, if known."""
    registration = known(prepared.index, registration_id)
    if registration_id in prepared.index.fixed:
        raise RegistrationFixed(f"registration {registration_id!r} is fixed: where it goes is already decided")
    alone = without(prepared, registration_id)
    if solution and registration_id in solution.unplaced and registration_id not in prepared.index.group_of:
        others = tuple(name for name in solution.unplaced if name != registration_id)
        best = msgspec.structs.replace(solution, unplaced=others)  # the best solution of all others is the same
    else:
        best = best_of(alone, time_limit=limit.seconds(), workers=workers)
    if best.status == "infeasible":
        return WaysOut(registration_id, 0, ())
    found = _best_first(prepared, registration, Others(alone, best), limit, workers)
    return WaysOut(registration_id, best.objective, *first_of(found, top))


def _best_first(
    prepared: PreparedProblem, registration: Registration, others: Others, limit: Limit, workers: int
) -> Iterator[WayOut]:
    yield from _Search(prepared, registration, others, limit, workers).best_first()


class _Start(NamedTuple):
    """A starting point: a case without changes (except a split), the step of the split, and the broken rules."""

    case: Case
    split: tuple[Step, ...]
    broken: dict[str, tuple[str, Facts]]


class _Rooms(NamedTuple):
    """A start that lacks only rooms. `others`: sets of edits that each lift all other rules. `size`: the number of room
    changes to try next.
    """

    start: _Start
    others: list[Edits]
    lifts: RoomLifts
    size: int


class _Candidate(NamedTuple):
    """A start with edits that lift all its broken rules. It is a way out if the proof succeeds."""

    start: _Start
    edits: Edits


class _Search:
    """A best-first search for ways out. The heap is sorted by rank: the rank of a proven way out, or a lower bound of
    the rank for a set of edits that is not proven yet.

    Each step takes the first item. A proven way out is a result. Other items are replaced by a proof, or by more edits.
    """

    def __init__(
        self, prepared: PreparedProblem, registration: Registration, others: Others, limit: Limit, workers: int
    ) -> None:
        self.index, self.valuation = prepared.index, prepared.valuation
        self.registration, self.others = registration, others
        self.limit, self.workers = limit, workers
        index = self.index
        self.heap: list[tuple[int, int, float, str, str, int, Item]] = []
        self.number = count()
        self.free_beds = {unit: sum(room.free_beds for room in rooms) for unit, rooms in index.rooms_of.items()}
        broken = prepared.broken(registration.id)
        self.closed = {unit: {row.rule: (unit, row.facts) for row in rows} for unit, rows in broken.items() if rows}
        for unit, rules in self.closed.items():
            if self._has_beds((unit, len(registration.persons))):
                self._begin(_Start(Case(index.problem, ((registration.id, unit),)), (), rules))
        for apart in partitions(registration):
            self._split(apart)
        if index.bound_to(registration.id):
            for unit in broken.keys() - self.closed.keys():
                self._doubt(_Start(Case(index.problem, ((registration.id, unit),)), (), {}))

    def best_first(self) -> Iterator[WayOut]:
        """Yields all ways out, best first. Raises Stopped if the time runs out."""
        listed = set()
        while self.heap:
            *_, item = heapq.heappop(self.heap)
            if isinstance(item, _Start):
                self._expand(item)
            elif isinstance(item, _Rooms):
                self._give_rooms(item)
            elif isinstance(item, _Candidate) and not _steps(item):
                self._look_for_place(item)
            elif isinstance(item, WayOut):
                if _shape(item.unit, item.changes) not in listed:
                    listed.add(_shape(item.unit, item.changes))
                    yield item
            elif _shape(item.start.case.parts[0][1], _steps(item)) not in listed and self._is_smallest(item):
                try:
                    proof = self._proof(item)
                except NoAnswer:
                    self._leave_group(item)
                    continue
                if proof is None:
                    raise Stopped
                self._push(*_rank(proof.agree, proof.changes), proof.loss, proof.unit, proof)

    def _doubt(self, start: _Start) -> None:
        """Adds an item to the heap: an open unit in which the registration's group perhaps has no place."""
        parties = parties_of_waiver(_BY_CODE[TogetherRule.code])
        self._push(len(parties), 1, -inf, start.case.parts[0][1], _Candidate(start, ()))

    def _look_for_place(self, doubt: _Candidate) -> None:
        """Adds the way out that waives `together`, if the group has no place with the registration in this unit."""
        if not has_place(doubt.start.case, self.valuation, self.others.prepared.open_to):
            self._leave_group(doubt)

    def _leave_group(self, candidate: _Candidate) -> None:
        """Adds the candidate with `together` waived too, because the group has no place beside the registration."""
        case = carried_out(candidate.start.case, candidate.edits)
        group = case and Index(case.problem).bound_to(self.registration.id)
        if case is None or group is None or len(candidate.start.split) + len(candidate.edits) >= MOST_CHANGES:
            return
        together = [*self.index.fixed, *(registration for registration, _ in case.parts)]
        facts = facts_of(group, [name for name in group.members if name not in together])
        left = waiver(_BY_CODE[TogetherRule.code], case.parts[0][1], facts)
        if left is not None:
            self._offer(_Candidate(candidate.start, (*candidate.edits, left)))

    def _push(self, parties: int, changes: int, loss: float, unit: str, item: "Item") -> None:
        steps = item.changes if isinstance(item, WayOut) else _steps(item) if isinstance(item, _Candidate) else ()
        text = msgspec.json.encode(steps, order="deterministic").decode()
        heapq.heappush(self.heap, (parties, changes, loss, unit, text, next(self.number), item))

    def _begin(self, start: _Start) -> None:
        """Adds a start, unless it has too many broken rules, or a rule that nothing can lift."""
        changes = len(start.broken) + len(start.split)
        rules = [_BY_CODE[code] for code in start.broken]
        if changes > MOST_CHANGES or any(_is_final(rule) for rule in rules):
            return
        certain = {party for step in start.split for party in step.agree}
        certain |= {party for rule in rules if not _offers(rule) for party in parties_of_waiver(rule)}
        self._push(max(1, len(certain)), changes, -inf, start.case.parts[0][1], start)

    def _has_beds(self, *parts: tuple[str, int]) -> bool:
        """Checks whether each unit has enough free beds for the persons who would go there. (No change adds a bed.)"""
        needed: Counter[str] = Counter()
        for unit, persons in parts:
            needed[unit] += persons
        return all(persons <= self.free_beds[unit] for unit, persons in needed.items())

    def _split(self, apart: tuple[int, ...]) -> None:
        """Adds starts that split the household: a part in a closed unit, the other in a unit at the same location."""
        problem, new = in_two(self.index.problem, self.registration, apart)
        index = Index(problem)
        own = self.registration.id
        here, there = broken_by_each(index, [index.registrations[own], index.registrations[new]])
        persons = [sorted((row.gender, row.age) for row in index.registrations[name].persons) for name in (own, new)]
        for unit in self.closed:
            for other in self.index.units.values():
                mirrored = persons[0] == persons[1] and other.id in self.closed and other.id < unit
                if (
                    other.location == self.index.units[unit].location
                    and not mirrored
                    and self._has_beds((unit, len(persons[0])), (other.id, len(persons[1])))
                ):
                    broken = {row.rule: (other.id, row.facts) for row in there[other.id]}
                    broken |= {row.rule: (unit, row.facts) for row in here[unit]}
                    case = Case(problem, ((own, unit), (new, other.id)))
                    self._begin(_Start(case, (split_step(unit, apart, other.id),), broken))

    def _expand(self, start: _Start) -> None:
        """Adds every combination of edits that lifts all broken rules of a start. Room changes are searched later."""
        case, broken = start.case.nearby(), start.broken
        index = with_parts_fixed(case) if start.split else Index(case.problem)
        if start.split:
            broken = dict(broken)
            for rule in JOINT_RULES:  # joint rules depend on both parts together
                found = broken_in(rule, case, index)
                if found is not None:
                    broken[rule.code] = found
        most = MOST_CHANGES - len(start.split)
        families = [lifts(_BY_CODE[code], index, case, found, most) for code, found in broken.items() if code != ROOMS]
        combined = [tuple(edit for part in parts for edit in part) for parts in product(*families)]
        combined = [edits for edits in combined if len(edits) <= most]
        if ROOMS not in broken:
            for edits in combined:
                self._offer(_Candidate(start, edits))
        elif combined:
            self._room_node(_Rooms(start, combined, RoomLifts(_BY_CODE[ROOMS], index, case), 1))

    def _offer(self, candidate: _Candidate) -> None:
        steps = _steps(candidate)
        least = 0 if all(edit.is_own for edit in candidate.edits) else -inf  # own edits let no other registration gain
        self._push(*_rank(agreeing(steps), steps), least, candidate.start.case.parts[0][1], candidate)

    def _room_node(self, node: _Rooms) -> None:
        """Adds an item that searches sets of room changes of this size, unless there would be too many changes."""
        fewest = min(len(edits) for edits in node.others)
        changes = len(node.start.split) + fewest + node.size
        if changes <= MOST_CHANGES and len(node.lifts.edits) >= node.size:
            parties = min(len(agreeing(_steps(_Candidate(node.start, edits)))) for edits in node.others)
            self._push(max(1, parties), changes, -inf, node.start.case.parts[0][1], node)

    def _give_rooms(self, node: _Rooms) -> None:
        for rooms in node.lifts.of_size(node.size):
            for edits in node.others:
                if len(node.start.split) + len(edits) + len(rooms) <= MOST_CHANGES:
                    self._offer(_Candidate(node.start, (*edits, *rooms)))
        self._room_node(node._replace(size=node.size + 1))

    def _is_smallest(self, candidate: _Candidate) -> bool:
        """Checks whether the candidate needs its split: its other changes do not open the unit without the split."""
        if not candidate.start.split:
            return True
        unit = candidate.start.case.parts[0][1]
        whole = Case(self.index.problem, ((self.registration.id, unit),)).nearby()
        for size in range(len(candidate.edits) + 1):
            for edits in combinations(candidate.edits, size):
                changed = carried_out(whole, edits)
                if changed is not None and self._is_open(changed, self.closed[unit]):
                    return False
        return True

    def _is_open(self, case: Case, broken: Iterable[str]) -> bool:
        index = with_parts_fixed(case)
        return all(broken_in(_BY_CODE[code], case, index) is None for code in broken)

    def _proof(self, candidate: _Candidate) -> WayOut | None:
        if self.limit.is_over():
            return None
        start, steps = candidate.start, _steps(candidate)
        proof = prove(start.case, candidate.edits, self.others, time_limit=self.limit.seconds(), workers=self.workers)
        if proof is None:
            return None
        return WayOut(start.case.parts[0][1], agreeing(steps), steps, **msgspec.structs.asdict(proof))


Item = _Start | _Rooms | _Candidate | WayOut


def agreeing(steps: Sequence[Step]) -> tuple[Party, ...]:
    """Returns the parties that must agree to these changes, each once; `resident` once for each moving household."""
    every = sorted(party for step in steps for party in step.agree)
    return tuple(party for number, party in enumerate(every) if party == "resident" or party not in every[:number])


def _steps(candidate: _Candidate) -> tuple[Step, ...]:
    """Returns the changes of a candidate in the order of the rules."""
    order = list(_BY_CODE)
    steps = (*candidate.start.split, *(edit.step for edit in candidate.edits))
    return tuple(sorted(steps, key=lambda step: (order.index(step.rule), step.what, str(sorted(step.facts.items())))))


def _rank(agree: Sequence[Party], steps: Sequence[Step]) -> tuple[int, int]:
    return len(agree), len(steps)


def _shape(unit: str, steps: Sequence[Step]) -> tuple[str, str]:
    """Returns a key of a set of changes, which ignores the moving households and the rooms."""
    facts = [{name: fact for name, fact in step.facts.items() if name not in ROOM_FACTS} for step in steps]
    return unit, str([(step.rule, step.what, sorted(fact.items())) for step, fact in zip(steps, facts, strict=True)])


def _offers(rule: Rule) -> bool:
    """Checks whether a way out can lift the rule without a waiver."""
    return rule.code == ROOMS or type(rule).changes is not Rule.changes


def _is_final(rule: Rule) -> bool:
    """Checks whether no way out can lift the rule."""
    return not _offers(rule) and not rule.waiver_is_proposed
