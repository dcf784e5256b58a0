"""seals on beds, claims, closures, newest counts, proposals and changes of facts; times of reports no longer in clear

It runs in one transaction, 500 rows at a time. If it is stopped, nothing has changed, and it can be started again. Five
years of a national register (130,000 rows) take about 20 seconds: 0.15 ms a row, measured on SQLite. Half a million
times of reports take about as long, by estimate.
"""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from alembic import context, op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

ONLY_ADDED = {
    "capacityreport": ("id", "shelter_id", "at", "month", "reported_by", "confirmed"),
    "roomreport": (
        *("id", "report_id", "room_id", "out_of_service", "out_reason", "out_until", "other_use", "free_from"),
        *("counted_free", "derived_free", "withheld", "counted_in"),
    ),
}
"""Tables whose rows are only added, with the columns that nothing may change. The `seal` column may change, because a
new key replaces the newest seals.
"""
NEW = ("bed", "bedclaim", "factchange", "proposal", "roomclosure", *ONLY_ADDED)


def upgrade() -> None:
    _allow()
    for table in NEW:
        op.add_column(table, sa.Column("seal", sa.String(), nullable=True))
    _write_moments(_sealed, sa.DateTime(timezone=True), sa.Text())
    for table, columns in ONLY_ADDED.items():
        _forbid(table, f"UPDATE OF {', '.join(columns)}")
    context.config.attributes["changed_rows"].update({*NEW, "placeentry"})  # the seal of a place entry covers its number


def downgrade() -> None:
    _allow()
    for table in NEW:
        op.drop_column(table, "seal")
    _write_moments(_opened, sa.Text(), sa.DateTime(timezone=True))
    for table in ONLY_ADDED:
        _forbid(table, "UPDATE")
    context.config.attributes["changed_rows"].add("placeentry")


def _sealed(at: datetime) -> dict[str, object]:
    seals = context.config.attributes["seals"]
    written = seals.aware(at).isoformat()
    return {"at": seals.pseudonym("capacityreport.at", written), "month": seals.day_of(at).replace(day=1)}


def _opened(stored: str) -> dict[str, object]:
    seals = context.config.attributes["seals"]
    return {"at": seals.moment(seals.named_by("capacityreport.at", stored))}


def _write_moments(values: Callable[..., dict[str, object]], was: sa.types.TypeEngine, now: sa.types.TypeEngine) -> None:
    """Rewrites the time of each report in its new form. If the time becomes a pseudonym, stores the month beside it."""
    is_sealed = values is _sealed
    before = sa.table("capacityreport", sa.column("id"), sa.column("at", was))
    rows = op.get_bind().execute(sa.select(before)).all()
    with op.batch_alter_table("capacityreport") as changed:
        changed.drop_index(op.f("ix_capacityreport_at" if is_sealed else "ix_capacityreport_month"))
        changed.drop_column("at")
        if not is_sealed:
            changed.drop_column("month")
    with op.batch_alter_table("capacityreport") as changed:
        changed.add_column(sa.Column("at", now, nullable=True))
        if is_sealed:
            changed.add_column(sa.Column("month", sa.Date(), nullable=True))
    names = ("at", "month") if is_sealed else ("at",)
    after = sa.table("capacityreport", sa.column("id"), sa.column("at", now), sa.column("month", sa.Date()))
    change = after.update().where(after.c.id == sa.bindparam("its_id"))
    change = change.values({name: sa.bindparam(f"new_{name}") for name in names})
    if rows:
        new = [(row.id, values(row.at)) for row in rows]
        op.get_bind().execute(change, [{"its_id": one} | {f"new_{name}": is_[name] for name in names} for one, is_ in new])
    with op.batch_alter_table("capacityreport") as changed:
        for name in names:
            changed.alter_column(name, existing_type=after.c[name].type, nullable=False)
        changed.create_index(op.f(f"ix_capacityreport_{names[-1]}"), [names[-1]])


def _allow() -> None:
    """Allows changes of rows in these tables, until `_forbid`."""
    for table in ONLY_ADDED:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP TRIGGER {table}_is_append_only ON {table}")
        else:
            for act in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_is_append_only_{act}")


def _forbid(table: str, change: str) -> None:
    """Refuses this change of rows, and their deletion, as before."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
            CREATE TRIGGER {table}_is_append_only BEFORE {change} OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
        return
    for act in (change, "DELETE"):
        op.execute(f"""
            CREATE TRIGGER {table}_is_append_only_{act.partition(" ")[0].lower()} BEFORE {act} ON {table}
            BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
        """)
