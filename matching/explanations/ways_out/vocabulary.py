"""The changes that can be part of a way out: changes that rules offer, waivers of rules, and changes of rooms.

docs/guide/matching.md, "Ways out", defines the changes. Only the facts of the problem decide which changes of rooms are
offered.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, permutations
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from matching.explanations.ways_out.case import Case, Difference, difference
from matching.format.parts import Occupant
from matching.format.problem import ADULT_AGE, Problem, Registration, Room
from matching.format.solution import Facts
from matching.index import Index
from matching.rooms.spaces import space_of
from matching.rules.base import Rule
from matching.rules.changes import Who
from matching.rules.together import TogetherRule

Party = Literal["client", "registrant", "shelter", "coordinator", "desk", "resident"]
_IMPOSERS: dict[str, Party] = {"client": "client", "shelter": "shelter", "coordinator": "coordinator"}

WAIVED = "waived"
MOVED, THIRD_ROOM, SPLIT = "resident_moved", "third_room", "split"
ROOM_FACTS = frozenset({"room", "to", "rooms"})  # ways out that differ only in these facts are listed once
THREE = 3  # the number of rooms that a private household may have after `third_rooms`
MOST_ADULTS = 6  # the largest number of adults in a household that may be split over two places


class Step(Struct, frozen=True):
    """A change in a way out. `rule` and `unit`: the rule and the unit that it concerns. `what`: the changed thing.
    `facts`: the values in the sentence about it.

    `agree`: the parties that must agree, with a row for each; two households that move have two rows. `safety`: true
    for a safety rule.
    """

    rule: str
    what: str
    unit: str
    agree: tuple[Party, ...]
    safety: bool
    facts: Facts


class Edit(NamedTuple):
    """A step that can be carried out on a case.

    - `make`: returns the changed case; `None` if the edit is impossible there.
    - `order`: edits of a set are carried out in this order.
    - `slot`: a set contains at most one edit of each slot.
    - `rank`: among edits of a slot that differ only in their value, 0 is the smallest change.
    - `is_own`: true if the edit can help this registration only.
    """

    step: Step
    make: Callable[[Case], Case | None]
    order: int = 0
    slot: tuple[object, ...] = ()
    rank: int | None = None
    is_own: bool = False


def parties_of_waiver(rule: Rule) -> tuple[Party, ...]:
    """Returns the parties that must agree to a waiver: the desk, and the party that sets the rule, if any."""
    imposer = _IMPOSERS.get(rule.imposed_by)
    return ("desk",) if imposer is None else tuple(sorted((imposer, "desk")))


def waiver(rule: Rule, unit: str, facts: Facts) -> Edit | None:
    """Returns the edit that waives the rule for the registration in this unit; `None` if it may not be proposed."""
    if not rule.waiver_is_proposed:
        return None
    step = Step(rule.code, WAIVED, unit, parties_of_waiver(rule), rule.is_safety, facts)

    def make(case: Case) -> Case:
        without = case._replace(waived=case.waived | {rule.code})
        return without.unbound() if rule.code == TogetherRule.code else without

    return Edit(step, make, is_own=True)


def offered(rule: Rule, index: Index, case: Case) -> list[Edit]:
    """Returns the edits for the changes that a rule offers to the registration or its parts. A change that both parts
    need is a single edit. `index`: the index of the case.
    """
    found: dict[Difference, Edit] = {}
    ranks: Counter[tuple[object, ...]] = Counter()
    alike: Counter[tuple[object, ...]] = Counter()
    for registration, unit in case.pairs():
        for change, problem in rule.changes(index, registration, unit):
            effect = difference(index.problem, problem)
            if effect is None or effect in found:
                continue
            lasting = sorted((name, str(fact)) for name, fact in change.facts.items() if name != "after")
            value = registration.id, unit.id, change.what, *lasting, str(change.facts.get("after"))
            slot = registration.id, unit.id, change.what, *lasting, alike[value]
            step = Step(change.rule, change.what, unit.id, _agreeing(rule, change.who), rule.is_safety, change.facts)
            found[effect] = Edit(step, effect.carried_out, slot=slot, rank=ranks[slot], is_own=effect.unit is None)
            ranks[slot] += 1
            alike[value] += 1
    return list(found.values())


def _agreeing(rule: Rule, who: Who) -> tuple[Party, ...]:
    """Returns the parties that must agree to a change: `who`, and for a safety rule a second person of the desk."""
    return tuple(sorted({who, "desk"})) if rule.is_safety else (who,)


def moves(rooms: list[Room], case: Case) -> Iterator[Edit]:
    """Yields edits that move a resident household to free beds of another room. The new room has all features of the
    old room.

    A household that is alone in a full room moves only to an empty room.
    """
    for left, entered in permutations(rooms, 2):
        if not entered.free_beds or entered.free_from > case.problem.as_of:
            continue
        if not set(left.features) <= set(entered.features):
            continue
        for household in _households(left).values():
            if _can_enter(left, household, entered):
                yield _move(left, household, entered.id)


def _households(room: Room) -> dict[str, list[Occupant]]:
    found: defaultdict[str, list[Occupant]] = defaultdict(list)
    for occupant in room.occupants:
        found[occupant.registration].append(occupant)
    return found


def _alone(room: Room, household: list[Occupant]) -> bool:
    """Checks whether the household is alone in a full room: nobody else lives there, and no bed is free."""
    return not room.free_beds and len(household) == len(room.occupants)


def _can_enter(left: Room, household: list[Occupant], entered: Room) -> bool:
    kinds = {(row.gender, row.minor) for row in household}
    if entered.free_beds < len(household):
        return False
    if _alone(left, household) or len(kinds) > 1:
        return not entered.occupants
    return space_of(entered).kinds <= kinds


def _move(room: Room, household: list[Occupant], entered: str) -> Edit:
    left = room.id
    facts: Facts = {"room": left, "to": entered, "persons": len(household)}
    step = Step("rooms", MOVED, room.unit, ("resident", "shelter"), False, facts)
    registration = household[0].registration

    def make(case: Case) -> Case | None:
        rooms = {room.id: room for room in case.problem.rooms if room.id in {left, entered}}
        old, new = rooms[left], rooms[entered]
        staying = tuple(row for row in old.occupants if row.registration != registration)
        if len(staying) == len(old.occupants) or not _can_enter(old, household, new):
            return None
        whole = _alone(old, household) or len({(row.gender, row.minor) for row in household}) > 1
        taken = new.free_beds if whole else len(household)
        return case.with_rooms(
            (
                replace(old, free_beds=old.free_beds + len(household), occupants=staying),
                replace(new, free_beds=new.free_beds - taken, occupants=(*new.occupants, *household)),
            )
        )

    return Edit(step, make, order=1, slot=("moved", left, registration))


def third_rooms(rooms: list[Room], case: Case) -> Iterator[Edit]:
    """Yields edits that join two rooms to a single room, so that a private household can get three rooms."""
    persons = [len(row.persons) for row, _ in case.pairs() if row.is_private]
    if max(persons, default=0) < THREE:
        return
    for first, second in combinations(rooms, 2):
        step = Step("rooms", THIRD_ROOM, first.unit, ("client", "shelter"), False, {"rooms": [first.id, second.id]})

        def make(case: Case, ids: tuple[str, str] = (first.id, second.id)) -> Case | None:
            one, other = sorted((room for room in case.problem.rooms if room.id in ids), key=lambda room: room.id)
            if one.occupants or other.occupants or not one.free_beds or not other.free_beds:
                return None
            features = tuple(sorted({*one.features, *other.features}))
            both = replace(
                one,
                beds=one.beds + other.beds,
                free_beds=one.free_beds + other.free_beds,
                free_from=max(one.free_from, other.free_from),
                features=features,
            )
            return case.with_rooms([both], without=other.id)

        yield Edit(step, make, order=2, slot=(THIRD_ROOM,))


def partitions(registration: Registration) -> Iterator[tuple[int, ...]]:
    """Yields sets of persons, by position, who may live apart from the first adult: some other adults, with all
    children or without children.
    """
    persons = registration.persons
    adults = [number for number, person in enumerate(persons) if person.age >= ADULT_AGE]
    children = [number for number, person in enumerate(persons) if person.age < ADULT_AGE]
    if not 1 < len(adults) <= MOST_ADULTS:
        return
    seen = set()
    for size in range(1, len(adults)):
        for going in combinations(adults[1:], size):
            for apart in (going, tuple(sorted((*going, *children)))):
                alike = tuple(sorted((persons[number].gender, persons[number].age) for number in apart))
                if alike not in seen:
                    yield apart
                seen.add(alike)


def in_two(problem: Problem, registration: Registration, apart: Sequence[int]) -> tuple[Problem, str]:
    """Returns the problem in which the persons `apart` form a new registration. Also returns the id of this
    registration.

    Both parts belong to the group with `must`. In a group without `must`, only the first part stays a member.
    """
    ids = {row.id for row in problem.registrations}
    new = f"{registration.id}+"
    while new in ids:
        new += "+"
    persons = registration.persons
    naming = sorted(row.id for row in problem.registrations if registration.id in row.keep_apart)
    stays = replace(registration, persons=tuple(row for number, row in enumerate(persons) if number not in apart))
    goes = replace(
        registration,
        id=new,
        persons=tuple(persons[number] for number in apart),
        keep_apart=tuple(dict.fromkeys((*registration.keep_apart, *naming))),
    )
    rows = (stays if row.id == registration.id else row for row in problem.registrations)
    bound = [row for row in problem.together if row.must and registration.id in row.registrations]
    groups = [row for row in problem.together if row not in bound]
    groups += [replace(row, registrations=(*row.registrations, new)) for row in bound]
    return replace(problem, registrations=(*rows, goes), together=tuple(groups)), new


def split_step(unit: str, apart: Sequence[int], other: str) -> Step:
    """Returns the step that splits a household. `apart`: the positions of the persons who go to the unit `other`."""
    return Step("rooms", SPLIT, unit, ("client",), False, {"persons": list(apart), "to_unit": other})
