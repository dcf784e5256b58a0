"""messages, reminders and the days' work"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('dailyrun',
    sa.Column('job', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('due_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ran_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('job', 'day', name=op.f('pk_dailyrun'))
    )
    with op.batch_alter_table('dailyrun', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dailyrun_ran_at'), ['ran_at'], unique=False)

    op.create_table('reminder',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('once', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sa.Enum('hold_waits', 'stay_is_long', 'count_is_missing', name='reminderkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('subject_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mark', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')),
    sa.UniqueConstraint('once', name=op.f('uq_reminder_once'))
    )
    with op.batch_alter_table('reminder', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reminder_kind'), ['kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_reminder_made_at'), ['made_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_reminder_subject_id'), ['subject_id'], unique=False)

    op.create_table('webhook',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('shelter_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('kinds', sa.JSON(), nullable=False),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('former_secret', sa.Text(), nullable=True),
    sa.Column('former_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('made_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('failing_since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('disabled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['shelter_id'], ['shelter.id'], name=op.f('fk_webhook_shelter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook'))
    )
    with op.batch_alter_table('webhook', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_webhook_shelter_id'), ['shelter_id'], unique=False)

    op.create_table('message',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('once', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sa.Enum('report.made', 'hold.asked', 'hold.released', 'hold.expired', 'hold.waits', 'stay.is_long', 'count.is_missing', 'webhook.disabled', name='messagekind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('channel', sa.Enum('mail', 'webhook', name='channel', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('account_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('webhook_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.Column('status', sa.Enum('waiting', 'delivered', 'failed', 'moot', name='messagestatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('next_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('try_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('claim', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('claimed_until', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('settled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('trouble', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.CheckConstraint("(channel = 'webhook') = (webhook_id IS NOT NULL)", name=op.f('ck_message_how')),
    sa.CheckConstraint('(account_id IS NULL) <> (webhook_id IS NULL)', name=op.f('ck_message_to_whom')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_message_account_id')),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhook.id'], name=op.f('fk_message_webhook_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_message')),
    sa.UniqueConstraint('once', name=op.f('uq_message_once'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_account_id'), ['account_id'], unique=False)
        batch_op.create_index('ix_message_due', ['status', 'channel', 'next_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_made_at'), ['made_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_message_webhook_id'), ['webhook_id'], unique=False)

    op.create_table('subscription',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('rhythm', sa.Enum('never', 'daily', 'weekdays', 'weekly', name='rhythm', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('language', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('form', sa.Enum('link', 'pdf', 'csv', name='mailform', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('changed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_subscription_account_id')),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_subscription')),
    sa.UniqueConstraint('id', name=op.f('uq_subscription_id'))
    )


def downgrade() -> None:
    for table in ('subscription', 'message', 'webhook', 'reminder', 'dailyrun'):
        op.drop_table(table)
