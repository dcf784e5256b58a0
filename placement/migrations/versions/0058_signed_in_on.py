"""the day of an account's last sign-in"""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("signed_in_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "signed_in_on")
