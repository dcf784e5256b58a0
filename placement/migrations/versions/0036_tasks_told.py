"""who is told: notices of tasks, mail at once by choice, who of the desk is on call"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accountdetails", sa.Column("at_once", sa.Text(), nullable=True))
    op.create_table(
        "tasknotice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasknotice")),
        sa.UniqueConstraint("once", name=op.f("uq_tasknotice_once")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_tasknotice_made_on"), "tasknotice", ["made_on"])
    op.create_table(
        "oncall",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("named_by", sa.String(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_oncall_in_order")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_oncall_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oncall")),
    )
    op.create_index(op.f("ix_oncall_account_id"), "oncall", ["account_id"])
    op.create_index(op.f("ix_oncall_ends_on"), "oncall", ["ends_on"])


def downgrade() -> None:
    """Who was told, and who is on call, is lost: an older version has no place for it."""
    for name in ("ends_on", "account_id"):
        op.drop_index(op.f(f"ix_oncall_{name}"), "oncall")
    op.drop_table("oncall")
    op.drop_index(op.f("ix_tasknotice_made_on"), "tasknotice")
    op.drop_table("tasknotice")
    with op.batch_alter_table("accountdetails") as table:
        table.drop_column("at_once")
