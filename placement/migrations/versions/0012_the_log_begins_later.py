"""lines of the log that a line of it says are gone, and that are older than five years, may be deleted, and no others; who
is invited again waits for a second admin"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LINE_OF = {"auditevent": "id", "auditshown": "line"}

# `through`: up to which line the log itself says that it was shortened.
_THROUGH_SQLITE = "SELECT max(json_extract(facts, '$.through')) FROM auditevent WHERE event = 'log:pruned'"
_THROUGH_POSTGRESQL = "SELECT max((facts->>'through')::bigint) FROM auditevent WHERE event = 'log:pruned'"


def upgrade() -> None:
    op.add_column("account", sa.Column("invitation_asked_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("account", sa.Column("invitation_asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
            CREATE FUNCTION refuse_unless_pruned() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (
                    SELECT 1 FROM auditevent AS found WHERE found.id = (to_jsonb(OLD)->>TG_ARGV[0])::bigint
                    AND found.at < now() - interval '5 years' AND found.id <= ({_THROUGH_POSTGRESQL})
                ) THEN RETURN OLD; END IF;
                RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME;
            END $$
        """)
        for table, line in LINE_OF.items():
            _only_added(table, "UPDATE OR TRUNCATE")
            op.execute(f"""
                CREATE TRIGGER {table}_begins_later BEFORE DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION refuse_unless_pruned('{line}')
            """)
    else:
        for table, line in LINE_OF.items():
            op.execute(f"DROP TRIGGER {table}_is_append_only_delete")
            op.execute(f"""
                CREATE TRIGGER {table}_is_append_only_delete BEFORE DELETE ON {table}
                WHEN NOT EXISTS (
                    SELECT 1 FROM auditevent AS found WHERE found.id = OLD.{line}
                    AND found.at < strftime('%Y-%m-%d %H:%M:%f', 'now', '-5 years') AND found.id <= ({_THROUGH_SQLITE})
                )
                BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
            """)


def downgrade() -> None:
    for column in ("invitation_asked_at", "invitation_asked_by"):
        op.drop_column("account", column)
    if op.get_bind().dialect.name == "postgresql":
        for table in LINE_OF:
            op.execute(f"DROP TRIGGER {table}_begins_later ON {table}")
            _only_added(table, "UPDATE OR DELETE OR TRUNCATE")
        op.execute("DROP FUNCTION refuse_unless_pruned()")
    else:
        for table in LINE_OF:
            op.execute(f"DROP TRIGGER {table}_is_append_only_delete")
            op.execute(f"""
                CREATE TRIGGER {table}_is_append_only_delete BEFORE DELETE ON {table}
                BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
            """)


def _only_added(table: str, acts: str) -> None:
    op.execute(f"DROP TRIGGER {table}_is_append_only ON {table}")
    op.execute(f"""
        CREATE TRIGGER {table}_is_append_only BEFORE {acts} ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
    """)
