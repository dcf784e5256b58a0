"""what the database itself forbids: a bed given twice, and a changed report or audit line"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("capacityreport", "roomreport", "auditevent")

# Two claims on one bed overlap when each begins before the other ends. An empty period [d, d) overlaps nothing.
_OVERLAP = """
    SELECT 1 FROM bedclaim AS other
    WHERE other.bed_id = NEW.bed_id AND other.cancelled = 0 AND other.id IS NOT NEW.id
      AND other.starts_on < coalesce(NEW.ends_on, '9999-12-31')
      AND NEW.starts_on < coalesce(other.ends_on, '9999-12-31')
      AND other.starts_on < coalesce(other.ends_on, '9999-12-31')
      AND NEW.starts_on < coalesce(NEW.ends_on, '9999-12-31')
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            ALTER TABLE bedclaim ADD CONSTRAINT bed_is_given_once EXCLUDE USING gist
            (int8range(bed_id, bed_id, '[]') WITH =, daterange(starts_on, ends_on, '[)') WITH &&)
            WHERE (NOT cancelled)
        """)
        op.execute("""
            CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME; END $$
        """)
        for table in APPEND_ONLY:
            op.execute(f"""
                CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
            """)
    else:
        for act in ("INSERT", "UPDATE"):
            op.execute(f"""
                CREATE TRIGGER bed_is_given_once_{act.lower()} BEFORE {act} ON bedclaim
                WHEN NEW.cancelled = 0 AND EXISTS ({_OVERLAP})
                BEGIN SELECT RAISE(ABORT, 'bed_is_given_once'); END
            """)
        for table in APPEND_ONLY:
            for act in ("UPDATE", "DELETE"):
                op.execute(f"""
                    CREATE TRIGGER {table}_is_append_only_{act.lower()} BEFORE {act} ON {table}
                    BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
                """)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE bedclaim DROP CONSTRAINT bed_is_given_once")
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_is_append_only ON {table}")
        op.execute("DROP FUNCTION refuse_change()")
    else:
        for act in ("insert", "update"):
            op.execute(f"DROP TRIGGER bed_is_given_once_{act}")
        for table in APPEND_ONLY:
            for act in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_is_append_only_{act}")
