"""Granted requests about accounts (`approvals.py`), which are carried out here: an account is invited or changed."""

from dataclasses import replace

from placement.accounts import account_changes, approvals, invitations
from placement.accounts.details import of_record
from placement.accounts.invitations import Made
from placement.core.codes import AskedAct, Role
from placement.core.context import Act
from placement.second_person.kinds import Answer
from placement.tables import SecondPersonRequest

_DETAILS = ("name", "job_title", "telephone")


def _carry_out(act: Act, asked: SecondPersonRequest, answer: Answer) -> Made | None:
    """Carries out a granted request. Returns the invitation with its link, or `None` if the request was not about an
    invitation.
    """
    _ = answer
    facts, by = asked.facts, asked.asked_by
    role, regions, organisation = Role(facts["role"]), facts["regions"], facts["organisation"]
    if asked.what == AskedAct.INVITE:
        known = of_record({name: facts.get(name) for name in _DETAILS} if facts.get("name") else None)
        return invitations.invite(act, facts["email"], role, regions, organisation, details=known, asked_by=by)
    account_id = str(asked.about)
    if asked.what == AskedAct.INVITE_AGAIN:
        return invitations.invite_again(act, account_id, asked_by=by)
    changes = {"role": role, "regions": regions, "organisation_id": organisation}
    account_changes.change(act, account_id, changes, asked_by=by)
    return None


ACCOUNT = replace(approvals.ASKED, carry_out=_carry_out)
