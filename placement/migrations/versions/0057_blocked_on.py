"""the day on which it was last said why a client stays"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stay", sa.Column("blocked_on", sa.Text(), nullable=True))


def downgrade() -> None:
    """Lost: an older version asks once why a client stays, and not again."""
    op.drop_column("stay", "blocked_on")
