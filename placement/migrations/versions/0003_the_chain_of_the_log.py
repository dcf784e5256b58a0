"""the log gets the fields of NEN 7513 and the links of its chain; what is odd in it gets a list

The table is made again, and its lines so far are numbered without a gap and linked, as they are found at this moment.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import context, op

import placement.crypto.encrypted_columns
from placement.storage import hash_chain as chain

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROLES = ("desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin", "system")
APPEND_ONLY = ("auditevent", "auditshown")
_OLD = ("id", "at", "event", "actor", "role", "registration_id", "object_id", "facts")


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    lines = _take_out()
    op.create_table(
        "auditevent",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("event", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("action", _codes("action", "read", "search", "change", "export", "sign_in"), nullable=False),
        sa.Column("outcome", _codes("outcome", "done", "refused", "not_found"), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("on_behalf_of", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("role", _codes("role", *ROLES), nullable=True),
        sa.Column("registration_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("object_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column(
            "protocol", _codes("protocol", "api_key", "session", "system", "command_line", "none"), nullable=False
        ),
        sa.Column("request_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("link", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditevent")),
    )
    with op.batch_alter_table("auditevent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auditevent_at"), ["at"], unique=False)
        batch_op.create_index("ix_auditevent_of_actor", ["actor", "id"], unique=False)
        batch_op.create_index("ix_auditevent_of_event", ["event", "id"], unique=False)
        batch_op.create_index("ix_auditevent_of_registration", ["registration_id", "id"], unique=False)
    op.create_table(
        "auditshown",
        sa.Column("registration_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["line"], ["auditevent.id"], name=op.f("fk_auditshown_line")),
        sa.PrimaryKeyConstraint("registration_id", "line", name=op.f("pk_auditshown")),
    )
    op.create_table(
        "auditoddity",
        sa.Column("id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("rule", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("span", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("registration_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("first_line", sa.Integer(), nullable=False),
        sa.Column("last_line", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("found_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column(
            "outcome",
            _codes("reviewoutcome", "explained", "spoken_to", "incident", "rule_too_strict"),
            nullable=True,
        ),
        sa.Column("note", placement.crypto.encrypted_columns.Encrypted(), nullable=True),
        sa.Column("ticked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("ticked_by", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.CheckConstraint("(outcome IS NULL) = (ticked_at IS NULL)", name=op.f("ck_auditoddity_ticked")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditoddity")),
        sa.UniqueConstraint("rule", "span", name="uq_auditoddity_once"),
    )
    with op.batch_alter_table("auditoddity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auditoddity_actor"), ["actor"], unique=False)
        batch_op.create_index(batch_op.f("ix_auditoddity_found_at"), ["found_at"], unique=False)
    op.create_table(
        "auditmark",
        sa.Column("reader", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_auditmark")),
    )
    with op.batch_alter_table("idempotentrequest", schema=None) as batch_op:
        batch_op.add_column(sa.Column("registration_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    _put_back(lines)
    for table in APPEND_ONLY:
        _forbid_change(table)


def downgrade() -> None:
    lines = _take_out()
    with op.batch_alter_table("idempotentrequest", schema=None) as batch_op:
        batch_op.drop_column("registration_id")
    for table in ("auditmark", "auditoddity"):
        op.drop_table(table)
    op.create_table(
        "auditevent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("event", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("role", _codes("role", *ROLES), nullable=False),
        sa.Column("registration_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("object_id", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditevent")),
    )
    with op.batch_alter_table("auditevent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auditevent_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_auditevent_event"), ["event"], unique=False)
        batch_op.create_index(batch_op.f("ix_auditevent_registration_id"), ["registration_id"], unique=False)
    if kept := [line for line in lines if line["role"] is not None]:
        op.bulk_insert(_old_table(), kept)
    _forbid_change("auditevent")


def _old_table() -> sa.TableClause:
    return sa.table(
        "auditevent",
        *(sa.column(name) for name in _OLD if name not in {"at", "facts"}),
        sa.column("at", sqlmodel.sql.sqltypes.UTCDateTime()),
        sa.column("facts", sa.JSON()),
    )


def _take_out() -> list[dict]:
    """The lines of the log, and the table is gone: its triggers forbid to change a line in it."""
    table = _old_table()
    found = op.get_bind().execute(sa.select(table).order_by(table.c.id)).mappings()
    lines = [dict(row) for row in found]
    if sa.inspect(op.get_bind()).has_table("auditshown"):
        op.drop_table("auditshown")
    op.drop_table("auditevent")
    return lines


def _put_back(lines: list[dict]) -> None:
    if not lines:
        return
    key = context.config.attributes["audit_key"]
    link, rows = chain.START, []
    for number, line in enumerate(lines, start=1):
        row = {
            **line,
            "id": number,
            "action": "sign_in" if line["event"] == "token:issued" else "change",
            "outcome": "done",
            "on_behalf_of": None,
            "address": "unknown",
            "protocol": "system",
            "request_id": f"before-{line['id']}",
        }
        link = row["link"] = chain.link_after(link, row, key)
        rows.append(row)
    table = sa.table(
        "auditevent",
        *(sa.column(name) for name in rows[0] if name not in {"at", "facts"}),
        sa.column("at", sqlmodel.sql.sqltypes.UTCDateTime()),
        sa.column("facts", sa.JSON()),
    )
    op.bulk_insert(table, rows)


def _forbid_change(table: str) -> None:
    """As 0002 did for the first tables of this kind."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
            CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
    else:
        for act in ("UPDATE", "DELETE"):
            op.execute(f"""
                CREATE TRIGGER {table}_is_append_only_{act.lower()} BEFORE {act} ON {table}
                BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
            """)
