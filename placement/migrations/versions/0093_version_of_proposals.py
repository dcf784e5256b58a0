"""the version of the service in each proposal"""

import sqlalchemy as sa
from alembic import context, op

revision = "0093"
down_revision = "0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Leaves older proposals without a version. Their seals stay valid, because a seal leaves out empty columns."""
    op.add_column("proposal", sa.Column("service_version", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("proposal", "service_version")
    context.config.attributes["changed_rows"].add("proposal")
