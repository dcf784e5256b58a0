"""Reading of accounts, organisations, invitations and keys. Each read writes an audit event. If the actor may not see
an object, the read raises `NotFound`.
"""

from collections.abc import Sequence

from placement.access import account_lookup, scoped_queries
from placement.accounts import accounts as the_accounts
from placement.accounts import api_keys as the_keys
from placement.accounts import invitations as the_invitations
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Role
from placement.core.context import Act
from placement.core.list_orders import AccountOrder
from placement.tables import (
    Account,
    ApiKey,
    Invitation,
    Organisation,
)


def accounts(
    act: Act, role: Role | None, limit: int, offset: int, order: AccountOrder = AccountOrder.ADDRESS
) -> tuple[Sequence[Account], int]:
    """Returns a page of accounts in this order, and their total number."""
    audit_log.write(act, Event.ACCOUNTS_LISTED, asked_role=role, offset=offset)
    return scoped_queries.page(act.session, the_accounts.listed(role, order), limit, offset)


def account(act: Act, account_id: str) -> Account:
    found = account_lookup.account_of(act.session, account_id)
    audit_log.write(act, Event.ACCOUNT_READ, subject=found.id)
    return found


def organisations(act: Act, limit: int, offset: int) -> tuple[Sequence[Organisation], int]:
    """Returns a page of organisations, and their total number."""
    audit_log.write(act, Event.ORGANISATIONS_LISTED, offset=offset)
    return scoped_queries.page(act.session, the_accounts.organisations(), limit, offset)


def invitations(act: Act) -> Sequence[Invitation]:
    """Returns the invitations that can still be accepted."""
    audit_log.write(act, Event.INVITATIONS_LISTED)
    return act.session.exec(the_invitations.active(act.at)).all()


def lapsed_invitations(act: Act) -> Sequence[Invitation]:
    """Returns the invitations that expired unused, if no later invitation went to the same address. They are listed
    until they are erased.
    """
    audit_log.write(act, Event.INVITATIONS_LISTED)
    return the_invitations.lapsed(act.session, act.at)


def keys(act: Act) -> Sequence[ApiKey]:
    """Returns the usable keys that the actor may see."""
    audit_log.write(act, Event.KEYS_LISTED)
    return act.session.exec(the_keys.listed(act)).all()
