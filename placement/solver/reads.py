"""Reading of the waiting problem and the weights. Each answer to a reader writes an audit event."""

from collections.abc import Sequence

from matching import Problem
from placement.access import need_to_know, scoped_queries
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.registrations import inference_guard
from placement.solver import weight_versions
from placement.solver.snapshot import Snapshot
from placement.tables import (
    Policy,
)


def waiting_problem(act: Act, world: Snapshot) -> Problem:
    """Returns all waiting registrations and rooms, to compute a shortage. The result is never sent to a reader. If a
    coordinator sees only one client of a linked pair, both clients are left out. Even a count could disclose the other
    client (inference guard).
    """
    return inference_guard.without_unseen(act, world.problem)


def shortage_for_reader(act: Act, clients: Sequence[str]) -> tuple[int, frozenset[str]]:
    """Returns the number of these waiting clients that the actor may see, and the units whose names the actor
    may see.
    """
    audit_log.write(act, Event.COUNTRY_READ, part="shortage")
    seen = scoped_queries.visible_registrations(act.session, act.actor, clients)
    return len(seen), need_to_know.units_by_name(act.session, act.actor)


def policy(act: Act) -> Policy | None:
    """Returns the weights that are valid now; `None` if the default weights are valid."""
    audit_log.write(act, Event.POLICY_READ)
    return weight_versions.in_force(act.session)


def policies(act: Act) -> list[Policy]:
    """Returns every version of the weights, newest first."""
    audit_log.write(act, Event.POLICY_READ)
    return list(weight_versions.versions(act.session))
