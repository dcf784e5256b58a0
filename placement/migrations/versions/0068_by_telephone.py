"""what a shelter says by telephone: its numbers with their changes, the entries of the desk, which shelters work so"""

import sqlalchemy as sa
from alembic import context, op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

_USES = ("placing", "night", "general")
_HOW = ("former_number", "in_person")


def upgrade() -> None:
    """Numbers that are there already are not new: nothing is known of their changes."""
    op.create_table(
        "numberchange",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("shelter_id", sa.String(), nullable=False),
        sa.Column("use", _codes(_USES, "telephoneuse"), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("former", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("confirmed_how", _codes(_HOW, "numberconfirmed"), nullable=True),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_by"),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_how IS NULL)", name="confirmed_how"),
        sa.ForeignKeyConstraint(["shelter_id"], ["shelter.id"], name="fk_numberchange_shelter_id"),
        sa.PrimaryKeyConstraint("id", name="pk_numberchange"),
    )
    op.create_index("ix_numberchange_shelter_id", "numberchange", ["shelter_id"])
    op.create_table(
        "telephoneentry",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.Column("caller", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_telephoneentry"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_telephoneentry_made_on", "telephoneentry", ["made_on"])
    op.create_index("ix_telephoneentry_waits", "telephoneentry", ["waits"])
    op.add_column("hold", sa.Column("heard", sa.Text(), nullable=True))
    op.add_column("shelter", sa.Column("works_by_telephone", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("shelter") as shelter:
        shelter.alter_column("works_by_telephone", server_default=None)


def downgrade() -> None:
    """Refused while a client is expected or lives where the desk entered the yes: an older version would disclose the
    address. The entries and the changes of numbers are lost.
    """
    lived_in = "SELECT count(*) FROM hold JOIN stay ON stay.hold_id = hold.id WHERE hold.heard IS NOT NULL"
    kept = op.get_bind().execute(sa.text(f"{lived_in} AND stay.status <> 'ended'")).scalar_one()
    if kept:
        raise context.config.attributes["refused"](f"{kept} shelters said yes by telephone: an older version shows all addresses")
    with op.batch_alter_table("shelter") as shelter:
        shelter.drop_column("works_by_telephone")
    op.drop_column("hold", "heard")
    for name in ("waits", "made_on"):
        op.drop_index(f"ix_telephoneentry_{name}", "telephoneentry")
    op.drop_table("telephoneentry")
    op.drop_index("ix_numberchange_shelter_id", "numberchange")
    op.drop_table("numberchange")


def _codes(codes: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*codes, native_enum=False, create_constraint=True, length=40, name=name)
