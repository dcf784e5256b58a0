"""what a client must be able to reach, and who belongs together"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    together = sa.Enum("unit", "location", "region", name="together", native_enum=False, length=40)
    with op.batch_alter_table("registration") as table:
        table.add_column(sa.Column("together_in", together, nullable=False, server_default="location"))
        table.add_column(sa.Column("together_required", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("registration") as table:
        table.alter_column("together_in", server_default=None)
        table.alter_column("together_required", server_default=None)
        table.create_check_constraint(op.f("ck_registration_together"), sa.column("together_in").in_(["unit", "location", "region"]))
    op.create_table(
        "reachpoint",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("max_km", sa.Integer(), nullable=False),
        sa.CheckConstraint("max_km > 0", name=op.f("ck_reachpoint_max_km")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_reachpoint_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reachpoint")),
    )
    op.create_index(op.f("ix_reachpoint_registration_id"), "reachpoint", ["registration_id"], unique=False)
    op.create_table(
        "stayswith",
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_stayswith_registration_id")),
        sa.PrimaryKeyConstraint("registration_id", "other_id", name=op.f("pk_stayswith")),
    )
    op.create_index(op.f("ix_stayswith_other_id"), "stayswith", ["other_id"], unique=False)


def downgrade() -> None:
    op.drop_table("stayswith")
    op.drop_table("reachpoint")
    with op.batch_alter_table("registration") as table:
        table.drop_constraint(op.f("ck_registration_together"), type_="check")
        table.drop_column("together_required")
        table.drop_column("together_in")
