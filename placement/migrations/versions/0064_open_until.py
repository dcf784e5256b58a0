"""a place that is open until a day, and the day from which a closing place takes nobody new"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

PLACES = ("shelter", "location", "unit", "room")


def upgrade() -> None:
    """What closes took nobody new from the day on which its rooms closed."""
    for name in PLACES:
        op.add_column(name, sa.Column("open_until", sa.Date(), nullable=True))
        op.add_column(name, sa.Column("no_new_from", sa.Date(), nullable=True))
        closed = f"(SELECT min(since) FROM roomclosure WHERE cause = {name}.id AND roomclosure.until IS NULL)"  # noqa: S608
        op.execute(
            f"UPDATE {name} SET no_new_from = coalesce({closed}, closes_on) WHERE status IN ('closing', 'closed')"  # noqa: S608
        )


def downgrade() -> None:
    """A last day is lost: the place stays open. What takes nobody new from a later day on takes nobody from now on."""
    op.execute("UPDATE roomclosure SET since = CURRENT_DATE WHERE until IS NULL AND since > CURRENT_DATE")
    for name in PLACES:
        op.drop_column(name, "no_new_from")
        op.drop_column(name, "open_until")
