"""the list of data keys, and the changes of facts, keep no order of their rows on SQLite"""

from alembic import context, op

revision = "0042"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLES = ("datakey", "factchange")


def upgrade() -> None:
    _make_anew(with_rowid=False)


def downgrade() -> None:
    _make_anew(with_rowid=True)


def _make_anew(*, with_rowid: bool) -> None:
    """PostgreSQL has no such order that a table could give up: there a job of the night writes the rows anew."""
    if context.get_context().dialect.name != "sqlite":
        return
    for table in TABLES:
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_with_rowid": with_rowid}):
            pass
