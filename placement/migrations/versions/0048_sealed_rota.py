"""who is on call carries a seal; what stands there is sealed as it is"""

import sqlalchemy as sa
from alembic import context, op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("oncall", sa.Column("seal", sa.String(), nullable=True))
    if op.get_bind().execute(sa.text("SELECT count(*) FROM oncall")).scalar_one():
        context.config.attributes["changed_rows"].add("oncall")


def downgrade() -> None:
    op.drop_column("oncall", "seal")
