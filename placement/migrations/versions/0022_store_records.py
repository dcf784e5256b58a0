"""what is recorded of the store as a whole

A store that holds the synthetic country, and no centre beside its own, is recorded as such: the service must not be
begun in it. Where a centre was made beside it, it is not, so that nothing takes it for a trial.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SYNTHETIC_CENTRE = "O-centre"


def upgrade() -> None:
    records = op.create_table(
        "storerecord",
        sa.Column(
            "fact",
            sa.Enum("synthetic", "keys_copied", "backup_made", name="storefact", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("fact", name=op.f("pk_storerecord")),
    )
    found = op.get_bind().execute(sa.text("SELECT id FROM organisation WHERE kind = 'coordination_centre'")).scalars().all()
    if found == [SYNTHETIC_CENTRE]:
        made = sa.insert(records).values(fact="synthetic", at=sa.func.now(), detail="")
        op.execute(made)


def downgrade() -> None:
    op.drop_table("storerecord")
