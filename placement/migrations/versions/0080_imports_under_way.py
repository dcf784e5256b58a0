"""unfinished imports, sealed; the record of a finished import; a request to a second person for a whole import"""

import sqlalchemy as sa
from alembic import context, op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BEFORE = ("account", "keys", "leave", "rule", "unit", "address", "legal_hold", "lifting", "decision", "register", "release")
KIND = "import"
REQUESTS = "secondpersonrequest"


def upgrade() -> None:
    """Drops requests that name a file by its hash, because they can no longer be carried out: the user uploads the file
    again.
    """
    op.drop_table("importrequest")
    op.add_column("importmapping", sa.Column("ranges", sa.String(), nullable=True))
    op.add_column("importmapping", sa.Column("name", sa.Text(), nullable=True))
    op.create_table(
        "openimport",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("request_id", sa.String(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("answers", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openimport")),
    )
    for column in ("ends_at", "session_id"):
        op.create_index(op.f(f"ix_openimport_{column}"), "openimport", [column])
    op.create_table(
        "importrecord",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("done_at", MOMENT, nullable=False),
        sa.Column("done_by", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("taken_back_at", MOMENT, nullable=True),
        sa.Column("taken_back_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_importrecord")),
    )
    _allow((*BEFORE, KIND))


def downgrade() -> None:
    """Refused while there are such requests: an older version cannot read them."""
    context.config.attributes["refuse_stored"]("requests for imports", {REQUESTS: f"kind = '{KIND}'"})
    _allow(BEFORE)
    for table in ("importrecord", "openimport"):
        op.drop_table(table)
    for column in ("name", "ranges"):
        op.drop_column("importmapping", column)
    op.create_table(
        "importrequest",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_importrequest")),
    )


def _allow(kinds: tuple[str, ...]) -> None:
    """Allows these kinds of requests. Marks `secondpersonrequest`, and not `importrequest`, as a table with changed
    sealed rows.
    """
    context.config.attributes["allow_codes"](f"{REQUESTS}.kind", kinds, "secondpersonkind")
    changed = context.config.attributes["changed_rows"]
    changed.discard("importrequest")
    changed.add(REQUESTS)
