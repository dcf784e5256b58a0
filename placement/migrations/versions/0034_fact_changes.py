"""facts that change: their history"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "factchange",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_factchange_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factchange")),
    )
    op.create_index(op.f("ix_factchange_registration_id"), "factchange", ["registration_id"])


def downgrade() -> None:
    """The history is lost: an older version has no place for it."""
    op.drop_index(op.f("ix_factchange_registration_id"), "factchange")
    op.drop_table("factchange")
