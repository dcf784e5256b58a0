"""the ledger of need, and the analyst: a role for people who read only figures"""

import sqlalchemy as sa
from alembic import context, op

revision = "0087"
down_revision = "0084"
branch_labels = None
depends_on = None

ROLES = ("desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin", "system", "registrant")
ANALYST = "analyst"
TABLES = ("account", "invitation")


def upgrade() -> None:
    op.create_table(
        "needrecord",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("span", sa.String(length=40), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(sa.column("span").in_(["day", "month"]), name=op.f("ck_needrecord_ledgerspan")),
        sa.PrimaryKeyConstraint("on", "span", name=op.f("pk_needrecord")),
        sqlite_with_rowid=False,
    )
    for table in TABLES:
        context.config.attributes["allow_codes"](f"{table}.role", (*ROLES, ANALYST), "role")


def downgrade() -> None:
    """Refused while an older version could not read what is stored."""
    rows = {"needrecord": "true", **dict.fromkeys(TABLES, f"role = '{ANALYST}'")}
    context.config.attributes["refuse_stored"]("the ledger of need and the accounts of analysts", rows)
    for table in TABLES:
        context.config.attributes["allow_codes"](f"{table}.role", ROLES, "role")
    op.drop_table("needrecord")
