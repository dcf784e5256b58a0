"""a decision that broke a rule says when it was looked at again, and by whom"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("decision", sa.Column("looked_by", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("decision") as decision:
        decision.drop_column("looked_by")
        decision.drop_column("looked_at")
