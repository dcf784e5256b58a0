"""every table as of revision 0016, and what the database itself forbids: a bed given twice, a changed report or audit event

The baseline. Revisions 0001 to 0016 were one after the other before it; a database that has 0016 has these tables.
Types are SQLAlchemy's own: no class of the service stands here, so none that changes can change what was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

ONLY_ADDED = ("capacityreport", "roomreport", "dailyreport")
"""Tables whose rows are never changed and never deleted."""
SHORTENED = {"auditevent": "id", "auditshown": "line"}
"""Tables whose rows are never changed, and deleted only where the log itself says that it was shortened; the column of the event."""


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
        op.execute("DROP FUNCTION refuse_change()")
        op.execute("DROP FUNCTION refuse_unless_pruned()")


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _forbid_on_postgresql() -> None:
    op.execute("""
        ALTER TABLE bedclaim ADD CONSTRAINT bed_is_given_once EXCLUDE USING gist
        (int8range(bed_id, bed_id, '[]') WITH =, daterange(starts_on, ends_on, '[)') WITH &&)
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
                AND found.at < now() - interval '5 years' AND found.id <= (
                    SELECT max((facts->>'through')::bigint) FROM auditevent WHERE event = 'log:pruned'
                )
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
            shortened = act == "DELETE" and table in SHORTENED
            op.execute(f"""
                CREATE TRIGGER {table}_is_append_only_{act.lower()} BEFORE {act} ON {table}
                {_unless_shortened(SHORTENED[table]) if shortened else ""}
                BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
            """)


def _unless_shortened(event: str) -> str:
    return f"""
        WHEN NOT EXISTS (
            SELECT 1 FROM auditevent AS found WHERE found.id = OLD.{event}
            AND found.at < strftime('%Y-%m-%d %H:%M:%f', 'now', '-5 years') AND found.id <= (
                SELECT max(json_extract(facts, '$.through')) FROM auditevent WHERE event = 'log:pruned'
            )
        )
    """


TABLES = (
    "auditevent",
    "auditmark",
    "auditoddity",
    "dailyreport",
    "dailyrun",
    "datakey",
    "idempotentrequest",
    "jobrun",
    "keystorename",
    "policy",
    "provider",
    "registration",
    "reminder",
    "ssorequest",
    "throttle",
    "auditshown",
    "avoidance",
    "keepapart",
    "legalhold",
    "registeredperson",
    "shelter",
    "threat",
    "capacityreport",
    "location",
    "organisation",
    "webhook",
    "account",
    "unit",
    "accountsession",
    "apikey",
    "asking",
    "invitation",
    "knowndevice",
    "message",
    "opening",
    "profilequestion",
    "proposal",
    "recoverycode",
    "room",
    "signinchallenge",
    "subscription",
    "accesstoken",
    "bed",
    "decision",
    "roomreport",
    "hold",
    "stay",
    "bedclaim",
)


def _create_tables() -> None:
    op.create_table(
        "auditevent",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("action", _codes("action", "read", "search", "change", "export", "sign_in"), nullable=False),
        sa.Column("outcome", _codes("outcome", "done", "refused", "not_found"), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=True),
        sa.Column(
            "role",
            _codes("role", "desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin", "system"),
            nullable=True,
        ),
        sa.Column("registration_id", sa.String(), nullable=True),
        sa.Column("object_id", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column(
            "protocol", _codes("protocol", "api_key", "session", "system", "command_line", "none"), nullable=False
        ),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditevent")),
    )
    op.create_index(op.f("ix_auditevent_at"), "auditevent", ["at"], unique=False)
    op.create_index("ix_auditevent_of_actor", "auditevent", ["actor", "id"], unique=False)
    op.create_index("ix_auditevent_of_event", "auditevent", ["event", "id"], unique=False)
    op.create_index("ix_auditevent_of_registration", "auditevent", ["registration_id", "id"], unique=False)
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
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("span", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=True),
        sa.Column("first_line", sa.Integer(), nullable=False),
        sa.Column("last_line", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column(
            "outcome", _codes("reviewoutcome", "explained", "spoken_to", "incident", "rule_too_strict"), nullable=True
        ),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ticked_at", MOMENT, nullable=True),
        sa.Column("ticked_by", sa.String(), nullable=True),
        sa.CheckConstraint("(outcome IS NULL) = (ticked_at IS NULL)", name=op.f("ck_auditoddity_ticked")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditoddity")),
        sa.UniqueConstraint("rule", "span", name="uq_auditoddity_once"),
    )
    op.create_index(op.f("ix_auditoddity_actor"), "auditoddity", ["actor"], unique=False)
    op.create_index(op.f("ix_auditoddity_found_at"), "auditoddity", ["found_at"], unique=False)
    op.create_table(
        "dailyreport",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
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
    )
    op.create_index(op.f("ix_dailyrun_ran_at"), "dailyrun", ["ran_at"], unique=False)
    op.create_table(
        "datakey",
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("destroyed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_datakey")),
    )
    op.create_index(op.f("ix_datakey_destroyed_at"), "datakey", ["destroyed_at"], unique=False)
    op.create_table(
        "idempotentrequest",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("registration_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotentrequest")),
    )
    op.create_table(
        "jobrun",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("slot", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_jobrun")),
    )
    op.create_table(
        "keystorename",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_keystorename")),
    )
    op.create_table(
        "policy",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_policy")),
    )
    op.create_table(
        "provider",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column(
            "region",
            _codes(
                "region",
                "noord-nederland",
                "oost-nederland",
                "midden-nederland",
                "noord-holland",
                "amsterdam",
                "den-haag",
                "rotterdam",
                "zeeland-west-brabant",
                "oost-brabant",
                "limburg",
            ),
            nullable=False,
        ),
        sa.Column(
            "registrant",
            _codes("registrant", "NP", "KMAR", "NLA", "ZORGCOORDINATIE", "FAIRWORK", "OVERIG"),
            nullable=False,
        ),
        sa.Column("status", _codes("registrationstatus", "draft", "open", "held", "placed", "closed"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("alias_index", sa.String(), nullable=True),
        sa.Column(
            "residence_basis",
            _codes(
                "residencebasis",
                "none_yet",
                "reflection",
                "reflection_dublin",
                "victim_permit",
                "witness_permit",
                "dutch",
                "eu",
                "ended",
            ),
            nullable=False,
        ),
        sa.Column("multiple_problems", sa.Boolean(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("needed_by", sa.Date(), nullable=False),
        sa.Column("waits_since", MOMENT, nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("language_required", sa.Boolean(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("preferred_needs", sa.JSON(), nullable=False),
        sa.Column("room_needs", sa.JSON(), nullable=False),
        sa.Column("private_room", sa.Boolean(), nullable=False),
        sa.Column("accepts_mixed", sa.Boolean(), nullable=False),
        sa.Column("high_care", sa.Boolean(), nullable=False),
        sa.Column("near", sa.Text(), nullable=True),
        sa.Column("registered_by", sa.String(), nullable=False),
        sa.Column("closed_reason", sa.String(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("content_erased_at", MOMENT, nullable=True),
        sa.Column("anonymised_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_reason IS NOT NULL)", name=op.f("ck_registration_closed_reason")
        ),
        sa.CheckConstraint("urgency BETWEEN 1 AND 4", name=op.f("ck_registration_urgency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
    )
    op.create_index(op.f("ix_registration_alias_index"), "registration", ["alias_index"], unique=False)
    op.create_index(op.f("ix_registration_region"), "registration", ["region"], unique=False)
    op.create_index(op.f("ix_registration_status"), "registration", ["status"], unique=False)
    op.create_table(
        "reminder",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column("kind", _codes("reminderkind", "hold_waits", "stay_is_long", "count_is_missing"), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("once", name=op.f("uq_reminder_once")),
    )
    op.create_index(op.f("ix_reminder_kind"), "reminder", ["kind"], unique=False)
    op.create_index(op.f("ix_reminder_made_at"), "reminder", ["made_at"], unique=False)
    op.create_index(op.f("ix_reminder_subject_id"), "reminder", ["subject_id"], unique=False)
    op.create_table(
        "ssorequest",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_ssorequest")),
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
        "auditshown",
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["line"], ["auditevent.id"], name=op.f("fk_auditshown_line")),
        sa.PrimaryKeyConstraint("registration_id", "line", name=op.f("pk_auditshown")),
    )
    op.create_table(
        "avoidance",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("kind", _codes("avoidedkind", "region", "location", "provider", "unit"), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_avoidance_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avoidance")),
    )
    op.create_index(op.f("ix_avoidance_registration_id"), "avoidance", ["registration_id"], unique=False)
    op.create_table(
        "keepapart",
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_keepapart_registration_id")),
        sa.PrimaryKeyConstraint("registration_id", "other_id", name=op.f("pk_keepapart")),
    )
    op.create_index(op.f("ix_keepapart_other_id"), "keepapart", ["other_id"], unique=False)
    op.create_table(
        "legalhold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column(
            "status",
            _codes("legalholdstatus", "asked", "standing", "refused", "lapsed", "lift_asked", "lifted"),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("lift_asked_at", MOMENT, nullable=True),
        sa.Column("lift_asked_by", sa.String(), nullable=True),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.CheckConstraint("answered_by IS NULL OR answered_by <> asked_by", name=op.f("ck_legalhold_two_persons")),
        sa.CheckConstraint("lifted_by IS NULL OR lifted_by <> lift_asked_by", name=op.f("ck_legalhold_two_lift")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_legalhold_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legalhold")),
    )
    op.create_index(op.f("ix_legalhold_registration_id"), "legalhold", ["registration_id"], unique=False)
    op.create_index(op.f("ix_legalhold_status"), "legalhold", ["status"], unique=False)
    op.create_index(
        "uq_legalhold_one_live",
        "legalhold",
        ["registration_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('asked', 'standing', 'lift_asked')"),
        sqlite_where=sa.text("status IN ('asked', 'standing', 'lift_asked')"),
    )
    op.create_table(
        "registeredperson",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("gender", _codes("gender", "female", "male", "other"), nullable=False),
        sa.Column("age", sa.Integer(), nullable=False),
        sa.Column("age_on", sa.Date(), nullable=False),
        sa.CheckConstraint("age BETWEEN 0 AND 120", name=op.f("ck_registeredperson_age")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_registeredperson_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registeredperson")),
        sa.UniqueConstraint("registration_id", "number", name=op.f("uq_registeredperson_registration_id_number")),
    )
    op.create_index(op.f("ix_registeredperson_registration_id"), "registeredperson", ["registration_id"], unique=False)
    op.create_table(
        "shelter",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("confirmation_asked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_shelter_provider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shelter")),
    )
    op.create_index(op.f("ix_shelter_provider_id"), "shelter", ["provider_id"], unique=False)
    op.create_table(
        "threat",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("min_km", sa.Integer(), nullable=False),
        sa.CheckConstraint("min_km > 0", name=op.f("ck_threat_min_km")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_threat_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threat")),
    )
    op.create_index(op.f("ix_threat_registration_id"), "threat", ["registration_id"], unique=False)
    op.create_table(
        "capacityreport",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shelter_id", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["shelter_id"], ["shelter.id"], name=op.f("fk_capacityreport_shelter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capacityreport")),
    )
    op.create_index(op.f("ix_capacityreport_shelter_id"), "capacityreport", ["shelter_id"], unique=False)
    op.create_table(
        "location",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("shelter_id", sa.String(), nullable=False),
        sa.Column(
            "region",
            _codes(
                "region",
                "noord-nederland",
                "oost-nederland",
                "midden-nederland",
                "noord-holland",
                "amsterdam",
                "den-haag",
                "rotterdam",
                "zeeland-west-brabant",
                "oost-brabant",
                "limburg",
            ),
            nullable=False,
        ),
        sa.Column("cell_row", sa.Integer(), nullable=False),
        sa.Column("cell_column", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["shelter_id"], ["shelter.id"], name=op.f("fk_location_shelter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_location")),
    )
    op.create_index(op.f("ix_location_shelter_id"), "location", ["shelter_id"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind",
            _codes("organisationkind", "coordination_centre", "care_coordination", "shelter", "oversight"),
            nullable=False,
        ),
        sa.Column("shelter_id", sa.String(), nullable=True),
        sa.CheckConstraint("(kind = 'shelter') = (shelter_id IS NOT NULL)", name=op.f("ck_organisation_which_shelter")),
        sa.ForeignKeyConstraint(["shelter_id"], ["shelter.id"], name=op.f("fk_organisation_shelter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("shelter_id", name=op.f("uq_organisation_shelter_id")),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("shelter_id", sa.String(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("former_secret", sa.Text(), nullable=True),
        sa.Column("former_until", MOMENT, nullable=True),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["shelter_id"], ["shelter.id"], name=op.f("fk_webhook_shelter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index(op.f("ix_webhook_shelter_id"), "webhook", ["shelter_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=True),
        sa.Column(
            "role",
            _codes("role", "desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin", "system"),
            nullable=False,
        ),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("totp_secret", sa.Text(), nullable=False),
        sa.Column("totp_step", sa.BigInteger(), nullable=True),
        sa.Column("sso_subject", sa.String(), nullable=True),
        sa.Column("let_in_by", sa.JSON(), nullable=True),
        sa.Column("disabled_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_account_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_index(op.f("ix_account_sso_subject"), "account", ["sso_subject"], unique=True)
    op.create_table(
        "unit",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("location_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "scheme", _codes("scheme", "cosm", "omm", "womens", "mens", "social", "minors", "crisis"), nullable=False
        ),
        sa.Column("admits", sa.JSON(), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=False),
        sa.Column("max_age", sa.Integer(), nullable=False),
        sa.Column("children_max_age", sa.Integer(), nullable=True),
        sa.Column("boys_max_age", sa.Integer(), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("interpreter_languages", sa.JSON(), nullable=False),
        sa.Column("specialisms", sa.JSON(), nullable=False),
        sa.Column("high_care_limit", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(children_max_age IS NULL) = (boys_max_age IS NULL)", name=op.f("ck_unit_children")),
        sa.CheckConstraint("0 <= min_age AND min_age <= max_age AND max_age <= 120", name=op.f("ck_unit_ages")),
        sa.CheckConstraint("boys_max_age BETWEEN 0 AND 17", name=op.f("ck_unit_boys_max_age")),
        sa.CheckConstraint("children_max_age BETWEEN 0 AND 17", name=op.f("ck_unit_children_max_age")),
        sa.CheckConstraint("high_care_limit >= 0", name=op.f("ck_unit_high_care_limit")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_unit_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
    )
    op.create_index(op.f("ix_unit_location_id"), "unit", ["location_id"], unique=False)
    op.create_table(
        "accountsession",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("client", sa.String(), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=False),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_accountsession_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountsession")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_accountsession_fingerprint")),
    )
    op.create_index(op.f("ix_accountsession_account_id"), "accountsession", ["account_id"], unique=False)
    op.create_table(
        "apikey",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("shelter_id", sa.String(), nullable=True),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.CheckConstraint("(account_id IS NULL) <> (shelter_id IS NULL)", name=op.f("ck_apikey_whose")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_apikey_account_id")),
        sa.ForeignKeyConstraint(["shelter_id"], ["shelter.id"], name=op.f("fk_apikey_shelter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apikey")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_apikey_fingerprint")),
    )
    op.create_index(op.f("ix_apikey_account_id"), "apikey", ["account_id"], unique=False)
    op.create_index(op.f("ix_apikey_shelter_id"), "apikey", ["shelter_id"], unique=False)
    op.create_table(
        "asking",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("what", _codes("askedact", "invite", "invite_again", "change"), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column(
            "role",
            _codes("role", "desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin", "system"),
            nullable=False,
        ),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_asking_account_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_asking_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asking")),
    )
    op.create_index(op.f("ix_asking_account_id"), "asking", ["account_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column(
            "role",
            _codes("role", "desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin", "system"),
            nullable=False,
        ),
        sa.Column("regions", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=True),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_invitation_account_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_invitation_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_invitation_fingerprint")),
    )
    op.create_index(op.f("ix_invitation_account_id"), "invitation", ["account_id"], unique=False)
    op.create_table(
        "knowndevice",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_knowndevice_account_id")),
        sa.PrimaryKeyConstraint("fingerprint", "account_id", name=op.f("pk_knowndevice")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column(
            "kind",
            _codes(
                "messagekind",
                "report.made",
                "hold.asked",
                "hold.released",
                "hold.expired",
                "hold.waits",
                "hold.confirmed",
                "hold.refused",
                "count.asked",
                "decision.waits",
                "decision.refused",
                "decision.lapsed",
                "stay.no_show",
                "stay.broken_off",
                "stay.is_long",
                "count.is_missing",
                "webhook.disabled",
                "webhook.tried",
            ),
            nullable=False,
        ),
        sa.Column("channel", _codes("channel", "mail", "webhook"), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("webhook_id", sa.String(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("status", _codes("messagestatus", "waiting", "delivered", "failed", "moot"), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("try_until", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(), nullable=True),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.CheckConstraint("(channel = 'webhook') = (webhook_id IS NOT NULL)", name=op.f("ck_message_how")),
        sa.CheckConstraint("(account_id IS NULL) <> (webhook_id IS NULL)", name=op.f("ck_message_to_whom")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id")),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_message_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("once", name=op.f("uq_message_once")),
    )
    op.create_index(op.f("ix_message_account_id"), "message", ["account_id"], unique=False)
    op.create_index("ix_message_due", "message", ["status", "channel", "next_at"], unique=False)
    op.create_index(op.f("ix_message_made_at"), "message", ["made_at"], unique=False)
    op.create_index(op.f("ix_message_webhook_id"), "message", ["webhook_id"], unique=False)
    op.create_table(
        "opening",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("broke_glass", sa.Boolean(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_opening_account_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_opening_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening")),
    )
    op.create_index(op.f("ix_opening_account_id"), "opening", ["account_id"], unique=False)
    op.create_index(op.f("ix_opening_registration_id"), "opening", ["registration_id"], unique=False)
    op.create_table(
        "profilequestion",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_profilequestion_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profilequestion")),
    )
    op.create_index(op.f("ix_profilequestion_unit_id"), "profilequestion", ["unit_id"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("registration_version", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            _codes("proposalstatus", "made", "accepted", "overridden", "declined", "superseded", "expired"),
            nullable=False,
        ),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("unit_id", sa.String(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("advice", sa.Text(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("engine_version", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_proposal_registration_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_proposal_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_registration_id"), "proposal", ["registration_id"], unique=False)
    op.create_index(op.f("ix_proposal_status"), "proposal", ["status"], unique=False)
    op.create_table(
        "recoverycode",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recoverycode_account_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_recoverycode")),
    )
    op.create_index(op.f("ix_recoverycode_account_id"), "recoverycode", ["account_id"], unique=False)
    op.create_table(
        "room",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("features", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_room_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
    )
    op.create_index(op.f("ix_room_unit_id"), "room", ["unit_id"], unique=False)
    op.create_table(
        "signinchallenge",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sso_subject", sa.String(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_signinchallenge_account_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_signinchallenge")),
    )
    op.create_table(
        "subscription",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("rhythm", _codes("rhythm", "never", "daily", "weekdays", "weekly"), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("form", _codes("mailform", "link", "pdf", "csv"), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_subscription_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("id", name=op.f("uq_subscription_id")),
    )
    op.create_table(
        "accesstoken",
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["apikey.id"], name=op.f("fk_accesstoken_key_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_accesstoken")),
    )
    op.create_index(op.f("ix_accesstoken_key_id"), "accesstoken", ["key_id"], unique=False)
    op.create_table(
        "bed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_bed_number")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_bed_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bed")),
        sa.UniqueConstraint("room_id", "number", name=op.f("uq_bed_room_id_number")),
    )
    op.create_index(op.f("ix_bed_room_id"), "bed", ["room_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("proposal_id", sa.String(), nullable=False),
        sa.Column("kind", _codes("decisionkind", "accept", "override", "decline"), nullable=False),
        sa.Column(
            "status",
            _codes(
                "decisionstatus",
                "waiting_for_desk",
                "waiting_for_shelter",
                "waiting_for_second",
                "final",
                "refused",
                "lapsed",
                "withdrawn",
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("broken", sa.JSON(), nullable=False),
        sa.Column("loss", sa.Integer(), nullable=True),
        sa.Column("displaces", sa.JSON(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("second_at", MOMENT, nullable=True),
        sa.Column("second_by", sa.String(), nullable=True),
        sa.CheckConstraint("kind = 'accept' OR reason IS NOT NULL", name=op.f("ck_decision_reason")),
        sa.CheckConstraint("kind = 'decline' OR unit_id IS NOT NULL", name=op.f("ck_decision_unit")),
        sa.CheckConstraint("second_by IS NULL OR second_by <> decided_by", name=op.f("ck_decision_two_persons")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_decision_proposal_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_decision_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(op.f("ix_decision_proposal_id"), "decision", ["proposal_id"], unique=False)
    op.create_index(op.f("ix_decision_status"), "decision", ["status"], unique=False)
    op.create_index(
        "uq_decision_one_standing",
        "decision",
        ["proposal_id"],
        unique=True,
        postgresql_where=sa.text("status NOT IN ('refused', 'lapsed', 'withdrawn')"),
        sqlite_where=sa.text("status NOT IN ('refused', 'lapsed', 'withdrawn')"),
    )
    op.create_table(
        "roomreport",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("out_of_service", sa.Integer(), nullable=False),
        sa.Column(
            "out_reason",
            _codes("outofservice", "repair", "cleaning", "infection", "staff_shortage", "safety", "other"),
            nullable=True,
        ),
        sa.Column("out_until", sa.Date(), nullable=True),
        sa.Column("other_use", sa.JSON(), nullable=False),
        sa.Column("free_from", sa.Date(), nullable=True),
        sa.Column("counted_free", sa.Integer(), nullable=True),
        sa.Column("derived_free", sa.Integer(), nullable=True),
        sa.Column("withheld", sa.Integer(), nullable=False),
        sa.CheckConstraint("out_of_service >= 0", name=op.f("ck_roomreport_out_of_service")),
        sa.CheckConstraint("withheld >= 0", name=op.f("ck_roomreport_withheld")),
        sa.ForeignKeyConstraint(["report_id"], ["capacityreport.id"], name=op.f("fk_roomreport_report_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_roomreport_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roomreport")),
        sa.UniqueConstraint("report_id", "room_id", name=op.f("uq_roomreport_report_id_room_id")),
    )
    op.create_index(op.f("ix_roomreport_report_id"), "roomreport", ["report_id"], unique=False)
    op.create_index(op.f("ix_roomreport_room_id"), "roomreport", ["room_id"], unique=False)
    op.create_table(
        "hold",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("decision_id", sa.String(), nullable=False),
        sa.Column(
            "status",
            _codes("holdstatus", "reserved", "waiting_for_shelter", "confirmed", "refused", "expired", "released"),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("expected_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'refused') <= (reason IS NOT NULL)", name=op.f("ck_hold_reason")),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_hold_decision_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_hold_registration_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hold_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_hold_decision_id")),
    )
    op.create_index(op.f("ix_hold_registration_id"), "hold", ["registration_id"], unique=False)
    op.create_index(op.f("ix_hold_status"), "hold", ["status"], unique=False)
    op.create_index(op.f("ix_hold_unit_id"), "hold", ["unit_id"], unique=False)
    op.create_index(
        "uq_hold_one_waiting",
        "hold",
        ["registration_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('reserved', 'waiting_for_shelter')"),
        sqlite_where=sa.text("status IN ('reserved', 'waiting_for_shelter')"),
    )
    op.create_table(
        "stay",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.String(), nullable=False),
        sa.Column("hold_id", sa.String(), nullable=True),
        sa.Column("status", _codes("staystatus", "planned", "in_house", "ended"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=True),
        sa.Column("limit_on", sa.Date(), nullable=False),
        sa.Column("blocker", sa.String(), nullable=True),
        sa.Column("blocker_text", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("end_text", sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'ended') = (end_reason IS NOT NULL)", name=op.f("ck_stay_end_reason")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_stay_hold_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_stay_registration_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_stay_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_stay_hold_id")),
    )
    op.create_index(op.f("ix_stay_registration_id"), "stay", ["registration_id"], unique=False)
    op.create_index(op.f("ix_stay_status"), "stay", ["status"], unique=False)
    op.create_index(op.f("ix_stay_unit_id"), "stay", ["unit_id"], unique=False)
    op.create_index(
        "uq_stay_one_live",
        "stay",
        ["registration_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'ended'"),
        sqlite_where=sa.text("status <> 'ended'"),
    )
    op.create_table(
        "bedclaim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bed_id", sa.Integer(), nullable=False),
        sa.Column("hold_id", sa.String(), nullable=True),
        sa.Column("stay_id", sa.String(), nullable=True),
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("whole_room", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_bedclaim_period")),
        sa.CheckConstraint("hold_id IS NOT NULL OR stay_id IS NOT NULL", name=op.f("ck_bedclaim_whose")),
        sa.ForeignKeyConstraint(["bed_id"], ["bed.id"], name=op.f("fk_bedclaim_bed_id")),
        sa.ForeignKeyConstraint(["hold_id"], ["hold.id"], name=op.f("fk_bedclaim_hold_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["registeredperson.id"], name=op.f("fk_bedclaim_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_bedclaim_registration_id")),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_bedclaim_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bedclaim")),
    )
    op.create_index(op.f("ix_bedclaim_bed_id"), "bedclaim", ["bed_id"], unique=False)
    op.create_index(op.f("ix_bedclaim_hold_id"), "bedclaim", ["hold_id"], unique=False)
    op.create_index(op.f("ix_bedclaim_registration_id"), "bedclaim", ["registration_id"], unique=False)
    op.create_index(op.f("ix_bedclaim_stay_id"), "bedclaim", ["stay_id"], unique=False)
