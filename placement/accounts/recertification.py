"""Recertification: every 90 days an admin confirms that an account is still needed. The admins who requested the
account's rights get the task; if no such admin is active, every admin gets it. An account that nobody confirms is
disabled after two more weeks. An account with which nobody signed in for 90 days is disabled too. The last two admins
are never disabled.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import col, select

from placement.access.permissions import Permission, needs
from placement.accounts import account_changes, accounts
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.tables import Account

CERTIFIED_FOR = timedelta(days=90)
LAPSES_AFTER = timedelta(days=14)
"""The time after which an account without confirmation is disabled, from the day on which the task begins (assumed)."""
LEAST_ADMINS = 2
"""The least number of active admins that must remain: one requests, and another grants."""


def due_on(account: Account) -> date | None:
    """Returns the day by which the account must be confirmed. Returns `None` until the daily job has processed the
    account for the first time.
    """
    return None if account.certified_on is None else account.certified_on + CERTIFIED_FOR


@needs(Permission.ACCOUNT_CHANGE)
def certify(act: Act, account_id: str) -> Account:
    """Confirms that an account is still needed, for 90 days. Raises `Conflict` for the actor's own account."""
    account = accounts.other_account(act, account_id)
    account.certified_on = act.day
    audit_log.write(act, Event.ACCOUNT_CERTIFIED, subject=account_id, role=account.role.value, regions=account.regions)
    return account


def to_certify(act: Act) -> Sequence[Account]:
    """Returns the active accounts that this actor should confirm now. The service itself gets all of them."""
    active = _active(act)
    there = {one.id for one in active}
    found = [one for one in active if (due := due_on(one)) is not None and due <= act.day and one.id != act.actor.id]
    if not act.actor.role.is_person:
        return found
    return [
        one for one in found if act.actor.id in (one.let_in_by or ()) or not there.intersection(one.let_in_by or ())
    ]


def close_lapsed(act: Act) -> int:
    """Disables the accounts that nobody confirmed or used in time. Returns their number. Safe to run twice. If an
    account has no day of confirmation yet, its period begins today.
    """
    act = act.by_the_system()
    active, closed = _active(act), 0
    admins = sum(Permission.ACCOUNT_CHANGE.is_of_role(one.role) for one in active)
    for account in active:
        due = due_on(account)
        if due is None:
            account.certified_on = act.day
            continue
        if due + LAPSES_AFTER > act.day and not accounts.is_unused(account, act.day):
            continue
        if Permission.ACCOUNT_CHANGE.is_of_role(account.role):
            if admins <= LEAST_ADMINS:
                continue
            admins -= 1
        audit_log.write(act, Event.ACCOUNT_LAPSED, subject=account.id, unused=accounts.is_unused(account, act.day))
        account_changes.disable(act, account.id)
        closed += 1
    return closed


def _active(act: Act) -> Sequence[Account]:
    return act.session.exec(select(Account).where(col(Account.disabled_at).is_(None)).order_by(Account.id)).all()
