"""The smallest way out of a plan: the additional rooms, and the missing kinds of houses, with which every member of an
event would have a bed. The extra rooms have a feature with its own weight, so that the solver uses as few extra beds as
possible. Nobody loses a place that the plan gives. A large plan must be answered within seconds. So in a large plan
everybody keeps the unit of the plan, and a few extra rooms may be superfluous (`bench/events.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from matching import Fixed, Policy, Problem, Registration, Room, Solution, explain_all
from placement.core import transactions
from placement.solver.common_plan import Match, places_of_units, without

ROOMS = "rooms"
BEDS = 2
"""The beds of an extra room: a double room. A larger household needs a room with a bed for each person."""
_MOST_ROOMS = 60
_MOST_PROVED = 60
"""The largest number of households for which it is proved that no extra room is superfluous."""
_EXTRA = "extra_room"
_EVERYBODY = Policy(
    serve={"1": 1_000_000_000, "2": 1_000_000, "3": 1_000_000, "4": 1_000_000},
    waiting_day=0,
    language=dict.fromkeys(("native", "fluent", "basic", "interpreter"), 0),
    preferred_need=0,
    scheme_step=0,
    near_km=0,
    scarce={_EXTRA: 1_000},
    blocked_bed=1,
    extra_room=1,
    stale=dict.fromkeys(("ageing", "stale", "never"), 0),
    together=0,
)
"""Weights that give every person a place, and then use as few extra beds as possible. Persons with a place in the plan
have urgency 1, and come first.
"""


class ExtraRooms(Struct, frozen=True):
    """Further rooms in a unit: their number, and the beds of each."""

    unit: str
    rooms: int
    beds: int


class MissingHouse(Struct, frozen=True):
    """A missing kind of house. The households in `registrations` break rules in every existing unit, even with more
    rooms. `rules`: the smallest set of rules that they break in a unit; a new house must fit these rules. `genders`:
    the households' genders.
    """

    rules: tuple[str, ...]
    genders: tuple[str, ...]
    registrations: tuple[str, ...]


class PlanWayOut(Struct, frozen=True):
    """The result of `way_out_for_all`. `serves`: members who get a bed because of the extra rooms. `unknown`: members
    for whom no way out was found.
    """

    rooms: tuple[ExtraRooms, ...] = ()
    serves: tuple[str, ...] = ()
    houses: tuple[MissingHouse, ...] = ()
    unknown: tuple[str, ...] = ()


def way_out_for_all(
    problem: Problem, solution: Solution, members: Collection[str], match: Match, first: Collection[str] = ()
) -> PlanWayOut:
    """Returns few additional rooms, and the missing kinds of houses, that would give each member without a place a bed.
    `first`: units that get extra rooms before other units, for example the units of a hotel.
    """
    transactions.require_none("plan")
    left = {row.id: row for row in problem.registrations if row.id in members and row.id in {*solution.unplaced}}
    if not left:
        return PlanWayOut()
    alone = replace(problem, registrations=tuple(left.values()), together=(), fixed=())
    broken = {one.registration: {unit.unit: unit.broken for unit in one.units} for one in explain_all(alone)}
    fits = {
        one: {unit for unit, rows in units.items() if all(row.rule == ROOMS for row in rows)}
        for one, units in broken.items()
    }
    for group in problem.together:
        if group.must and left.keys() >= {*group.registrations}:
            fits |= _in_the_same_place(places_of_units(problem, group), group.registrations, fits, first)
    roomless = [left[one] for one in sorted(left) if fits[one]]
    rules = {
        one: {frozenset(row.rule for row in rows if row.rule != ROOMS) for rows in broken[one].values()}
        for one in sorted(left)
        if not fits[one]
    }
    rooms, serves = _rooms(
        problem,
        solution,
        match,
        roomless,
        {unit: [row for row in roomless if unit in fits[row.id]] for unit in _fewest(roomless, fits, first)},
    )
    unknown = {row.id for row in roomless} - {*serves} | {one for one, sets in rules.items() if not sets}
    houses = _houses({one: sets for one, sets in rules.items() if sets}, left)
    return PlanWayOut(rooms, tuple(sorted(serves)), houses, tuple(sorted(unknown)))


def _in_the_same_place(
    place: Mapping[str, str], group: Sequence[str], fits: Mapping[str, set[str]], first: Collection[str]
) -> dict[str, set[str]]:
    """Finds a place that fits the whole group, and returns, for each registration of the group, the units there that
    fit. Returns an empty mapping if there is no such place. `place`: the place of each unit.
    """
    shared = set.intersection(*({place[unit] for unit in fits[one]} for one in group))
    if not shared:
        return {}
    best = min(shared, key=lambda one: (one not in {place[unit] for unit in first if unit in place}, one))
    return {one: {unit for unit in fits[one] if place[unit] == best} for one in group}


def _fewest(rows: Sequence[Registration], fits: Mapping[str, set[str]], first: Collection[str]) -> list[str]:
    """Returns few units that together fit all households: prefers `first`, then units that fit most persons."""
    waiting, found = {row.id: len(row.persons) for row in rows}, []
    while waiting:
        suits: Counter[str] = Counter()
        for one, persons in waiting.items():
            suits.update(dict.fromkeys(fits[one], persons))
        best = min(suits, key=lambda unit: (unit not in first, -suits[unit], unit))
        found.append(best)
        waiting = {one: persons for one, persons in waiting.items() if best not in fits[one]}
    return found


def _rooms(
    problem: Problem,
    solution: Solution,
    match: Match,
    rows: Sequence[Registration],
    suited: Mapping[str, Sequence[Registration]],
) -> tuple[tuple[ExtraRooms, ...], set[str]]:
    """Returns few extra rooms, and the households that they serve. `suited`: the units that get rooms, each with the
    households that it fits.
    """
    if not rows:
        return (), set()
    placed = {row.registration for row in solution.placements}
    asked = {row.id for row in rows}
    without_others = without(problem, {row.id for row in problem.registrations} - placed - asked)
    ranked = tuple(replace(row, urgency=1 if row.id in placed else 2) for row in without_others.registrations)
    what_if = replace(without_others, policy=_EVERYBODY, registrations=ranked)
    is_large = len(ranked) > _MOST_PROVED
    if is_large:
        stays = tuple(Fixed(row.registration, row.unit) for row in solution.placements)
        what_if = replace(what_if, fixed=stays)
    large = any(len(row.persons) > 2 * BEDS for row in rows)

    def answer(extra: Iterable[tuple[str, int]]) -> tuple[Solution, dict[str, Room]]:
        made = {room.id: room for room in _extra(problem, extra)}
        return match(replace(what_if, rooms=(*problem.rooms, *made.values()))), made

    def unserved(found: Solution) -> set[str]:
        return {*found.unplaced} & (placed | asked)

    best, made = answer((unit, beds) for unit, theirs in suited.items() for beds in _sizes(theirs))
    least, (used, taken) = unserved(best), _packed(what_if, best, made)
    fewest = 0 if best.status != "optimal" or large else -(-taken // BEDS)  # no answer needs fewer beds
    for one in () if is_large else sorted(used):  # keeps only rooms that are needed
        while used.total() > fewest and used[one] and unserved(answer(_each(used - Counter([one])))[0]) <= least:
            used[one] -= 1
    rooms = tuple(ExtraRooms(unit, number, beds) for (unit, beds), number in sorted(used.items()) if number)
    return rooms, (asked - least if rooms else set())


def _sizes(rows: Sequence[Registration]) -> list[int]:
    """Returns the sizes, in beds, of the rooms that these households need at most."""
    large = [len(row.persons) for row in rows if len(row.persons) > 2 * BEDS]
    return [*[BEDS] * min(_MOST_ROOMS, sum(-(-len(row.persons) // BEDS) for row in rows)), *large]


def _each(used: Mapping[tuple[str, int], int]) -> Iterable[tuple[str, int]]:
    return (one for one, number in used.items() for _ in range(number))


def _extra(problem: Problem, extra: Iterable[tuple[str, int]]) -> Iterable[Room]:
    taken, number = {room.id for room in problem.rooms}, 0
    for unit, beds in extra:
        while (name := f"{_EXTRA} {number}") in taken:
            number += 1
        number += 1
        yield Room(name, unit, beds, beds, problem.as_of, (_EXTRA,))


def _packed(problem: Problem, answer: Solution, made: Mapping[str, Room]) -> tuple[Counter[tuple[str, int]], int]:
    """Returns the number of extra rooms that the answer needs, by unit and number of beds, if persons who may share a
    room do so. Also returns the number of extra beds. `made`: the extra rooms by id.
    """
    rows = {row.id: row for row in problem.registrations}
    private: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
    shared: Counter[tuple[str, int, object]] = Counter()
    for placement in answer.placements:
        row = rows[placement.registration]
        for use in placement.rooms:
            if (room := made.get(use.room)) is None:
                continue
            if row.is_private:
                private[room.unit, room.beds].add(room.id)
            else:
                shared[room.unit, room.beds, row.kind] += use.persons
    found = Counter({one: len(rooms) for one, rooms in private.items()})
    taken = sum(beds * number for (_, beds), number in found.items()) + shared.total()
    for (unit, beds, _), persons in shared.items():
        found[unit, beds] += -(-persons // beds)
    return found, taken


def _houses(rules: Mapping[str, set[frozenset[str]]], rows: Mapping[str, Registration]) -> tuple[MissingHouse, ...]:
    """Returns a few missing kinds of houses that suit all these households. `rules`: for each household, the sets of
    rules that it breaks, a set for each unit.
    """
    least = {one: {rule for rule in sets if len(rule) == min(map(len, sets))} for one, sets in rules.items()}
    found = []
    while least:
        suits = Counter(rule for sets in least.values() for rule in sets)
        best = min(suits, key=lambda rule: (-suits[rule], sorted(rule)))
        of = tuple(sorted(one for one, sets in least.items() if best in sets))
        genders = {person.gender for one in of for person in rows[one].principals}
        found.append(MissingHouse(tuple(sorted(best)), tuple(sorted(genders)), of))
        least = {one: sets for one, sets in least.items() if one not in of}
    return tuple(found)
