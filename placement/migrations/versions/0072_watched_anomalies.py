"""anomalies carry a seal; the position up to which the log was searched moves from a table to the key store"""

import sqlalchemy as sa
from alembic import context, op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("auditoddity", sa.Column("seal", sa.String(), nullable=True))
    context.config.attributes["changed_rows"].add("auditoddity")
    op.drop_table("auditmark")


def downgrade() -> None:
    """Searches the log from its beginning again, which stores no anomaly twice."""
    op.create_table(
        "auditmark",
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_auditmark")),
    )
    op.drop_column("auditoddity", "seal")
