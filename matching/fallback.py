"""The construction heuristic: places the most urgent registration first, each in the best place that is left.

The solver starts from the result. If the solver fails, the result is the answer. The heuristic itself uses a solver
only for the rooms of several fixed registrations (`matching/rooms/allocation.py`) and for partly fixed groups
(`open_house`).
"""

from collections import defaultdict
from collections.abc import Callable

from msgspec.structs import replace

from matching.format.problem import Registration, Unit
from matching.format.solution import Placement, RoomUse
from matching.index import Group, Index
from matching.objective import Valuation
from matching.rooms.allocation import allocation_of_fixed
from matching.rooms.choices import cheapest_within
from matching.rooms.spaces import Space, space_of, taken_of
from matching.work import OutOfSteps, Undecided, Work

STEPS = 100_000  # steps for all bed choices together, in addition to STEPS_EACH for each choice: about half a second
STEPS_EACH = 100  # steps for each bed choice; most choices take fewer
STEPS_OF_ONE = 20_000  # the largest number of steps for a single bed choice
MOST_PLACES = 40  # the largest number of places tried for a group, and of units tried in a place for each member

Options = Callable[[str], list[tuple[int, Unit]]]
"""A function that returns the open units of a registration, each with the points of the pair without waste."""


class Impossible(Exception):
    """The fixed registrations leave no place for the other members of their groups."""


def simple_answer(index: Index, valuation: Valuation, options: Options) -> tuple[Placement, ...]:
    """Returns placements that obey every hard rule, if the fixed registrations alone break no rule."""
    house = open_house(index, valuation, options)
    tried: set[str] = set()
    for registration in sorted(index.registrations.values(), key=urgent_first):
        group = index.bound_to(registration.id)
        if group is not None and group.id not in tried:
            tried.add(group.id)
            house.place_together(group, options)
        elif group is None and registration.id not in index.fixed:
            house.place_best(registration, [unit for _, unit in options(registration.id)])
    return tuple(house.placed[registration] for registration in sorted(house.placed))


def urgent_first(row: Registration) -> tuple[int, int, int, str]:
    """Returns the sort key of a registration: urgency, then waiting days, then number of persons, then id."""
    return row.urgency, -row.waiting_days, -len(row.persons), row.id


def open_house(index: Index, valuation: Valuation, options: Options) -> "House":
    """Returns a `House` with the fixed registrations and the other members of their groups with `must`.

    Raises Impossible if two solvers prove that these members have no place, and Undecided if they cannot decide.
    """
    house = House(index, valuation)
    house.allocate_fixed()
    groups = index.fixed_in_part()
    if all(house.place_together(group, options) for group in groups):
        return house
    names = tuple(group.id for group in groups)
    if names not in index.cores:
        index.cores[names] = _core(index, groups, options)
    placements = index.cores[names]
    if placements is None:
        raise Impossible
    house = House(index, valuation)
    for placement in placements:
        house.place(index.registrations[placement.registration], index.units[placement.unit], placement.rooms)
    return house


def _core(index: Index, groups: list[Group], options: Options) -> tuple[Placement, ...] | None:
    """Places the fixed registrations and these groups by a solver. Returns `None` if impossible. Raises Undecided."""
    from matching.exact.model import build  # noqa: PLC0415 - ortools takes 0.4 s to import
    from matching.exact.solve import solve  # noqa: PLC0415 - as above
    from matching.solvers.cp_sat import SolverFailed  # noqa: PLC0415 - as above
    from matching.solvers.highs import proves_impossible  # noqa: PLC0415 - as above

    names = {member for group in groups for member in group.members} | index.fixed.keys()
    part = replace(
        index.problem,
        registrations=tuple(index.registrations[name] for name in sorted(names)),
        together=tuple(row for row in index.problem.together if row.id in {group.id for group in groups}),
    )
    inner = Index(part)
    builder = build(inner, Valuation(inner), {name: [unit.id for _, unit in options(name)] for name in names})
    try:
        return solve(builder).placements
    except SolverFailed as error:
        if error.impossible and proves_impossible(builder.model):
            return None
        raise Undecided(f"whether the groups of those who are fixed have a place is not known: {error}") from error


class House:
    """The placements made so far, and the beds that are left."""

    def __init__(self, index: Index, valuation: Valuation) -> None:
        self.index = index
        self.valuation = valuation
        self.placed: dict[str, Placement] = {}
        self.spaces = {room.id: space_of(room) for room in index.rooms.values()}
        self.at: defaultdict[str, set[str]] = defaultdict(set)
        self.high_care: defaultdict[str, int] = defaultdict(int)
        self.steps_left = STEPS
        self._before: dict[str, list[Space]] = {}  # by registration: the state of its rooms before its placement

    def allocate_fixed(self) -> None:
        """Places all fixed registrations. Chooses rooms for all registrations of a unit together, so that all fit."""
        for unit in (self.index.units[unit_id] for unit_id in sorted(set(self.index.fixed.values()))):
            together = self.index.fixed_in(unit.id, without="")
            if len(together) == 1 and (rooms := self.rooms_for(together[0], unit)):
                self.place(together[0], unit, rooms)
                continue
            for registration_id, allocation in (allocation_of_fixed(self.index, unit.id) or {}).items():
                self.place(self.index.registrations[registration_id], unit, allocation)

    def place_best(self, registration: Registration, units: list[Unit]) -> None:
        """Places a registration in the unit that earns the most points. If no unit earns points, it stays unplaced."""
        choice = self._best_choice(registration, units, 0)
        if choice:
            self.place(registration, *choice)

    def _best_choice(
        self, registration: Registration, units: list[Unit], above: int | None
    ) -> tuple[Unit, tuple[RoomUse, ...]] | None:
        choice: tuple[Unit, tuple[RoomUse, ...]] | None = None
        for unit in units:
            rooms = self.rooms_for(registration, unit)
            if rooms is not None:
                points = self.valuation.total(registration, unit, rooms) + self._company(registration, unit)
                if above is None or points > above:
                    above, choice = points, (unit, rooms)
        return choice

    def _company(self, registration: Registration, unit: Unit) -> int:
        """Returns the weight `together` if another member of the group is at the place of this unit, otherwise 0."""
        group = self.index.group_of.get(registration.id)
        if group is None or group.must:
            return 0
        units = [self.placed[member].unit for member in group.members if member in self.placed]
        place = self.index.place(unit.id, group.where)
        is_joined = any(self.index.place(other, group.where) == place for other in units)
        return self.valuation.policy.together if is_joined else 0

    def place_together(self, group: Group, options: Options) -> bool:
        """Places the unplaced members of a group at a place with rooms for all of them. Tries the place with the most
        points first.

        Returns False, and changes nothing, if there is no such place. If no member of the group is placed yet, the
        place must also earn points.
        """
        rest = [self.index.registrations[member] for member in group.members if member not in self.placed]
        if not rest:
            return True
        open_at = {row.id: self._by_place(options(row.id), group) for row in rest}
        places = set.intersection(*(set(found) for found in open_at.values()))
        there = {self.index.place(self.placed[name].unit, group.where) for name in group.members if name in self.placed}
        promise = {
            place: sum(open_at[row.id][place][0][0] for row in rest) for place in (places & there if there else places)
        }
        rest.sort(key=lambda row: (not row.is_private, -len(row.persons), row.id))
        for place in sorted(promise, key=lambda place: (-promise[place], place))[:MOST_PLACES]:
            units = [[unit for _, unit in open_at[row.id][place][:MOST_PLACES]] for row in rest]
            if self._place_all(rest, units, must_gain=not there):
                return True
        return False

    def _by_place(self, options: list[tuple[int, Unit]], group: Group) -> dict[str, list[tuple[int, Unit]]]:
        found: defaultdict[str, list[tuple[int, Unit]]] = defaultdict(list)
        for worth, unit in sorted(options, key=lambda option: (-option[0], option[1].id)):
            found[self.index.place(unit.id, group.where)].append((worth, unit))
        return found

    def _place_all(self, rows: list[Registration], units: list[list[Unit]], *, must_gain: bool) -> bool:
        done: list[str] = []
        for registration, open_to in zip(rows, units, strict=True):
            choice = self._best_choice(registration, open_to, None)
            if choice is None:
                break
            self.place(registration, *choice)
            done.append(registration.id)
        if len(done) == len(rows) and not (must_gain and sum(self.placed[name].points for name in done) <= 0):
            return True
        self.take_back(done)
        return False

    def take_back(self, names: list[str]) -> None:
        """Undoes the last placements. `names`: their registrations, in the order of placement."""
        for name in reversed(names):
            unit = self.index.units[self.placed.pop(name).unit]
            self.at[unit.location].discard(name)
            self.high_care[unit.id] -= self.index.registrations[name].high_care
            for space in self._before.pop(name):
                self.spaces[space.room.id] = space

    def is_shut(self, registration: Registration, unit: Unit) -> bool:
        """Checks whether other registrations keep this registration out of the unit (keep-apart, high-care limit)."""
        there = self.at[unit.location] | self.index.housed_at[unit.location]
        full = unit.high_care_limit is not None and self.high_care[unit.id] >= unit.high_care_limit
        return bool(there & self.index.apart_from[registration.id]) or (registration.high_care and full)

    def rooms_for(self, registration: Registration, unit: Unit) -> tuple[RoomUse, ...] | None:
        """Returns the rooms with the least waste, of the rooms still free. Returns `None` if no rooms fit, if others
        exclude this registration (keep-apart, high care), or at the step limit.
        """
        if self.is_shut(registration, unit):
            return None
        spaces = [self.spaces[room.id] for room in self.index.rooms_of[unit.id]]
        work = Work(min(STEPS_OF_ONE, max(STEPS_EACH, self.steps_left)))
        try:
            return cheapest_within(self.index, self.valuation, registration, unit, spaces, work=work)
        except OutOfSteps:
            return None
        finally:
            self.steps_left -= max(0, work.done - STEPS_EACH)

    def place(self, registration: Registration, unit: Unit, rooms: tuple[RoomUse, ...]) -> None:
        """Places a registration in these rooms, and takes the beds."""
        points = self.valuation.total(registration, unit, rooms)
        self.placed[registration.id] = Placement(registration.id, unit.id, rooms, points)
        self.at[unit.location].add(registration.id)
        self.high_care[unit.id] += registration.high_care
        self._before[registration.id] = [self.spaces[use.room] for use in rooms]
        for use in rooms:
            self.spaces[use.room] = taken_of(self.spaces[use.room], registration, use.persons)
