"""events that bring many clients at once, and the rows of their members"""

import sqlalchemy as sa
from alembic import context, op

revision = "0082"
down_revision = "0087"
branch_labels = None
depends_on = None

STATES = ("planned", "under_way", "done")


def upgrade() -> None:
    op.create_table(
        "massevent",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(sa.column("status").in_(STATES), name=op.f("ck_massevent_eventstatus")),
        sa.CheckConstraint("(status = 'done') = (ended_on IS NOT NULL)", name=op.f("ck_massevent_ended_on")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_massevent")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_massevent_ended_on"), "massevent", ["ended_on"])
    op.create_table(
        "eventmember",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("registration_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eventmember")),
        sqlite_with_rowid=False,
    )
    for column in ("event_id", "registration_id"):
        op.create_index(op.f(f"ix_eventmember_{column}"), "eventmember", [column])


def downgrade() -> None:
    """Refused while an older version could not read what is stored."""
    context.config.attributes["refuse_stored"]("events", {"massevent": "true"})
    op.drop_table("eventmember")
    op.drop_table("massevent")
