"""what was said when a client did not come"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stay", sa.Column("missed", sa.Text(), nullable=True))


def downgrade() -> None:
    """Lost: an older version has no place for it, and no way back from a no-show."""
    op.drop_column("stay", "missed")
