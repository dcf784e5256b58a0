"""What is read of the problem that waits and of the weights.

Each read writes its audit event; what is not the actor's is not found.
"""

from matching import Problem
from placement.audit import log as audit
from placement.audit.log import Event
from placement.core.context import Act
from placement.registrations import keep_apart as fences
from placement.solver import weight_versions as steering
from placement.solver.snapshot import snapshot
from placement.tables import (
    Policy,
)


def waiting_problem(act: Act) -> Problem:
    """Everybody who waits and every room, for the engine: to count what is short. It is told to nobody by itself.

    Without the fences that a coordinator sees one side of: a count could tell of them as well.
    """
    return fences.without_unseen(act, snapshot(act.session, act.day).problem)


def shortage_told(act: Act) -> None:
    """The line of what was worked out from it."""
    audit.write(act, Event.COUNTRY_READ, part="shortage")


def policy(act: Act) -> Policy | None:
    """The weights in force; None: the default."""
    audit.write(act, Event.POLICY_READ)
    return steering.in_force(act.session)


def policies(act: Act) -> list[Policy]:
    """Every version, the newest first."""
    audit.write(act, Event.POLICY_READ)
    return list(steering.versions(act.session))
