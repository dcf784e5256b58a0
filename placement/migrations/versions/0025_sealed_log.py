"""the log: contents sealed by its key, found by blind indexes; anomalies and repeated writes likewise

The old chain is verified with the log's key before anything is changed, and a log that does not verify is left as it
is. Each event keeps the link that it had (`former_link` in its content), so heads of before are still compared, and the
old chain can be made again from what is opened. A last event, `log:resealed`, names the old head.

What is stored stands here as it was made by this revision; the keys come from who migrates.
"""

import hmac
import json
import os
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import context, op
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
FIELDS = ("event", "action", "outcome", "actor", "on_behalf_of", "role", "registration_id", "object_id", "address", "protocol", "request_id", "facts")
FOUND = ("rule", "span", "actor", "registration_id", "first_line", "last_line", "counted", "at")
KEPT = ("id", "found_at", "outcome", "note", "ticked_at", "ticked_by")
BLOCK, AT_ONCE, SMALLEST = 1_024, 5_000, 512
ONLY_ADDED, SHORTENED = ("audittruncation",), {"auditevent": "id", "auditindex": "line"}


def upgrade() -> None:
    _forget_triggers("auditevent", "auditshown")
    if _on_postgresql():
        op.execute("DROP FUNCTION refuse_unless_pruned()")
    _carry_log_up()
    _carry_anomalies_up()
    _carry_answers_up()
    _forbid(SHORTENED, ONLY_ADDED, "SELECT max(through) FROM audittruncation")


def downgrade() -> None:
    _forget_triggers("auditevent", "auditindex", "audittruncation")
    if _on_postgresql():
        op.execute("DROP FUNCTION refuse_unless_pruned()")
    _carry_answers_down()
    _carry_anomalies_down()
    _carry_log_down()
    through = "(facts->>'through')::bigint" if _on_postgresql() else "json_extract(facts, '$.through')"
    _forbid({"auditevent": "id", "auditshown": "line"}, (), f"SELECT max({through}) FROM auditevent WHERE event = 'log:pruned'")


# the log


def _carry_log_up() -> None:
    old = _set_aside("auditevent", "ix_auditevent_at", "ix_auditevent_of_actor", "ix_auditevent_of_event", "ix_auditevent_of_registration")
    op.create_table(
        "auditevent",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditevent")),
    )
    op.create_index(op.f("ix_auditevent_at"), "auditevent", ["at"], unique=False)
    op.create_table(
        "auditindex",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_auditindex")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_auditindex_line"), "auditindex", ["line"], unique=False)
    op.create_table(
        "audittruncation",
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_audittruncation")),
    )
    _reseal(old)
    op.drop_table("auditshown")
    op.drop_table(old.name)


def _reseal(old: sa.Table) -> None:
    """Verifies the old chain and writes the new one, an event at a time. A log that is not good is refused, in words."""
    pruned = _last_pruned(old)
    key = _keys()(pruned["key"] if pruned else None) if _any(old) else b""
    number, before, link = (pruned["through"], pruned["link"], pruned["link"]) if pruned else (0, "", "")
    tokens: dict[tuple[str, str], int] = {}
    made: dict[sa.TableClause, list] = {AUDITEVENT: [], AUDITINDEX: [], AUDITTRUNCATION: []}
    event = None
    for event in _rows(old, number):
        number += 1
        was = _former_link(before, event, key)
        if event["id"] != number or was != event["link"]:
            raise context.config.attributes["refused"](
                f"the audit log is not as it was written, from event {number} on: nothing was migrated. Run `placement "
                "audit verify` with the version before this one, and restore a backup whose log is good"
            )
        before = was
        link = _add(made, event, link, key, tokens, former=was)
        key = _key_after(event, key)
        if number % AT_ONCE == 0:
            _insert(made)
    if event is not None:
        _add(made, _resealed(number + 1, before, event), link, key, tokens, former=None)
    _insert(made)


def _insert(made) -> None:
    for table, rows in made.items():
        if rows:
            op.get_bind().execute(table.insert(), rows)
            rows.clear()


def _add(made, event, link, key, tokens, former):
    """Adds one event to what is made of the new chain; returns its link."""
    number, name = event["id"], _name_of(key)
    content = {field: event[field] for field in FIELDS} | ({"former_link": former} if former else {})
    cipher = _seal(key, f"auditevent {number}", _padded(content))
    stored = f"{link}\n{number}\n{_moment(event['at'])}\n{name}\n".encode() + cipher
    link = hmac.digest(key, stored, "sha256").hex()
    made[AUDITEVENT].append({"id": number, "at": event["at"], "key": name, "cipher": cipher, "link": link})
    if event["event"] == "log:pruned":
        made[AUDITTRUNCATION].append({"line": number, "through": event["facts"]["through"]})
    cases = {event["registration_id"], *event["facts"].get("shown", ())} - {None}
    for found in (("actor", event["actor"]), ("event", event["event"]), *(("case", case) for case in cases)):
        tokens[found] = tokens.get(found, 0) | 1 << (number - 1) % BLOCK
    if number % BLOCK == 0:
        made[AUDITINDEX] += sorted((_index_row(key, number, *one) for one in tokens.items()), key=lambda row: row["token"])
        tokens.clear()
    return link


def _index_row(key, block, found, bits):
    token = _token(key, "index", block, *found)
    return {"token": token, "line": block, "cipher": _seal(key, f"auditindex {token.hex()}", bits.to_bytes(BLOCK // 8, "big"))}


def _resealed(number, link, last):
    """The event that names the old head; its moment is not before that of the last event."""
    at = max(context.config.attributes["now"], _aware(last["at"]))
    empty = dict.fromkeys(FIELDS) | {"event": "log:resealed", "action": "change", "outcome": "done", "actor": "system", "role": "system"}
    return empty | {"id": number, "at": at, "address": "local", "protocol": "command_line", "request_id": "migration-0025", "facts": {"through": number - 1, "link": link}}


def _carry_log_down() -> None:
    new = _set_aside("auditevent", "ix_auditevent_at")
    op.create_table(
        "auditevent",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("action", _codes("action", "read", "search", "change", "export", "sign_in"), nullable=False),
        sa.Column("outcome", _codes("outcome", "done", "refused", "not_found"), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=True),
        sa.Column("role", _codes("role", "desk", "coordinator", "shelter", "shelter_staff", "reader", "auditor", "admin", "system"), nullable=True),
        sa.Column("registration_id", sa.String(), nullable=True),
        sa.Column("object_id", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("protocol", _codes("protocol", "api_key", "session", "system", "command_line", "none"), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditevent")),
    )
    op.create_index(op.f("ix_auditevent_at"), "auditevent", ["at"], unique=False)
    op.create_index("ix_auditevent_of_actor", "auditevent", ["actor", "id"], unique=False)
    op.create_index("ix_auditevent_of_event", "auditevent", ["event", "id"], unique=False)
    op.create_index("ix_auditevent_of_registration", "auditevent", ["registration_id", "id"], unique=False)
    op.create_table(
        "auditshown",
        sa.Column("registration_id", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["line"], ["auditevent.id"], name=op.f("fk_auditshown_line")),
        sa.PrimaryKeyConstraint("registration_id", "line", name=op.f("pk_auditshown")),
    )
    _unseal(new)
    op.drop_table("audittruncation")
    op.drop_table("auditindex")
    op.drop_table(new.name)


def _unseal(new: sa.Table) -> None:
    """The events in clear again, on the chain of before."""
    connection = op.get_bind()
    through = connection.execute(sa.text("SELECT max(through) FROM audittruncation")).scalar() or 0
    link = None
    for row in _rows(new, through):
        key = _keys()(row["key"])
        event = {"id": row["id"], "at": row["at"]} | _opened(key, f"auditevent {row['id']}", row["cipher"])
        if link is None:
            link = "" if row["id"] == 1 else _link_at_truncation(new, through)
        former = event.pop("former_link", None)
        link = event["link"] = former or _former_link(link, event, key)
        connection.execute(AUDITEVENT_IN_CLEAR.insert(), event)
        for case in event["facts"].get("shown", ()):
            connection.execute(AUDITSHOWN.insert(), {"registration_id": case, "line": row["id"]})


def _link_at_truncation(new: sa.Table, through: int) -> str:
    said = sa.text("SELECT max(line) FROM audittruncation WHERE through = :through")
    line = op.get_bind().execute(said, {"through": through}).scalar()
    [row] = op.get_bind().execute(sa.select(new).where(new.c.id == line)).mappings()
    return _opened(_keys()(row["key"]), f"auditevent {line}", row["cipher"])["facts"]["link"]


def _last_pruned(old):
    query = sa.select(old.c.facts).where(old.c.event == "log:pruned").order_by(old.c.id.desc()).limit(1)
    return op.get_bind().execute(query).scalar()


def _any(old) -> bool:
    return op.get_bind().execute(sa.select(old.c.id).limit(1)).first() is not None


def _rows(table, after):
    """Every row of a log after this number, in order, some thousands in memory at a time."""
    while True:
        query = sa.select(table).where(table.c.id > after).order_by(table.c.id).limit(AT_ONCE)
        rows = op.get_bind().execute(query).mappings().all()
        if not rows:
            return
        for row in rows:
            yield {**row, "at": _aware(row["at"])}
        after = rows[-1]["id"]


def _former_link(before, event, key):
    fields = {name: event[name] for name in ("id", *FIELDS)} | {"at": _moment(event["at"])}
    written = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.digest(key, f"{before}\n{written}".encode(), "sha256").hex()


def _key_after(event, key):
    return _keys()(event["facts"]["next"]) if event["event"] == "log:key_closed" else key


# anomalies


def _carry_anomalies_up() -> None:
    old = _set_aside("auditoddity", "ix_auditoddity_actor", "ix_auditoddity_found_at", unique="uq_auditoddity_once")
    op.create_table(
        "auditoddity",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("once", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("cipher", sa.LargeBinary(), nullable=False),
        *_of_a_review(),
        sa.UniqueConstraint("once", name=op.f("uq_auditoddity_once")),
    )
    op.create_index(op.f("ix_auditoddity_found_at"), "auditoddity", ["found_at"], unique=False)
    new = _table("auditoddity")
    for row in op.get_bind().execute(sa.select(old)).mappings().all():
        key = _keys()(_end_key())
        content = {name: row[name] for name in FOUND} | {"at": _aware(row["at"]).isoformat()}
        sealed = _seal(key, f"auditoddity {row['id']}", _padded(content))
        once = _token(_keys()(None), "anomaly", row["rule"], row["span"])
        kept = {name: row[name] for name in KEPT}
        op.get_bind().execute(new.insert(), kept | {"once": once, "key": _name_of(key), "cipher": sealed})
    op.drop_table(old.name)


def _carry_anomalies_down() -> None:
    old = _set_aside("auditoddity", "ix_auditoddity_found_at", unique="uq_auditoddity_once")
    op.create_table(
        "auditoddity",
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("span", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("registration_id", sa.String(), nullable=True),
        sa.Column("first_line", sa.Integer(), nullable=False),
        sa.Column("last_line", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        *_of_a_review(),
        sa.UniqueConstraint("rule", "span", name="uq_auditoddity_once"),
    )
    op.create_index(op.f("ix_auditoddity_actor"), "auditoddity", ["actor"], unique=False)
    op.create_index(op.f("ix_auditoddity_found_at"), "auditoddity", ["found_at"], unique=False)
    new = _table("auditoddity")
    for row in op.get_bind().execute(sa.select(old)).mappings().all():
        content = _opened(_keys()(row["key"]), f"auditoddity {row['id']}", row["cipher"])
        content["at"] = datetime.fromisoformat(content["at"])
        op.get_bind().execute(new.insert(), {name: row[name] for name in KEPT} | content)
    op.drop_table(old.name)


def _of_a_review():
    return (
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("outcome", _codes("reviewoutcome", "explained", "spoken_to", "incident", "rule_too_strict"), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ticked_at", MOMENT, nullable=True),
        sa.Column("ticked_by", sa.String(), nullable=True),
        sa.CheckConstraint("(outcome IS NULL) = (ticked_at IS NULL)", name=op.f("ck_auditoddity_ticked")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditoddity")),
    )


def _end_key() -> str:
    """The name of the key in force, which the last event has; the one key where there is no event."""
    return op.get_bind().execute(sa.text("SELECT key FROM auditevent ORDER BY id DESC LIMIT 1")).scalar()


# repeated writes, and their answers


def _carry_answers_up() -> None:
    """Rows whose day's key was destroyed, or is missing, hold an answer that nobody can give again: they go."""
    old = _set_aside("idempotentrequest")
    op.create_table(
        "idempotentrequest",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("registration_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_idempotentrequest")),
    )
    new = _table("idempotentrequest")
    for row in op.get_bind().execute(sa.select(old)).mappings().all():
        day = (row["body"] or row["fingerprint"] or "").partition(":")[0]
        key = _day_key(day)
        if key is not None:
            pseudonym = _token(_keys()(None), "write", row["actor"], row["key"]).hex()
            clear = {"headers": row["headers"] if row["status"] is not None else None, "registration_id": row["registration_id"]}
            sealed = {name: None if value is None else f"{day}:{key.encrypt(json.dumps(value).encode()).decode()}" for name, value in clear.items()}
            kept = {name: row[name] for name in ("fingerprint", "attempt", "started_at", "status", "body")}
            op.get_bind().execute(new.insert(), kept | sealed | {"key": pseudonym})
    op.drop_table(old.name)


def _carry_answers_down() -> None:
    """Whose write it was cannot be told from its pseudonym: what was kept for two days goes."""
    op.drop_table("idempotentrequest")
    op.create_table(
        "idempotentrequest",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("registration_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotentrequest")),
    )


def _day_key(day):
    key = context.config.attributes["data_key"](day)
    return None if key is None else Fernet(key)


# what is forbidden


def _forget_triggers(*tables) -> None:
    for table in tables:
        if _on_postgresql():
            op.execute(f"DROP TRIGGER IF EXISTS {table}_is_append_only ON {table}")
            op.execute(f"DROP TRIGGER IF EXISTS {table}_begins_later ON {table}")
        else:
            op.execute(f"DROP TRIGGER IF EXISTS {table}_is_append_only_update")
            op.execute(f"DROP TRIGGER IF EXISTS {table}_is_append_only_delete")


def _forbid(shortened, only_added, through) -> None:
    """Rows are never changed, and deleted only where a truncation covers them and they are five years old."""
    if _on_postgresql():
        op.execute(f"""
            CREATE FUNCTION refuse_unless_pruned() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (
                    SELECT 1 FROM auditevent AS found WHERE found.id = (to_jsonb(OLD)->>TG_ARGV[0])::bigint
                    AND found.at < now() - interval '5 years' AND found.id <= ({through})
                ) THEN RETURN OLD; END IF;
                RAISE EXCEPTION 'rows of % are only added', TG_TABLE_NAME;
            END $$
        """)
        for table in (*only_added, *shortened):
            acts = "UPDATE OR TRUNCATE" if table in shortened else "UPDATE OR DELETE OR TRUNCATE"
            op.execute(f"""
                CREATE TRIGGER {table}_is_append_only BEFORE {acts} ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
            """)
        for table, event in shortened.items():
            op.execute(f"""
                CREATE TRIGGER {table}_begins_later BEFORE DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION refuse_unless_pruned('{event}')
            """)
        return
    for table in (*only_added, *shortened):
        for act in ("UPDATE", "DELETE"):
            unless = ""
            if act == "DELETE" and table in shortened:
                unless = f"""
                    WHEN NOT EXISTS (
                        SELECT 1 FROM auditevent AS found WHERE found.id = OLD.{shortened[table]}
                        AND found.at < strftime('%Y-%m-%d %H:%M:%f', 'now', '-5 years') AND found.id <= ({through})
                    )
                """
            op.execute(f"""
                CREATE TRIGGER {table}_is_append_only_{act.lower()} BEFORE {act} ON {table}
                {unless}
                BEGIN SELECT RAISE(ABORT, 'rows of {table} are only added'); END
            """)


# sealing, as of this revision


def _seal(key, row, plain):
    nonce = os.urandom(12)
    return nonce + AESGCM(_derived(key, "contents")).encrypt(nonce, plain, row.encode())


def _opened(key, row, sealed):
    return json.loads(AESGCM(_derived(key, "contents")).decrypt(sealed[:12], sealed[12:], row.encode()))


def _token(key, *words):
    return hmac.digest(_derived(key, "tokens"), "\n".join(map(str, words)).encode(), "sha256")[:16]


def _derived(key, purpose):
    if (key, purpose) not in DERIVED:
        DERIVED[key, purpose] = HKDF(SHA256(), 32, salt=None, info=f"placement audit log: {purpose}".encode()).derive(key)
    return DERIVED[key, purpose]


def _name_of(key):
    return hmac.digest(key, b"the name of a key of the log", "sha256").hex()[:16]


def _padded(content):
    plain, size = json.dumps(content, separators=(",", ":")).encode(), SMALLEST
    while size < len(plain):
        size *= 2
    return plain.ljust(size)


def _keys():
    """From the name of a key to the key; the oldest for None."""
    return context.config.attributes["log_keys"]


# tables and codes


def _set_aside(table, *indexes, unique=None):
    """Renames a table whose successor gets its name, and those of its constraints; returns it."""
    for index in indexes:
        op.drop_index(index, table_name=table)
    op.rename_table(table, f"{table}_before")
    if _on_postgresql():
        for constraint in (f"pk_{table}", *([unique] if unique else [])):
            op.execute(f"ALTER INDEX {constraint} RENAME TO {constraint}_before")
    return _table(f"{table}_before")


def _table(name) -> sa.Table:
    return sa.Table(name, sa.MetaData(), autoload_with=op.get_bind())


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


DERIVED: dict[tuple[bytes, str], bytes] = {}
AUDITEVENT = sa.table("auditevent", sa.column("id"), sa.column("at", MOMENT), sa.column("key"), sa.column("cipher"), sa.column("link"))
AUDITINDEX = sa.table("auditindex", sa.column("token"), sa.column("line"), sa.column("cipher"))
AUDITTRUNCATION = sa.table("audittruncation", sa.column("line"), sa.column("through"))
AUDITSHOWN = sa.table("auditshown", sa.column("registration_id"), sa.column("line"))
AUDITEVENT_IN_CLEAR = sa.table("auditevent", sa.column("id"), sa.column("at", MOMENT), *(sa.column(name, sa.JSON() if name == "facts" else None) for name in FIELDS), sa.column("link"))
