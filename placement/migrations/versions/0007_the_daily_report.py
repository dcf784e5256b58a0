"""the daily capacity report, which is stored once and never changed"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('dailyreport',
    sa.Column('on', sa.Date(), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('as_of', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('made_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.Column('changed', sa.JSON(), nullable=False),
    sa.Column('rows', sa.Text(), nullable=False),
    sa.Column('report', sa.Text(), nullable=False),
    sa.CheckConstraint('version >= 1', name=op.f('ck_dailyreport_version')),
    sa.PrimaryKeyConstraint('on', 'version', name=op.f('pk_dailyreport'))
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE TRIGGER dailyreport_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dailyreport
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
    else:
        for act in ("UPDATE", "DELETE"):
            op.execute(f"""
                CREATE TRIGGER dailyreport_is_append_only_{act.lower()} BEFORE {act} ON dailyreport
                BEGIN SELECT RAISE(ABORT, 'rows of dailyreport are only added'); END
            """)


def downgrade() -> None:
    op.drop_table('dailyreport')
