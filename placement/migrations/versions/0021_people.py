"""names, telephone numbers, absences and deputies of people; telephone numbers of organisations"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisation") as table:
        table.add_column(sa.Column("telephones", sa.Text(), nullable=True))
        table.add_column(sa.Column("service_address", sa.String(), nullable=True))
    for name in ("invitation", "asking"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("details", sa.Text(), nullable=True))
    op.create_table(
        "accountdetails",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("job_title", sa.Text(), nullable=True),
        sa.Column("telephone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_accountdetails_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accountdetails")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("deputy_id", sa.String(), nullable=True),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_absence_in_order")),
        sa.CheckConstraint("deputy_id <> account_id", name=op.f("ck_absence_another")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_absence_account_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["account.id"], name=op.f("fk_absence_deputy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    for column in ("account_id", "ends_on", "deputy_id"):
        op.create_index(op.f(f"ix_absence_{column}"), "absence", [column], unique=False)


def downgrade() -> None:
    op.drop_table("absence")
    op.drop_table("accountdetails")
    for name in ("asking", "invitation"):
        with op.batch_alter_table(name) as table:
            table.drop_column("details")
    with op.batch_alter_table("organisation") as table:
        table.drop_column("service_address")
        table.drop_column("telephones")
