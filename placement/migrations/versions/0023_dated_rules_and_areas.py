"""rules as data, each with its period, and what waits for a second person; areas, municipalities and units as data"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
REGIONS = ("noord-nederland", "oost-nederland", "midden-nederland", "noord-holland", "amsterdam", "den-haag", "rotterdam", "zeeland-west-brabant", "oost-brabant", "limburg")
"""The codes that were the only ones, and are those of the first areas."""


def upgrade() -> None:
    _create_dated_rules()
    _create_place_entries()
    _make_region_an_area()


def downgrade() -> None:
    """An area that is none of the ten police units has no code to go back to: its cases get the first of these."""
    regions = sa.Enum(*REGIONS, name="region", native_enum=False, length=40)
    known = ", ".join(f"'{one}'" for one in REGIONS)
    op.execute(f"UPDATE registration SET region = '{REGIONS[0]}' WHERE region NOT IN ({known})")
    with op.batch_alter_table("registration") as table:
        table.drop_column("municipality")
        table.drop_column("registrant_unit")
        table.alter_column("region", existing_type=sa.String(40), type_=regions, existing_nullable=False)
        table.create_check_constraint(op.f("ck_registration_region"), sa.column("region").in_(REGIONS))
    op.drop_table("placeentry")
    op.drop_table("datedrule")


def _create_dated_rules() -> None:
    kind = sa.Enum("entitlement", "stay_limit", "safety_distance", "reason", name="rulekind", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "datedrule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("legal_ground", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("assumed", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("asked_by", sa.String(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.CheckConstraint("valid_until > valid_from", name=op.f("ck_datedrule_period")),
        sa.CheckConstraint("NOT granted OR settled_at IS NOT NULL", name=op.f("ck_datedrule_settled")),
        sa.CheckConstraint("NOT granted OR asked_by IS NULL OR settled_by <> asked_by", name=op.f("ck_datedrule_two_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datedrule")),
    )
    in_turn = sa.text("granted AND number > 0")
    op.create_index("uq_datedrule_in_turn", "datedrule", ["kind", "number"], unique=True, postgresql_where=in_turn, sqlite_where=in_turn)


def _create_place_entries() -> None:
    kind = sa.Enum("area", "municipality", "registrant_unit", name="placekind", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "placeentry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=True),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placeentry")),
        sa.UniqueConstraint("kind", "code", "number", name=op.f("uq_placeentry_kind_code_number")),
    )


def _make_region_an_area() -> None:
    """The care area of a registration is any that the desk made; the codes that are there are those of the first areas."""
    with op.batch_alter_table("registration") as table:
        table.drop_constraint(op.f("ck_registration_region"), type_="check")
        table.alter_column("region", existing_type=sa.String(40), type_=sa.String(40), existing_nullable=False)
        table.add_column(sa.Column("municipality", sa.String(40), nullable=True))
        table.add_column(sa.Column("registrant_unit", sa.String(40), nullable=True))
