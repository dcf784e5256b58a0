"""Who is signed in, who is about to, and how often somebody tried."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class AccountSession(SQLModel, table=True):
    """Somebody who is signed in with a browser. Only the fingerprint of what her cookie holds is stored."""

    id: str = Field(primary_key=True)
    fingerprint: str = Field(unique=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    client: str
    """Coarse, to know one's own again: `Firefox, Windows`."""

    began_at: datetime
    last_used_at: datetime
    """To the minute: reading writes no more often."""

    verified_at: datetime | None = None
    """When the second factor was last asked again, after the sign-in."""

    ended_at: datetime | None = None


class SignInChallenge(SQLModel, table=True):
    """Between the password and the code. `account_id` is None where no account has that address and password."""

    fingerprint: str = Field(primary_key=True)
    account_id: str | None = Field(default=None, foreign_key="account.id")
    subject: str
    """What the tries are counted by, to be let off when the code is right."""

    sso_subject: str | None = None
    """What the account is bound to when the code is right, where the provider sent her for the first time."""

    tries: int = 0
    expires_at: datetime


class SsoRequest(SQLModel, table=True):
    """Somebody was sent to the provider of single sign-on; by the state that she must bring back."""

    fingerprint: str = Field(primary_key=True)
    nonce: str
    verifier: str
    """Of PKCE: worth nothing without the code, which only her browser gets."""

    expires_at: datetime


class KnownDevice(SQLModel, table=True):
    """A browser with which an account has signed in: strangers' failures do not slow it down."""

    fingerprint: str = Field(primary_key=True)
    account_id: str = Field(primary_key=True, foreign_key="account.id")
    expires_at: datetime


class Throttle(SQLModel, table=True):
    """How often something was tried, and from when it may be tried again. The subject is a fingerprint."""

    subject: str = Field(primary_key=True)
    tries: int = 0
    last_at: datetime
    not_before: datetime
