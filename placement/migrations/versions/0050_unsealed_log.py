"""lines of the log are stored beside its chain, and put into it behind the acts (PostgreSQL)

The chain is as it was: an older version goes on with it once all lines are in it.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "auditunsealed",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditunsealed")),
    )


def downgrade() -> None:
    lines = op.get_bind().execute(sa.text("SELECT count(*) FROM auditunsealed")).scalar_one()
    if lines:
        refused = context.config.attributes["refused"]
        raise refused(f"{lines} lines of the log are not in its chain yet: run `placement audit seal` first")
    op.drop_table("auditunsealed")
