"""that a store was restored, and that no mail leaves, are recorded of the store"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

_BEFORE = ("synthetic", "keys_copied", "backup_made", "service_back", "job_fails")


def upgrade() -> None:
    _allow(*_BEFORE, "restored", "mail_fails")


def downgrade() -> None:
    """Neither is told to anybody by an older version."""
    op.execute("DELETE FROM storerecord WHERE fact IN ('restored', 'mail_fails')")
    _allow(*_BEFORE)


def _allow(*facts: str) -> None:
    """Of the store, these facts only."""
    with op.batch_alter_table("storerecord") as table:
        table.drop_constraint(op.f("ck_storerecord_storefact"), type_="check")
        table.create_check_constraint(op.f("ck_storerecord_storefact"), sa.column("fact").in_(facts))
