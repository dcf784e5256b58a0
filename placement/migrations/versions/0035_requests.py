"""requests: another place can be sought for a client who has one

Two states of a registration more, and a stay may be planned at one place while another is lived in.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

BEFORE = ("draft", "open", "held", "placed", "closed")
STATES = ("draft", "open", "held", "placed", "moving", "move_held", "closed")


def upgrade() -> None:
    _allow(STATES)
    op.drop_index("uq_stay_one_live", "stay")
    _one("planned", "status = 'planned'")
    _one("in_house", "status = 'in_house'")


def downgrade() -> None:
    """A client who moves has the place that is lived in, and no other. Refused while a bed is kept elsewhere for one: an
    older version would take it for the only one.
    """
    kept = op.get_bind().execute(sa.text("SELECT count(*) FROM registration WHERE status = 'move_held'")).scalar_one()
    if kept:
        raise context.config.attributes["refused"](
            f"a bed is kept elsewhere for {kept} clients who move: give these beds back first"
        )
    op.execute("UPDATE registration SET status = 'placed' WHERE status IN ('moving', 'move_held')")
    op.execute("UPDATE stay SET end_reason = 'other_shelter' WHERE end_reason = 'moved_on'")
    op.drop_index("uq_stay_one_planned", "stay")
    op.drop_index("uq_stay_one_in_house", "stay")
    _one("live", "status <> 'ended'")
    _allow(BEFORE)


def _allow(states: tuple[str, ...]) -> None:
    """Of a registration, these states only."""
    with op.batch_alter_table("registration", table_kwargs={"sqlite_with_rowid": False}) as table:
        table.drop_constraint(op.f("ck_registration_registrationstatus"), type_="check")
        table.create_check_constraint(op.f("ck_registration_registrationstatus"), sa.column("status").in_(states))


def _one(name: str, where: str) -> None:
    """At most one such stay of a case."""
    found = sa.text(where)
    op.create_index(
        f"uq_stay_one_{name}", "stay", ["registration_id"], unique=True, postgresql_where=found, sqlite_where=found
    )
