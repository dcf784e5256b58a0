"""what is known of a client sealed: one record a registration, its area by pseudonym, days for moments

The persons, dangers, places to reach and avoidances of a registration become parts of its record, sealed with its key;
of the pairs of registrations each side becomes a pseudonym. What is left of a case whose content was erased is sealed
with a key of its own, and of one that was anonymised with a key that all those share. The tables are made anew and
filled in the order of the references, so that no file of the database keeps the rows as they were.

A missing key of a case that is not closed stops the migration before anything is changed.
"""

from datetime import UTC, date, datetime, time

import sqlalchemy as sa
from alembic import context, op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
BLOCK = 4096
ANONYMOUS = "anonymous-registrations"

PARTS = ("registeredperson", "threat", "reachpoint", "avoidance")
PAIRS = ("keepapart", "stayswith")
IN_CLEAR = ("id", "status", "version", "urgency", "alias", "alias_index", "closed_reason")
STAY_IN_CLEAR = ("content_erased_at", "anonymised_at")
FACTS = (
    "registrant", "residence_basis", "multiple_problems", "needed_by", "waits_since", "languages", "language_required",
    "needs", "preferred_needs", "room_needs", "private_room", "accepts_mixed", "high_care", "registered_by",
    "together_in", "together_required", "taken_over_on", "municipality", "registrant_unit",
)  # fmt: skip
DEFAULTS = {
    "registrant": "OVERIG", "residence_basis": "unknown", "multiple_problems": False, "languages": [],
    "language_required": True, "needs": [], "preferred_needs": [], "room_needs": [], "private_room": False,
    "accepts_mixed": True, "high_care": False, "registered_by": "", "together_in": "location",
    "together_required": False,
}  # fmt: skip
"""What a registration gets on the way down of which nothing is left but its row."""


def upgrade() -> None:
    seals, rows = context.config.attributes["seals"], _rows("registration", *PARTS, *PAIRS)
    _require_keys(seals, rows["registration"])
    parts = {name: _by_case(rows[name]) for name in PARTS}
    made, persons = [], {}
    for row in rows["registration"]:
        case = row["id"]
        record = {name: _written(row[name]) for name in FACTS if row[name] is not None}
        record["near"] = _opened(seals, row["near"], ("registration", "near", (case,)))
        record["persons"] = []
        for person in sorted(parts["registeredperson"].get(case, ()), key=lambda person: person["number"]):
            persons[person["id"]] = f"{case}/{person['number']}"
            place = ("registeredperson", "adult_on", (case, person["number"]))
            record["persons"].append(
                {
                    "id": persons[person["id"]],
                    **_known(person, "gender", "housed_as", "age", "presumed", "age_on"),
                    "adult_on": _opened(seals, person["adult_on"], place),
                    "guardian": bool(person["guardian"]),
                }
            )
        for name, table, km in (("threats", "threat", "min_km"), ("reach", "reachpoint", "max_km")):
            record[name] = [
                {"id": one["id"], "point": point, km: one[km]}
                for one in sorted(parts[table].get(case, ()), key=lambda one: one["id"])
                if (point := _opened(seals, one["point"], (table, "point", (one["id"],)))) is not None
            ]
        avoided = sorted(parts["avoidance"].get(case, ()), key=lambda one: (one["since"], one["id"]))
        names = ("id", "kind", "target", "reason", "since", "set_by", "lifted_at", "lifted_by")
        record["avoidances"] = [_known(one, *names) for one in avoided]
        made.append(
            {
                **{name: row[name] for name in (*IN_CLEAR, *STAY_IN_CLEAR)},
                "region": seals.pseudonym("registration.region", row["region"]),
                "waits_on": seals.day_of(row["waits_since"]),
                "closed_on": None if row["closed_at"] is None else seals.day_of(row["closed_at"]),
                "content": seals.seal(_owner(seals, row), record, ("registration", "content", (case,)), BLOCK),
            }
        )
    for pair in PAIRS:
        for row in rows[pair]:
            for name in ("registration_id", "other_id"):
                row[name] = seals.pseudonym(f"{pair}.{name}", row[name])
    _name_persons(seals, persons)
    _make_anew({"registration": made, **{name: rows[name] for name in PAIRS}}, sealed=True)


def downgrade() -> None:
    seals, rows = context.config.attributes["seals"], _rows("registration", *PAIRS)
    opened = {row["id"]: _record_of(seals, row) for row in rows["registration"]}
    made = {name: [] for name in ("registration", *PARTS)}
    persons = {}
    for row in rows["registration"]:
        case, record = row["id"], opened[row["id"]]

        def seal(value, table, column, *named, case=case, row=row):
            erased = row["content_erased_at"] is not None or seals.is_destroyed(case)
            return None if erased else seals.seal(case, value, (table, column, named))

        made["registration"].append(
            {
                **{name: row[name] for name in (*IN_CLEAR, *STAY_IN_CLEAR)},
                **{name: DEFAULTS.get(name) for name in FACTS},
                "needed_by": row["waits_on"],
                "waits_since": _moment_of(row["waits_on"]),
                **{name: _read(name, record[name]) for name in FACTS if name in record},
                "region": seals.named_by("registration.region", row["region"]),
                "near": seal(record.get("near"), "registration", "near", case),
                "closed_at": None if row["closed_on"] is None else _moment_of(row["closed_on"]),
            }
        )
        for number, person in enumerate(record.get("persons", ()), start=1):
            persons[person["id"]] = len(persons) + 1
            made["registeredperson"].append(
                {
                    "id": persons[person["id"]],
                    "registration_id": case,
                    "number": number,
                    **{name: person.get(name) for name in ("gender", "housed_as", "age", "presumed")},
                    "age_on": date.fromisoformat(person["age_on"]),
                    "adult_on": seal(person.get("adult_on"), "registeredperson", "adult_on", case, number),
                    "guardian": person.get("guardian", False),
                }
            )
        for name, table, km in (("threats", "threat", "min_km"), ("reach", "reachpoint", "max_km")):
            for one in record.get(name, ()):
                point = seal(one["point"], table, "point", one["id"])
                if point is not None:
                    made[table].append({"id": one["id"], "registration_id": case, "point": point, km: one[km]})
        for one in record.get("avoidances", ()):
            moments = {name: one.get(name) and _read("waits_since", one[name]) for name in ("since", "lifted_at")}
            made["avoidance"].append({"lifted_by": None, **one, **moments, "registration_id": case})
    for pair in PAIRS:
        for row in rows[pair]:
            for name in ("registration_id", "other_id"):
                row[name] = seals.named_by(f"{pair}.{name}", row[name])
    _name_persons(seals, persons)
    _make_anew({**made, **{name: rows[name] for name in PAIRS}}, sealed=False)


def _require_keys(seals, rows) -> None:
    lost = [row["id"] for row in rows if row["status"] != "closed" and seals.is_lost(row["id"])]
    if lost:
        raise context.config.attributes["refused"](
            f"the keys of {', '.join(sorted(lost))} are missing or damaged: put them back from the backups of the key "
            "store, or close those cases with the version of before; nothing was changed"
        )


def _owner(seals, row) -> str:
    """Whose key seals what is left of a registration. Of a closed case whose key is lost, the facts are not."""
    case = row["id"]
    if row["anonymised_at"] is not None:
        return ANONYMOUS
    gone = row["content_erased_at"] is not None or seals.is_destroyed(case) or seals.is_lost(case)
    return f"{case}-facts" if gone else case


def _opened(seals, stored, place):
    """The plain value; None of what no key opens any more."""
    if stored is None or seals.is_destroyed(owner := stored.partition(":")[0]) or seals.is_lost(owner):
        return None
    found = seals.opened(stored, place)
    if not isinstance(found, str | dict):
        raise context.config.attributes["refused"](f"{place[0]}.{place[1]} of {place[2]} does not open: nothing was changed")
    return found


def _record_of(seals, row) -> dict:
    return _opened(seals, row["content"], ("registration", "content", (row["id"],))) or {}


def _known(row, *names) -> dict:
    return {name: _written(row[name]) for name in names if row[name] is not None}


def _written(value):
    if isinstance(value, datetime):
        return context.config.attributes["seals"].aware(value).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _read(name, value):
    if name == "waits_since":
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if name in {"needed_by", "taken_over_on"} and value else value


def _moment_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _by_case(rows) -> dict:
    found = {}
    for row in rows:
        found.setdefault(row["registration_id"], []).append(row)
    return found


def _name_persons(seals, names) -> None:
    """Gives the claims the new ids of persons; one that nobody has any more becomes none."""
    claims = _table("bedclaim")
    bind = op.get_bind()
    named = sa.select(claims.c.id, claims.c.person_id).where(claims.c.person_id.is_not(None))
    for claim, stored in bind.execute(named).all():
        new = seals.pseudonym("bedclaim.person_id", names.get(seals.named_by("bedclaim.person_id", stored)))
        bind.execute(sa.update(claims).where(claims.c.id == claim).values(person_id=new))


def _table(name: str) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=op.get_bind(), resolve_fks=False)


def _rows(*names: str) -> dict:
    return {name: [dict(row) for row in op.get_bind().execute(sa.select(_table(name))).mappings()] for name in names}


def _make_anew(rows: dict, *, sealed: bool) -> None:
    bind = op.get_bind()
    for table in (*PAIRS, *(PARTS if sealed else ())):
        op.drop_table(table)
    references = _references()
    if bind.dialect.name == "postgresql":
        for table, name in references:
            op.drop_constraint(name, table, type_="foreignkey")
    op.drop_table("registration")
    _create_registration(sealed=sealed)
    _create_pairs(sealed=sealed)
    if not sealed:
        _create_parts()
    for name, found in rows.items():
        if found:
            bind.execute(sa.insert(_table(name)), sorted(found, key=lambda row: str(row.get("id", row.get("registration_id")))))
    if bind.dialect.name == "postgresql":
        for table, name in references:
            op.create_foreign_key(name, table, "registration", ["registration_id"], ["id"])
        if not sealed:
            op.execute("SELECT setval(pg_get_serial_sequence('registeredperson', 'id'), max(id)) FROM registeredperson")


def _references() -> list[tuple[str, str]]:
    """The tables that refer to registrations, each with the name of the constraint."""
    found = sa.inspect(op.get_bind())
    return [
        (table, key["name"])
        for table in found.get_table_names()
        for key in found.get_foreign_keys(table)
        if key["referred_table"] == "registration"
    ]


def _columns(kind: sa.types.TypeEngine, *names: str, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


GENDERS = ("female", "male", "other")
BASES = (
    "none_yet", "reflection", "reflection_dublin", "victim_permit", "witness_permit", "dutch", "eu", "ended", "asylum",
    "temporary_protection", "other_lawful", "unknown",
)  # fmt: skip


def _create_registration(*, sealed: bool) -> None:
    op.create_table(
        "registration",
        *_columns(sa.String(), "id"),
        sa.Column(
            "status", _codes("registrationstatus", "draft", "open", "held", "placed", "closed"), nullable=False
        ),
        *_columns(sa.Integer(), "version", "urgency"),
        *_columns(sa.Text(), "alias", nullable=True),
        *_columns(sa.String(), "alias_index", "closed_reason", nullable=True),
        *_columns(MOMENT, "content_erased_at", "anonymised_at", nullable=True),
        sa.Column("region", sa.Text() if sealed else sa.String(40), nullable=False),
        *(_sealed_columns() if sealed else _columns_in_clear()),
        sa.CheckConstraint("(status = 'closed') = (closed_reason IS NOT NULL)", name=op.f("ck_registration_closed_reason")),
        sa.CheckConstraint("urgency BETWEEN 1 AND 4", name=op.f("ck_registration_urgency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sqlite_with_rowid=not sealed,
    )
    for column in ("region", "status", "alias_index"):
        op.create_index(op.f(f"ix_registration_{column}"), "registration", [column], unique=False)


def _sealed_columns() -> list[sa.Column]:
    return [
        *_columns(sa.Text(), "content", nullable=True),
        *_columns(sa.Date(), "waits_on"),
        *_columns(sa.Date(), "closed_on", nullable=True),
    ]


def _columns_in_clear() -> list[sa.Column]:
    flags = (
        "multiple_problems", "language_required", "private_room", "accepts_mixed", "high_care", "together_required",
    )  # fmt: skip
    return [
        sa.Column(
            "registrant",
            _codes("registrant", "NP", "KMAR", "NLA", "ZORGCOORDINATIE", "FAIRWORK", "OVERIG"),
            nullable=False,
        ),
        sa.Column("residence_basis", _codes("residencebasis", *BASES), nullable=False),
        sa.Column("together_in", _codes("together", "unit", "location", "region"), nullable=False),
        *_columns(sa.Boolean(), *flags),
        *_columns(sa.Date(), "needed_by"),
        *_columns(sa.Date(), "taken_over_on", nullable=True),
        *_columns(MOMENT, "waits_since"),
        *_columns(MOMENT, "closed_at", nullable=True),
        *_columns(sa.JSON(), "languages", "needs", "preferred_needs", "room_needs"),
        *_columns(sa.Text(), "near", nullable=True),
        *_columns(sa.String(), "registered_by"),
        *_columns(sa.String(40), "municipality", "registrant_unit", nullable=True),
    ]


def _create_pairs(*, sealed: bool) -> None:
    for pair in PAIRS:
        op.create_table(
            pair,
            *_columns(sa.Text() if sealed else sa.String(), "registration_id", "other_id"),
            sa.PrimaryKeyConstraint("registration_id", "other_id", name=op.f(f"pk_{pair}")),
            *(() if sealed else (_to_registration(pair),)),
            sqlite_with_rowid=not sealed,
        )
        op.create_index(op.f(f"ix_{pair}_other_id"), pair, ["other_id"], unique=False)


def _create_parts() -> None:
    op.create_table(
        "registeredperson",
        *_columns(sa.Integer(), "id", "number"),
        *_columns(sa.String(), "registration_id"),
        sa.Column("gender", _codes("gender", *GENDERS), nullable=False),
        sa.Column("housed_as", _codes("housed_as", *GENDERS), nullable=True),
        *_columns(sa.Integer(), "age", nullable=True),
        sa.Column("presumed", _codes("agegroup", "adult", "minor"), nullable=True),
        *_columns(sa.Date(), "age_on"),
        *_columns(sa.Text(), "adult_on", nullable=True),
        *_columns(sa.Boolean(), "guardian"),
        sa.CheckConstraint("age BETWEEN 0 AND 120", name=op.f("ck_registeredperson_age")),
        sa.CheckConstraint(
            "(age IS NULL) = (presumed IS NOT NULL)", name=op.f("ck_registeredperson_age_or_presumed")
        ),
        _to_registration("registeredperson"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registeredperson")),
        sa.UniqueConstraint("registration_id", "number", name=op.f("uq_registeredperson_registration_id_number")),
    )
    for table, km in (("threat", "min_km"), ("reachpoint", "max_km")):
        op.create_table(
            table,
            *_columns(sa.String(), "id", "registration_id"),
            *_columns(sa.Text(), "point"),
            *_columns(sa.Integer(), km),
            sa.CheckConstraint(f"{km} > 0", name=op.f(f"ck_{table}_{km}")),
            _to_registration(table),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
    op.create_table(
        "avoidance",
        *_columns(sa.String(), "id", "registration_id", "target", "reason", "set_by"),
        sa.Column("kind", _codes("avoidedkind", "region", "location", "provider", "unit"), nullable=False),
        *_columns(MOMENT, "since"),
        *_columns(MOMENT, "lifted_at", nullable=True),
        *_columns(sa.String(), "lifted_by", nullable=True),
        _to_registration("avoidance"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avoidance")),
    )
    for table in PARTS:
        op.create_index(op.f(f"ix_{table}_registration_id"), table, ["registration_id"], unique=False)


def _to_registration(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f(f"fk_{table}_registration_id"))
