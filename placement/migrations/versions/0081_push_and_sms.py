"""devices that are notified by push, and each person's choice of SMS and quiet hours"""

import sqlalchemy as sa
from alembic import context, op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None

RINGS = {
    "message": (("ring ", "allowed "), ()),
    "tasknotice": ((), (" push", " sms", " on_call", " numbers")),
}
"""Beginnings and ends of the unique keys of rings (push and SMS messages), by table. The key of a finished
notice has an id after this end.
"""

CHOICES = ("sms", "quiet_from", "quiet_until", "sms_trouble")


def upgrade() -> None:
    op.create_table(
        "pushdevice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("subscription", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pushdevice_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushdevice")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_pushdevice_fingerprint")),
    )
    op.create_index(op.f("ix_pushdevice_account_id"), "pushdevice", ["account_id"])
    op.create_index(op.f("ix_pushdevice_ended_on"), "pushdevice", ["ended_on"])
    for name in CHOICES:
        op.add_column("accountdetails", sa.Column(name, sa.Text(), nullable=True))


def downgrade() -> None:
    """Deletes rings and steps of the escalation, because an older version cannot read them. After a new upgrade each
    person must allow the devices again.
    """
    for table, (begins, ends) in RINGS.items():
        _delete(table, begins, ends)
    for name in CHOICES:
        op.drop_column("accountdetails", name)
    op.drop_table("pushdevice")


def _delete(table: str, begins: tuple[str, ...], ends: tuple[str, ...]) -> None:
    seals, rows = context.config.attributes["seals"], sa.table(table, sa.column("id"), sa.column("once"))
    for name, once in op.get_bind().execute(sa.select(rows.c.id, rows.c.once)).all():
        key = str(seals.named_by(f"{table}.once", once))
        if key.startswith(begins) or key.removesuffix(f" {name}").endswith(ends):
            op.execute(rows.delete().where(rows.c.id == name))
