"""the oldest revision whose processes work with the tables (storefact)"""

from alembic import context, op

revision = "0098"
down_revision = "0094"
branch_labels = None
depends_on = None
works_from = revision  # processes of earlier versions do not look for the record

FACTS = ("synthetic", "keys_copied", "backup_made", "service_back", "job_fails", "restored", "practice", "mail_fails")


def upgrade() -> None:
    context.config.attributes["allow_codes"]("storerecord.fact", (*FACTS, "works_from"), "storefact")


def downgrade() -> None:
    op.execute("DELETE FROM storerecord WHERE fact = 'works_from'")
    context.config.attributes["allow_codes"]("storerecord.fact", FACTS, "storefact")
