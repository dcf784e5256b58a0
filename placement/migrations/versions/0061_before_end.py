"""what a case was before its stay was ended, so that an end which was said by mistake can be taken back"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stay", sa.Column("before_end", sa.Text(), nullable=True))


def downgrade() -> None:
    """Lost: an older version has no way back from the end of a stay."""
    op.drop_column("stay", "before_end")
