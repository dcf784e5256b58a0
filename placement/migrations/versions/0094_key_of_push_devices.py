"""the foreign key of devices gets the name that it has in the tables of the code"""

from alembic import op

revision = "0094"
down_revision = "0092"
branch_labels = None
depends_on = None

BEFORE, AFTER = "fk_pushdevice_account_id_account", "fk_pushdevice_account_id"


def upgrade() -> None:
    _rename(BEFORE, AFTER)


def downgrade() -> None:
    _rename(AFTER, BEFORE)


def _rename(old: str, new: str) -> None:
    with op.batch_alter_table("pushdevice") as devices:
        devices.drop_constraint(op.f(old), type_="foreignkey")
        devices.create_foreign_key(op.f(new), "account", ["account_id"], ["id"])
