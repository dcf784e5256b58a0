"""clients who lived in a shelter, or waited, before the service knew them"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("registration", "stay"):
        op.add_column(name, sa.Column("taken_over_on", sa.Date(), nullable=True))


def downgrade() -> None:
    for name in ("registration", "stay"):
        op.drop_column(name, "taken_over_on")
