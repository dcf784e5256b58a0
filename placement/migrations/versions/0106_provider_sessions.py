"""sessions of single sign-on store the provider's name for them, with which the provider can end them"""

import sqlalchemy as sa
from alembic import context, op

revision = "0106"
down_revision = "0105"
branch_labels = None
depends_on = None
works_from = revision  # processes of earlier versions would report a session with the name as damaged

TABLES = ("accountsession", "signinchallenge")
INDEX = "ix_accountsession_sso_session"


def upgrade() -> None:
    """Leaves the names empty. Seals stay valid, because a seal leaves out empty columns."""
    for table in TABLES:
        op.add_column(table, sa.Column("sso_session", sa.Text(), nullable=True))
    op.create_index(op.f(INDEX), "accountsession", ["sso_session"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), "accountsession")
    for table in TABLES:
        op.drop_column(table, "sso_session")
        context.config.attributes["changed_rows"].add(table)
