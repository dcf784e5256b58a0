"""the first tables"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import placement.crypto.encrypted_columns

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sa.Enum('desk', 'coordinator', 'shelter', 'shelter_staff', 'reader', 'auditor', 'admin', 'system', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('regions', sa.JSON(), nullable=False),
    sa.Column('password_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('totp_secret', placement.crypto.encrypted_columns.Encrypted(), nullable=False),
    sa.Column('disabled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('email', name=op.f('uq_account_email'))
    )
    op.create_table('auditevent',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('event', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sa.Enum('desk', 'coordinator', 'shelter', 'shelter_staff', 'reader', 'auditor', 'admin', 'system', name='role', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('registration_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('object_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_auditevent'))
    )
    with op.batch_alter_table('auditevent', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_auditevent_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_auditevent_event'), ['event'], unique=False)
        batch_op.create_index(batch_op.f('ix_auditevent_registration_id'), ['registration_id'], unique=False)

    op.create_table('idempotentrequest',
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('attempt', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('started_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('headers', sa.JSON(), nullable=False),
    sa.Column('body', placement.crypto.encrypted_columns.Encrypted(), nullable=True),
    sa.PrimaryKeyConstraint('actor', 'key', name=op.f('pk_idempotentrequest'))
    )
    op.create_table('jobrun',
    sa.Column('job', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('slot', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('finished_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('job', 'slot', name=op.f('pk_jobrun'))
    )
    op.create_table('policy',
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('weights', sa.JSON(), nullable=False),
    sa.Column('set_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('set_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('version', name=op.f('pk_policy'))
    )
    op.create_table('provider',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider'))
    )
    op.create_table('registration',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('region', sa.Enum('noord-nederland', 'oost-nederland', 'midden-nederland', 'noord-holland', 'amsterdam', 'den-haag', 'rotterdam', 'zeeland-west-brabant', 'oost-brabant', 'limburg', name='region', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('registrant', sa.Enum('NP', 'KMAR', 'NLA', 'ZORGCOORDINATIE', 'FAIRWORK', 'OVERIG', name='registrant', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('status', sa.Enum('draft', 'open', 'held', 'placed', 'closed', name='registrationstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('alias', placement.crypto.encrypted_columns.Encrypted(), nullable=True),
    sa.Column('residence_basis', sa.Enum('none_yet', 'reflection', 'reflection_dublin', 'victim_permit', 'witness_permit', 'dutch', 'eu', 'ended', name='residencebasis', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('multiple_problems', sa.Boolean(), nullable=False),
    sa.Column('urgency', sa.Integer(), nullable=False),
    sa.Column('needed_by', sa.Date(), nullable=False),
    sa.Column('waits_since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('language_required', sa.Boolean(), nullable=False),
    sa.Column('needs', sa.JSON(), nullable=False),
    sa.Column('preferred_needs', sa.JSON(), nullable=False),
    sa.Column('room_needs', sa.JSON(), nullable=False),
    sa.Column('private_room', sa.Boolean(), nullable=False),
    sa.Column('accepts_mixed', sa.Boolean(), nullable=False),
    sa.Column('high_care', sa.Boolean(), nullable=False),
    sa.Column('near', placement.crypto.encrypted_columns.Encrypted(), nullable=True),
    sa.Column('registered_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('closed_reason', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("(status = 'closed') = (closed_reason IS NOT NULL)", name=op.f('ck_registration_closed_reason')),
    sa.CheckConstraint('urgency BETWEEN 1 AND 4', name=op.f('ck_registration_urgency')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registration'))
    )
    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_registration_region'), ['region'], unique=False)
        batch_op.create_index(batch_op.f('ix_registration_status'), ['status'], unique=False)

    op.create_table('avoidance',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('registration_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sa.Enum('region', 'location', 'provider', 'unit', name='avoidedkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('target', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('since', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('set_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('lifted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lifted_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_avoidance_registration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_avoidance'))
    )
    with op.batch_alter_table('avoidance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_avoidance_registration_id'), ['registration_id'], unique=False)

    op.create_table('keepapart',
    sa.Column('registration_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('other_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_keepapart_registration_id')),
    sa.PrimaryKeyConstraint('registration_id', 'other_id', name=op.f('pk_keepapart'))
    )
    with op.batch_alter_table('keepapart', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_keepapart_other_id'), ['other_id'], unique=False)

    op.create_table('registeredperson',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('gender', sa.Enum('female', 'male', 'other', name='gender', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('age', sa.Integer(), nullable=False),
    sa.Column('age_on', sa.Date(), nullable=False),
    sa.CheckConstraint('age BETWEEN 0 AND 120', name=op.f('ck_registeredperson_age')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_registeredperson_registration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registeredperson')),
    sa.UniqueConstraint('registration_id', 'number', name=op.f('uq_registeredperson_registration_id_number'))
    )
    with op.batch_alter_table('registeredperson', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_registeredperson_registration_id'), ['registration_id'], unique=False)

    op.create_table('shelter',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('provider_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('confirmation_asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_shelter_provider_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shelter'))
    )
    with op.batch_alter_table('shelter', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shelter_provider_id'), ['provider_id'], unique=False)

    op.create_table('threat',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('registration_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('point', placement.crypto.encrypted_columns.Encrypted(), nullable=False),
    sa.Column('min_km', sa.Integer(), nullable=False),
    sa.CheckConstraint('min_km > 0', name=op.f('ck_threat_min_km')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_threat_registration_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_threat'))
    )
    with op.batch_alter_table('threat', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_threat_registration_id'), ['registration_id'], unique=False)

    op.create_table('apikey',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('shelter_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('created_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('revoked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('last_used_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint('(account_id IS NULL) <> (shelter_id IS NULL)', name=op.f('ck_apikey_whose')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_apikey_account_id')),
    sa.ForeignKeyConstraint(['shelter_id'], ['shelter.id'], name=op.f('fk_apikey_shelter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_apikey')),
    sa.UniqueConstraint('fingerprint', name=op.f('uq_apikey_fingerprint'))
    )
    with op.batch_alter_table('apikey', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_apikey_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_apikey_shelter_id'), ['shelter_id'], unique=False)

    op.create_table('capacityreport',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('shelter_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('reported_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['shelter_id'], ['shelter.id'], name=op.f('fk_capacityreport_shelter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_capacityreport'))
    )
    with op.batch_alter_table('capacityreport', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_capacityreport_shelter_id'), ['shelter_id'], unique=False)

    op.create_table('location',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('shelter_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('region', sa.Enum('noord-nederland', 'oost-nederland', 'midden-nederland', 'noord-holland', 'amsterdam', 'den-haag', 'rotterdam', 'zeeland-west-brabant', 'oost-brabant', 'limburg', name='region', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('cell_row', sa.Integer(), nullable=False),
    sa.Column('cell_column', sa.Integer(), nullable=False),
    sa.Column('address', placement.crypto.encrypted_columns.Encrypted(), nullable=True),
    sa.ForeignKeyConstraint(['shelter_id'], ['shelter.id'], name=op.f('fk_location_shelter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_location'))
    )
    with op.batch_alter_table('location', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_location_shelter_id'), ['shelter_id'], unique=False)

    op.create_table('accesstoken',
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['key_id'], ['apikey.id'], name=op.f('fk_accesstoken_key_id')),
    sa.PrimaryKeyConstraint('fingerprint', name=op.f('pk_accesstoken'))
    )
    with op.batch_alter_table('accesstoken', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_accesstoken_key_id'), ['key_id'], unique=False)

    op.create_table('unit',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('location_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('scheme', sa.Enum('cosm', 'omm', 'womens', 'mens', 'social', 'minors', 'crisis', name='scheme', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('admits', sa.JSON(), nullable=False),
    sa.Column('min_age', sa.Integer(), nullable=False),
    sa.Column('max_age', sa.Integer(), nullable=False),
    sa.Column('children_max_age', sa.Integer(), nullable=True),
    sa.Column('boys_max_age', sa.Integer(), nullable=True),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('interpreter_languages', sa.JSON(), nullable=False),
    sa.Column('specialisms', sa.JSON(), nullable=False),
    sa.Column('high_care_limit', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint('(children_max_age IS NULL) = (boys_max_age IS NULL)', name=op.f('ck_unit_children')),
    sa.CheckConstraint('0 <= min_age AND min_age <= max_age AND max_age <= 120', name=op.f('ck_unit_ages')),
    sa.CheckConstraint('boys_max_age BETWEEN 0 AND 17', name=op.f('ck_unit_boys_max_age')),
    sa.CheckConstraint('children_max_age BETWEEN 0 AND 17', name=op.f('ck_unit_children_max_age')),
    sa.CheckConstraint('high_care_limit >= 0', name=op.f('ck_unit_high_care_limit')),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_unit_location_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit'))
    )
    with op.batch_alter_table('unit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unit_location_id'), ['location_id'], unique=False)

    op.create_table('profilequestion',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('unit_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_profilequestion_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_profilequestion'))
    )
    with op.batch_alter_table('profilequestion', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_profilequestion_unit_id'), ['unit_id'], unique=False)

    op.create_table('proposal',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('registration_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('registration_version', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('made', 'accepted', 'overridden', 'declined', 'superseded', 'expired', name='proposalstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('made_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('unit_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('problem', placement.crypto.encrypted_columns.Encrypted(), nullable=False),
    sa.Column('advice', placement.crypto.encrypted_columns.Encrypted(), nullable=False),
    sa.Column('policy_version', sa.Integer(), nullable=False),
    sa.Column('engine_version', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_proposal_registration_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_proposal_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal'))
    )
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_registration_id'), ['registration_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposal_status'), ['status'], unique=False)

    op.create_table('room',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('unit_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('features', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_room_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_room'))
    )
    with op.batch_alter_table('room', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_room_unit_id'), ['unit_id'], unique=False)

    op.create_table('bed',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('room_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.CheckConstraint('number >= 1', name=op.f('ck_bed_number')),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_bed_room_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bed')),
    sa.UniqueConstraint('room_id', 'number', name=op.f('uq_bed_room_id_number'))
    )
    with op.batch_alter_table('bed', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_bed_room_id'), ['room_id'], unique=False)

    op.create_table('decision',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('proposal_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sa.Enum('accept', 'override', 'decline', name='decisionkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('status', sa.Enum('waiting_for_desk', 'waiting_for_shelter', 'waiting_for_second', 'final', 'refused', name='decisionstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('unit_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('text', placement.crypto.encrypted_columns.Encrypted(), nullable=True),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('broken', sa.JSON(), nullable=False),
    sa.Column('loss', sa.Integer(), nullable=True),
    sa.Column('displaces', sa.JSON(), nullable=False),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('decided_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('second_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('second_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.CheckConstraint("kind = 'accept' OR reason IS NOT NULL", name=op.f('ck_decision_reason')),
    sa.CheckConstraint("kind = 'decline' OR unit_id IS NOT NULL", name=op.f('ck_decision_unit')),
    sa.CheckConstraint('second_by IS NULL OR second_by <> decided_by', name=op.f('ck_decision_two_persons')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_decision_proposal_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_decision_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision'))
    )
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_decision_proposal_id'), ['proposal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_decision_status'), ['status'], unique=False)
        batch_op.create_index('uq_decision_one_standing', ['proposal_id'], unique=True, postgresql_where=sa.text("status <> 'refused'"), sqlite_where=sa.text("status <> 'refused'"))

    op.create_table('roomreport',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('room_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('out_of_service', sa.Integer(), nullable=False),
    sa.Column('out_reason', sa.Enum('repair', 'cleaning', 'infection', 'staff_shortage', 'safety', 'other', name='outofservice', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('out_until', sa.Date(), nullable=True),
    sa.Column('other_use', sa.JSON(), nullable=False),
    sa.Column('free_from', sa.Date(), nullable=True),
    sa.Column('counted_free', sa.Integer(), nullable=True),
    sa.Column('derived_free', sa.Integer(), nullable=True),
    sa.Column('withheld', sa.Integer(), nullable=False),
    sa.CheckConstraint('out_of_service >= 0', name=op.f('ck_roomreport_out_of_service')),
    sa.CheckConstraint('withheld >= 0', name=op.f('ck_roomreport_withheld')),
    sa.ForeignKeyConstraint(['report_id'], ['capacityreport.id'], name=op.f('fk_roomreport_report_id')),
    sa.ForeignKeyConstraint(['room_id'], ['room.id'], name=op.f('fk_roomreport_room_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roomreport')),
    sa.UniqueConstraint('report_id', 'room_id', name=op.f('uq_roomreport_report_id_room_id'))
    )
    with op.batch_alter_table('roomreport', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_roomreport_report_id'), ['report_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_roomreport_room_id'), ['room_id'], unique=False)

    op.create_table('hold',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('registration_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('unit_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('decision_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sa.Enum('waiting_for_shelter', 'confirmed', 'refused', 'expired', 'released', name='holdstatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('made_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('made_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('expires_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('answered_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('expected_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('text', placement.crypto.encrypted_columns.Encrypted(), nullable=True),
    sa.CheckConstraint("(status = 'refused') <= (reason IS NOT NULL)", name=op.f('ck_hold_reason')),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_hold_decision_id')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_hold_registration_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_hold_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hold')),
    sa.UniqueConstraint('decision_id', name=op.f('uq_hold_decision_id'))
    )
    with op.batch_alter_table('hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_hold_registration_id'), ['registration_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_hold_status'), ['status'], unique=False)
        batch_op.create_index(batch_op.f('ix_hold_unit_id'), ['unit_id'], unique=False)
        batch_op.create_index('uq_hold_one_waiting', ['registration_id'], unique=True, postgresql_where=sa.text("status = 'waiting_for_shelter'"), sqlite_where=sa.text("status = 'waiting_for_shelter'"))

    op.create_table('stay',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('registration_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('unit_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('hold_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('status', sa.Enum('planned', 'in_house', 'ended', name='staystatus', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('arrived_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('limit_on', sa.Date(), nullable=False),
    sa.Column('blocker', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('blocker_text', placement.crypto.encrypted_columns.Encrypted(), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.Column('end_reason', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('end_text', placement.crypto.encrypted_columns.Encrypted(), nullable=True),
    sa.CheckConstraint("(status = 'ended') = (end_reason IS NOT NULL)", name=op.f('ck_stay_end_reason')),
    sa.ForeignKeyConstraint(['hold_id'], ['hold.id'], name=op.f('fk_stay_hold_id')),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_stay_registration_id')),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_stay_unit_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stay')),
    sa.UniqueConstraint('hold_id', name=op.f('uq_stay_hold_id'))
    )
    with op.batch_alter_table('stay', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stay_registration_id'), ['registration_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_stay_status'), ['status'], unique=False)
        batch_op.create_index(batch_op.f('ix_stay_unit_id'), ['unit_id'], unique=False)
        batch_op.create_index('uq_stay_one_live', ['registration_id'], unique=True, postgresql_where=sa.text("status <> 'ended'"), sqlite_where=sa.text("status <> 'ended'"))

    op.create_table('bedclaim',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('bed_id', sa.Integer(), nullable=False),
    sa.Column('hold_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('stay_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('registration_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('whole_room', sa.Boolean(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('cancelled', sa.Boolean(), nullable=False),
    sa.CheckConstraint('ends_on IS NULL OR ends_on >= starts_on', name=op.f('ck_bedclaim_period')),
    sa.CheckConstraint('hold_id IS NOT NULL OR stay_id IS NOT NULL', name=op.f('ck_bedclaim_whose')),
    sa.ForeignKeyConstraint(['bed_id'], ['bed.id'], name=op.f('fk_bedclaim_bed_id')),
    sa.ForeignKeyConstraint(['hold_id'], ['hold.id'], name=op.f('fk_bedclaim_hold_id')),
    sa.ForeignKeyConstraint(['person_id'], ['registeredperson.id'], name=op.f('fk_bedclaim_person_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['registration_id'], ['registration.id'], name=op.f('fk_bedclaim_registration_id')),
    sa.ForeignKeyConstraint(['stay_id'], ['stay.id'], name=op.f('fk_bedclaim_stay_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bedclaim'))
    )
    with op.batch_alter_table('bedclaim', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_bedclaim_bed_id'), ['bed_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_bedclaim_hold_id'), ['hold_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_bedclaim_registration_id'), ['registration_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_bedclaim_stay_id'), ['stay_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('bedclaim', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_bedclaim_stay_id'))
        batch_op.drop_index(batch_op.f('ix_bedclaim_registration_id'))
        batch_op.drop_index(batch_op.f('ix_bedclaim_hold_id'))
        batch_op.drop_index(batch_op.f('ix_bedclaim_bed_id'))

    op.drop_table('bedclaim')
    with op.batch_alter_table('stay', schema=None) as batch_op:
        batch_op.drop_index('uq_stay_one_live', postgresql_where=sa.text("status <> 'ended'"), sqlite_where=sa.text("status <> 'ended'"))
        batch_op.drop_index(batch_op.f('ix_stay_unit_id'))
        batch_op.drop_index(batch_op.f('ix_stay_status'))
        batch_op.drop_index(batch_op.f('ix_stay_registration_id'))

    op.drop_table('stay')
    with op.batch_alter_table('hold', schema=None) as batch_op:
        batch_op.drop_index('uq_hold_one_waiting', postgresql_where=sa.text("status = 'waiting_for_shelter'"), sqlite_where=sa.text("status = 'waiting_for_shelter'"))
        batch_op.drop_index(batch_op.f('ix_hold_unit_id'))
        batch_op.drop_index(batch_op.f('ix_hold_status'))
        batch_op.drop_index(batch_op.f('ix_hold_registration_id'))

    op.drop_table('hold')
    with op.batch_alter_table('roomreport', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_roomreport_room_id'))
        batch_op.drop_index(batch_op.f('ix_roomreport_report_id'))

    op.drop_table('roomreport')
    with op.batch_alter_table('decision', schema=None) as batch_op:
        batch_op.drop_index('uq_decision_one_standing', postgresql_where=sa.text("status <> 'refused'"), sqlite_where=sa.text("status <> 'refused'"))
        batch_op.drop_index(batch_op.f('ix_decision_status'))
        batch_op.drop_index(batch_op.f('ix_decision_proposal_id'))

    op.drop_table('decision')
    with op.batch_alter_table('bed', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_bed_room_id'))

    op.drop_table('bed')
    with op.batch_alter_table('room', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_room_unit_id'))

    op.drop_table('room')
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposal_status'))
        batch_op.drop_index(batch_op.f('ix_proposal_registration_id'))

    op.drop_table('proposal')
    with op.batch_alter_table('profilequestion', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_profilequestion_unit_id'))

    op.drop_table('profilequestion')
    with op.batch_alter_table('unit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_unit_location_id'))

    op.drop_table('unit')
    with op.batch_alter_table('accesstoken', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_accesstoken_key_id'))

    op.drop_table('accesstoken')
    with op.batch_alter_table('location', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_location_shelter_id'))

    op.drop_table('location')
    with op.batch_alter_table('capacityreport', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_capacityreport_shelter_id'))

    op.drop_table('capacityreport')
    with op.batch_alter_table('apikey', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_apikey_shelter_id'))
        batch_op.drop_index(batch_op.f('ix_apikey_account_id'))

    op.drop_table('apikey')
    with op.batch_alter_table('threat', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_threat_registration_id'))

    op.drop_table('threat')
    with op.batch_alter_table('shelter', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_shelter_provider_id'))

    op.drop_table('shelter')
    with op.batch_alter_table('registeredperson', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_registeredperson_registration_id'))

    op.drop_table('registeredperson')
    with op.batch_alter_table('keepapart', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_keepapart_other_id'))

    op.drop_table('keepapart')
    with op.batch_alter_table('avoidance', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_avoidance_registration_id'))

    op.drop_table('avoidance')
    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_registration_status'))
        batch_op.drop_index(batch_op.f('ix_registration_region'))

    op.drop_table('registration')
    op.drop_table('provider')
    op.drop_table('policy')
    op.drop_table('jobrun')
    op.drop_table('idempotentrequest')
    with op.batch_alter_table('auditevent', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_auditevent_registration_id'))
        batch_op.drop_index(batch_op.f('ix_auditevent_event'))
        batch_op.drop_index(batch_op.f('ix_auditevent_at'))

    op.drop_table('auditevent')
    op.drop_table('account')
