"""registrants: organisations, accounts, registrations that they send in, links to a form, and a mark of cases received
so
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROLES = ("desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin", "system")
KINDS = ("coordination_centre", "care_coordination", "shelter", "oversight")
STATES = ("draft", "open", "held", "placed", "moving", "move_held", "missing", "closed")
CODES = (
    ("organisation", "kind", "organisationkind", KINDS, "registrant"),
    ("account", "role", "role", ROLES, "registrant"),
    ("invitation", "role", "role", ROLES, "registrant"),
    ("registration", "status", "registrationstatus", STATES, "received"),
)
"""Table, column, name of the constraint, the codes before the migration, and the new code."""
TABLES = ("sentregistration", "formlink")


def upgrade() -> None:
    for table, column, name, codes, new in CODES:
        context.config.attributes["allow_codes"](f"{table}.{column}", (*codes, new), name)
    op.create_table(
        "sentregistration",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("registration_id", sa.Text(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sentregistration")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "formlink",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("browser", sa.String(), nullable=True),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_formlink")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_formlink_fingerprint")),
        sqlite_with_rowid=False,
    )
    for table, column in _indexed():
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    """Refused while an older version could not read what is stored."""
    rows = dict.fromkeys(TABLES, "true") | {table: f"{column} = '{new}'" for table, column, _, _, new in CODES}
    of_units = "CAST(facts AS TEXT) LIKE '%\"organisation\"%' OR CAST(facts AS TEXT) LIKE '%\"region\"%'"
    rows["placeentry"] = f"kind = 'registrant_unit' AND ({of_units})"
    context.config.attributes["refuse_stored"]("what belongs to registrants", rows)
    for table, column in _indexed():
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    for table in TABLES:
        op.drop_table(table)
    for table, column, name, codes, _ in CODES:
        context.config.attributes["allow_codes"](f"{table}.{column}", codes, name)


def _indexed() -> list[tuple[str, str]]:
    sent = ("organisation", "registration_id", "made_on", "waits")
    return [*(("sentregistration", column) for column in sent), ("formlink", "expires_at")]
