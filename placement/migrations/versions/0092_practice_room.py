"""the fact that a database is a practice room (storefact)"""

from alembic import context

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None

FACTS = ("synthetic", "keys_copied", "backup_made", "service_back", "job_fails", "restored", "mail_fails")


def upgrade() -> None:
    context.config.attributes["allow_codes"]("storerecord.fact", (*FACTS, "practice"), "storefact")


def downgrade() -> None:
    """Refuses for a practice room: an older version would treat it as a database with real clients."""
    context.config.attributes["refuse_stored"]("a practice room", {"storerecord": "fact = 'practice'"})
    context.config.attributes["allow_codes"]("storerecord.fact", FACTS, "storefact")
