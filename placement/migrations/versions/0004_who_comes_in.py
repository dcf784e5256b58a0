"""who comes in: organisations, invitations, sessions, recovery codes, and tries that are counted"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import placement.crypto.encrypted_columns

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('throttle',
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('last_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('not_before', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('subject', name=op.f('pk_throttle'))
    )
    op.create_table('ssorequest',
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('nonce', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('verifier', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('fingerprint', name=op.f('pk_ssorequest'))
    )
    op.create_table('organisation',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sa.Enum('coordination_centre', 'care_coordination', 'shelter', 'oversight', name='organisationkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('shelter_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.CheckConstraint("(kind = 'shelter') = (shelter_id IS NOT NULL)", name=op.f('ck_organisation_which_shelter')),
    sa.ForeignKeyConstraint(['shelter_id'], ['shelter.id'], name=op.f('fk_organisation_shelter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('shelter_id', name=op.f('uq_organisation_shelter_id'))
    )
    op.create_table('accountsession',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('client', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('began_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('last_used_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('verified_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('ended_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_accountsession_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accountsession')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_accountsession_fingerprint'))
    )
    with op.batch_alter_table('accountsession', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_accountsession_account_id'), ['account_id'], unique=False)

    op.create_table('invitation',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('organisation_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sa.Enum('desk', 'coordinator', 'shelter', 'shelter_staff', 'reader', 'auditor', 'admin', 'system', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('regions', sa.JSON(), nullable=False),
    sa.Column('account_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('invited_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('password_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('totp_secret', placement.crypto.encrypted_columns.Encrypted(), nullable=True),
    sa.Column('accepted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('withdrawn_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_invitation_account_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_invitation_organisation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_invitation_fingerprint'))
    )
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invitation_account_id'), ['account_id'], unique=False)

    op.create_table('knowndevice',
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_knowndevice_account_id')),
    sa.PrimaryKeyConstraint('fingerprint', 'account_id', name=op.f('pk_knowndevice'))
    )
    op.create_table('recoverycode',
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('used_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_recoverycode_account_id')),
    sa.PrimaryKeyConstraint('fingerprint', name=op.f('pk_recoverycode'))
    )
    with op.batch_alter_table('recoverycode', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recoverycode_account_id'), ['account_id'], unique=False)

    op.create_table('signinchallenge',
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_signinchallenge_account_id')),
    sa.PrimaryKeyConstraint('fingerprint', name=op.f('pk_signinchallenge'))
    )

    # Not by a batch: SQLite would make the table anew, and cannot drop the old one while keys refer to it.
    op.execute('ALTER TABLE account ADD COLUMN organisation_id VARCHAR'
               ' CONSTRAINT fk_account_organisation_id REFERENCES organisation (id)')
    op.add_column('account', sa.Column('totp_step', sa.BigInteger(), nullable=True))
    op.add_column('account', sa.Column('sso_subject', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.create_index('ix_account_sso_subject', 'account', ['sso_subject'], unique=True)
    op.add_column('apikey', sa.Column('made_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    op.drop_column('apikey', 'made_by')
    op.drop_index('ix_account_sso_subject', 'account')
    op.drop_column('account', 'sso_subject')
    op.drop_column('account', 'totp_step')
    op.drop_column('account', 'organisation_id')
    for table in ('signinchallenge', 'recoverycode', 'knowndevice', 'invitation', 'accountsession', 'organisation', 'throttle', 'ssorequest'):
        op.drop_table(table)
