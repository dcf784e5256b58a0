"""The second factors that an account has, and the second factors that its role may use."""

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, func, select

from placement.core.codes import Role
from placement.core.context import Factor
from placement.core.settings import Settings
from placement.tables import Account, Passkey


def is_required(settings: Settings, role: Role) -> bool:
    """Checks whether this role may use only a passkey as second factor."""
    return settings.webauthn == "required" and role in settings.webauthn_roles


def factor_of(settings: Settings, account: Account, *, has_passkey: bool) -> Factor:
    if settings.webauthn == "off":
        return Factor.CODE
    if is_required(settings, account.role):
        return Factor.PASSKEY if has_passkey else Factor.MISSING
    if not has_passkey:
        return Factor.CODE
    return Factor.RECOVERY if not account.has_app else Factor.EITHER  # an app is set up by its first code


def has_passkey() -> ColumnElement[bool]:
    """Returns the SQL condition that an account has a passkey."""
    return select(Passkey.id).where(col(Passkey.account_id) == col(Account.id)).exists()


def count_of(session: Session, account_id: str) -> int:
    return session.exec(select(func.count()).where(Passkey.account_id == account_id)).one()


def forget_passkeys(session: Session, account_id: str) -> None:
    session.execute(delete(Passkey).where(col(Passkey.account_id) == account_id))
