"""What a changed profile would mean for those who wait now, before it is saved: tried on a copy, nothing is changed.

A shelter learns numbers only, and coarse ones: with exact ones it could find out, one box at a time, what the people
who wait need (`docs/decisions/0028`). The desk sees who they are: it sees all who wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from matching import Problem, explain_all
from placement import audit, queries
from placement.acting import Act
from placement.audit import Event
from placement.profiling import require_known_languages, set_profile
from placement.snapshot import snapshot
from placement.tables import Unit
from placement.vocabulary import Role

COARSE = 5
"""A shelter is told 'fewer than 5', 'at least 5', 'at least 10', ...: the floor of what is counted inside."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How many at least; and who, for those who may know."""

    at_least: int
    registrations: tuple[str, ...]


def foresee_profile(act: Act, unit_id: str, profile: Mapping[str, Any]) -> tuple[Foreseen, Foreseen]:
    """Those who wait to whom this profile would open the unit, and those to whom it would close it.

    Whether there is a bed today does not count: a profile is for longer than a day.
    """
    unit = queries.readable_unit(act.session, act.actor, unit_id)
    require_known_languages(profile)
    before = _open_to(act, unit)
    with act.session.begin_nested() as trial:
        set_profile(unit, profile)
        act.session.flush()
        after = _open_to(act, unit)
        trial.rollback()
    audit.write(act, Event.PROFILE_TRIED, subject=unit_id)
    return _told(act, after - before), _told(act, before - after)


def _open_to(act: Act, unit: Unit) -> set[str]:
    problem = _only(snapshot(act.session, act.day).problem, unit)
    found = set()
    for explanation in explain_all(problem):
        [here] = [row for row in explanation.units if row.unit == unit.id]
        if all(broken.rule == "rooms" for broken in here.broken):
            found.add(explanation.registration)
    return found


def _only(problem: Problem, unit: Unit) -> Problem:
    """With the units of this location alone: who lives there counts, for who must be kept apart."""
    units = tuple(row for row in problem.units if row.location == unit.location_id)
    here = {row.id for row in units}
    return msgspec.structs.replace(problem, units=units, rooms=tuple(row for row in problem.rooms if row.unit in here))


def _told(act: Act, registrations: set[str]) -> Foreseen:
    if act.actor.role is Role.DESK:
        return Foreseen(len(registrations), tuple(sorted(registrations)))
    return Foreseen(len(registrations) // COARSE * COARSE, ())
