"""beds are kept from the decision on; what nobody agreed with in time lapsed; what is told at once"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

HOLDS = ("waiting_for_shelter", "confirmed", "refused", "expired", "released")
DECISIONS = ("waiting_for_desk", "waiting_for_shelter", "waiting_for_second", "final", "refused")
NEW_DECISIONS = (*DECISIONS, "lapsed", "withdrawn")
KINDS = (
    "report.made", "hold.asked", "hold.released", "hold.expired", "hold.waits", "stay.is_long", "count.is_missing",
    "webhook.disabled", "webhook.tried",
)  # fmt: skip
NEW_KINDS = (
    "hold.confirmed", "hold.refused", "count.asked", "decision.waits", "decision.refused", "decision.lapsed", "stay.no_show",
    "stay.broken_off",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("hold", sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.execute("UPDATE hold SET asked_at = made_at")
    _states("hold", "holdstatus", HOLDS, ("reserved", *HOLDS), "status IN ('reserved', 'waiting_for_shelter')")
    _states("decision", "decisionstatus", DECISIONS, NEW_DECISIONS, "status NOT IN ('refused', 'lapsed', 'withdrawn')")
    # What waited kept no bed: it is sought again.
    op.execute("UPDATE decision SET status = 'lapsed' WHERE status LIKE 'waiting%'")
    _kinds(KINDS, (*KINDS, *NEW_KINDS))


def downgrade() -> None:
    op.execute(f"DELETE FROM message WHERE kind IN {NEW_KINDS}")
    _kinds((*KINDS, *NEW_KINDS), KINDS)
    op.execute("UPDATE registration SET status = 'open' WHERE id IN (SELECT registration_id FROM hold WHERE status = 'reserved')")
    op.execute("UPDATE bedclaim SET cancelled = TRUE WHERE hold_id IN (SELECT id FROM hold WHERE status = 'reserved')")
    op.execute("UPDATE hold SET status = 'expired' WHERE status = 'reserved'")
    op.execute("UPDATE decision SET status = 'refused' WHERE status IN ('lapsed', 'withdrawn') OR status LIKE 'waiting%'")
    _states("decision", "decisionstatus", NEW_DECISIONS, DECISIONS, "status <> 'refused'")
    _states("hold", "holdstatus", ("reserved", *HOLDS), HOLDS, "status = 'waiting_for_shelter'")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_column("asked_at")


_ONE = {"hold": ("uq_hold_one_waiting", "registration_id"), "decision": ("uq_decision_one_standing", "proposal_id")}


def _states(table: str, name: str, before: tuple[str, ...], after: tuple[str, ...], live: str) -> None:
    """Another list of states, and another condition for the index that lets one row live."""
    index, column = _ONE[table]
    op.drop_index(index, table)
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.alter_column(
            "status", existing_type=_one_of(before, name), type_=_one_of(after, name), existing_nullable=False
        )
    op.create_index(index, table, [column], unique=True, postgresql_where=sa.text(live), sqlite_where=sa.text(live))


def _kinds(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.alter_column(
            "kind",
            existing_type=_one_of(before, "messagekind"),
            type_=_one_of(after, "messagekind"),
            existing_nullable=False,
        )


def _one_of(codes: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)
