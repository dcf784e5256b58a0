"""Sessions, sign-ins in progress, and counted attempts. A copy of the database must not show to whom these rows belong
and when they began. A shelter answers for a case during a session, so equal times could link the case to the shelter.
Therefore accounts are pseudonyms here, and times that are stored for a long time are encrypted.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field, SQLModel

from placement.crypto.sealed_values import EncryptedMoment
from placement.tables.columns import encrypted, pseudonym, pseudonym_key
from placement.tables.sealed_row import SealedRow


class AccountSession(SealedRow, table=True):
    """The session of a signed-in browser. Only the fingerprint of the cookie's secret is stored."""

    OUTSIDE: ClassVar[Mapping[str, str]] = {
        "last_used_at": "changes each minute; the longest life counts from began_at"
    }

    id: str = Field(primary_key=True)
    fingerprint: str = Field(unique=True)
    account_id: str = pseudonym("accountsession.account_id", nullable=False)
    client: str
    """A rough description such as `Firefox, Windows`, by which users recognise their own sessions."""

    browser: str | None = None
    """The fingerprint of the known device. Two accounts that sign in with the same browser have the same fingerprint.
    """

    sso_session: str | None = pseudonym("accountsession.sso_session")
    """The provider's name for the session, after single sign-on. With it the provider can end the session."""

    is_known: bool | None = None
    """True if the account had used this browser before. The seal covers this value, but not the browser's own row."""

    ends_on: date = Field(index=True)
    """The last day on which the session can still be valid."""

    began_at: datetime = encrypted(EncryptedMoment, nullable=False)
    last_used_at: datetime = encrypted(EncryptedMoment, nullable=False)
    """The last use, to the minute. A later use within the same minute is not written."""

    verified_at: datetime | None = encrypted(EncryptedMoment)
    """The last time at which the second factor was given again after the sign-in."""

    ended_at: datetime | None = encrypted(EncryptedMoment)


class SignInChallenge(SealedRow, table=True):
    """A sign-in between password and second factor. `account_id` is `None` if address and password match no account."""

    OUTSIDE: ClassVar[Mapping[str, str]] = {"tries": "changes with each try; codes are counted by account, too"}
    RECONCILED: ClassVar[bool] = False

    fingerprint: str = Field(primary_key=True)
    account_id: str | None = pseudonym("signinchallenge.account_id", index=False)
    subject: str = pseudonym("signinchallenge.subject", nullable=False, index=False)
    """The subject of the counted attempts. The count is cleared when the code is right."""

    sso_subject: str | None = None
    """The user's id at the single sign-on provider. It is bound to the account when the first such sign-in succeeds."""

    sso_session: str | None = pseudonym("signinchallenge.sso_session", index=False)
    """The provider's name for the session that begins."""

    tries: int = 0
    expires_at: datetime


class PasskeyChallenge(SealedRow, table=True):
    """A challenge for making a passkey, or for giving a passkey again in a session. A challenge is valid once. For
    signing in, see `SignInChallenge`.
    """

    RECONCILED: ClassVar[bool] = False

    fingerprint: str = Field(primary_key=True)
    use: str
    account_id: str = pseudonym("passkeychallenge.account_id", nullable=False, index=False)
    """The pseudonym of the account. For an invitation, the account that the invitation will make."""

    subject: str = Field(index=True)
    """The session or invitation to which the challenge belongs."""

    expires_at: datetime


class SsoRequest(SealedRow, table=True):
    """A request to the single sign-on provider, found by the `state` value that the browser brings back."""

    RECONCILED: ClassVar[bool] = False

    fingerprint: str = Field(primary_key=True)
    nonce: str
    verifier: str
    """The PKCE verifier. It is useless without the authorisation code, which only the user's browser receives."""

    expires_at: datetime


class KnownDevice(SQLModel, table=True):
    """A browser with which an account has signed in. Failed attempts from other browsers do not delay a sign-in with
    this browser.
    """

    fingerprint: str = Field(primary_key=True)
    account_id: str = pseudonym_key("knowndevice.account_id")
    expires_on: date


class RateLimit(SQLModel, table=True):
    """A rate limit: the number of counted attempts, and the time from which another attempt is allowed."""

    __tablename__ = "throttle"

    subject: str = pseudonym_key("throttle.subject")
    """The pseudonym of a fingerprint of the limited subject. With a fingerprint alone, the subject could be guessed."""

    tries: int = 0
    last_at: datetime
    not_before: datetime
