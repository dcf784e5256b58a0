"""one table of requests that a second person answers; it replaces four tables and columns of two others"""

import json
from datetime import timedelta

import sqlalchemy as sa
from alembic import context, op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = ("account", "keys", "leave", "rule", "unit", "address", "legal_hold", "lifting")
STATES = ("asked", "granted", "refused", "withdrawn", "lapsed")
HOLDS_BEFORE = ("asked", "standing", "refused", "lapsed", "lift_asked", "lifted")
HOLDS = ("asked", "standing", "refused", "withdrawn", "lapsed", "lift_asked", "lifted")
IN_TIME = timedelta(days=7)
"""The time for which a requested legal hold waits for a second person."""
PERSONS = ("asked_by", "browser", "answered_at", "answered_by", "lift_asked_at", "lift_asked_by", "lifted_at", "lifted_by")
STATED = ("code", "number", "place", "value", "words", "legal_ground", "source", "assumed", "reason", "valid_from", "valid_until")
TABLES = ("asking", "keyrotation", "leaverequest", "changerequest")


def upgrade() -> None:
    """Moves every request with its result. A request that nobody answered in time gets the status *lapsed*."""
    requests = op.create_table(
        "secondpersonrequest",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", _codes(KINDS, "secondpersonkind"), nullable=False),
        sa.Column("status", _codes(STATES, "secondpersonstatus"), nullable=False),
        sa.Column("what", sa.String(), nullable=True),
        sa.Column("about", sa.String(), nullable=True),
        sa.Column("registration_id", sa.String(), nullable=True),
        sa.Column("shelter_id", sa.String(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("begun_at", MOMENT, nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.CheckConstraint("(status = 'asked') = (settled_at IS NULL)", name=op.f("ck_secondpersonrequest_settled_at")),
        sa.CheckConstraint(
            "status NOT IN ('granted', 'refused') OR settled_by <> asked_by",
            name=op.f("ck_secondpersonrequest_two_persons"),
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_secondpersonrequest_registration_id")
        ),
        sa.ForeignKeyConstraint(["shelter_id"], ["shelter.id"], name=op.f("fk_secondpersonrequest_shelter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_secondpersonrequest")),
    )
    for column in ("kind", "status", "about", "registration_id", "shelter_id"):
        op.create_index(op.f(f"ix_secondpersonrequest_{column}"), "secondpersonrequest", [column])
    rows = [*_of_accounts(), *_of_keys(), *_of_leaving(), *_of_rules(), *_of_the_register(), *_of_legal_holds()]
    if rows:
        op.bulk_insert(requests, [_stored(row) for row in rows])
        context.config.attributes["changed_rows"].add("secondpersonrequest")
    _without_requests()


def downgrade() -> None:
    """Refuses while there are requests: an older version would lose who requested and who granted them."""
    context.config.attributes["refuse_stored"]("requests for a second person", {"secondpersonrequest": "true"})
    for column in ("kind", "status", "about", "registration_id", "shelter_id"):
        op.drop_index(op.f(f"ix_secondpersonrequest_{column}"), "secondpersonrequest")
    op.drop_table("secondpersonrequest")
    _with_requests()


def _of_accounts():
    for row in _read("asking"):
        facts = {"email": row["email"], "role": row["role"], "regions": _json(row["regions"])}
        facts |= {"organisation": row["organisation_id"], **(_opened(row, "asking", "details") or {})}
        yield _two_persons(row, "account", "asking", facts, what=row["what"], about=row["account_id"])


def _of_keys():
    for row in _read("keyrotation"):
        yield _two_persons(row, "keys", "keyrotation", {}, done_at=row["done_at"])


def _of_leaving():
    for row in _read("leaverequest"):
        facts = {name: row[name] for name in ("reason", "text", "recipient")}
        moments = {name: row[name] for name in ("begun_at", "done_at")}
        yield _two_persons(row, "leave", "leaverequest", facts, what=row["kind"], **moments)


def _of_rules():
    """Moves the waiting requests of rules. A granted statement stays in its rule."""
    for row in _read("datedrule"):
        if not row["granted"]:
            facts = {name: _day(row[name]) if name.startswith("valid_") else row[name] for name in STATED}
            facts |= {"value": _json(row["value"]), "words": _json(row["words"]), "assumed": bool(row["assumed"])}
            yield _two_persons(row, "rule", "datedrule", facts, what=row["kind"])


def _of_the_register():
    for row in _read("changerequest"):
        is_address = row["kind"] == "address"
        yield {
            **{name: row[name] for name in ("id", "status", "shelter_id", "asked_by", "asked_at")},
            "kind": "address" if is_address else "unit",
            "what": None if is_address else row["kind"],
            "about": row["target_id"],
            "facts": _opened(row, "changerequest", "change"),
            "browser": _browser(row, "changerequest"),
            "settled_at": row["answered_at"],
            "settled_by": row["answered_by"],
        }


def _of_legal_holds():
    """A lifting that was not granted was refused; by whom stands in the log alone."""
    for row in _read("legalhold"):
        common = {"about": row["id"], "registration_id": row["registration_id"]}
        common["facts"] = {"reason": row["reason"], "review_on": _day(row["review_on"])}
        browser = _browser(row, "legalhold")
        is_first = row["lift_asked_by"] is None
        status = row["status"] if row["status"] in {"asked", "refused", "lapsed"} else "granted"
        until = _moment(row["asked_at"]) + IN_TIME
        yield common | {
            "id": f"{row['id']}.hold",
            "kind": "legal_hold",
            "status": status,
            **{name: row[name] for name in ("asked_by", "asked_at")},
            "browser": browser if is_first else None,
            "expires_at": until,
            "settled_at": until if status == "lapsed" else row["answered_at"],
            "settled_by": row["answered_by"],
        }
        if not is_first:
            status = {"lift_asked": "asked", "lifted": "granted"}.get(row["status"], "refused")
            yield common | {
                "id": f"{row['id']}.lifting",
                "kind": "lifting",
                "status": status,
                "asked_by": row["lift_asked_by"],
                "asked_at": row["lift_asked_at"],
                "browser": browser,
                "settled_at": row["lifted_at"] or (row["lift_asked_at"] if status == "refused" else None),
                "settled_by": row["lifted_by"],
            }


def _two_persons(row, kind, table, facts, **more):
    status = "granted" if row["granted"] else "withdrawn" if row["settled_at"] else "asked"
    settled_at = row["settled_at"]
    if status == "asked" and _moment(row["expires_at"]) <= context.config.attributes["now"]:
        status, settled_at = "lapsed", row["expires_at"]
    same = {name: row[name] for name in ("id", "asked_by", "asked_at", "expires_at", "settled_by")}
    return same | {"kind": kind, "status": status, "settled_at": settled_at, "facts": facts, "browser": _browser(row, table)} | more


def _stored(row):
    names = ("what", "about", "registration_id", "shelter_id", "browser", "expires_at", "settled_at", "settled_by", "begun_at")
    values = {"seal": None, "done_at": None, **dict.fromkeys(names), **row}
    seals, place = context.config.attributes["seals"], ("secondpersonrequest", "facts", (row["id"],))
    moments = {name: _moment(value) for name, value in values.items() if name.endswith("_at")}
    return values | moments | {"facts": seals.encrypted(row["facts"], place)}


def _without_requests() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM datedrule WHERE NOT granted")
    if _read("datedrule"):
        context.config.attributes["changed_rows"].add("datedrule")
    op.drop_index("uq_datedrule_in_turn", "datedrule")
    with op.batch_alter_table("datedrule") as rules:
        rules.drop_constraint(op.f("ck_datedrule_settled"), type_="check")
        rules.drop_constraint(op.f("ck_datedrule_two_persons"), type_="check")
        rules.create_check_constraint(op.f("ck_datedrule_two_persons"), "asked_by IS NULL OR settled_by <> asked_by")
        rules.alter_column("settled_at", existing_type=MOMENT, nullable=False)
        for column in ("granted", "expires_at", "browser"):
            rules.drop_column(column)
    _in_turn("number > 0")
    if _read("legalhold"):
        context.config.attributes["changed_rows"].add("legalhold")
    with op.batch_alter_table("legalhold") as holds:
        holds.drop_constraint(op.f("ck_legalhold_two_persons"), type_="check")
        holds.drop_constraint(op.f("ck_legalhold_two_lift"), type_="check")
        holds.drop_constraint(op.f("ck_legalhold_legalholdstatus"), type_="check")
        holds.create_check_constraint(op.f("ck_legalhold_legalholdstatus"), sa.column("status").in_(HOLDS))
        for column in PERSONS:
            holds.drop_column(column)


def _with_requests() -> None:
    with op.batch_alter_table("legalhold") as holds:
        holds.drop_constraint(op.f("ck_legalhold_legalholdstatus"), type_="check")
        holds.create_check_constraint(op.f("ck_legalhold_legalholdstatus"), sa.column("status").in_(HOLDS_BEFORE))
        holds.add_column(sa.Column("asked_by", sa.String(), nullable=False))
        holds.add_column(sa.Column("browser", sa.Text(), nullable=True))
        for column in PERSONS[2:]:
            holds.add_column(sa.Column(column, MOMENT if column.endswith("_at") else sa.String(), nullable=True))
        holds.create_check_constraint(op.f("ck_legalhold_two_persons"), "answered_by IS NULL OR answered_by <> asked_by")
        holds.create_check_constraint(op.f("ck_legalhold_two_lift"), "lifted_by IS NULL OR lifted_by <> lift_asked_by")
    if _read("datedrule"):
        context.config.attributes["changed_rows"].add("datedrule")
    op.drop_index("uq_datedrule_in_turn", "datedrule")
    with op.batch_alter_table("datedrule") as rules:
        rules.add_column(sa.Column("granted", sa.Boolean(), nullable=False, server_default=sa.true()))
        rules.add_column(sa.Column("expires_at", MOMENT, nullable=True))
        rules.add_column(sa.Column("browser", sa.Text(), nullable=True))
        rules.alter_column("settled_at", existing_type=MOMENT, nullable=True)
        rules.drop_constraint(op.f("ck_datedrule_two_persons"), type_="check")
        rules.create_check_constraint(
            op.f("ck_datedrule_two_persons"), "NOT granted OR asked_by IS NULL OR settled_by <> asked_by"
        )
        rules.create_check_constraint(op.f("ck_datedrule_settled"), "NOT granted OR settled_at IS NOT NULL")
    op.execute("UPDATE datedrule SET expires_at = settled_at")
    with op.batch_alter_table("datedrule") as rules:
        rules.alter_column("expires_at", existing_type=MOMENT, nullable=False)
        rules.alter_column("granted", server_default=None)
    _in_turn("granted AND number > 0")
    _table("asking", ("what", _codes(("invite", "invite_again", "change"), "askedact"), False), *_ASKING)
    op.create_index(op.f("ix_asking_account_id"), "asking", ["account_id"])
    _table("keyrotation")
    leave = ("export_people", "destroy_keys"), ("leaving", "handover", "authority")
    _table(
        "leaverequest",
        ("kind", _codes(leave[0], "leavekind"), False),
        ("reason", _codes(leave[1], "leavereason"), False),
        ("text", sa.String(), False),
        ("recipient", sa.String(), True),
        ("begun_at", MOMENT, True),
    )
    with op.batch_alter_table("leaverequest") as requests:
        requests.create_check_constraint(
            op.f("ck_leaverequest_recipient"), "(kind = 'export_people') = (recipient IS NOT NULL)"
        )
    op.create_table(
        "changerequest",
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", _codes(("address", "new_unit", "change_unit", "move_unit", "close_unit", "reopen_unit"), "changekind"), nullable=False),
        sa.Column("status", _codes(("asked", "granted", "refused"), "changestatus"), nullable=False),
        sa.Column("shelter_id", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("browser", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.CheckConstraint("(status = 'asked') = (answered_at IS NULL)", name=op.f("ck_changerequest_answered_at")),
        sa.ForeignKeyConstraint(["shelter_id"], ["shelter.id"], name=op.f("fk_changerequest_shelter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changerequest")),
    )
    for column in ("status", "shelter_id"):
        op.create_index(op.f(f"ix_changerequest_{column}"), "changerequest", [column])


ROLES = ("system", "desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin")
_ASKING = (
    ("account_id", sa.String(), True),
    ("email", sa.String(), False),
    ("organisation_id", sa.String(), False),
    ("role", sa.Enum(*ROLES, native_enum=False, length=40), False),
    ("regions", sa.JSON(), False),
    ("details", sa.Text(), True),
)


def _table(name, *columns) -> None:
    """A table of requests as an older version has it."""
    also = [] if name == "asking" else [("done_at", MOMENT, True)]
    keys = []
    if name == "asking":
        keys = [
            sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_asking_account_id")),
            sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_asking_organisation_id")),
            sa.CheckConstraint(sa.column("role").in_(ROLES), name=op.f("ck_asking_role")),
        ]
    op.create_table(
        name,
        sa.Column("seal", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        *(sa.Column(column, kind, nullable=nullable) for column, kind, nullable in (*columns, *also)),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=True),
        *(sa.Column(column, MOMENT, nullable=column == "settled_at") for column in ("asked_at", "expires_at", "settled_at")),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=False),
        *keys,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )


def _in_turn(where: str) -> None:
    op.create_index(
        "uq_datedrule_in_turn",
        "datedrule",
        ["kind", "number"],
        unique=True,
        postgresql_where=sa.text(where),
        sqlite_where=sa.text(where),
    )


def _read(table: str):
    return op.get_bind().execute(sa.text(f"SELECT * FROM {table}")).mappings().all()


def _opened(row, table: str, column: str):
    """Returns what the service's keys encrypted in this column."""
    if row[column] is None:
        return None
    return json.loads(context.config.attributes["seals"].opened_with_ring(row[column], (table, column, (row["id"],))))


def _browser(row, table: str):
    seals = context.config.attributes["seals"]
    known = seals.named_by(f"{table}.browser", row["browser"])
    return seals.pseudonym("secondpersonrequest.browser", known)


def _json(value):
    return json.loads(value) if isinstance(value, str) else value


def _day(value):
    return value if value is None or isinstance(value, str) else value.isoformat()


def _moment(value):
    if value is None:
        return None
    seals = context.config.attributes["seals"]
    return seals.moment(value) if isinstance(value, str) else seals.aware(value)


def _codes(codes: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*codes, native_enum=False, create_constraint=True, length=40, name=name)
