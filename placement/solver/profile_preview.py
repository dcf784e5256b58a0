"""Preview of a changed profile for the waiting registrations, on a copy, without any change.

A shelter sees only coarse numbers: exact numbers would disclose the needs of the waiting clients, checkbox by checkbox
(`docs/guide/solver.md`). The desk sees the registrations, as it sees all waiting clients anyway.
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
"""The step of a shelter's numbers: 'fewer than 5', 'at least 5', 'at least 10', ..., rounded down."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The least number of registrations, and their references for a reader who may see them."""

    at_least: int
    registrations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """The question about a profile: all waiting registrations, with the unit as it is and as it would be."""

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
    """Reads the engine's data. The profile is set on a copy that is dropped."""
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
    """Computes the effect, ignoring free beds, because a profile lasts longer than a day. Only outside transactions."""
    transactions.require_none("profile's effect")
    before, after = _open_to(trial.before, trial.unit_id), _open_to(trial.after, trial.unit_id)
    return Tried(frozenset(after - before), frozenset(before - after))


def serialize(act: Act, trial: Trial, found: Tried) -> tuple[Preview, Preview]:
    """Returns the effect as the reader may see it. Raises `Conflict` if the profile was changed meanwhile."""
    if scoped_queries.readable_unit(act.session, act.actor, trial.unit_id).version != trial.version:
        raise Conflict("profile_changed")
    opens, closes = _serialize(act, found.opens), _serialize(act, found.closes)
    shown = {*opens.registrations, *closes.registrations}
    if shown:  # an event that names cases must not name a unit
        audit_log.write(act, Event.PROFILE_TRIED, shown=shown)
    else:
        audit_log.write(act, Event.PROFILE_TRIED, subject=trial.unit_id)
    return opens, closes


def _open_to(problem: Problem, unit_id: str) -> set[str]:
    """Returns the registrations for which the unit is possible.
    Empty if the unit is not in the problem, because it is closed or its shelter has not stated a profile.
    """
    return {
        explanation.registration
        for explanation in explain_all(problem)
        for row in explanation.units
        if row.unit == unit_id and all(broken.rule == "rooms" for broken in row.broken)
    }


def _only(problem: Problem, unit: Unit) -> Problem:
    """Returns the problem with the units of this location only; its residents matter for the keep-apart rule."""
    units = tuple(row for row in problem.units if row.location == unit.location_id)
    here = {row.id for row in units}
    return msgspec.structs.replace(problem, units=units, rooms=tuple(row for row in problem.rooms if row.unit in here))


def _serialize(act: Act, registrations: frozenset[str]) -> Preview:
    if Permission.PROFILE_TRY.reach_of(act.actor) is Reach.ALL:
        return Preview(len(registrations), tuple(sorted(registrations)))
    return Preview(len(registrations) // COARSE * COARSE, ())
