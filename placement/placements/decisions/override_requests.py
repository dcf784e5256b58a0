"""Requests to a second person to approve a decision that breaks a hard rule. A request ends with its decision."""

from placement.access import scoped_queries
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.lifecycles.machine import carry_out
from placement.lifecycles.moves import DecisionMove, SecondPersonMove
from placement.second_person import requests
from placement.second_person.kinds import Kind
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import Decision, SecondPersonRequest


def end(act: Act, decision: Decision, move: DecisionMove) -> None:
    """Ends a waiting decision. Also ends the decision's request for a second person, if that request was
    not answered.
    """
    if decision.request is not None and decision.request.status is SecondPersonStatus.ASKED:
        requests.end(act, ASKED, decision.request, SecondPersonMove[move.name])
    carry_out(act, decision, move)


def decision_of(act: Act, request: SecondPersonRequest) -> Decision:
    return act.session.get_one(Decision, str(request.about))


def _lock(act: Act, request: SecondPersonRequest) -> None:
    lock_shelter_of_unit(act.session, decision_of(act, request).unit_id)
    scoped_queries.decision_of(act.session, act.actor, str(request.about), lock=True)


ASKED = Kind(
    SecondPersonKind.DECISION,
    ask=Permission.PROPOSAL_DECIDE,
    grant=Permission.DECISION_CONFIRM,
    read=Permission.DECISION_READ,
    waits_for=None,
    lock=_lock,
    judged_alone=True,
    of_asker=True,
)
"""The kind of requests about overrides. `decisions.py` adds the function that carries out an answer. A request lasts as
long as the hold of its decision.
"""
