"""Codes as second factor: six digits that change every 30 s (RFC 6238), and recovery codes on paper. Each code is valid
once.
"""

import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete
from sqlmodel import Session, col, select

from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, require_running
from placement.accounts.rate_limits import subject_of
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.context import Act, Factor
from placement.core.errors import Conflict
from placement.core.ids import fingerprint, new_recovery_code
from placement.storage.unique_insert import insert_once
from placement.tables import Account, RateLimit, RecoveryCode

STEP_SECONDS = 30
_STEPS_AT_ONCE = 3
"""The number of time steps whose codes are accepted at the same moment."""
RECOVERY_CODES = 10
_ISSUER = "Placement"
_SECRET_OF_NONE = pyotp.random_base32()
"""A secret for the check if there is no account, so that the check takes equally long."""


def new_totp_secret() -> str:
    return pyotp.random_base32()


def code_at(secret: str, at: datetime) -> str:
    """Returns the code that an authenticator shows at this time."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).at(at)


def otpauth_uri(secret: str, email: str) -> str:
    """Returns the address that an authenticator app reads, usually as a QR code."""
    return pyotp.TOTP(secret, interval=STEP_SECONDS).provisioning_uri(name=email, issuer_name=_ISSUER)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Returns the step of 30 s to which this code belongs: the current, previous or next step. Returns `None` if the
    code belongs to no such step.
    """
    totp = pyotp.TOTP(secret, interval=STEP_SECONDS)
    now = int(at.timestamp()) // STEP_SECONDS
    found = [step for step in (now - 1, now, now + 1) if _same(totp.generate_otp(step), code)]
    return found[0] if found else None


def take(act: Act, account: Account | None, code: str) -> bool:
    """Checks whether the code is right for the account, and uses it up. Takes equally long if there is no account."""
    code = code.strip().upper()
    account_id = account.id if account else ""
    step = step_of(account.totp_secret if account else _SECRET_OF_NONE, code, act.at)
    by_telephone = use_up(act, account_id, step or 0) and step is not None
    if account is not None and by_telephone and not account.has_app:
        account.has_app = True
    by_paper = _use_recovery_code(act, account_id, code)
    if by_paper:
        audit_log.write(act.by_the_system(), Event.RECOVERY_CODE_USED, subject=account_id)
    return by_telephone or by_paper


def new_recovery_codes(session: Session, account_id: str) -> list[str]:
    """Makes new recovery codes, which replace the old codes, and stores their fingerprints. Returns the new codes,
    which are shown only once.
    """
    forget_recovery_codes(session, account_id)
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(fingerprint=fingerprint(code), account_id=account_id) for code in codes)
    return codes


def renew_recovery_codes(act: Act) -> list[str]:
    """Replaces the actor's own recovery codes. The old codes then become invalid. Raises `NotAllowed` without a fresh
    second factor. Raises `Conflict` if the role may use only a passkey.
    """
    require_fresh(act)
    require_running(act, Permission.PASSKEY_CHANGE)
    if act.actor.factor in {Factor.PASSKEY, Factor.MISSING}:
        raise Conflict("passkey_only")
    codes = new_recovery_codes(act.session, act.actor.id)
    audit_log.write(act, Event.RECOVERY_CODES_RENEWED, subject=act.actor.id)
    return codes


def forget_recovery_codes(session: Session, account_id: str) -> None:
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode(), other.encode())


def use_up(act: Act, account_id: str, step: int) -> bool:
    """Marks the codes of this time step and of the steps before it as used. Returns true if the code of this step was
    unused; if several requests come at once, only one request gets true. Used steps are stored among the rate limits
    and not in the account, because the account would then show when the user signed in.
    """

    unused = [
        insert_once(
            act.session,
            RateLimit(subject=subject_of("used code", account_id, str(one)), last_at=act.at, not_before=act.at),
        )
        for one in range(step, step - _STEPS_AT_ONCE, -1)
    ]
    return unused[0]


def _use_recovery_code(act: Act, account_id: str, code: str) -> bool:
    this = col(RecoveryCode.fingerprint) == fingerprint(code)
    own = col(RecoveryCode.account_id) == account_id
    unused = col(RecoveryCode.used_on).is_(None)
    found = act.session.exec(select(RecoveryCode).where(this, own, unused).with_for_update()).first()
    if found is None:
        return False
    found.used_on = act.day
    return True
