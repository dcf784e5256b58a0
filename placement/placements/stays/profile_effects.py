"""Effects of a changed profile or location on residents. They are computed from the state at the arrival, and never
stored. No transaction writes a row of a case and a row of a place, because this would link the client to the place
(`docs/security.md`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlmodel import col, select

from matching import broken_in_pairs
from placement.capacity import place_names
from placement.core.context import Act
from placement.core.geography import Cell
from placement.core.place_codes import RegisterKind
from placement.crypto.encrypted_columns import is_readable
from placement.solver.snapshot_lodgings import FormerLocation, problem_of_pairs
from placement.tables import RegisterVersion, Registration, Stay, Unit
from placement.tables.facts import PROFILE_FACTS

_PROFILE = (*(name for name, fact in PROFILE_FACTS.items() if fact.engine), "children_max_age", "boys_max_age")
_WHERE = ("cell_row", "cell_column", "region")


def broken_by_profile(act: Act, lived_in: Iterable[tuple[Registration, Stay]]) -> dict[str, frozenset[str]]:
    """Returns, by case, the rules that break with the unit's profile of today but did not break with its profile at the
    arrival. Covers only rules about a client and a unit. Leaves out cases without such rules.
    """
    stays = [
        (case, stay)
        for case, stay in lived_in
        if is_readable(case.content, stay.unit_id, stay.arrived_at) and case.persons
    ]
    versions = _versions(act, {stay.unit_id for _, stay in stays})
    changed: list[tuple[Registration, Unit, Unit]] = []
    for case, stay in stays:
        if rows := versions.get(stay.unit_id):
            then, now = _at(rows, stay.arrived_at), rows[-1]
            if then.values["admits"] and any(then.values[name] != now.values[name] for name in _PROFILE):
                changed.append((case, _unit(then), _unit(now)))
    if not changed:
        return {}
    problem = problem_of_pairs(act, [(case, unit) for case, *units in changed for unit in units])
    before = broken_in_pairs(problem, [(case.id, then.id) for case, then, _ in changed])
    after = broken_in_pairs(problem, [(case.id, now.id) for case, _, now in changed])
    new = {case.id: now - then for (case, *_), then, now in zip(changed, before, after, strict=True)}
    return {case: rules for case, rules in new.items() if rules}


def broken_by_location(act: Act, lived_in: Iterable[tuple[Registration, Stay]]) -> dict[str, frozenset[str]]:
    """Returns, by case, the rules that break at the unit's corrected location but did not break at its location at the
    arrival. Example: the corrected location is near a danger.
    """
    located = place_names.units_of_changed_locations(act.session)
    stays = [
        (case, stay)
        for case, stay in lived_in
        if is_readable(case.content, stay.unit_id, stay.arrived_at) and case.persons and stay.unit_id in located
    ]
    if not stays:
        return {}
    versions = _of(act, RegisterKind.LOCATION, {located[stay.unit_id] for _, stay in stays})
    units = {one.id: one for one in act.session.exec(select(Unit).where(col(Unit.id).in_(located)))}
    moved = [
        (case, units[stay.unit_id], _former(_at(rows, stay.arrived_at)))
        for case, stay in stays
        if (rows := versions.get(located[stay.unit_id]))
        and any(_at(rows, stay.arrived_at).values[name] != rows[-1].values[name] for name in _WHERE)
    ]
    if not moved:
        return {}
    pairs = [(case, now, _unit_at(now, former)) for case, now, former in moved]
    both = [(case, unit) for case, *there in pairs for unit in there]
    problem = problem_of_pairs(act, both, {former.id: former for _, _, former in moved}.values())
    before = broken_in_pairs(problem, [(case.id, then.id) for case, _, then in pairs])
    after = broken_in_pairs(problem, [(case.id, now.id) for case, now, _ in pairs])
    new = {case.id: now - then for (case, *_), then, now in zip(pairs, before, after, strict=True)}
    return {case: rules for case, rules in new.items() if rules}


def _versions(act: Act, units: set[str]) -> Mapping[str, Sequence[RegisterVersion]]:
    """Returns the register's versions of these units, earliest first. Leaves out units that never changed."""
    return _of(act, RegisterKind.UNIT, units & place_names.changed_units(act.session))


def _of(act: Act, kind: RegisterKind, things: set[str]) -> Mapping[str, Sequence[RegisterVersion]]:
    if not things:
        return {}
    wanted = RegisterVersion.kind == kind, col(RegisterVersion.thing_id).in_(things)
    found: defaultdict[str, list[RegisterVersion]] = defaultdict(list)
    for row in act.session.exec(select(RegisterVersion).where(*wanted).order_by(col(RegisterVersion.id))):
        found[row.thing_id].append(row)
    return found


def _at(rows: Sequence[RegisterVersion], moment: datetime) -> RegisterVersion:
    """Returns the version that was valid at this moment. For a moment before the first change, returns the first
    version.
    """
    return next((row for row in reversed(rows) if row.at <= moment), rows[0])


def _unit(row: RegisterVersion) -> Unit:
    return Unit.model_validate({**row.values, "id": f"{row.thing_id}@{row.version}", "version": row.version})


def _former(row: RegisterVersion) -> FormerLocation:
    cell = Cell(row.values["cell_row"], row.values["cell_column"])
    return FormerLocation(f"{row.thing_id}@{row.version}", row.thing_id, cell, row.values["region"])


def _unit_at(unit: Unit, former: FormerLocation) -> Unit:
    """Returns the unit with the profile of today, but at its former location."""
    values = unit.model_dump() | {"id": f"{unit.id}@{former.id}", "location_id": former.id}
    return Unit.model_validate(values)
