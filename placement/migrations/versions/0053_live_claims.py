"""the claims on beds that have not ended are found by an index"""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_bedclaim_ends_on", "bedclaim", ["ends_on"])


def downgrade() -> None:
    op.drop_index("ix_bedclaim_ends_on", "bedclaim")
