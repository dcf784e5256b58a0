"""Who may come in: people, keys of people and of shelters, and the short tokens that keys are exchanged for."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from placement.tables.columns import coded, encrypted, listed
from placement.vocabulary import Role


class Account(SQLModel, table=True):
    """A person of an organisation. The password is stored as argon2id, the second factor encrypted."""

    id: str = Field(primary_key=True)
    email: str = Field(unique=True)
    role: Role = coded(Role)
    regions: list[str] = listed()
    password_hash: str
    totp_secret: Any = encrypted(nullable=False)
    disabled_at: datetime | None = None


class ApiKey(SQLModel, table=True):
    """A key is exchanged for a token, and does nothing else. Only its fingerprint is stored."""

    __table_args__ = (CheckConstraint("(account_id IS NULL) <> (shelter_id IS NULL)", name="whose"),)

    id: str = Field(primary_key=True)
    fingerprint: str = Field(unique=True)
    account_id: str | None = Field(default=None, foreign_key="account.id", index=True)
    shelter_id: str | None = Field(default=None, foreign_key="shelter.id", index=True)
    scopes: list[str] = listed()
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class AccessToken(SQLModel, table=True):
    fingerprint: str = Field(primary_key=True)
    key_id: str = Field(foreign_key="apikey.id", index=True)
    expires_at: datetime
