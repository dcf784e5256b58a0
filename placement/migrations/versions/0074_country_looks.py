"""the national view of free beds: bands without the names of units, shown after a delay"""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "countrylook",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("looks", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countrylook")),
    )


def downgrade() -> None:
    """Drops the stored views. The next view is shown within two hours."""
    op.drop_table("countrylook")
