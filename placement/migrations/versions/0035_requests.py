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
KEPT = ("reserved", "waiting_for_shelter", "confirmed")


def upgrade() -> None:
    _allow(STATES)
    op.drop_index("uq_stay_one_live", "stay")
    _one("planned", "status = 'planned'")
    _one("in_house", "status = 'in_house'")


def downgrade() -> None:
    """A client who moves has the place that is lived in, and no other: a bed that is kept elsewhere is given back."""
    _give_back()
    op.execute("UPDATE registration SET status = 'placed' WHERE status IN ('moving', 'move_held')")
    op.execute("UPDATE stay SET end_reason = 'other_shelter' WHERE end_reason = 'moved_on'")
    op.drop_index("uq_stay_one_planned", "stay")
    op.drop_index("uq_stay_one_in_house", "stay")
    _one("live", "status <> 'ended'")
    _allow(BEFORE)


def _give_back() -> None:
    bind, seals = op.get_bind(), context.config.attributes["seals"]
    registration, hold, stay, claim, decision = (
        sa.Table(name, sa.MetaData(), autoload_with=bind, resolve_fks=False)
        for name in ("registration", "hold", "stay", "bedclaim", "decision")
    )
    today = seals.day_of(context.config.attributes["now"])
    moving = sa.select(registration.c.id).where(registration.c.status == "move_held")
    lived_in = sa.select(stay.c.hold_id).where(stay.c.status != "planned", stay.c.hold_id.is_not(None))
    kept = sa.select(hold.c.id, hold.c.decision_id).where(
        hold.c.registration_id.in_(moving), hold.c.status.in_(KEPT), hold.c.id.not_in(lived_in)
    )
    for hold_id, decision_id in bind.execute(kept).all():
        here = hold.c.id == hold_id
        bind.execute(sa.update(hold).where(here).values(status="released", reason="superseded", ended_on=today))
        waits = decision.c.id == decision_id, decision.c.status.like("waiting%")
        bind.execute(sa.update(decision).where(*waits).values(status="withdrawn"))
        ended = {"status": "ended", "end_reason": "superseded", "ended_on": today}
        bind.execute(sa.update(stay).where(stay.c.hold_id == hold_id).values(**ended))
        named = claim.c.hold_id == seals.pseudonym("bedclaim.hold_id", hold_id)
        bind.execute(sa.update(claim).where(named).values(cancelled=True))
        context.config.attributes["changed_rows"] |= {"hold", "decision"}


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
