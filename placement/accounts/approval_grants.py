"""Grants approvals: a second admin grants what another one requested (`approvals.py`)."""

from dataclasses import dataclass

from placement.access.permissions import Permission, needs
from placement.accounts import account_changes, approvals, invitations
from placement.accounts.details import of_record
from placement.accounts.invitations import Made
from placement.accounts.second_person import one_waiting, settle
from placement.core.codes import AskedAct
from placement.core.context import Act
from placement.tables import Approval


@dataclass(frozen=True, slots=True)
class Granted:
    """What was granted; with the invitation and its link, where it is one."""

    asked: Approval
    made: Made | None


@needs(Permission.ACCOUNT_INVITE)
def grant(act: Act, asking_id: str) -> Granted:
    """Carries a request out, once. Raises `NotFound`; `Conflict` where the actor is no second person, or the request
    does not wait any more.
    """
    found = one_waiting(act, Approval, asking_id)
    approvals.require_another(act, found)
    settle(act, found, granted=True)
    return Granted(found, _done(act, found))


def _done(act: Act, asked: Approval) -> Made | None:
    if asked.what is AskedAct.INVITE:
        return invitations.invite(
            act,
            asked.email,
            asked.role,
            asked.regions,
            asked.organisation_id,
            details=of_record(asked.details),
            asked_by=asked.asked_by,
        )
    account_id = str(asked.account_id)
    if asked.what is AskedAct.INVITE_AGAIN:
        return invitations.invite_again(act, account_id, asked_by=asked.asked_by)
    facts = asked.model_dump(include={"role", "regions", "organisation_id"})
    account_changes.change(act, account_id, facts, asked_by=asked.asked_by)
    return None
