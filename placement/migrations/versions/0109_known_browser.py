"""whether a session began in a browser that its account had used before"""

import sqlalchemy as sa
from alembic import context, op

revision = "0109"
down_revision = "0106"
branch_labels = None
depends_on = None
works_from = revision  # processes of earlier versions would report a session with the fact as damaged


def upgrade() -> None:
    """Leaves the fact empty: open sessions end as before. Seals stay valid, because a seal leaves out empty columns."""
    op.add_column("accountsession", sa.Column("is_known", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("accountsession", "is_known")
    context.config.attributes["changed_rows"].add("accountsession")
