"""mails to registrants about what they sent in"""

import sqlalchemy as sa
from alembic import context, op

revision = "0084"
down_revision = "0081"
branch_labels = None
depends_on = None

KINDS = ("sent.asked ", "sent.closed ", "sent.reopened ")
"""The beginnings of the unique keys of these mails."""


def upgrade() -> None:
    """Changes nothing: earlier versions have no such mail."""


def downgrade() -> None:
    """Deletes these mails, because an older version cannot read them."""
    seals, rows = context.config.attributes["seals"], sa.table("message", sa.column("id"), sa.column("once"))
    for name, once in op.get_bind().execute(sa.select(rows.c.id, rows.c.once)).all():
        if str(seals.named_by("message.once", once)).startswith(KINDS):
            op.execute(rows.delete().where(rows.c.id == name))
