"""a seal on beds, claims, closures, newest counts, proposals and changes of facts

It runs in one transaction, 500 rows at a time: stopped, it has done nothing, and can be repeated.
Five years of a national register (130,000 rows) take about 20 seconds: 0.15 ms a row, measured on SQLite.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

ONLY_ADDED = {
    "capacityreport": ("id", "shelter_id", "at", "reported_by", "confirmed"),
    "roomreport": (
        *("id", "report_id", "room_id", "out_of_service", "out_reason", "out_until", "other_use", "free_from"),
        *("counted_free", "derived_free", "withheld", "counted_in"),
    ),
}
"""Tables whose rows are only added, with the columns that nothing may change; a new key seals the newest rows anew."""
NEW = ("bed", "bedclaim", "factchange", "proposal", "roomclosure", *ONLY_ADDED)


def upgrade() -> None:
    for table in NEW:
        op.add_column(table, sa.Column("seal", sa.String(), nullable=True))
    for table, columns in ONLY_ADDED.items():
        _forbid(table, f"UPDATE OF {', '.join(columns)}")
    context.config.attributes["changed_rows"].update({*NEW, "placeentry"})  # whose seal covers its number


def downgrade() -> None:
    for table in ONLY_ADDED:
        _forbid(table, "UPDATE")
    for table in NEW:
        op.drop_column(table, "seal")
    context.config.attributes["changed_rows"].add("placeentry")


def _forbid(table: str, change: str) -> None:
    """Refuses this change of rows, and their deletion, as before."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {table}_is_append_only ON {table}")
        op.execute(f"""
            CREATE TRIGGER {table}_is_append_only BEFORE {change} OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
        return
    op.execute(f"DROP TRIGGER {table}_is_append_only_update")
    op.execute(f"""
        CREATE TRIGGER {table}_is_append_only_update BEFORE {change} ON {table}
        BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
    """)
