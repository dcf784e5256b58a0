"""seals on rows that decide where a client can be placed; every seal states a version, and covers ciphertexts"""

import sqlalchemy as sa
from alembic import context, op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

NEW = (
    "keepapart",
    "location",
    "registration",
    "registrationlink",
    "room",
    "shelter",
    "stay",
    "stayswith",
    "unit",
)


def upgrade() -> None:
    for table in NEW:
        op.add_column(table, sa.Column("seal", sa.String(), nullable=True))
    context.config.attributes["changed_rows"].update(_sealed())


def downgrade() -> None:
    for table in NEW:
        op.drop_column(table, "seal")


def _sealed() -> list[str]:
    """Returns every table with a seal. Each row of these tables gets a seal in the new form."""
    found = sa.inspect(op.get_bind())
    return [name for name in found.get_table_names() if "seal" in {one["name"] for one in found.get_columns(name)}]
