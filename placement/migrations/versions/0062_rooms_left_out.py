"""rooms that a report leaves out keep their last count, and its age"""

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("roomreport", sa.Column("counted_in", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Lost: a room that was left out is as old as the rest of its report."""
    op.drop_column("roomreport", "counted_in")
