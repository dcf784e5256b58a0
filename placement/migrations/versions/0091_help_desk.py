"""the help desk: enquiries, versions of entries, and the role of its staff (adviser)"""

import sqlalchemy as sa
from alembic import context, op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

ROLES = ("desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin", "registrant", "analyst", "registrar")
ADVISER, SYSTEM = "adviser", "system"
TABLES = ("enquiry", "knowledgeentry")
WITH_ROLE = ("account", "invitation")
STATES = ("open", "call_back", "done")
VERSIONS = ("waiting", "shown", "past", "replaced")


def upgrade() -> None:
    op.create_table(
        "enquiry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint(sa.column("status").in_(STATES), name=op.f("ck_enquiry_enquirystatus")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiry")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_enquiry_on"), "enquiry", ["on"])
    unfinished = sa.text("status <> 'done'")
    op.create_index(
        "ix_enquiry_unfinished", "enquiry", ["status"], sqlite_where=unfinished, postgresql_where=unfinished
    )
    op.create_table(
        "knowledgeentry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("shown_from", sa.Date(), nullable=True),
        sa.Column("shown_until", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(sa.column("status").in_(VERSIONS), name=op.f("ck_knowledgeentry_entrystatus")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_knowledgeentry")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_knowledgeentry_status"), "knowledgeentry", ["status"])
    op.create_index(op.f("ix_knowledgeentry_shown"), "knowledgeentry", ["shown_from", "shown_until"])
    for table in WITH_ROLE:
        context.config.attributes["allow_codes"](f"{table}.role", (*ROLES, ADVISER, SYSTEM), "role")


def downgrade() -> None:
    """Refused while an older version could not read what is stored."""
    rows = {**dict.fromkeys(TABLES, "true"), **dict.fromkeys(WITH_ROLE, f"role = '{ADVISER}'")}
    context.config.attributes["refuse_stored"]("what belongs to the help desk", rows)
    for table in WITH_ROLE:
        context.config.attributes["allow_codes"](f"{table}.role", (*ROLES, SYSTEM), "role")
    for table in TABLES:
        op.drop_table(table)
