"""A case: the problem after some changes, and the unit for the registration. Changes can be combined in any order.

A change is stored as the difference between two rows: the changed fields, before and after. If two changes concern the
same field, their differences are merged.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from matching.explanations.groups import unbound
from matching.format.problem import Problem, Registration, Room, Unit


class Case(NamedTuple):
    """A changed problem. `parts`: the registration with its unit, or both parts of a split household with their units.
    `waived`: the codes of the rules that are waived for the registration.
    """

    problem: Problem
    parts: tuple[tuple[str, str], ...]
    waived: frozenset[str] = frozenset()

    def pairs(self) -> list[tuple[Registration, Unit]]:
        """Returns the registration and the unit of each part, as rows of the changed problem."""
        registrations = {row.id: row for row in self.problem.registrations}
        units = {row.id: row for row in self.problem.units}
        return [(registrations[registration], units[unit]) for registration, unit in self.parts]

    def unbound(self) -> "Case":
        """Returns the case after the registration, with all its parts, left its group with `must`."""
        return self._replace(problem=unbound(self.problem, [registration for registration, _ in self.parts]))

    def nearby(self) -> "Case":
        """Returns the case with only the rows that rules about its parts need: the parts, the units at their locations,
        and the fixed registrations with their units.
        """
        problem, here = self.problem, {unit for _, unit in self.parts}
        at = {row.location for row in problem.units if row.id in here}
        ids = {row.registration for row in problem.fixed} | {registration for registration, _ in self.parts}
        places = {row.unit for row in problem.fixed}
        units = tuple(row for row in problem.units if row.location in at or row.id in places)
        kept = {row.id for row in units}
        part = replace(
            problem,
            units=units,
            rooms=tuple(row for row in problem.rooms if row.unit in kept),
            registrations=tuple(row for row in problem.registrations if row.id in ids),
        )
        return self._replace(problem=part)

    def with_rooms(self, changed: Iterable[Room], *, without: str | None = None) -> "Case":
        """Returns the case with these changed rooms. `without`: the id of a room to remove."""
        new = {room.id: room for room in changed}
        rooms = tuple(new.get(room.id, room) for room in self.problem.rooms if room.id != without)
        return self._replace(problem=replace(self.problem, rooms=rooms))


class Difference(NamedTuple):
    """The changed fields, with their values before and after. `unit`: the changed unit; `None` for the registration."""

    unit: str | None
    fields: tuple[tuple[str, Any, Any], ...]

    def carried_out(self, case: Case) -> Case:
        """Applies the change to a case. A change of the registration is applied to all its parts."""
        if self.unit is not None:
            units = tuple(self._changed(row) if row.id == self.unit else row for row in case.problem.units)
            return case._replace(problem=replace(case.problem, units=units))
        ids = {registration for registration, _ in case.parts}
        rows = tuple(self._changed(row) if row.id in ids else row for row in case.problem.registrations)
        return case._replace(problem=replace(case.problem, registrations=rows))

    def _changed(self, row: Any) -> Any:
        return replace(row, **{name: merged(old, new, getattr(row, name)) for name, old, new in self.fields})


def difference(before: Problem, after: Problem) -> Difference | None:
    """Returns the difference in the first unit or registration that was changed; `None` if nothing was changed."""
    for old_unit, new_unit in zip(before.units, after.units, strict=True):
        if old_unit is not new_unit and old_unit != new_unit:
            return Difference(old_unit.id, _fields(old_unit, new_unit))
    rows = zip(before.registrations, after.registrations, strict=True)
    changed = next((pair for pair in rows if pair[0] is not pair[1] and pair[0] != pair[1]), None)
    return changed and Difference(None, _fields(*changed))


def _fields(old: Struct, new: Struct) -> tuple[tuple[str, Any, Any], ...]:
    pairs = ((name, getattr(old, name), getattr(new, name)) for name in old.__struct_fields__)
    return tuple((name, before, after) for name, before, after in pairs if before != after)


def merged(old: Any, new: Any, now: Any) -> Any:
    """Returns `now` with the change from `old` to `new` added. `now`: the value that other changes made from `old`."""
    if now == old:
        return new
    if isinstance(old, Struct) and isinstance(now, Struct):
        return replace(now, **{name: merged(was, will, getattr(now, name)) for name, was, will in _fields(old, new)})
    if not isinstance(old, tuple):
        return new
    if len(old) == len(new) == len(now):
        return tuple(
            merged(*values) if values[0] != values[1] else values[2] for values in zip(old, new, now, strict=True)
        )
    added = tuple(value for value in new if value not in old)
    return tuple(value for value in now if value in new or value not in old) + added
