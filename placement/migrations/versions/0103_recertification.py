"""the day on which an admin last confirmed that an account is needed"""

import sqlalchemy as sa
from alembic import context, op

revision = "0103"
down_revision = "0102"
branch_labels = None
depends_on = None
works_from = revision  # processes of earlier versions would report an account with the day as damaged


def upgrade() -> None:
    """Leaves the day empty; the daily job begins to count. Seals stay valid, because a seal leaves out empty columns.
    """
    op.add_column("account", sa.Column("certified_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "certified_on")
    context.config.attributes["changed_rows"].add("account")
