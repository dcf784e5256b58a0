"""releases of rows in doubt, as a kind of request for a second person"""

import sqlalchemy as sa
from alembic import context, op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None

BEFORE = ("account", "keys", "leave", "rule", "unit", "address", "legal_hold", "lifting", "decision", "register")
KIND = "release"


def upgrade() -> None:
    _allow((*BEFORE, KIND))


def downgrade() -> None:
    """Refused while there are such requests: an older version cannot read them."""
    stored = sa.text("SELECT count(*) FROM secondpersonrequest WHERE kind = :kind")
    if known := op.get_bind().execute(stored, {"kind": KIND}).scalar_one():
        raise context.config.attributes["refused"](
            f"{known} requests for releases are stored: an older version cannot read them. Restore a backup from before"
        )
    _allow(BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    name = op.f("ck_secondpersonrequest_secondpersonkind")
    with op.batch_alter_table("secondpersonrequest") as requests:
        requests.drop_constraint(name, type_="check")
        requests.create_check_constraint(name, sa.column("kind").in_(kinds))
