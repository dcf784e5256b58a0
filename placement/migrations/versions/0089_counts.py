"""the count register: its inbox, records and imported lists; and the role of its keepers (registrar)"""

import sqlalchemy as sa
from alembic import context, op

revision = "0089"
down_revision = "0093"
branch_labels = None
depends_on = None

ROLES = (
    *("desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin", "system", "registrant"),
    "analyst",
)
REGISTRAR = "registrar"
WITH_ROLE = ("account", "invitation")
TABLES = ("countinbox", "countrecord", "countsheet")
STATUSES = ("valid", "merged", "withdrawn")


def upgrade() -> None:
    op.create_table(
        "countinbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countinbox")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "countrecord",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("into", sa.String(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(sa.column("status").in_(STATUSES), name=op.f("ck_countrecord_countstatus")),
        sa.PrimaryKeyConstraint("reference", "version", name=op.f("pk_countrecord")),
        sqlite_with_rowid=False,
    )
    for columns in (["from_on"], ["into"], ["month", "until_on", "status"], ["person", "until_on", "status"]):
        op.create_index(op.f(f"ix_countrecord_{'_'.join(columns)}"), "countrecord", columns)
    op.create_table(
        "countsheet",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("imported_on", sa.Date(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countsheet")),
        sqlite_with_rowid=False,
    )
    for table in WITH_ROLE:
        context.config.attributes["allow_codes"](f"{table}.role", (*ROLES, REGISTRAR), "role")


def downgrade() -> None:
    """Refused while an older version could not read what is stored."""
    rows = {**dict.fromkeys(TABLES, "true"), **dict.fromkeys(WITH_ROLE, f"role = '{REGISTRAR}'")}
    context.config.attributes["refuse_stored"]("the count register and the accounts of registrars", rows)
    for table in WITH_ROLE:
        context.config.attributes["allow_codes"](f"{table}.role", ROLES, "role")
    for table in TABLES:
        op.drop_table(table)
