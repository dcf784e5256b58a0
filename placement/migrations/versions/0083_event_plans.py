"""the newest plan of each event"""

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "eventplan",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eventplan")),
        sa.UniqueConstraint("event_id", name=op.f("uq_eventplan_event_id")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drops the plans. An older version makes proposals for each member, which lose nothing."""
    op.drop_table("eventplan")
