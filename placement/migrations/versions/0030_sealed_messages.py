"""who was told: messages, their recipients and reminders sealed, webhooks without their shelter in clear

The tables are made anew and filled, so that no file of the database keeps the rows as they were. A message becomes one
row for all whom it told, since their number would say which shelter it was. Since when a shelter is asked to confirm
its count is derived now, and no column any more: on the way back it is empty.
"""

import json
from itertools import groupby

import sqlalchemy as sa
from alembic import context, op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLES = ("webhook", "message", "reminder")
OWNER = "messages"
"""The owner of the key of messages and reminders."""

SMALLEST = 8192
"""Bytes: a message is filled up to as many, or twice, four times ... as many."""

WAITS, FAILED, REPORT, TRIED = "waiting", "failed", "report.made", "webhook.tried"
MOMENTS = ("next_at", "try_until", "claimed_until", "settled_at")
OF_A_COPY = ("account_id", "webhook_id", "status", "attempts", "claim", "trouble", *MOMENTS)
UNSAID = {"status": WAITS, "attempts": 0}
"""What a copy has where nothing is said of it."""

KINDS = (
    "report.made", "hold.asked", "hold.released", "hold.expired", "hold.waits", "hold.confirmed", "hold.refused",
    "count.asked", "decision.waits", "decision.refused", "decision.lapsed", "stay.no_show", "stay.broken_off",
    "stay.is_long", "count.is_missing", "rooms.changed", "change.asked", "change.answered", "webhook.disabled",
    "webhook.tried",
)  # fmt: skip


def upgrade() -> None:
    seals, rows = context.config.attributes["seals"], _rows()
    copies = sorted(rows["message"], key=lambda row: (_once_of_all(row), row["id"]))
    rows["message"] = [_message(seals, once, list(told)) for once, told in groupby(copies, _once_of_all)]
    for row in rows["reminder"]:
        made_at = seals.aware(row["made_at"])
        row["made_on"] = seals.day_of(made_at)
        for name, value in (("mark", row["mark"]), ("made_at", made_at)):
            row[name] = seals.seal(OWNER, value, ("reminder", name, (row["id"],)))
        row.update({name: seals.pseudonym(f"reminder.{name}", row[name]) for name in ("once", "subject_id")})
    for row in rows["webhook"]:
        row.update({name: seals.pseudonym(f"webhook.{name}", row[name]) for name in ("shelter_id", "made_by")})
    _drop()
    _create_sealed()
    _fill(rows)
    op.execute("UPDATE shelter SET confirmation_asked_at = NULL WHERE confirmation_asked_at IS NOT NULL")
    with op.batch_alter_table("shelter") as table:
        table.drop_column("confirmation_asked_at")


def downgrade() -> None:
    """A message whose key is lost has no recipient any more, and goes."""
    seals, rows = context.config.attributes["seals"], _rows()
    rows["message"] = [copy for row in rows["message"] for copy in _copies(seals, row)]
    for row in rows["reminder"]:
        found = {name: seals.opened(row[name], ("reminder", name, (row["id"],))) for name in ("mark", "made_at")}
        row.update({name: value if isinstance(value, str) else None for name, value in found.items()})
        row["made_at"] = None if row["made_at"] is None else seals.moment(row["made_at"])
        del row["made_on"]
        row.update({name: seals.named_by(f"reminder.{name}", row[name]) for name in ("once", "subject_id")})
    rows["reminder"] = [row for row in rows["reminder"] if row["mark"] and row["made_at"]]
    for row in rows["webhook"]:
        row.update({name: seals.named_by(f"webhook.{name}", row[name]) for name in ("shelter_id", "made_by")})
    _drop()
    _create_clear()
    _fill(rows)
    op.add_column("shelter", sa.Column("confirmation_asked_at", MOMENT, nullable=True))


def _once_of_all(copy: dict) -> str:
    """The unique key of what a copy is about; it was made of that and of the recipient. Of a report, mail and webhooks
    are told apart, of a test the webhook belongs to it.
    """
    once = copy["once"].removesuffix(f" {_to(copy)}")
    if copy["kind"] == REPORT and copy["account_id"] is not None:
        return once.replace("report ", "report by mail ", 1)
    return once.replace("tried ", f"tried {_to(copy)} ", 1) if copy["kind"] == TRIED else once


def _once_of_one(once: str, kind: str, copy: dict) -> str:
    if kind == TRIED:
        once = once.replace(f"tried {_to(copy)} ", "tried ", 1)
    return f"{once.replace('report by mail ', 'report ', 1)} {_to(copy)}"


def _to(copy: dict) -> str:
    return copy.get("account_id") or copy["webhook_id"]


def _message(seals, once: str, copies: list) -> dict:
    first = copies[0]
    made_at = min(seals.aware(copy["made_at"]) for copy in copies)
    waiting = [copy for copy in copies if copy["status"] == WAITS]
    settled = [copy["settled_at"] for copy in copies if copy["settled_at"] is not None]
    said = {
        "kind": first["kind"],
        "made_at": made_at.isoformat(),
        "facts": {name: value for copy in copies for name, value in copy["facts"].items()},
        "copies": [_said(seals, copy) for copy in copies],
    }
    return {
        "id": first["id"],
        "once": seals.pseudonym("message.once", once),
        "made_on": seals.day_of(made_at),
        "mail_waits": any(copy["account_id"] is not None for copy in waiting),
        "calls_wait": any(copy["webhook_id"] is not None for copy in waiting),
        "failed": any(copy["status"] == FAILED for copy in copies),
        "settled_on": None if waiting else seals.day_of(max(map(seals.aware, settled), default=made_at)),
        "content": seals.seal(OWNER, _filled_up(said), ("message", "content", (first["id"],))),
    }


def _said(seals, copy: dict) -> dict:
    found = {name: copy[name] for name in OF_A_COPY if copy[name] is not None and copy[name] != UNSAID.get(name)}
    return found | {name: seals.aware(found[name]).isoformat() for name in MOMENTS if name in found}


def _filled_up(value: dict) -> list:
    used, size = len(json.dumps([value, ""])), SMALLEST
    while size < used:
        size *= 2
    return [value, " " * (size - used)]


def _copies(seals, row: dict) -> list:
    opened = seals.opened(row["content"], ("message", "content", (row["id"],)))
    if not isinstance(opened, list):
        return []
    said, once = opened[0], seals.named_by("message.once", row["once"])
    found = []
    for number, copy in enumerate(said["copies"], start=1):
        facts = dict.fromkeys(OF_A_COPY) | UNSAID | copy
        facts |= {name: seals.moment(copy[name]) for name in MOMENTS if copy.get(name) is not None}
        facts |= {"id": f"{row['id']}-{number}", "once": _once_of_one(once, said["kind"], copy), "kind": said["kind"]}
        channel = "webhook" if facts["account_id"] is None else "mail"
        found.append(facts | {"channel": channel, "facts": said["facts"], "made_at": seals.moment(said["made_at"])})
    return found


def _rows() -> dict:
    bind = op.get_bind()
    found = {}
    for name in TABLES:
        table = sa.Table(name, sa.MetaData(), autoload_with=bind, resolve_fks=False)
        found[name] = [dict(row) for row in bind.execute(sa.select(table)).mappings()]
    return found


def _drop() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _fill(rows: dict) -> None:
    """In the order of their ids, which are random."""
    bind = op.get_bind()
    for name in TABLES:
        if rows[name]:
            table = sa.Table(name, sa.MetaData(), autoload_with=bind, resolve_fks=False)
            bind.execute(sa.insert(table), sorted(rows[name], key=lambda row: row["id"]))


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)


def _columns(kind, *names: str, nullable: bool = False) -> list:
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def _to_table(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def _create_webhook(*, sealed: bool) -> None:
    name = sa.Text() if sealed else sa.String()
    op.create_table(
        "webhook",
        *_columns(sa.String(), "id"),
        *_columns(sa.JSON(), "kinds"),
        *_columns(sa.Text(), "url", "secret"),
        *_columns(sa.Text(), "former_secret", nullable=True),
        *_columns(name, "made_by"),
        *_columns(name, "shelter_id", nullable=True),
        *_columns(MOMENT, "made_at"),
        *_columns(MOMENT, "former_until", "failing_since", "disabled_at", nullable=True),
        *_columns(sa.String(), "seal", nullable=True),
        *(() if sealed else (_to_table("webhook", "shelter_id", "shelter"),)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    _index("webhook", "shelter_id", *(("made_by",) if sealed else ()))


def _create_reminder(*, sealed: bool) -> None:
    name = sa.Text() if sealed else sa.String()
    op.create_table(
        "reminder",
        *_columns(sa.String(), "id"),
        *_columns(name, "once", "subject_id"),
        sa.Column("kind", _codes("reminderkind", "hold_waits", "stay_is_long", "count_is_missing"), nullable=False),
        sa.Column("mark", name, nullable=sealed),
        *((sa.Column("made_on", sa.Date(), nullable=False),) if sealed else ()),
        sa.Column("made_at", sa.Text() if sealed else MOMENT, nullable=sealed),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("once", name=op.f("uq_reminder_once")),
        sqlite_with_rowid=not sealed,
    )
    _index("reminder", "kind", "subject_id", "made_on" if sealed else "made_at")


def _create_sealed() -> None:
    _create_webhook(sealed=True)
    op.create_table(
        "message",
        *_columns(sa.String(), "id"),
        *_columns(sa.Text(), "once", "content"),
        *_columns(sa.Date(), "made_on"),
        *_columns(sa.Date(), "settled_on", nullable=True),
        *_columns(sa.Boolean(), "mail_waits", "calls_wait", "failed"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("once", name=op.f("uq_message_once")),
        sqlite_with_rowid=False,
    )
    _index("message", "made_on", "settled_on", "mail_waits", "calls_wait", "failed")
    _create_reminder(sealed=True)


def _create_clear() -> None:
    _create_webhook(sealed=False)
    op.create_table(
        "message",
        *_columns(sa.String(), "id", "once"),
        sa.Column("kind", _codes("messagekind", *KINDS), nullable=False),
        sa.Column("channel", _codes("channel", "mail", "webhook"), nullable=False),
        *_columns(sa.String(), "account_id", "webhook_id", "claim", "trouble", nullable=True),
        *_columns(sa.JSON(), "facts"),
        sa.Column("status", _codes("messagestatus", WAITS, "delivered", FAILED, "moot"), nullable=False),
        *_columns(MOMENT, "made_at", "next_at", "try_until"),
        *_columns(sa.Integer(), "attempts"),
        *_columns(MOMENT, "claimed_until", "settled_at", nullable=True),
        sa.CheckConstraint("(channel = 'webhook') = (webhook_id IS NOT NULL)", name=op.f("ck_message_how")),
        sa.CheckConstraint("(account_id IS NULL) <> (webhook_id IS NULL)", name=op.f("ck_message_to_whom")),
        _to_table("message", "account_id", "account"),
        _to_table("message", "webhook_id", "webhook"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("once", name=op.f("uq_message_once")),
    )
    op.create_index("ix_message_due", "message", ["status", "channel", "next_at"], unique=False)
    _index("message", "account_id", "made_at", "webhook_id")
    _create_reminder(sealed=False)
