"""the register of shelters: places that are planned, open, close and come back, and what was before"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

KINDS = (
    "report.made", "hold.asked", "hold.released", "hold.expired", "hold.waits", "hold.confirmed", "hold.refused",
    "count.asked", "decision.waits", "decision.refused", "decision.lapsed", "stay.no_show", "stay.broken_off",
    "stay.is_long", "count.is_missing", "webhook.disabled", "webhook.tried",
)
NEW_KINDS = (*KINDS[:-2], "rooms.changed", "change.asked", "change.answered", *KINDS[-2:])
MOMENT = sa.DateTime(timezone=True)
PLACES = ("shelter", "location", "unit", "room")
STATUSES = ("planned", "open", "closing", "closed")


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    _set_kinds(NEW_KINDS)
    status = sa.Enum(*STATUSES, name="placestatus", native_enum=False, length=40)
    for place in PLACES:
        with op.batch_alter_table(place) as table:
            table.add_column(sa.Column("status", status, nullable=False, server_default="open"))
            table.add_column(sa.Column("opens_on", sa.Date()))
            table.add_column(sa.Column("closes_on", sa.Date()))
            table.add_column(sa.Column("closed_on", sa.Date()))
            if place != "unit":
                table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
            if place == "location":
                table.add_column(sa.Column("name", sa.String(), nullable=False, server_default=""))
            if place == "room":
                table.add_column(sa.Column("beds_wanted", sa.Integer()))
    op.execute("UPDATE location SET name = id")
    for place in PLACES:
        with op.batch_alter_table(place) as table:
            table.alter_column("status", server_default=None)
            if place != "unit":
                table.alter_column("version", server_default=None)
            if place == "location":
                table.alter_column("name", server_default=None)
            if place == "room":
                table.create_check_constraint(op.f("ck_room_beds_wanted"), "beds_wanted >= 0")
            table.create_check_constraint(op.f(f"ck_{place}_placestatus"), sa.column("status").in_(STATUSES))
            table.create_check_constraint(op.f(f"ck_{place}_closed_on"), "(status = 'closed') = (closed_on IS NOT NULL)")
    with op.batch_alter_table("provider") as table:
        table.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("provider") as table:
        table.alter_column("version", server_default=None)
    with op.batch_alter_table("bed") as table:
        table.add_column(sa.Column("from_on", sa.Date()))
        table.add_column(sa.Column("until_on", sa.Date()))
        table.create_check_constraint(op.f("ck_bed_period"), "until_on >= from_on")
    op.create_table(
        "roomclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("beds", sa.Integer(), nullable=False),
        sa.CheckConstraint("until > since", name=op.f("ck_roomclosure_period")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_roomclosure_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roomclosure")),
    )
    op.create_index(op.f("ix_roomclosure_room_id"), "roomclosure", ["room_id"])
    op.create_index(op.f("ix_roomclosure_cause"), "roomclosure", ["cause"])
    op.create_table(
        "registerversion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _codes("registerkind", "provider", "shelter", "location", "unit", "room"), nullable=False),
        sa.Column("thing_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registerversion")),
        sa.UniqueConstraint("kind", "thing_id", "version", name=op.f("uq_registerversion_kind_thing_id_version")),
    )
    op.create_index(op.f("ix_registerversion_thing_id"), "registerversion", ["thing_id"])
    _only_added("registerversion")
    op.create_table(
        "changerequest",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", _codes("changekind", "address", "new_unit", "change_unit", "move_unit", "close_unit", "reopen_unit"), nullable=False),
        sa.Column("status", _codes("changestatus", "asked", "granted", "refused"), nullable=False),
        sa.Column("shelter_id", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_by", sa.String()),
        sa.Column("answered_at", MOMENT),
        sa.CheckConstraint("(status = 'asked') = (answered_at IS NULL)", name=op.f("ck_changerequest_answered_at")),
        sa.ForeignKeyConstraint(["shelter_id"], ["shelter.id"], name=op.f("fk_changerequest_shelter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changerequest")),
    )
    op.create_index(op.f("ix_changerequest_shelter_id"), "changerequest", ["shelter_id"])
    op.create_index(op.f("ix_changerequest_status"), "changerequest", ["status"])


def _set_kinds(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("message") as table:
        table.drop_constraint(op.f("ck_message_messagekind"), type_="check")
        table.create_check_constraint(op.f("ck_message_messagekind"), sa.column("kind").in_(kinds))


def _only_added(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"""
            CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """)
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(f"""
            CREATE TRIGGER {table}_is_append_only_{act.lower()} BEFORE {act} ON {table}
            BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
        """)


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM message WHERE kind IN ('rooms.changed', 'change.asked', 'change.answered')"))
    _set_kinds(KINDS)
    for table in ("changerequest", "registerversion", "roomclosure"):
        op.drop_table(table)
    with op.batch_alter_table("bed") as table:
        table.drop_constraint(op.f("ck_bed_period"), type_="check")
        table.drop_column("until_on")
        table.drop_column("from_on")
    with op.batch_alter_table("provider") as table:
        table.drop_column("version")
    for place in PLACES:
        with op.batch_alter_table(place) as table:
            table.drop_constraint(op.f(f"ck_{place}_closed_on"), type_="check")
            table.drop_constraint(op.f(f"ck_{place}_placestatus"), type_="check")
            if place == "room":
                table.drop_constraint(op.f("ck_room_beds_wanted"), type_="check")
                table.drop_column("beds_wanted")
            if place == "location":
                table.drop_column("name")
            if place != "unit":
                table.drop_column("version")
            for column in ("closed_on", "closes_on", "opens_on", "status"):
                table.drop_column(column)
