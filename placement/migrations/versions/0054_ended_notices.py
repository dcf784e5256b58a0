"""a notice ends with its task, so that a task that is there again is told again"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasknotice", sa.Column("ended_on", sa.Date(), nullable=True))
    op.create_index("ix_tasknotice_ended_on", "tasknotice", ["ended_on"])


def downgrade() -> None:
    op.drop_index("ix_tasknotice_ended_on", "tasknotice")
    op.drop_column("tasknotice", "ended_on")
