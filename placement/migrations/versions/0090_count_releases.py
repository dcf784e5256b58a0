"""releases of counts, and requests to a second person for them"""

import sqlalchemy as sa
from alembic import context, op

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PERIODS = ("week", "month", "quarter", "year")
BEFORE = (
    *("account", "keys", "leave", "rule", "unit", "address", "legal_hold", "lifting", "decision", "register", "release"),
    "import",
)
KIND = "counts"
REQUESTS = "secondpersonrequest"


def upgrade() -> None:
    op.create_table(
        "countrelease",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=True),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.CheckConstraint(sa.column("kind").in_(PERIODS), name=op.f("ck_countrelease_periodkind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_countrelease")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_countrelease_begins_on"), "countrelease", ["begins_on"])
    _allow((*BEFORE, KIND))


def downgrade() -> None:
    """Refused while there are releases: an older version cannot read them."""
    rows = {"countrelease": "true", REQUESTS: f"kind = '{KIND}'"}
    context.config.attributes["refuse_stored"]("releases of counts", rows)
    _allow(BEFORE)
    op.drop_table("countrelease")


def _allow(kinds: tuple[str, ...]) -> None:
    context.config.attributes["allow_codes"](f"{REQUESTS}.kind", kinds, "secondpersonkind")
    context.config.attributes["changed_rows"].add(REQUESTS)
