"""Execution of granted requests about accounts (`approvals.py`): users are invited, or an account is changed."""

from dataclasses import replace

from placement.accounts import account_changes, accounts, approvals, invitations
from placement.accounts.approvals import INVITING, asked_of
from placement.accounts.invitations import Made
from placement.core.codes import AskedAct
from placement.core.context import Act
from placement.second_person.kinds import Answer
from placement.tables import SecondPersonRequest


def _carry_out(act: Act, asked: SecondPersonRequest, answer: Answer) -> list[Made]:
    """Carries out a granted request. Returns the invitations with their links; empty if an account was changed.

    If the request has several invitations, leaves out addresses that have got an account meanwhile.
    """
    _ = answer
    by, wanted = asked.asked_by, asked_of(asked)
    if asked.what in INVITING:
        return [
            invitations.invite(
                act, one.email, one.role, one.regions, one.organisation_id, details=one.details, asked_by=by
            )
            for one in wanted
            if len(wanted) == 1 or accounts.with_email(act.session, one.email) is None
        ]
    account_id, [now] = str(asked.about), wanted
    if asked.what == AskedAct.INVITE_AGAIN:
        return [invitations.invite_again(act, account_id, asked_by=by)]
    changes: dict[str, object] = {"role": now.role, "regions": now.regions, "organisation_id": now.organisation_id}
    account_changes.change(act, account_id, changes, asked_by=by)
    return []


ACCOUNT = replace(approvals.ASKED, carry_out=_carry_out)
