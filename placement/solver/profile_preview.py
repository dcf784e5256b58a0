"""A preview for a shelter: how another profile of its unit would affect the waiting registrations. The shelter chooses
a question from a fixed list (`ProfileTrial`). The unit is changed for the answer and restored, so nothing is stored.

A shelter can ask a few questions a week, and gets an answer in words. Freely chosen questions and exact numbers would
disclose the needs of the waiting clients, checkbox by checkbox (`docs/guide/solver.md`). The desk also sees the
registrations, because it sees all registrations anyway.
"""

from dataclasses import dataclass
from datetime import timedelta

import msgspec

from matching import Problem, explain_all
from placement.access import scoped_queries
from placement.access.permissions import Permission, Reach
from placement.accounts import rate_limits
from placement.accounts.rate_limits import Balance
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.unit_profile import ANY_LANGUAGE, set_profile
from placement.core import transactions
from placement.core.codes import Gender, Specialism
from placement.core.context import Act
from placement.core.errors import BudgetSpent, Conflict
from placement.core.place_codes import ClientBand, ProfileTrial
from placement.solver.snapshot import snapshot
from placement.tables import Unit

A_WEEK = Balance(holds=7, each=timedelta(days=1))
"""The number of questions that a shelter can ask: seven at once, and a further question each day (assumed)."""
ADULT, OLDEST_CHILD = 18, 17


@dataclass(frozen=True, slots=True)
class Preview:
    """A half of the answer: the registrations that the change admits, or those that it excludes. `clients`: their
    number, as a band. `registrations`: their references, if the reader may see them.
    """

    clients: ClientBand
    registrations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """A question about a profile, as two problems with all waiting registrations. `before`: with the unit's present
    profile. `after`: with the other profile.
    """

    unit_id: str
    version: int
    question: ProfileTrial
    before: Problem
    after: Problem


@dataclass(frozen=True, slots=True)
class Tried:
    """The effect of a profile. `opens`: the waiting registrations to which the profile would open the unit. `closes`:
    the waiting registrations to which it would close the unit.
    """

    opens: frozenset[str]
    closes: frozenset[str]


def require_question_left(act: Act, unit_id: str) -> None:
    """Takes a question from the shelter's allowance. Raises `BudgetSpent` if the allowance is used up."""
    scoped_queries.readable_unit(act.session, act.actor, unit_id)
    if _sees_all(act):
        return
    subject = rate_limits.subject_of("profile", str(act.actor.shelter_id))
    if wait := rate_limits.spend_within(act.session, subject, act.at, A_WEEK):
        raise BudgetSpent(wait, "questions_spent")


def prepare(act: Act, unit_id: str, question: ProfileTrial) -> Trial:
    """Reads the data for the engine. The other profile is set on the unit in a savepoint, which is rolled back."""
    unit = scoped_queries.readable_unit(act.session, act.actor, unit_id)
    version = unit.version
    before = _only(snapshot(act).problem, unit)
    with act.session.begin_nested() as trial:
        set_profile(unit, changed_by(unit, question))
        act.session.flush()
        after = _only(snapshot(act).problem, unit)
        trial.rollback()
    return Trial(unit_id, version, question, before, after)


def changed_by(unit: Unit, question: ProfileTrial) -> dict[str, object]:
    """Returns the columns of the profile that the question changes, with their new values. The change admits the
    clients of the question or, if the unit admits them now, excludes them.
    """
    match question:
        case ProfileTrial.WOMEN | ProfileTrial.MEN:
            gender = Gender.FEMALE if question is ProfileTrial.WOMEN else Gender.MALE
            return {"admits": [one for one in Gender if (one in unit.admits) is not (one is gender)]}
        case ProfileTrial.MINORS:
            return {"min_age": 0 if unit.min_age >= ADULT else ADULT}
        case ProfileTrial.CHILDREN:
            oldest = OLDEST_CHILD if unit.children_max_age is None else None
            return {"children_max_age": oldest, "boys_max_age": oldest}
        case ProfileTrial.LANGUAGES:
            every = ANY_LANGUAGE in unit.interpreter_languages
            return {"interpreter_languages": [] if every else [ANY_LANGUAGE]}
        case ProfileTrial.SPECIALISMS:
            return {"specialisms": [] if set(unit.specialisms) == set(Specialism) else [*Specialism]}


def work_out(trial: Trial) -> Tried:
    """Computes the effect. Ignores free beds, because they change from day to day. Must run outside transactions."""
    transactions.require_none("profile's effect")
    before, after = _open_to(trial.before, trial.unit_id), _open_to(trial.after, trial.unit_id)
    return Tried(frozenset(after - before), frozenset(before - after))


def serialize(act: Act, trial: Trial, found: Tried) -> tuple[Preview, Preview]:
    """Returns the effect as this reader may see it. Raises `Conflict` if the profile was changed meanwhile."""
    if scoped_queries.readable_unit(act.session, act.actor, trial.unit_id).version != trial.version:
        raise Conflict("profile_changed")
    opens, closes = _serialize(act, found.opens), _serialize(act, found.closes)
    shown = {*opens.registrations, *closes.registrations}
    if shown:  # an event that names cases must not name a unit
        audit_log.write(act, Event.PROFILE_TRIED, shown=shown, question=trial.question)
    else:
        audit_log.write(act, Event.PROFILE_TRIED, subject=trial.unit_id, question=trial.question)
    return opens, closes


def _open_to(problem: Problem, unit_id: str) -> set[str]:
    """Returns the registrations to which the unit is open. Returns an empty set if the unit is not in the problem,
    because it is closed or has no profile.
    """
    return {
        explanation.registration
        for explanation in explain_all(problem)
        for row in explanation.units
        if row.unit == unit_id and all(broken.rule == "rooms" for broken in row.broken)
    }


def _only(problem: Problem, unit: Unit) -> Problem:
    """Returns the problem with only the units at this location, because all residents there matter for keep-apart."""
    units = tuple(row for row in problem.units if row.location == unit.location_id)
    here = {row.id for row in units}
    return msgspec.structs.replace(problem, units=units, rooms=tuple(row for row in problem.rooms if row.unit in here))


def _sees_all(act: Act) -> bool:
    return Permission.PROFILE_TRY.reach_of(act.actor) is Reach.ALL


def _serialize(act: Act, registrations: frozenset[str]) -> Preview:
    return Preview(ClientBand.of(len(registrations)), tuple(sorted(registrations)) if _sees_all(act) else ())
