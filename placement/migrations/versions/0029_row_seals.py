"""row seals: rows that open something carry a MAC, made with a key from outside the database

Every such row that is there gets its seal as it stands: what was written into it before cannot be told from what the
service wrote. A column that is empty is no part of what is sealed.
"""

import json

import sqlalchemy as sa
from alembic import context, op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

SEALED = {
    "accesstoken": (("fingerprint",), ("key_id", "expires_at")),
    "account": (
        ("id",),
        ("email", "organisation_id", "role", "regions", "password_hash", "sso_subject", "let_in_by", "disabled_at"),
        ("totp_secret",),
    ),
    "accountsession": (("id",), ("fingerprint", "account_id", "client", "began_at", "verified_at", "ended_at")),
    "apikey": (
        ("id",),
        (
            *("fingerprint", "account_id", "shelter_id", "scopes", "made_by"),
            *("created_at", "expires_at", "revoked_at"),
        ),
    ),
    "asking": (
        ("id",),
        (
            *("what", "account_id", "email", "organisation_id", "role", "regions", "asked_by", "asked_at"),
            *("expires_at", "settled_at", "settled_by", "granted"),
        ),
        ("details",),
    ),
    "changerequest": (
        ("id",),
        ("kind", "status", "shelter_id", "target_id", "asked_by", "asked_at", "answered_by", "answered_at"),
        ("change",),
    ),
    "datedrule": (
        ("id",),
        (
            *("kind", "code", "number", "place", "value", "words", "legal_ground", "source", "assumed", "valid_from"),
            *("valid_until", "reason", "asked_by", "asked_at", "expires_at", "settled_at", "settled_by", "granted"),
        ),
    ),
    "decision": (
        ("id",),
        (
            *("proposal_id", "registration_id", "kind", "status", "reason", "review_on", "loss", "decided_at"),
            *("decided_by", "second_at", "second_by"),
        ),
    ),
    "hold": (("id",), ("registration_id", "decision_id", "status", "made_at", "made_by", "ended_on", "reason")),
    "importrequest": (("fingerprint",), ("asked_by", "asked_at")),
    "invitation": (
        ("id",),
        (
            *("fingerprint", "email", "organisation_id", "role", "regions", "account_id", "asked_by", "invited_by"),
            *("made_at", "expires_at", "password_hash", "accepted_at", "withdrawn_at"),
        ),
        ("totp_secret", "details"),
    ),
    "leaverequest": (
        ("id",),
        (
            *("kind", "reason", "text", "recipient", "asked_by", "asked_at", "expires_at", "settled_at", "settled_by"),
            *("granted", "begun_at", "done_at"),
        ),
    ),
    "legalhold": (
        ("id",),
        (
            *("registration_id", "status", "reason", "review_on", "asked_at", "asked_by", "answered_at"),
            *("answered_by", "lift_asked_at", "lift_asked_by", "lifted_at", "lifted_by"),
        ),
    ),
    "opening": (("id",), ("registration_id", "account_id", "reason", "broke_glass", "opened_at", "expires_at")),
    "organisation": (("id",), ("name", "kind", "shelter_id", "service_address"), ("telephones",)),
    "placeentry": (
        ("kind", "code", "number"),
        ("facts", "valid_from", "source", "listed_on", "set_by", "set_at"),
    ),
    "policy": (("version",), ("weights", "set_at", "set_by", "reason")),
    "recoverycode": (("fingerprint",), ("account_id", "used_at")),
    "signinchallenge": (("fingerprint",), ("account_id", "subject", "sso_subject", "expires_at")),
    "ssorequest": (("fingerprint",), ("nonce", "verifier", "expires_at")),
    "webhook": (
        ("id",),
        ("shelter_id", "kinds", "former_until", "made_at", "made_by", "disabled_at"),
        ("url", "secret", "former_secret"),
    ),
}
"""Of each table: the columns that name a row, those under the seal, and those that are encrypted with the service's
keys, which are sealed in plain values."""


def upgrade() -> None:
    bind = op.get_bind()
    for name, (row, plain, *encrypted) in SEALED.items():
        op.add_column(name, sa.Column("seal", sa.String(), nullable=True))
        table = sa.Table(name, sa.MetaData(), autoload_with=bind, resolve_fks=False)
        _seal(bind, table, row, plain, encrypted[0] if encrypted else ())


def downgrade() -> None:
    for name in SEALED:
        op.drop_column(name, "seal")


def _seal(bind, table, row, plain, encrypted) -> None:
    seals = context.config.attributes["seals"]
    for found in bind.execute(sa.select(*(table.c[name] for name in (*row, *plain, *encrypted)))).mappings().all():
        named = tuple(found[name] for name in row)
        values = {name: found[name] for name in (*row, *plain)}
        for name in encrypted:
            if found[name] is not None:
                values[name] = json.loads(seals.opened_with_ring(found[name], (table.name, name, named)))
        here = [table.c[name] == value for name, value in zip(row, named, strict=True)]
        bind.execute(sa.update(table).where(*here).values(seal=seals.row_seal(table.name, values)))
