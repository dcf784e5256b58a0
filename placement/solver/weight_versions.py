"""Versions of the weights. A change of the weights is a new version with a reason, stored after a preview of its
effect. Earlier proposals keep the weights with which they were made. To go back to old weights, store a new version
with the old figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from matching import Policy as EnginePolicy
from matching import Problem, Solution, check
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, VersionPassed
from placement.solver.engine_process import Solver
from placement.solver.weights import WEIGHTS, Flat, flat_of, nested_of
from placement.tables import Policy

SHORTEST_REASON, LONGEST_REASON = 10, 1000
_URGENCIES = ("serve.1", "serve.2", "serve.3", "serve.4")


@dataclass(frozen=True, slots=True)
class Moved:
    """A registration whose place would change with other weights. `now` and `then`: the unit with the present and with
    the other weights; `None` without a place.
    """

    registration_id: str
    now: str | None
    then: str | None

    @property
    def how(self) -> str:
        if self.then is None:
            return "no_longer"
        return "newly" if self.now is None else "elsewhere"


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of other weights on the answer for all waiting registrations. `points_now`, `points_then`: the points
    of today's answer and of the other answer, both computed with the other weights. `certain`: true if both answers are
    proven optimal; otherwise a difference can also come from the solver.
    """

    waiting: int
    moved: tuple[Moved, ...]
    points_now: int
    points_then: int
    certain: bool

    def count(self, how: str) -> int:
        return sum(one.how == how for one in self.moved)


def versions(session: Session) -> Sequence[Policy]:
    """Returns the stored versions, newest first. Version 0 is the default and has no row."""
    return session.exec(select(Policy).order_by(col(Policy.version).desc())).all()


def in_force(session: Session) -> Policy | None:
    return session.exec(select(Policy).order_by(col(Policy.version).desc()).limit(1)).first()


def weights_now(session: Session) -> Flat:
    found = in_force(session)
    return flat_of(found.weights if found else {})


def require_sound(now: Flat, given: Mapping[str, int]) -> Flat:
    """Returns all weights after these changes. Raises `Invalid` with each weight that is out of range."""
    limits = {weight.name: weight.most for weight in WEIGHTS}
    faults = []
    for name, figure in given.items():
        if name not in limits:
            faults.append(Fault(f"weights.{name}", "weight_unknown"))
        elif not 0 <= figure <= limits[name]:
            faults.append(Fault(f"weights.{name}", "not_in_range", {"ge": 0, "le": limits[name]}))
    if faults:
        raise Invalid(faults)
    asked = {**now, **given}
    for above, name in pairwise(_URGENCIES):
        if asked[name] > asked[above]:
            raise Invalid.at(f"weights.{name}", "weights_reversed", above=asked[above])
    return asked


def set_weights(act: Act, follows: int, given: Mapping[str, int], reason: str) -> Policy:
    """Stores a new version. Raises `VersionPassed` if `follows` is not the newest version, and `Conflict` if no weight
    changes.
    """
    newest = in_force(act.session)
    number = newest.version if newest else 0
    if follows != number:
        raise VersionPassed("version_passed", given=follows, newest=number)
    now = weights_now(act.session)
    asked = require_sound(now, given)
    if asked == now:
        raise Conflict("weights_unchanged")
    made = Policy(version=number + 1, weights=nested_of(asked), set_at=act.at, set_by=act.actor.id, reason=reason)
    act.session.add(made)
    try:
        act.session.flush()
    except IntegrityError as error:  # a simultaneous act stored this version number
        raise VersionPassed("version_passed", given=follows, newest=number + 1) from error
    changed = {name: [now[name], asked[name]] for name in asked if asked[name] != now[name]}
    audit_log.write(act, Event.POLICY_CHANGED, subject=None, version=made.version, changed=changed)
    return made


def prepare(act: Act, now: Problem, given: Mapping[str, int]) -> tuple[Problem, Problem]:
    """Returns today's problem twice: with the present weights, and with the other weights. Both must be solved outside
    the transaction.
    """
    return now, _with(now, require_sound(weights_now(act.session), given))


def _with(problem: Problem, weights: Flat) -> Problem:
    return replace(problem, policy=EnginePolicy(**nested_of(weights)))


def effect_of(solver: Solver, problems: tuple[Problem, Problem]) -> Effect:
    """Solves both problems, and compares the answers."""
    now, then = problems
    answer_now, answer_then = solver.match(now), solver.match(then)
    places_now, places_then = places_in(answer_now), places_in(answer_then)
    moved = (
        Moved(one.id, places_now.get(one.id), places_then.get(one.id))
        for one in now.registrations
        if places_now.get(one.id) != places_then.get(one.id)
    )
    return Effect(
        waiting=len(now.registrations),
        moved=tuple(sorted(moved, key=lambda one: one.registration_id)),
        points_now=check(then, answer_now).objective,
        points_then=answer_then.objective,
        certain=answer_now.status == answer_then.status == "optimal",
    )


def record_effect(act: Act, effect: Effect, *, with_cases: bool) -> None:
    """Writes the audit event for a preview of other weights. It names the cases if `with_cases` is true."""
    shown = [one.registration_id for one in effect.moved] if with_cases else None
    audit_log.write(act, Event.POLICY_TRIED, shown=shown, moved=len(effect.moved), waiting=effect.waiting)


def places_in(answer: Solution) -> dict[str, str]:
    return {placement.registration: placement.unit for placement in answer.placements}
