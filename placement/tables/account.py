"""Accounts of people, API keys of people and shelters, and the short-lived tokens for which software exchanges its
keys.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from placement.core.codes import OrganisationKind, Role
from placement.crypto.sealed_values import EncryptedMoment
from placement.tables.columns import coded, encrypted, listed, pseudonym
from placement.tables.sealed_row import InDoubt, SealedRow


class Organisation(SealedRow, table=True):
    """An organisation with accounts. The staff of a shelter's organisation has access to that shelter. Only
    `placement/accounts/organisations.py` reads the name and the telephone numbers of an organisation.
    """

    __table_args__ = (CheckConstraint("(kind = 'shelter') = (shelter_id IS NOT NULL)", name="which_shelter"),)

    id: str = Field(primary_key=True)
    name: str
    kind: OrganisationKind = coded(OrganisationKind)
    shelter_id: str | None = Field(default=None, foreign_key="shelter.id", unique=True)
    telephones: dict[str, str] | None = encrypted()
    """Telephone numbers in E.164. The name of each number is its use (`TelephoneUse`)."""

    service_address: str | None = None
    """The web address of the service; set only for the coordination centre."""


class Account(SealedRow, table=True):
    """A person of an organisation. The password is stored as an argon2id hash. The second factor is
    stored encrypted.
    """

    OUTSIDE: ClassVar[Mapping[str, str]] = {"signed_in_on": "changes with the week; nothing asks it but a list"}

    id: str = Field(primary_key=True)
    email: str = Field(unique=True)
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    role: Role = coded(Role)
    regions: list[str] = listed()
    password_hash: str
    totp_secret: str = encrypted(nullable=False)
    has_app: bool = False
    """True after the user has entered a code of the app. Until then, it is unknown whether an app has the secret."""

    sso_subject: str | None = Field(default=None, index=True, unique=True)
    """Issuer and `sub` (subject id) at the single sign-on provider; stored at the user's first single sign-on."""

    let_in_by: list[str] = listed(nullable=True)
    """The admins who requested the rights of this account. These admins and the account cannot approve each other's
    requests (docs/decisions/0033).
    """

    disabled_at: datetime | None = None
    certified_on: date | None = None
    """The day on which an admin last confirmed that the account is needed; at first, the day on which it was made."""

    signed_in_on: date | None = None
    """The Monday of the week of the last sign-in; `None` if there was no sign-in since this column exists. The exact
    day would disclose who answered for a shelter.
    """


class AccountDetails(SQLModel, table=True):
    """Name, job title and telephone number of the person behind an account. They have a separate table, because the
    sign-in does not need them and they can be erased separately.
    """

    account_id: str = Field(primary_key=True, foreign_key="account.id")
    name: str = encrypted(nullable=False)
    job_title: str | None = encrypted()
    telephone: str | None = encrypted()
    """The person's telephone number in E.164."""

    at_once: str | None = encrypted()
    """The subjects about which this person is mailed at once (`AtOnce`); `None`: all subjects."""

    language: str | None = None
    """The language of mails to this person. If `None`, the language of the person's report is used, or else the default
    language.
    """

    sms: bool | None = encrypted()
    """True if the person wants an SMS about tonight's tasks that nobody has seen yet."""

    quiet_from: int | None = encrypted()
    quiet_until: int | None = encrypted()
    """The quiet hours, in the time of Amsterdam. In these hours the person gets no push message or SMS, unless on call.
    `None`: no quiet hours.
    """

    sms_trouble: str | None = encrypted()
    """The code of the reason why the last SMS to this person failed; `None` after a success or a change."""


class Absence(SQLModel, table=True):
    """Days on which an account's person is away, and the deputy who is notified instead. No reason is stored."""

    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="in_order"),
        CheckConstraint("deputy_id <> account_id", name="another"),
    )

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    starts_on: date
    ends_on: date = Field(index=True)

    deputy_id: str | None = Field(default=None, foreign_key="account.id", index=True)
    named_at: datetime
    withdrawn_at: datetime | None = None


class OnCall(SealedRow, table=True):
    """Days on which a person of the desk is on call: from the start of duty on the first day until the start of duty on
    the day after the last day. The person on call is notified, but gets no additional rights. While somebody is on
    call, standing mandates are not valid.
    """

    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="in_order"),)

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    starts_on: date
    ends_on: date = Field(index=True)
    named_by: str
    named_at: datetime
    withdrawn_at: datetime | None = None


class RecoveryCode(SealedRow, table=True):
    """A recovery code. It can be used once instead of the second factor, for example if the telephone is lost."""

    fingerprint: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    used_on: date | None = None


class Passkey(SealedRow, table=True):
    """A passkey (WebAuthn) of an account, found by the hash of its credential id. The credential is encrypted."""

    IN_DOUBT: ClassVar[InDoubt] = InDoubt.STOPS
    OUTSIDE: ClassVar[Mapping[str, str]] = {
        "sign_count": "changes with each use; a lower one would hide a copy of the authenticator, and opens nothing",
        "used_at": "changes with each use",
    }

    id: str = Field(primary_key=True)
    account_id: str = Field(foreign_key="account.id", index=True)
    fingerprint: str = Field(unique=True)
    """The hash of the credential id, which the authenticator chose at random."""

    credential: dict[str, str] = encrypted(nullable=False)
    """Account id, credential id and public key (base64url). If the row is moved to another account, the credential
    cannot be decrypted.
    """

    name: str = encrypted(nullable=False)
    """The name that the owner gave to the passkey."""

    sign_count: int = encrypted(nullable=False)
    """The last count that the authenticator reported; 0 if it does not count."""

    made_at: datetime
    used_at: datetime | None = encrypted(EncryptedMoment)


class Invitation(SealedRow, table=True):
    """An invitation for a person, approved by two admins. It makes a new account. If `account_id` is set from the
    start, it instead renews the password and second factor of that account.
    """

    id: str = Field(primary_key=True)
    fingerprint: str = Field(unique=True)
    email: str
    organisation_id: str = Field(foreign_key="organisation.id")
    role: Role = coded(Role)
    regions: list[str] = listed()
    account_id: str | None = Field(default=None, foreign_key="account.id", index=True)
    asked_by: str | None = None
    """The admin who requested the invitation; `None` if it was made at the command line."""

    invited_by: str
    """The admin who granted the invitation."""

    made_at: datetime
    expires_at: datetime
    password_hash: str | None = None
    totp_secret: str | None = encrypted()
    details: dict[str, str | None] | None = encrypted()
    """Name, job title and telephone number of the invited person, if the admin entered them."""

    accepted_at: datetime | None = None
    withdrawn_at: datetime | None = None


class ApiKey(SealedRow, table=True):
    """An API key. Software exchanges it for a token; the key gives no other right. Only the fingerprint of the key is
    stored.
    """

    __table_args__ = (CheckConstraint("(account_id IS NULL) <> (shelter_id IS NULL)", name="whose"),)

    OUTSIDE: ClassVar[Mapping[str, str]] = {"last_used_on": "changes with the week; nothing asks it but a list"}

    id: str = Field(primary_key=True)
    fingerprint: str = Field(unique=True)
    account_id: str | None = Field(default=None, foreign_key="account.id", index=True)
    shelter_id: str | None = Field(default=None, foreign_key="shelter.id", index=True)
    scopes: list[str] = listed()
    made_by: str | None = None
    """The account that made the key; `None` if it was made at the command line."""

    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_on: date | None = None
    """The Monday of the week of the last use. The exact day would disclose when a client arrived."""


class AccessToken(SealedRow, table=True):
    RECONCILED: ClassVar[bool] = False

    fingerprint: str = Field(primary_key=True)
    key_id: str = pseudonym("accesstoken.key_id", nullable=False)
    issued_on: date = Field(index=True)
    """The day on which the token was issued. Expired tokens are found by this day."""

    expires_at: datetime = encrypted(EncryptedMoment, nullable=False)
