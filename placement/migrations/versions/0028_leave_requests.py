"""leaving: requests for an export with people, and for the destruction of the keys"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = ("export_people", "destroy_keys")
REASONS = ("leaving", "handover", "authority")


def upgrade() -> None:
    op.create_table(
        "leaverequest",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", _codes(KINDS, "leavekind"), nullable=False),
        sa.Column("reason", _codes(REASONS, "leavereason"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(kind = 'export_people') = (recipient IS NOT NULL)", name=op.f("ck_leaverequest_recipient")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaverequest")),
    )


def downgrade() -> None:
    op.drop_table("leaverequest")


def _codes(codes: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)
