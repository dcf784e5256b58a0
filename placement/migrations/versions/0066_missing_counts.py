"""the units that a first count could open, beside each proposal"""

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty of proposals that were made before: nobody asked then."""
    op.add_column("proposal", sa.Column("missing_counts", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("proposal", "missing_counts")
