"""where a client is: the place of a proposal, decision, hold and stay sealed, the claims on beds by pseudonym

The tables are made anew and filled, so that no file of the database keeps the rows as they were. Sealed are also the
counts of free beds and the daily reports, whose changes from day to day tell who came where. The link of a case
whose content was erased is not carried over, nor of one that is closed and whose key is lost.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLES = ("proposal", "decision", "hold", "stay", "bedclaim", "roomreport", "dailyreport")
SEALED = {
    "proposal": ("unit_id",),
    "decision": ("unit_id", "broken"),
    "hold": ("unit_id", "starts_on", "asked_at", "expires_at", "answered_at", "answered_by", "expected_at"),
    "stay": ("unit_id", "starts_on", "arrived_at", "limit_on"),
}
"""What is sealed with the key of the case. What a decision displaces is sealed with that of its proposal."""

COUNTS, REPORTS = "room-counts", "daily-reports"
"""The owners of the keys of counts and reports."""

SEALED_COUNTS = {
    "roomreport": (COUNTS, ("counted_free", "derived_free")),
    "dailyreport": (REPORTS, ("changed", "rows", "report")),
}

NAMED = ("bed_id", "hold_id", "stay_id", "registration_id", "person_id")
"""What a claim has as a pseudonym."""

STANDS = "status NOT IN ('refused', 'lapsed', 'withdrawn')"
WAITS = "status IN ('reserved', 'waiting_for_shelter')"
LIVES = "status <> 'ended'"


def upgrade() -> None:
    seals, rows = context.config.attributes["seals"], _rows()
    closed, erased = _over("closed_at"), _over("content_erased_at") | _destroyed()
    case_of = {row["id"]: row["registration_id"] for row in rows["proposal"]}

    def seal(owner, value, case, place):
        gone = case in erased or owner in erased or seals.is_destroyed(owner) or (case in closed and seals.is_lost(owner))
        return None if value is None or gone else seals.seal(owner, value, place)

    for row in rows["decision"]:
        row["registration_id"] = case_of[row["proposal_id"]]
        place = ("decision", "displaces", (row["id"],))
        row["displaces"] = seal(row["proposal_id"], row["displaces"], row["registration_id"], place)
    for row in rows["hold"]:
        ended = row["expires_at"] if row["status"] == "expired" else row["answered_at"] or row["expires_at"]
        row["ended_on"] = seals.day_of(ended) if row["status"] in {"refused", "expired", "released"} else None
    for table, columns in SEALED.items():
        for row in rows[table]:
            case = row["registration_id"]
            row.update({name: seal(case, row[name], case, (table, name, (row["id"],))) for name in columns})
    for table, (owner, columns) in SEALED_COUNTS.items():
        for row in rows[table]:
            row.update({name: seals.seal(owner, row[name], _place(table, name, row)) for name in columns})
    for number, row in enumerate(rows["bedclaim"]):
        gone = row["registration_id"] in erased
        row["id"] = _claim_id(number)
        for name in NAMED:
            row[name] = None if gone and name != "bed_id" else seals.pseudonym(f"bedclaim.{name}", row[name])
    _drop()
    _create(sealed=True)
    _fill(rows)


def downgrade() -> None:
    """What was erased has no place any more; a row that may not be without one goes."""
    seals, rows = context.config.attributes["seals"], _rows()
    moments = {"asked_at", "expires_at", "answered_at", "expected_at", "arrived_at"}
    days = {"starts_on", "limit_on"}
    for table, columns in SEALED.items():
        for row in rows[table]:
            for name in columns:
                found = seals.opened(row[name], (table, name, (row["id"],)))
                if found is not None and name in moments:
                    found = seals.moment(found)
                elif found is not None and name in days:
                    found = seals.day(found)
                row[name] = found
    for row in rows["decision"]:
        place = ("decision", "displaces", (row["id"],))
        row["broken"], row["displaces"] = row["broken"] or [], seals.opened(row["displaces"], place) or []
        del row["registration_id"]
    for row in rows["hold"]:
        del row["ended_on"]
    for table, (_, columns) in SEALED_COUNTS.items():
        for row in rows[table]:
            row.update({name: seals.opened(row[name], _place(table, name, row)) for name in columns})
    for number, row in enumerate(rows["bedclaim"], start=1):
        row["id"] = number
        row.update({name: seals.named_by(f"bedclaim.{name}", row[name]) for name in NAMED})
    rows["decision"] = [row for row in rows["decision"] if row["kind"] == "decline" or row["unit_id"]]
    kept = {row["id"] for row in rows["decision"]}
    rows["hold"] = [row for row in rows["hold"] if row["unit_id"] and row["decision_id"] in kept]
    rows["stay"] = [row for row in rows["stay"] if row["unit_id"]]
    rows["bedclaim"] = [row for row in rows["bedclaim"] if row["registration_id"]]
    _drop()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TYPE bed_pseudonyms")
    _create(sealed=False)
    _fill(rows)


def _place(table: str, column: str, row: dict) -> tuple:
    """Of a count or a report: what names its row."""
    named = ("report_id", "room_id") if table == "roomreport" else ("on", "version")
    return (table, column, tuple(row[name] for name in named))


def _rows() -> dict:
    bind = op.get_bind()
    found = {}
    for name in TABLES:
        table = sa.Table(name, sa.MetaData(), autoload_with=bind, resolve_fks=False)
        found[name] = [dict(row) for row in bind.execute(sa.select(table)).mappings()]
    return found


def _over(column: str) -> set:
    return set(op.get_bind().execute(sa.text(f"SELECT id FROM registration WHERE {column} IS NOT NULL")).scalars())  # noqa: S608 (names of this file)


def _destroyed() -> set:
    return set(op.get_bind().execute(sa.text("SELECT owner FROM datakey WHERE destroyed_at IS NOT NULL")).scalars())


def _claim_id(number: int) -> str:
    """Random: the store's own numbers say nothing of the order any more."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    made = "SELECT md5(random()::text || :number)" if postgresql else "SELECT lower(hex(randomblob(16))) || :number"
    return "C-" + op.get_bind().execute(sa.text(made), {"number": str(number)}).scalar_one()[:32]


def _drop() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _fill(rows: dict) -> None:
    bind = op.get_bind()
    for name in TABLES:
        if rows[name]:
            table = sa.Table(name, sa.MetaData(), autoload_with=bind, resolve_fks=False)
            bind.execute(sa.insert(table), sorted(rows[name], key=lambda row: row["id"]) if "id" in table.c else rows[name])
            _count_on(bind, table)


def _count_on(bind: sa.Connection, table: sa.Table) -> None:
    """On PostgreSQL, a table with numbers for ids goes on after the greatest of them."""
    if bind.dialect.name == "postgresql" and "id" in table.c and isinstance(table.c["id"].type, sa.Integer):
        greatest = f'SELECT max(id) FROM "{table.name}"'  # noqa: S608 (tables of this file)
        bind.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), ({greatest}))"))


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _columns(kind, *names: str, nullable: bool = False) -> list:
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _create(*, sealed: bool) -> None:
    for create in (_create_proposal, _create_decision, _create_hold, _create_stay):
        create(sealed=sealed)
    for create in (_create_bedclaim, _create_roomreport, _create_dailyreport):
        create(sealed=sealed)
    for table in ("roomreport", "dailyreport"):
        _only_add(table)


def _create_proposal(*, sealed: bool) -> None:
    states = ("made", "accepted", "overridden", "declined", "superseded", "expired")
    op.create_table(
        "proposal",
        *_columns(sa.String(), "id", "registration_id", "made_by", "engine_version"),
        *_columns(sa.Integer(), "registration_version", "policy_version"),
        *_columns(MOMENT, "made_at", "expires_at"),
        *_columns(sa.Text(), "problem", "advice", nullable=True),
        sa.Column("status", _codes("proposalstatus", *states), nullable=False),
        sa.Column("unit_id", sa.Text() if sealed else sa.String(), nullable=True),
        _to("proposal", "registration_id", "registration"),
        *(() if sealed else (_to("proposal", "unit_id", "unit"),)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    for column in ("registration_id", "status"):
        op.create_index(op.f(f"ix_proposal_{column}"), "proposal", [column], unique=False)


def _create_decision(*, sealed: bool) -> None:
    waits = ("waiting_for_desk", "waiting_for_shelter", "waiting_for_second")
    states = (*waits, "final", "refused", "lapsed", "withdrawn")
    op.create_table(
        "decision",
        *_columns(sa.String(), "id", "proposal_id", "decided_by"),
        *_columns(sa.String(), "reason", "second_by", nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("loss", sa.Integer(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("second_at", MOMENT, nullable=True),
        *((sa.Column("registration_id", sa.String(), nullable=False),) if sealed else ()),
        sa.Column("kind", _codes("decisionkind", "accept", "override", "decline"), nullable=False),
        sa.Column("status", _codes("decisionstatus", *states), nullable=False),
        sa.Column("unit_id", sa.Text() if sealed else sa.String(), nullable=True),
        *_columns(sa.Text() if sealed else sa.JSON(), "broken", "displaces", nullable=sealed),
        sa.CheckConstraint("kind = 'accept' OR reason IS NOT NULL", name=op.f("ck_decision_reason")),
        sa.CheckConstraint("second_by IS NULL OR second_by <> decided_by", name=op.f("ck_decision_two_persons")),
        _to("decision", "proposal_id", "proposal"),
        *(
            (_to("decision", "registration_id", "registration"),)
            if sealed
            else (
                sa.CheckConstraint("kind = 'decline' OR unit_id IS NOT NULL", name=op.f("ck_decision_unit")),
                _to("decision", "unit_id", "unit"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    for column in ("proposal_id", "status", *(("registration_id",) if sealed else ())):
        op.create_index(op.f(f"ix_decision_{column}"), "decision", [column], unique=False)
    _one("uq_decision_one_standing", "decision", "proposal_id", STANDS)


def _create_hold(*, sealed: bool) -> None:
    kept = ("reserved", "waiting_for_shelter", "confirmed", "refused", "expired", "released")
    op.create_table(
        "hold",
        *_columns(sa.String(), "id", "registration_id", "decision_id", "made_by"),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.Text() if sealed else sa.String(), nullable=sealed),
        sa.Column("status", _codes("holdstatus", *kept), nullable=False),
        sa.Column("starts_on", sa.Text() if sealed else sa.Date(), nullable=sealed),
        *_columns(sa.Text() if sealed else MOMENT, "asked_at", "answered_at", "expected_at", nullable=True),
        sa.Column("expires_at", sa.Text() if sealed else MOMENT, nullable=sealed),
        sa.Column("answered_by", sa.Text() if sealed else sa.String(), nullable=True),
        *((sa.Column("ended_on", sa.Date(), nullable=True),) if sealed else ()),
        sa.CheckConstraint("(status = 'refused') <= (reason IS NOT NULL)", name=op.f("ck_hold_reason")),
        _to("hold", "decision_id", "decision"),
        _to("hold", "registration_id", "registration"),
        *(() if sealed else (_to("hold", "unit_id", "unit"),)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_hold_decision_id")),
        sqlite_with_rowid=not sealed,
    )
    for column in ("registration_id", "status", "ended_on" if sealed else "unit_id"):
        op.create_index(op.f(f"ix_hold_{column}"), "hold", [column], unique=False)
    _one("uq_hold_one_waiting", "hold", "registration_id", WAITS)


def _create_stay(*, sealed: bool) -> None:
    op.create_table(
        "stay",
        *_columns(sa.String(), "id", "registration_id"),
        *_columns(sa.String(), "hold_id", "blocker", "end_reason", nullable=True),
        *_columns(sa.Date(), "taken_over_on", "ended_on", nullable=True),
        *_columns(sa.Text(), "blocker_text", "end_text", nullable=True),
        sa.Column("unit_id", sa.Text() if sealed else sa.String(), nullable=sealed),
        sa.Column("status", _codes("staystatus", "planned", "in_house", "ended"), nullable=False),
        sa.Column("starts_on", sa.Text() if sealed else sa.Date(), nullable=sealed),
        sa.Column("arrived_at", sa.Text() if sealed else MOMENT, nullable=True),
        sa.Column("limit_on", sa.Text() if sealed else sa.Date(), nullable=sealed),
        sa.CheckConstraint("(status = 'ended') = (end_reason IS NOT NULL)", name=op.f("ck_stay_end_reason")),
        _to("stay", "hold_id", "hold"),
        _to("stay", "registration_id", "registration"),
        *(() if sealed else (_to("stay", "unit_id", "unit"),)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
        sa.UniqueConstraint("hold_id", name=op.f("uq_stay_hold_id")),
        sqlite_with_rowid=not sealed,
    )
    for column in ("registration_id", "status", *(() if sealed else ("unit_id",))):
        op.create_index(op.f(f"ix_stay_{column}"), "stay", [column], unique=False)
    _one("uq_stay_one_live", "stay", "registration_id", LIVES)


def _create_bedclaim(*, sealed: bool) -> None:
    whole = sa.Text() if sealed else sa.Integer()
    name = sa.Text() if sealed else sa.String()
    person = sa.ForeignKeyConstraint(
        ["person_id"], ["registeredperson.id"], name=op.f("fk_bedclaim_person_id"), ondelete="SET NULL"
    )
    op.create_table(
        "bedclaim",
        *_columns(sa.Boolean(), "whole_room", "cancelled"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("id", sa.String() if sealed else sa.Integer(), nullable=False),
        sa.Column("bed_id", whole, nullable=False),
        *_columns(name, "hold_id", "stay_id", nullable=True),
        sa.Column("registration_id", name, nullable=sealed),
        sa.Column("person_id", whole, nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_bedclaim_period")),
        *(
            ()
            if sealed
            else (
                sa.CheckConstraint("hold_id IS NOT NULL OR stay_id IS NOT NULL", name=op.f("ck_bedclaim_whose")),
                *(_to("bedclaim", f"{one}_id", one) for one in ("bed", "hold", "stay", "registration")),
                person,
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bedclaim")),
        sqlite_with_rowid=not sealed,
    )
    for column in NAMED if sealed else NAMED[:-1]:
        op.create_index(op.f(f"ix_bedclaim_{column}"), "bedclaim", [column], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _forbid_on_postgresql(sealed=sealed)
    else:
        _forbid_on_sqlite()


def _create_roomreport(*, sealed: bool) -> None:
    why = ("repair", "cleaning", "infection", "staff_shortage", "safety", "other")
    op.create_table(
        "roomreport",
        *_columns(sa.Integer(), "id", "report_id", "out_of_service", "withheld"),
        sa.Column("room_id", sa.String(), nullable=False),
        *_columns(sa.Date(), "out_until", "free_from", nullable=True),
        sa.Column("other_use", sa.JSON(), nullable=False),
        sa.Column("out_reason", _codes("outofservice", *why), nullable=True),
        *_columns(sa.Text() if sealed else sa.Integer(), "counted_free", "derived_free", nullable=True),
        sa.CheckConstraint("out_of_service >= 0", name=op.f("ck_roomreport_out_of_service")),
        sa.CheckConstraint("withheld >= 0", name=op.f("ck_roomreport_withheld")),
        _to("roomreport", "report_id", "capacityreport"),
        _to("roomreport", "room_id", "room"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roomreport")),
        sa.UniqueConstraint("report_id", "room_id", name=op.f("uq_roomreport_report_id_room_id")),
    )
    for column in ("report_id", "room_id"):
        op.create_index(op.f(f"ix_roomreport_{column}"), "roomreport", [column], unique=False)


def _create_dailyreport(*, sealed: bool) -> None:
    op.create_table(
        "dailyreport",
        sa.Column("on", sa.Date(), nullable=False),
        *_columns(MOMENT, "as_of", "made_at"),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        *_columns(sa.Text(), "rows", "report"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("changed", sa.Text() if sealed else sa.JSON(), nullable=sealed),
        sa.CheckConstraint("version >= 1", name=op.f("ck_dailyreport_version")),
        sa.PrimaryKeyConstraint("on", "version", name=op.f("pk_dailyreport")),
    )


def _only_add(table: str) -> None:
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


def _one(name: str, table: str, column: str, where: str) -> None:
    op.create_index(name, table, [column], unique=True, postgresql_where=sa.text(where), sqlite_where=sa.text(where))


def _forbid_on_postgresql(*, sealed: bool) -> None:
    """A range of one text: equality in an exclusion constraint needs a range, or an extension."""
    if sealed:
        op.execute('CREATE TYPE bed_pseudonyms AS RANGE (subtype = text, collation = "C")')
    bed = "bed_pseudonyms" if sealed else "int8range"
    op.execute(f"""
        ALTER TABLE bedclaim ADD CONSTRAINT bed_is_given_once EXCLUDE USING gist
        ({bed}(bed_id, bed_id, '[]') WITH =, daterange(starts_on, ends_on, '[)') WITH &&)
        WHERE (NOT cancelled)
    """)


def _forbid_on_sqlite() -> None:
    # Two claims on one bed overlap when each begins before the other ends. An empty period [d, d) overlaps nothing.
    for act in ("INSERT", "UPDATE"):
        op.execute(f"""
            CREATE TRIGGER bed_is_given_once_{act.lower()} BEFORE {act} ON bedclaim
            WHEN NEW.cancelled = 0 AND EXISTS (
                SELECT 1 FROM bedclaim AS other
                WHERE other.bed_id = NEW.bed_id AND other.cancelled = 0 AND other.id IS NOT NEW.id
                AND other.starts_on < coalesce(NEW.ends_on, '9999-12-31')
                AND NEW.starts_on < coalesce(other.ends_on, '9999-12-31')
                AND other.starts_on < coalesce(other.ends_on, '9999-12-31')
                AND NEW.starts_on < coalesce(NEW.ends_on, '9999-12-31')
            )
            BEGIN SELECT RAISE(ABORT, 'bed_is_given_once'); END
        """)  # noqa: S608 (the acts of this file)
