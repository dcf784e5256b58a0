"""every table as of revision 0069, and what the database itself forbids: a bed given twice, a changed report or event

The baseline. A database with revision 0069 has these tables; `deploy/releases/` records the version that brings an
older database to it. Types are SQLAlchemy's own: a later change of a class of the service changes nothing here.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROLES = "desk coordinator shelter shelter_staff reader auditor admin system"
DECISIONS = "waiting_for_desk waiting_for_shelter waiting_for_second provisional final refused lapsed withdrawn"
REGIONS = (
    "noord-nederland oost-nederland midden-nederland noord-holland amsterdam den-haag rotterdam zeeland-west-brabant"
    " oost-brabant limburg"
)

TABLES = """
    auditevent auditindex auditmark auditoddity audittruncation auditunsealed bedclaim dailyreport dailyrun datakey
    datedrule frozenproblem idempotentrequest importmapping importrequest jobrun keepapart keyrotation keystorename
    leaverequest message passkeychallenge placeentry policy provider registerversion registration registrationlink
    reminder ssorequest stayswith storerecord tasknotice telephoneentry throttle webhook factchange legalhold proposal
    shelter capacityreport changerequest decision location numberchange organisation account hold unit absence
    accountdetails accountsession apikey asking invitation knowndevice mandate oncall opening passkey profilequestion
    recoverycode room signinchallenge stay subscription accesstoken bed roomclosure roomreport
""".split()
"""The tables in the order in which they are made: a table refers only to earlier tables."""
ONLY_ADDED = ("capacityreport", "roomreport", "dailyreport", "registerversion", "audittruncation")
"""Tables whose rows are never changed and never deleted."""
SHORTENED = {"auditevent": "id", "auditindex": "line"}
"""Tables whose rows are never changed, and deleted only after a truncation of the log; the column of the event."""


def upgrade() -> None:
    _create_tables()
    if op.get_bind().dialect.name == "postgresql":
        _forbid_on_postgresql()
    else:
        _forbid_on_sqlite()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TYPE bed_pseudonyms")
        op.execute("DROP FUNCTION refuse_change()")
        op.execute("DROP FUNCTION refuse_unless_pruned()")


def _codes(name: str, codes: str) -> sa.Enum:
    return sa.Enum(*codes.split(), name=name, native_enum=False, create_constraint=True, length=40)


def _to(table: str, column: str, target: str, **options: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), **options)


def _indexes(table: str, *columns: str) -> list[sa.Index]:
    return [sa.Index(op.f(f"ix_{table}_{column}"), column) for column in columns]


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def _forbid_on_postgresql() -> None:
    # A range of one text: equality in an exclusion constraint needs a range, or an extension.
    op.execute('CREATE TYPE bed_pseudonyms AS RANGE (subtype = text, collation = "C")')
    op.execute("""
        ALTER TABLE bedclaim ADD CONSTRAINT bed_is_given_once EXCLUDE USING gist
        (bed_pseudonyms(bed_id, bed_id, '[]') WITH =, daterange(starts_on, ends_on, '[)') WITH &&)
        WHERE (NOT cancelled)
    """)
    op.execute("""
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME; END $$
    """)
    op.execute("""
        CREATE FUNCTION refuse_unless_pruned() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (
                    SELECT 1 FROM auditevent AS found WHERE found.id = (to_jsonb(OLD)->>TG_ARGV[0])::bigint
                    AND found.at < now() - interval '5 years' AND found.id <= (SELECT max(through) FROM audittruncation)
                ) THEN RETURN OLD; END IF;
                RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME;
            END $$
    """)
    for table in (*ONLY_ADDED, *SHORTENED):
        acts = "UPDATE OR TRUNCATE" if table in SHORTENED else "UPDATE OR DELETE OR TRUNCATE"
        op.execute(f"""
            CREATE TRIGGER {table}_is_append_only BEFORE {acts} ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
    for table, event in SHORTENED.items():
        op.execute(f"""
            CREATE TRIGGER {table}_begins_later BEFORE DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_unless_pruned('{event}')
        """)


def _forbid_on_sqlite() -> None:
    # Two claims on one bed overlap when each begins before the other ends. An empty period [d, d) overlaps nothing.
    for act in ("INSERT", "UPDATE"):
        op.execute(f"""
            CREATE TRIGGER bed_is_given_once_{act.lower()} BEFORE {act} ON bedclaim
            WHEN NEW.cancelled = 0 AND EXISTS (
                SELECT 1 FROM bedclaim AS other
                WHERE other.bed_id = NEW.bed_id AND other.cancelled = 0 AND other.id IS NOT NEW.id
                AND other.starts_on < coalesce(NEW.ends_on, '9999-12-31')
                AND NEW.starts_on < coalesce(other.ends_on, '9999-12-31')
                AND other.starts_on < coalesce(other.ends_on, '9999-12-31')
                AND NEW.starts_on < coalesce(NEW.ends_on, '9999-12-31')
            )
            BEGIN SELECT RAISE(ABORT, 'bed_is_given_once'); END
        """)
    for table in (*ONLY_ADDED, *SHORTENED):
        for act in ("UPDATE", "DELETE"):
            op.execute(f"""
                CREATE TRIGGER {table}_is_append_only_{act.lower()} BEFORE {act} ON {table}
                {_unless_shortened(table) if act == "DELETE" and table in SHORTENED else ""}
                BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
            """)


def _unless_shortened(table: str) -> str:
    return f"""
        WHEN NOT EXISTS (
            SELECT 1 FROM auditevent AS found WHERE found.id = OLD.{SHORTENED[table]}
            AND found.at < strftime('%Y-%m-%d %H:%M:%f', 'now', '-5 years')
            AND found.id <= (SELECT max(through) FROM audittruncation)
        )
    """


def _create_tables() -> None:
    op.create_table(
        "auditevent",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditevent")),
        *_indexes("auditevent", "at"),
    )
    op.create_table(
        "auditindex",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_auditindex")),
        *_indexes("auditindex", "line"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "auditmark",
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_auditmark")),
    )
    op.create_table(
        "auditoddity",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("once", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("outcome", _codes("reviewoutcome", "explained spoken_to incident rule_too_strict")),
        sa.Column("note", sa.Text()),
        sa.Column("ticked_at", MOMENT),
        sa.Column("ticked_by", sa.String()),
        sa.CheckConstraint("(outcome IS NULL) = (ticked_at IS NULL)", name=op.f("ck_auditoddity_ticked")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditoddity")),
        sa.UniqueConstraint("once", name=op.f("uq_auditoddity_once")),
        *_indexes("auditoddity", "found_at"),
    )
    op.create_table(
        "audittruncation",
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_audittruncation")),
    )
    op.create_table(
        "auditunsealed",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditunsealed")),
    )
    op.create_table(
        "bedclaim",
        sa.Column("whole_room", sa.Boolean(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date()),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("bed_id", sa.Text(), nullable=False),
        sa.Column("hold_id", sa.Text()),
        sa.Column("stay_id", sa.Text()),
        sa.Column("registration_id", sa.Text()),
        sa.Column("person_id", sa.Text()),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_bedclaim_period")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bedclaim")),
        *_indexes("bedclaim", "bed_id", "ends_on", "hold_id", "person_id", "registration_id", "stay_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dailyreport",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changed", sa.Text()),
        sa.CheckConstraint("version >= 1", name=op.f("ck_dailyreport_version")),
        sa.PrimaryKeyConstraint("on", "version", name=op.f("pk_dailyreport")),
    )
    op.create_table(
        "dailyrun",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("ran_at", MOMENT, nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("job", "day", name=op.f("pk_dailyrun")),
        *_indexes("dailyrun", "ran_at"),
    )
    op.create_table(
        "datakey",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("destroyed_at", MOMENT),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_datakey")),
        *_indexes("datakey", "destroyed_at"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "datedrule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", _codes("rulekind", "entitlement stay_limit safety_distance reason"), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON()),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("legal_ground", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.Column("reason", sa.String()),
        sa.Column("asked_by", sa.String()),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by", sa.String()),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("seal", sa.String()),
        sa.Column("browser", sa.Text()),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_datedrule_period")),
        sa.CheckConstraint("NOT granted OR settled_at IS NOT NULL", name=op.f("ck_datedrule_settled")),
        sa.CheckConstraint("NOT granted OR asked_by IS NULL OR settled_by <> asked_by", name=op.f("ck_datedrule_two_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datedrule")),
        sa.Index("uq_datedrule_in_turn", "kind", "number", unique=True, **_where("granted AND number > 0")),
    )
    op.create_table(
        "frozenproblem",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String()),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frozenproblem")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_frozenproblem_fingerprint")),
    )
    op.create_table(
        "idempotentrequest",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.Text()),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.Text()),
        sa.Column("body", sa.Text()),
        sa.Column("registration_id", sa.Text()),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotentrequest")),
    )
    op.create_table(
        "importmapping",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("sheet", sa.String(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("kept_at", MOMENT, nullable=False),
        sa.Column("kept_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_importmapping")),
    )
    op.create_table(
        "importrequest",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("seal", sa.String()),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_importrequest")),
    )
    op.create_table(
        "jobrun",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("slot", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_jobrun")),
    )
    op.create_table(
        "keepapart",
        sa.Column("registration_id", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", "other_id", name=op.f("pk_keepapart")),
        *_indexes("keepapart", "other_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "keyrotation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("browser", sa.Text()),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by", sa.String()),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("seal", sa.String()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keyrotation")),
    )
    op.create_table(
        "keystorename",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keystorename")),
    )
    op.create_table(
        "leaverequest",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", _codes("leavekind", "export_people destroy_keys"), nullable=False),
        sa.Column("reason", _codes("leavereason", "leaving handover authority"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("recipient", sa.String()),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by", sa.String()),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("begun_at", MOMENT),
        sa.Column("done_at", MOMENT),
        sa.Column("seal", sa.String()),
        sa.Column("browser", sa.Text()),
        sa.CheckConstraint("(kind = 'export_people') = (recipient IS NOT NULL)", name=op.f("ck_leaverequest_recipient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaverequest")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("settled_on", sa.Date()),
        sa.Column("mail_waits", sa.Boolean(), nullable=False),
        sa.Column("calls_wait", sa.Boolean(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("once", name=op.f("uq_message_once")),
        *_indexes("message", "calls_wait", "made_on", "mail_waits"),
        sa.Index("ix_message_failed", "failed", "made_on"),
        sa.Index("ix_message_settled_on", "settled_on", "made_on"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "passkeychallenge",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("seal", sa.String()),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_passkeychallenge")),
        *_indexes("passkeychallenge", "subject"),
    )
    op.create_table(
        "placeentry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _codes("placekind", "area municipality registrant_unit"), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("listed_on", sa.Date()),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("seal", sa.String()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placeentry")),
        sa.UniqueConstraint("kind", "code", "number", name=op.f("uq_placeentry_kind_code_number")),
    )
    op.create_table(
        "policy",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("seal", sa.String()),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policy")),
    )
    op.create_table(
        "provider",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
    )
    op.create_table(
        "registerversion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _codes("registerkind", "provider shelter location unit room"), nullable=False),
        sa.Column("thing_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registerversion")),
        sa.UniqueConstraint("kind", "thing_id", "version", name=op.f("uq_registerversion_kind_thing_id_version")),
        *_indexes("registerversion", "thing_id"),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("status", _codes("registrationstatus", "draft open held placed moving move_held missing closed"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("alias", sa.Text()),
        sa.Column("alias_index", sa.String()),
        sa.Column("closed_reason", sa.String()),
        sa.Column("content_erased_at", MOMENT),
        sa.Column("anonymised_at", MOMENT),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("content", sa.Text()),
        sa.Column("waits_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date()),
        sa.CheckConstraint("(status = 'closed') = (closed_reason IS NOT NULL)", name=op.f("ck_registration_closed_reason")),
        sa.CheckConstraint("urgency BETWEEN 1 AND 4", name=op.f("ck_registration_urgency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        *_indexes("registration", "alias_index", "region"),
        sa.Index("ix_registration_status", "status", "urgency", "waits_on", "id"),
        sa.Index("ix_registration_to_anonymise", "status", "closed_on", **_where("anonymised_at IS NULL")),
        sa.Index("ix_registration_to_erase", "status", "closed_on", **_where("content_erased_at IS NULL")),
        sa.Index("ix_registration_urgency", "urgency", "waits_on", "id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "registrationlink",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrationlink")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reminder",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("kind", _codes("reminderkind", "hold_waits stay_is_long count_is_missing"), nullable=False),
        sa.Column("mark", sa.Text()),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("once", name=op.f("uq_reminder_once")),
        *_indexes("reminder", "kind", "made_on", "subject_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ssorequest",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("seal", sa.String()),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_ssorequest")),
    )
    op.create_table(
        "stayswith",
        sa.Column("registration_id", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("registration_id", "other_id", name=op.f("pk_stayswith")),
        *_indexes("stayswith", "other_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "storerecord",
        sa.Column(
            "fact",
            _codes("storefact", "synthetic keys_copied backup_made service_back job_fails restored mail_fails"),
            nullable=False,
        ),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("fact", name=op.f("pk_storerecord")),
    )
    op.create_table(
        "tasknotice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasknotice")),
        sa.UniqueConstraint("once", name=op.f("uq_tasknotice_once")),
        *_indexes("tasknotice", "ended_on", "made_on"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "telephoneentry",
        sa.Column("seal", sa.String()),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("browser", sa.Text()),
        sa.Column("caller", sa.Text()),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephoneentry")),
        *_indexes("telephoneentry", "made_on", "waits"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "throttle",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_throttle")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("former_secret", sa.Text()),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("shelter_id", sa.Text()),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("former_until", MOMENT),
        sa.Column("failing_since", MOMENT),
        sa.Column("disabled_at", MOMENT),
        sa.Column("seal", sa.String()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        *_indexes("webhook", "made_by", "shelter_id"),
    )
    op.create_table(
        "factchange",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("content", sa.Text()),
        _to("factchange", "registration_id", "registration.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factchange")),
        *_indexes("factchange", "registration_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "legalhold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("status", _codes("legalholdstatus", "asked standing refused lapsed lift_asked lifted"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("answered_at", MOMENT),
        sa.Column("answered_by", sa.String()),
        sa.Column("lift_asked_at", MOMENT),
        sa.Column("lift_asked_by", sa.String()),
        sa.Column("lifted_at", MOMENT),
        sa.Column("lifted_by", sa.String()),
        sa.Column("seal", sa.String()),
        sa.Column("browser", sa.Text()),
        sa.CheckConstraint("lifted_by IS NULL OR lifted_by <> lift_asked_by", name=op.f("ck_legalhold_two_lift")),
        sa.CheckConstraint("answered_by IS NULL OR answered_by <> asked_by", name=op.f("ck_legalhold_two_persons")),
        _to("legalhold", "registration_id", "registration.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legalhold")),
        *_indexes("legalhold", "registration_id", "status"),
        sa.Index(
            "uq_legalhold_one_live",
            "registration_id",
            unique=True,
            **_where("status IN ('asked', 'standing', 'lift_asked')"),
        ),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("engine_version", sa.String(), nullable=False),
        sa.Column("registration_version", sa.Integer(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("advice", sa.Text()),
        sa.Column("status", _codes("proposalstatus", "made accepted overridden declined superseded expired"), nullable=False),
        sa.Column("unit_id", sa.Text()),
        sa.Column("problem_id", sa.String()),
        sa.Column("missing_counts", sa.Text()),
        _to("proposal", "problem_id", "frozenproblem.id"),
        _to("proposal", "registration_id", "registration.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        *_indexes("proposal", "problem_id", "registration_id", "status"),
        sa.Index("ix_proposal_to_erase", "made_at", **_where("advice IS NOT NULL")),
    )
    op.create_table(
        "shelter",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", _codes("placestatus", "planned open closing closed"), nullable=False),
        sa.Column("opens_on", sa.Date()),
        sa.Column("closes_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.Date()),
        sa.Column("no_new_from", sa.Date()),
        sa.Column("works_by_telephone", sa.Boolean(), nullable=False),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_shelter_closed_on")),
        _to("shelter", "provider_id", "provider.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelter")),
        *_indexes("shelter", "provider_id"),
    )
    op.create_table(
        "capacityreport",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shelter_id", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        _to("capacityreport", "shelter_id", "shelter.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacityreport")),
        *_indexes("capacityreport", "at"),
        sa.Index("ix_capacityreport_newest", "shelter_id", "id"),
    )
    op.create_table(
        "changerequest",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", _codes("changekind", "address new_unit change_unit move_unit close_unit reopen_unit"), nullable=False),
        sa.Column("status", _codes("changestatus", "asked granted refused"), nullable=False),
        sa.Column("shelter_id", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_by", sa.String()),
        sa.Column("answered_at", MOMENT),
        sa.Column("seal", sa.String()),
        sa.Column("browser", sa.Text()),
        sa.CheckConstraint("(status = 'asked') = (answered_at IS NULL)", name=op.f("ck_changerequest_answered_at")),
        _to("changerequest", "shelter_id", "shelter.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changerequest")),
        *_indexes("changerequest", "shelter_id", "status"),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("proposal_id", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("second_by", sa.String()),
        sa.Column("text", sa.Text()),
        sa.Column("review_on", sa.Date()),
        sa.Column("loss", sa.Integer()),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("second_at", MOMENT),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("kind", _codes("decisionkind", "accept override decline"), nullable=False),
        sa.Column("status", _codes("decisionstatus", DECISIONS), nullable=False),
        sa.Column("unit_id", sa.Text()),
        sa.Column("broken", sa.Text()),
        sa.Column("displaces", sa.Text()),
        sa.Column("seal", sa.String()),
        sa.Column("browser", sa.Text()),
        sa.Column("client_says", sa.Text()),
        sa.Column("second_text", sa.Text()),
        sa.Column("mandate_id", sa.String()),
        sa.Column("looked_at", MOMENT),
        sa.Column("looked_by", sa.String()),
        sa.CheckConstraint("kind = 'accept' OR reason IS NOT NULL", name=op.f("ck_decision_reason")),
        sa.CheckConstraint("second_by IS NULL OR second_by <> decided_by", name=op.f("ck_decision_two_persons")),
        _to("decision", "proposal_id", "proposal.id"),
        _to("decision", "registration_id", "registration.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        *_indexes("decision", "proposal_id", "registration_id", "status"),
        sa.Index(
            "uq_decision_one_standing",
            "proposal_id",
            unique=True,
            **_where("status NOT IN ('refused', 'lapsed', 'withdrawn')"),
        ),
    )
    op.create_table(
        "location",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("shelter_id", sa.String(), nullable=False),
        sa.Column("region", _codes("region", REGIONS), nullable=False),
        sa.Column("cell_row", sa.Integer(), nullable=False),
        sa.Column("cell_column", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text()),
        sa.Column("status", _codes("placestatus", "planned open closing closed"), nullable=False),
        sa.Column("opens_on", sa.Date()),
        sa.Column("closes_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("open_until", sa.Date()),
        sa.Column("no_new_from", sa.Date()),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_location_closed_on")),
        _to("location", "shelter_id", "shelter.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
        *_indexes("location", "shelter_id"),
    )
    op.create_table(
        "numberchange",
        sa.Column("seal", sa.String()),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("shelter_id", sa.String(), nullable=False),
        sa.Column("use", _codes("telephoneuse", "placing night general"), nullable=False),
        sa.Column("number", sa.Text()),
        sa.Column("former", sa.Text()),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("browser", sa.Text()),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("confirmed_by", sa.String()),
        sa.Column("confirmed_how", _codes("numberconfirmed", "former_number in_person")),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name=op.f("ck_numberchange_confirmed_by")),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_how IS NULL)", name=op.f("ck_numberchange_confirmed_how")),
        _to("numberchange", "shelter_id", "shelter.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_numberchange")),
        *_indexes("numberchange", "shelter_id"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", _codes("organisationkind", "coordination_centre care_coordination shelter oversight"), nullable=False),
        sa.Column("shelter_id", sa.String()),
        sa.Column("telephones", sa.Text()),
        sa.Column("service_address", sa.String()),
        sa.Column("seal", sa.String()),
        sa.CheckConstraint("(kind = 'shelter') = (shelter_id IS NOT NULL)", name=op.f("ck_organisation_which_shelter")),
        _to("organisation", "shelter_id", "shelter.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("shelter_id", name=op.f("uq_organisation_shelter_id")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String()),
        sa.Column("role", _codes("role", ROLES), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("totp_secret", sa.Text(), nullable=False),
        sa.Column("totp_step", sa.BigInteger()),
        sa.Column("sso_subject", sa.String()),
        sa.Column("let_in_by", sa.JSON()),
        sa.Column("disabled_at", MOMENT),
        sa.Column("seal", sa.String()),
        sa.Column("signed_in_on", sa.Date()),
        _to("account", "organisation_id", "organisation.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
        sa.Index("ix_account_sso_subject", "sso_subject", unique=True),
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("text", sa.Text()),
        sa.Column("unit_id", sa.Text()),
        sa.Column(
            "status",
            _codes("holdstatus", "reserved waiting_for_shelter confirmed refused expired released"),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Text()),
        sa.Column("asked_at", sa.Text()),
        sa.Column("answered_at", sa.Text()),
        sa.Column("expected_at", sa.Text()),
        sa.Column("expires_at", sa.Text()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("ended_on", sa.Date()),
        sa.Column("seal", sa.String()),
        sa.Column("told", sa.Text()),
        sa.Column("entered_at", sa.Text()),
        sa.Column("heard", sa.Text()),
        sa.CheckConstraint("(status = 'refused') <= (reason IS NOT NULL)", name=op.f("ck_hold_reason")),
        _to("hold", "decision_id", "decision.id"),
        _to("hold", "registration_id", "registration.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_hold_decision_id")),
        *_indexes("hold", "ended_on", "registration_id", "status"),
        sa.Index("uq_hold_one_waiting", "registration_id", unique=True, **_where("status IN ('reserved', 'waiting_for_shelter')")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("location_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scheme", _codes("scheme", "cosm omm womens mens social minors crisis"), nullable=False),
        sa.Column("admits", sa.JSON(), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=False),
        sa.Column("max_age", sa.Integer(), nullable=False),
        sa.Column("children_max_age", sa.Integer()),
        sa.Column("boys_max_age", sa.Integer()),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("interpreter_languages", sa.JSON(), nullable=False),
        sa.Column("specialisms", sa.JSON(), nullable=False),
        sa.Column("high_care_limit", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", _codes("placestatus", "planned open closing closed"), nullable=False),
        sa.Column("opens_on", sa.Date()),
        sa.Column("closes_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("open_until", sa.Date()),
        sa.Column("no_new_from", sa.Date()),
        sa.CheckConstraint("0 <= min_age AND min_age <= max_age AND max_age <= 120", name=op.f("ck_unit_ages")),
        sa.CheckConstraint("boys_max_age BETWEEN 0 AND 17", name=op.f("ck_unit_boys_max_age")),
        sa.CheckConstraint("(children_max_age IS NULL) = (boys_max_age IS NULL)", name=op.f("ck_unit_children")),
        sa.CheckConstraint("children_max_age BETWEEN 0 AND 17", name=op.f("ck_unit_children_max_age")),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_unit_closed_on")),
        sa.CheckConstraint("high_care_limit >= 0", name=op.f("ck_unit_high_care_limit")),
        _to("unit", "location_id", "location.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        *_indexes("unit", "location_id"),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("deputy_id", sa.String()),
        sa.Column("named_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.CheckConstraint("deputy_id <> account_id", name=op.f("ck_absence_another")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_absence_in_order")),
        _to("absence", "account_id", "account.id"),
        _to("absence", "deputy_id", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        *_indexes("absence", "account_id", "deputy_id", "ends_on"),
    )
    op.create_table(
        "accountdetails",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("job_title", sa.Text()),
        sa.Column("telephone", sa.Text()),
        sa.Column("at_once", sa.Text()),
        sa.Column("language", sa.String()),
        _to("accountdetails", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accountdetails")),
    )
    op.create_table(
        "accountsession",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=False),
        sa.Column("verified_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("seal", sa.String()),
        sa.Column("browser", sa.String()),
        _to("accountsession", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountsession")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_accountsession_fingerprint")),
        *_indexes("accountsession", "account_id"),
    )
    op.create_table(
        "apikey",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("account_id", sa.String()),
        sa.Column("shelter_id", sa.String()),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.Column("last_used_at", MOMENT),
        sa.Column("seal", sa.String()),
        sa.CheckConstraint("(account_id IS NULL) <> (shelter_id IS NULL)", name=op.f("ck_apikey_whose")),
        _to("apikey", "account_id", "account.id"),
        _to("apikey", "shelter_id", "shelter.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apikey")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_apikey_fingerprint")),
        *_indexes("apikey", "account_id", "shelter_id"),
    )
    op.create_table(
        "asking",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("what", _codes("askedact", "invite invite_again change"), nullable=False),
        sa.Column("account_id", sa.String()),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("role", _codes("role", ROLES), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by", sa.String()),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("details", sa.Text()),
        sa.Column("seal", sa.String()),
        sa.Column("browser", sa.Text()),
        _to("asking", "account_id", "account.id"),
        _to("asking", "organisation_id", "organisation.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asking")),
        *_indexes("asking", "account_id"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("role", _codes("role", ROLES), nullable=False),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.String()),
        sa.Column("asked_by", sa.String()),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("password_hash", sa.String()),
        sa.Column("totp_secret", sa.Text()),
        sa.Column("accepted_at", MOMENT),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("details", sa.Text()),
        sa.Column("seal", sa.String()),
        _to("invitation", "account_id", "account.id"),
        _to("invitation", "organisation_id", "organisation.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_invitation_fingerprint")),
        *_indexes("invitation", "account_id"),
    )
    op.create_table(
        "knowndevice",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        _to("knowndevice", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("fingerprint", "account_id", name=op.f("pk_knowndevice")),
    )
    op.create_table(
        "mandate",
        sa.Column("seal", sa.String()),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("schemes", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
        sa.Column("revoked_by", sa.String()),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_mandate_in_order")),
        _to("mandate", "given_by", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        *_indexes("mandate", "ends_on", "given_by"),
    )
    op.create_table(
        "oncall",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("named_by", sa.String(), nullable=False),
        sa.Column("named_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.Column("seal", sa.String()),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_oncall_in_order")),
        _to("oncall", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oncall")),
        *_indexes("oncall", "account_id", "ends_on"),
    )
    op.create_table(
        "opening",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("broke_glass", sa.Boolean(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("seal", sa.String()),
        _to("opening", "account_id", "account.id"),
        _to("opening", "registration_id", "registration.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
        *_indexes("opening", "account_id", "registration_id"),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("seal", sa.String()),
        _to("passkey", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_passkey_fingerprint")),
        *_indexes("passkey", "account_id"),
    )
    op.create_table(
        "profilequestion",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT),
        _to("profilequestion", "unit_id", "unit.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profilequestion")),
        *_indexes("profilequestion", "unit_id"),
    )
    op.create_table(
        "recoverycode",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("seal", sa.String()),
        _to("recoverycode", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_recoverycode")),
        *_indexes("recoverycode", "account_id"),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.Column("status", _codes("placestatus", "planned open closing closed"), nullable=False),
        sa.Column("opens_on", sa.Date()),
        sa.Column("closes_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("beds_wanted", sa.Integer()),
        sa.Column("open_until", sa.Date()),
        sa.Column("no_new_from", sa.Date()),
        sa.CheckConstraint("beds_wanted >= 0", name=op.f("ck_room_beds_wanted")),
        sa.CheckConstraint("(status = 'closed') = (closed_on IS NOT NULL)", name=op.f("ck_room_closed_on")),
        _to("room", "unit_id", "unit.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        *_indexes("room", "unit_id"),
    )
    op.create_table(
        "signinchallenge",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("account_id", sa.String()),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sso_subject", sa.String()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("seal", sa.String()),
        _to("signinchallenge", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_signinchallenge")),
    )
    op.create_table(
        "stay",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("hold_id", sa.String()),
        sa.Column("blocker", sa.String()),
        sa.Column("end_reason", sa.String()),
        sa.Column("taken_over_on", sa.Date()),
        sa.Column("ended_on", sa.Date()),
        sa.Column("blocker_text", sa.Text()),
        sa.Column("end_text", sa.Text()),
        sa.Column("unit_id", sa.Text()),
        sa.Column("status", _codes("staystatus", "planned in_house ended"), nullable=False),
        sa.Column("arrived_at", sa.Text()),
        sa.Column("limit_on", sa.Text()),
        sa.Column("missed", sa.Text()),
        sa.Column("blocked_on", sa.Text()),
        sa.Column("before", sa.Text()),
        sa.Column("goes_on_from", sa.String()),
        sa.CheckConstraint("(status = 'ended') = (end_reason IS NOT NULL)", name=op.f("ck_stay_end_reason")),
        _to("stay", "hold_id", "hold.id"),
        _to("stay", "registration_id", "registration.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_stay_hold_id")),
        *_indexes("stay", "ended_on", "registration_id", "status"),
        sa.Index("uq_stay_one_in_house", "registration_id", unique=True, **_where("status = 'in_house'")),
        sa.Index("uq_stay_one_planned", "registration_id", unique=True, **_where("status = 'planned'")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("rhythm", _codes("rhythm", "never daily weekdays weekly"), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("form", _codes("mailform", "link pdf csv"), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        _to("subscription", "account_id", "account.id"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("id", name=op.f("uq_subscription_id")),
    )
    op.create_table(
        "accesstoken",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("seal", sa.String()),
        _to("accesstoken", "key_id", "apikey.id"),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_accesstoken")),
        *_indexes("accesstoken", "key_id"),
    )
    op.create_table(
        "bed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date()),
        sa.Column("until_on", sa.Date()),
        sa.CheckConstraint("number >= 1", name=op.f("ck_bed_number")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_bed_period")),
        _to("bed", "room_id", "room.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bed")),
        sa.UniqueConstraint("room_id", "number", name=op.f("uq_bed_room_id_number")),
        *_indexes("bed", "room_id"),
    )
    op.create_table(
        "roomclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("beds", sa.Integer(), nullable=False),
        sa.CheckConstraint("until > since", name=op.f("ck_roomclosure_period")),
        _to("roomclosure", "room_id", "room.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roomclosure")),
        *_indexes("roomclosure", "cause", "room_id"),
    )
    op.create_table(
        "roomreport",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("out_of_service", sa.Integer(), nullable=False),
        sa.Column("withheld", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("out_until", sa.Date()),
        sa.Column("free_from", sa.Date()),
        sa.Column("other_use", sa.JSON(), nullable=False),
        sa.Column("out_reason", _codes("outofservice", "repair cleaning infection staff_shortage safety other")),
        sa.Column("counted_free", sa.Text()),
        sa.Column("derived_free", sa.Text()),
        sa.Column("counted_in", sa.Integer()),
        sa.CheckConstraint("out_of_service >= 0", name=op.f("ck_roomreport_out_of_service")),
        sa.CheckConstraint("withheld >= 0", name=op.f("ck_roomreport_withheld")),
        _to("roomreport", "report_id", "capacityreport.id"),
        _to("roomreport", "room_id", "room.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roomreport")),
        sa.UniqueConstraint("report_id", "room_id", name=op.f("uq_roomreport_report_id_room_id")),
        *_indexes("roomreport", "report_id"),
        sa.Index("ix_roomreport_newest", "room_id", "id"),
    )
