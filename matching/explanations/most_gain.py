"""An upper bound on the best total with an extra room or high-care place, from the duals of the base model.

Without the registrations that use the extra, the rest is a solution of the base model. So the rest is worth at most the
proven bound minus their share. They themselves are worth at most their points, with the cheapest rooms. All figures are
whole numbers; a bound can be too high, but never too low.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from matching.eligibility import open_table, rows_of
from matching.format.problem import Kind, Registration, Unit
from matching.index import Index
from matching.prepared_problem import PreparedProblem
from matching.rules.base import Table

if TYPE_CHECKING:
    from matching.exact.relaxation import Relaxation  # imports solvers, which only solving needs

ROOMS = {"room_1": 1, "room_4": 4}  # beds
HIGH_CARE = "high_care"
_Item = tuple[int, int]
"""A possible user of an extra: its largest gain, and the fewest beds that it needs."""


class MostGain:
    """Computes, by unit and extra, the largest possible rise above `bound`, the proven bound of the base model."""

    def __init__(self, prepared: PreparedProblem, relaxation: "Relaxation") -> None:
        self.prepared, self._relaxation = prepared, relaxation
        self._index, self._valuation = prepared.index, prepared.valuation
        rows = list(self._index.registrations.values())
        self._part = {row.id: relaxation.part_of(row.id) for row in rows}
        self._with_rooms = self._by_unit(rows, open_table(self._index, rows, "rooms", prepared.pair_tables))
        careful = [row for row in rows if row.high_care]
        numbers = [number for number, row in enumerate(rows) if row.high_care]
        with_care = open_table(self._one_higher(), careful, tables=rows_of(prepared.pair_tables, numbers))
        self._with_care = self._by_unit(careful, with_care)
        self._gain_of_group: dict[str, int] = {}
        self.bound = relaxation.bound

    def _one_higher(self) -> Index:
        """Returns the index of the problem with every high-care limit raised by 1."""
        problem = self.prepared.problem
        units = (
            unit if unit.high_care_limit is None else replace(unit, high_care_limit=unit.high_care_limit + 1)
            for unit in problem.units
        )
        return Index(replace(problem, units=tuple(units)))

    def _by_unit(self, registrations: list[Registration], table: Table) -> Mapping[str, list[Registration]]:
        """Returns the registrations that may go to each unit, by unit."""
        found: defaultdict[str, list[Registration]] = defaultdict(list)
        for registration, allowed in zip(registrations, table.tolist(), strict=True):
            fixed = self._index.fixed.get(registration.id)
            for unit, is_open in zip(self._index.units, allowed, strict=True):
                if is_open and fixed in (None, unit):
                    found[unit].append(registration)
        return found

    def open_to(self, unit: str, extra: str) -> dict[str, list[str]]:
        """Returns the units that each registration may use by itself with the extra; only this unit can be new.

        If the extra is a room, the model decides about rooms in this unit.
        """
        there = self._with_care if extra == HIGH_CARE else self._with_rooms
        newly = {row.id for row in there.get(unit, ())}
        return {
            name: [*units, unit] if name in newly and unit not in units else units
            for name, units in self.prepared.open_to.items()
        }

    def of(self, unit: Unit, extra: str) -> int:
        """Returns the largest possible rise above `bound` with the extra in the unit."""
        if extra == HIGH_CARE:
            return self._relaxation.price_of_care(unit.id) + self._most_of_care(unit)
        return self._most_of_room(unit, ROOMS[extra])

    def _most_of_care(self, unit: Unit) -> int:
        """Returns the largest gain of a registration that only the limit excludes; no other gets the place."""
        open_to = self.prepared.open_to
        newly = [row for row in self._with_care.get(unit.id, ()) if unit.id not in open_to[row.id]]
        gains = [max(0, self._gain(row, self._valuation.pair_points(row, unit))) for row in newly]
        return max(gains, default=0)

    def _most_of_room(self, unit: Unit, beds: int) -> int:
        """Returns the largest value of the room: for a private registration, or for persons of the same kind."""
        if self._index.fixed_in(unit.id, without=""):  # who is fixed may move, and leave rooms to any number of others
            return self._most_of_all(unit)
        sharing: defaultdict[Kind, dict[str, _Item]] = defaultdict(dict)
        private = 0
        for row in self._with_rooms.get(unit.id, ()):
            most = self._most_points(row, unit, beds)
            if most is None:
                continue
            points, taken = most
            gain = self._gain(row, points)
            if gain <= 0:
                continue
            group = self._index.bound_to(row.id)
            if row.is_private:
                private = max(private, gain)
            elif group is None:
                sharing[row.kind][row.id] = gain, taken
            else:
                sharing[row.kind][group.id] = gain, 1
        return max([private, *(_fill(items.values(), beds) for items in sharing.values())])

    def _most_of_all(self, unit: Unit) -> int:
        """Returns the gain of everybody together who may be in the unit, if rooms cost nothing."""
        gains: dict[str, int] = {}
        for row in self._with_rooms.get(unit.id, ()):
            group = self._index.bound_to(row.id)
            gain = self._gain(row, self._valuation.pair_points(row, unit))
            gains[row.id if group is None else group.id] = max(0, gain)
        return sum(gains.values())

    def _most_points(self, row: Registration, unit: Unit, beds: int) -> tuple[int, int] | None:
        """Returns the most points with at least one bed in the new room, and the fewest beds that this takes there.

        `None` if it cannot have a bed there. A bed wastes what the unit offers and the registration does not need.
        """
        policy, persons = self._valuation.policy, len(row.persons)
        worth = self._valuation.pair_points(row, unit)
        idle = self._valuation.idle_in(row, unit)
        elsewhere = sum(room.free_beds for room in self._index.rooms_of[unit.id])
        if persons <= beds and (row.is_private or not elsewhere) and row.room_needs:
            return None
        if persons > beds + elsewhere or (persons == 1 and row.room_needs):
            return None
        if row.is_private and persons <= beds:
            return worth - beds * idle - policy.blocked_bed * (beds - persons), beds
        rooms = policy.extra_room if persons > beds else 0
        return worth - persons * idle - rooms, beds if row.is_private else max(1, persons - elsewhere)

    def _gain(self, row: Registration, points: int) -> int:
        """Returns by how much its points exceed its share of the bound; for a group that must be together, the group's.

        A group without `must` may gain points by being together.
        """
        group = self._index.group_of.get(row.id)
        if group is None:
            return points - self._part[row.id]
        if not group.must:
            return points + self._valuation.policy.together - self._part[row.id]
        if group.id not in self._gain_of_group:
            self._gain_of_group[group.id] = sum(self._best(member) - self._part[member] for member in group.members)
        return self._gain_of_group[group.id]

    def _best(self, registration: str) -> int:
        row = self._index.registrations[registration]
        return max(self._valuation.pair_points(row, unit) for unit in self._index.units.values())


def _fill(items: Iterable[_Item], beds: int) -> int:
    """Returns the largest value that these users can have in so many beds; a part of the last user counts in full."""
    total = 0
    for gain, taken in sorted(items, key=lambda item: -item[0] / item[1]):
        if beds <= 0:
            break
        total += gain
        beds -= taken
    return total
