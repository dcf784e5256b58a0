"""each link between two registrations is sealed with a key of its own"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

ROWS = sa.table("registrationlink", *(sa.column(name) for name in ("id", "content")))
KEYS = sa.table("datakey", sa.column("owner"))
LINKS = "links"


def upgrade() -> None:
    """The key that all links had is named by nothing any more: `placement keys rotate` removes it."""
    _seal_anew(lambda link: f"link-{link}")
    op.execute(sa.delete(KEYS).where(KEYS.c.owner == LINKS))


def downgrade() -> None:
    _seal_anew(lambda _: LINKS)
    op.execute(sa.delete(KEYS).where(KEYS.c.owner.like("link-%")))


def _seal_anew(owner_of: Callable[[str], str]) -> None:
    """What does not open stays as it is: its key is missing, or was destroyed with all others."""
    seals = context.config.attributes["seals"]
    for link, stored in op.get_bind().execute(sa.select(ROWS.c.id, ROWS.c.content).order_by(ROWS.c.id)).all():
        owner = stored.partition(":")[0]
        if seals.is_destroyed(owner) or seals.is_lost(owner):
            continue
        place = ("registrationlink", "content", (link,))
        sealed = seals.seal(owner_of(link), seals.opened(stored, place), place)
        op.execute(sa.update(ROWS).where(ROWS.c.id == link).values(content=sealed))
