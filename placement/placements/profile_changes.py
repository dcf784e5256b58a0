"""What a changed profile means for the clients who live there: worked out from what it was when each came, not stored.

The rows of a case and of a place are never written together: that would say who lives where (`docs/security.md`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlmodel import col, select

from matching import broken_in_pairs
from placement.capacity import place_names
from placement.core.context import Act
from placement.core.place_codes import RegisterKind
from placement.crypto.encrypted_columns import is_readable
from placement.solver.snapshot import problem_of_pairs
from placement.tables import RegisterVersion, Registration, Stay, Unit
from placement.tables.facts import PROFILE_FACTS

_PROFILE = (*(name for name, fact in PROFILE_FACTS.items() if fact.engine), "children_max_age", "boys_max_age")


def broken_by_profile(act: Act, lived_in: Iterable[tuple[Registration, Stay]]) -> dict[str, frozenset[str]]:
    """Of these clients and the stays in which they live, by case: the rules about a client and a unit that the place
    breaks now, and did not with the profile of the day on which the client came. Those of whom there are none are left
    out.
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


def _versions(act: Act, units: set[str]) -> Mapping[str, Sequence[RegisterVersion]]:
    """What the register said of each of these units that was ever changed, the earliest first."""
    changed = units & place_names.changed_units(act.session)
    if not changed:
        return {}
    of_units = RegisterVersion.kind == RegisterKind.UNIT, col(RegisterVersion.thing_id).in_(changed)
    found: defaultdict[str, list[RegisterVersion]] = defaultdict(list)
    for row in act.session.exec(select(RegisterVersion).where(*of_units).order_by(col(RegisterVersion.id))):
        found[row.thing_id].append(row)
    return found


def _at(rows: Sequence[RegisterVersion], moment: datetime) -> RegisterVersion:
    """What was true at a moment; before the first change, what was true until it."""
    return next((row for row in reversed(rows) if row.at <= moment), rows[0])


def _unit(row: RegisterVersion) -> Unit:
    return Unit.model_validate({**row.values, "id": f"{row.thing_id}@{row.version}", "version": row.version})
