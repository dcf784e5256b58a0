"""standing mandates: a decision can be carried out before the desk confirms it"""

import sqlalchemy as sa
from alembic import context, op

revision = "0039"
down_revision = "0037"
branch_labels = None
depends_on = None

BEFORE = (
    "waiting_for_desk",
    "waiting_for_shelter",
    "waiting_for_second",
    "final",
    "refused",
    "lapsed",
    "withdrawn",
)
STATES = (*BEFORE[:3], "provisional", *BEFORE[3:])


def upgrade() -> None:
    op.add_column("decision", sa.Column("second_text", sa.Text(), nullable=True))
    op.add_column("decision", sa.Column("mandate_id", sa.String(), nullable=True))
    _allow(STATES)
    op.create_table(
        "mandate",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("schemes", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_mandate_in_order")),
        sa.ForeignKeyConstraint(["given_by"], ["account.id"], name=op.f("fk_mandate_given_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
    )
    op.create_index(op.f("ix_mandate_given_by"), "mandate", ["given_by"])
    op.create_index(op.f("ix_mandate_ends_on"), "mandate", ["ends_on"])


def downgrade() -> None:
    """Refused while the desk has not answered what was carried out under a mandate: an older version would take it for
    agreed. The mandates are lost, and why a decision was sent back.
    """
    waits, under = (
        op.get_bind().execute(sa.text(f"SELECT count(*) FROM decision WHERE {which}")).scalar_one()
        for which in ("status = 'provisional'", "mandate_id IS NOT NULL")
    )
    if waits:
        raise context.config.attributes["refused"](
            f"{waits} decisions were carried out under a standing mandate: the desk answers them first"
        )
    if under:
        context.config.attributes["changed_rows"].add("decision")
    for name in ("ends_on", "given_by"):
        op.drop_index(op.f(f"ix_mandate_{name}"), "mandate")
    op.drop_table("mandate")
    _allow(BEFORE)
    with op.batch_alter_table("decision") as table:
        table.drop_column("mandate_id")
        table.drop_column("second_text")


def _allow(states: tuple[str, ...]) -> None:
    """Of a decision, these states only."""
    with op.batch_alter_table("decision") as table:
        table.drop_constraint(op.f("ck_decision_decisionstatus"), type_="check")
        table.create_check_constraint(op.f("ck_decision_decisionstatus"), sa.column("status").in_(states))
