"""the language in which an account is mailed"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accountdetails", sa.Column("language", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("accountdetails", "language")
