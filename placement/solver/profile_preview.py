"""Preview of a changed profile for the registrations that wait now, before it is saved: tried on a copy, nothing is
changed.

A shelter sees numbers only, and coarse ones: from exact ones the needs of the waiting clients could be derived, one
checkbox at a time (`docs/guide/solver.md`). The desk sees which registrations they are: it sees all that wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from matching import Problem, explain_all
from placement.access import scoped_queries
from placement.access.permissions import Permission, Reach
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.capacity.unit_profile import require_known_languages, set_profile
from placement.core import transactions
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.solver.snapshot import snapshot
from placement.tables import Unit

COARSE = 5
"""A shelter sees 'fewer than 5', 'at least 5', 'at least 10', ...: the floor of what is counted inside."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How many registrations at least; and which, for a reader who may see them."""

    at_least: int
    registrations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """The question of one profile: all waiting registrations, with the unit as it is and as it would be."""

    unit_id: str
    version: int
    before: Problem
    after: Problem


@dataclass(frozen=True, slots=True)
class Tried:
    """The waiting registrations for which the profile would open the unit, and those for which it would close it."""

    opens: frozenset[str]
    closes: frozenset[str]


def prepare(act: Act, unit_id: str, profile: Mapping[str, object]) -> Trial:
    """Reads what the engine needs. The profile is set on a copy that is dropped."""
    unit = scoped_queries.readable_unit(act.session, act.actor, unit_id)
    require_known_languages(profile)
    version = unit.version
    before = _only(snapshot(act).problem, unit)
    with act.session.begin_nested() as trial:
        set_profile(unit, profile)
        act.session.flush()
        after = _only(snapshot(act).problem, unit)
        trial.rollback()
    return Trial(unit_id, version, before, after)


def work_out(trial: Trial) -> Tried:
    """Computes the effect. Whether there is a bed today does not count: a profile is for longer than a day. Outside any
    transaction.
    """
    transactions.require_none("profile's effect")
    before, after = _open_to(trial.before, trial.unit_id), _open_to(trial.after, trial.unit_id)
    return Tried(frozenset(after - before), frozenset(before - after))


def serialize(act: Act, trial: Trial, found: Tried) -> tuple[Preview, Preview]:
    """The effect as the reader may see it. Raises `Conflict` where the profile was changed meanwhile."""
    if scoped_queries.readable_unit(act.session, act.actor, trial.unit_id).version != trial.version:
        raise Conflict("profile_changed")
    opens, closes = _serialize(act, found.opens), _serialize(act, found.closes)
    shown = {*opens.registrations, *closes.registrations}
    if shown:  # an event that names cases names no unit
        audit_log.write(act, Event.PROFILE_TRIED, shown=shown)
    else:
        audit_log.write(act, Event.PROFILE_TRIED, subject=trial.unit_id)
    return opens, closes


def _open_to(problem: Problem, unit_id: str) -> set[str]:
    """The registrations for which the unit is possible; none for one that is not in the problem: it is closed, or its
    shelter has not said whom it admits.
    """
    return {
        explanation.registration
        for explanation in explain_all(problem)
        for row in explanation.units
        if row.unit == unit_id and all(broken.rule == "rooms" for broken in row.broken)
    }


def _only(problem: Problem, unit: Unit) -> Problem:
    """The problem with the units of this location alone: its residents count, for the keep-apart rule."""
    units = tuple(row for row in problem.units if row.location == unit.location_id)
    here = {row.id for row in units}
    return msgspec.structs.replace(problem, units=units, rooms=tuple(row for row in problem.rooms if row.unit in here))


def _serialize(act: Act, registrations: frozenset[str]) -> Preview:
    if Permission.PROFILE_TRY.reach_of(act.actor) is Reach.ALL:
        return Preview(len(registrations), tuple(sorted(registrations)))
    return Preview(len(registrations) // COARSE * COARSE, ())
