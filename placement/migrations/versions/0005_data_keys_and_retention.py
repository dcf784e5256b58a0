"""data keys, the key store, legal holds, and what retention needs to know"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('datakey',
    sa.Column('owner', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('destroyed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('owner', name=op.f('pk_datakey'))
    )
    with op.batch_alter_table('datakey', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_datakey_destroyed_at'), ['destroyed_at'], unique=False)

    op.create_table('keystorename',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_keystorename'))
    )
    op.create_table('legalhold',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('registration_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sa.Enum('asked', 'standing', 'refused', 'lapsed', 'lift_asked', 'lifted', name='legalholdstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('review_on', sa.Date(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('asked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('answered_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('lift_asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lift_asked_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('lifted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lifted_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.CheckConstraint('answered_by IS NULL OR answered_by <> asked_by', name=op.f('ck_legalhold_two_persons')),
    sa.CheckConstraint('lifted_by IS NULL OR lifted_by <> lift_asked_by', name=op.f('ck_legalhold_two_lift')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_legalhold_registration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legalhold'))
    )
    live = sa.text("status IN ('asked', 'standing', 'lift_asked')")
    with op.batch_alter_table('legalhold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legalhold_registration_id'), ['registration_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_legalhold_status'), ['status'], unique=False)
        batch_op.create_index('uq_legalhold_one_live', ['registration_id'], unique=True, postgresql_where=live, sqlite_where=live)

    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.add_column(sa.Column('alias_index', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('content_erased_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('anonymised_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_index(batch_op.f('ix_registration_alias_index'), ['alias_index'], unique=False)
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.alter_column('problem', existing_type=sa.Text(), nullable=True)
        batch_op.alter_column('advice', existing_type=sa.Text(), nullable=True)


def downgrade() -> None:
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.alter_column('advice', existing_type=sa.Text(), nullable=False)
        batch_op.alter_column('problem', existing_type=sa.Text(), nullable=False)
    op.drop_index('ix_registration_alias_index', table_name='registration')
    for column in ('anonymised_at', 'content_erased_at', 'alias_index'):
        op.execute(f'ALTER TABLE registration DROP COLUMN {column}')
    op.drop_table('legalhold')
    op.drop_table('keystorename')
    op.drop_table('datakey')
