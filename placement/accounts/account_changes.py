"""Changes of an account's rights, and enabling and disabling of accounts. When a user leaves, the access that the user
gave to others ends: keys and webhooks of the shelter, invitations, and requests as an admin.
"""

from placement.access.permissions import Permission, needs
from placement.accounts import accounts, api_keys, approvals, invitations, sessions
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act
from placement.outbox import webhooks
from placement.tables import Account


@needs(Permission.ACCOUNT_CHANGE)
def change(act: Act, account_id: str, changes: dict[str, object], *, asked_by: str | None = None) -> Account:
    """Changes role, areas or organisation of an account. The change is valid at once, even for a signed-in user.
    `asked_by`: the admin who requested the change; `None` for the operator at the command line.
    """
    account = accounts.other_account(act, account_id)
    before = account.role, account.organisation_id
    role, regions, organisation_id = accounts.changed_rights(account, changes)
    accounts.require_fitting(act.session, role, regions, organisation_id)
    account.role, account.regions, account.organisation_id = role, regions, organisation_id
    accounts.note_let_in(account, asked_by)
    accounts.end_access_grants(act, account_id)
    audit_log.write(act, Event.ACCOUNT_CHANGED, subject=account_id, role=role.value, regions=regions, asked_by=asked_by)
    if (account.role, account.organisation_id) != before:
        _end_access_made_for_others(act, account_id)
    return account


@needs(Permission.ACCOUNT_CHANGE)
def disable(act: Act, account_id: str) -> Account:
    """Disables an account. Ends its sessions and keys, and the access that its user gave to others. If the account is
    already disabled, only writes the audit event.
    """
    account = accounts.other_account(act, account_id)
    if account.disabled_at is None:
        account.disabled_at = act.at
        sessions.end_all(act, account_id)
        api_keys.end_all(act, account_id)
        accounts.end_access_grants(act, account_id)
        _end_access_made_for_others(act, account_id)
    audit_log.write(act, Event.ACCOUNT_DISABLED, subject=account_id)
    return account


@needs(Permission.ACCOUNT_CHANGE)
def enable(act: Act, account_id: str) -> Account:
    """Enables an account. Sessions and keys that ended when the account was disabled stay ended. The change also
    confirms that the account is needed, even if it is already enabled.
    """
    account = accounts.other_account(act, account_id)
    account.disabled_at, account.certified_on = None, act.day
    audit_log.write(act, Event.ACCOUNT_ENABLED, subject=account_id)
    return account


def _end_access_made_for_others(act: Act, account_id: str) -> None:
    api_keys.end_made_by(act, account_id)
    webhooks.end_made_by(act, account_id)
    invitations.withdraw_all_by(act, account_id)
    approvals.withdraw_all(act, account_id)
