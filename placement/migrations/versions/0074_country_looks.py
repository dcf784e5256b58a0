"""bands of free beds for readers without the names of units, shown some time later"""

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
    """The next look is shown within two hours."""
    op.drop_table("countrylook")
