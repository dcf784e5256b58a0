"""what was entered afterwards: when a shelter's answer was, and when the service came back"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

BEFORE = ("synthetic", "keys_copied", "backup_made")


def upgrade() -> None:
    op.add_column("hold", sa.Column("entered_at", sa.Text(), nullable=True))
    _allow((*BEFORE, "service_back"))


def downgrade() -> None:
    """When an answer was entered is lost: an older version counts from when the client is expected."""
    op.execute("DELETE FROM storerecord WHERE fact = 'service_back'")
    _allow(BEFORE)
    op.drop_column("hold", "entered_at")


def _allow(facts: tuple[str, ...]) -> None:
    """Of the store, these facts only."""
    with op.batch_alter_table("storerecord") as table:
        table.drop_constraint(op.f("ck_storerecord_storefact"), type_="check")
        table.create_check_constraint(op.f("ck_storerecord_storefact"), sa.column("fact").in_(facts))
