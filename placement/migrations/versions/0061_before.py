"""what a case was before an arrival or an end of a stay was said, so that it can be taken back"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stay", sa.Column("before", sa.Text(), nullable=True))


def downgrade() -> None:
    """Lost: an older version has no way back from an arrival or an end."""
    op.drop_column("stay", "before")
