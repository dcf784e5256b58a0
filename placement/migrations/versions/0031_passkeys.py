"""passkeys (WebAuthn) of accounts, and the challenges that they sign; the browsers of sessions and of first persons"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

OF_TWO_PERSONS = ("asking", "changerequest", "datedrule", "decision", "leaverequest", "legalhold")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("seal", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_passkey_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_passkey_fingerprint")),
    )
    op.create_index(op.f("ix_passkey_account_id"), "passkey", ["account_id"], unique=False)
    op.create_table(
        "passkeychallenge",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("seal", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_passkeychallenge")),
    )
    op.create_index(op.f("ix_passkeychallenge_subject"), "passkeychallenge", ["subject"], unique=False)
    op.add_column("accountsession", sa.Column("browser", sa.String(), nullable=True))
    for table in OF_TWO_PERSONS:
        op.add_column(table, sa.Column("browser", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in ("accountsession", *OF_TWO_PERSONS):
        op.drop_column(table, "browser")
    op.drop_table("passkeychallenge")
    op.drop_table("passkey")
