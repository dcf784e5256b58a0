"""What a write said is sealed: an open fingerprint could be tried with every place until it fitted.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM idempotentrequest")  # kept for two days, as the open fingerprints must not be
    with op.batch_alter_table("idempotentrequest") as table:
        table.alter_column("fingerprint", type_=sa.Text(), existing_type=sa.String(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM idempotentrequest")
    with op.batch_alter_table("idempotentrequest") as table:
        table.alter_column("fingerprint", type_=sa.String(), existing_type=sa.Text(), nullable=False)
