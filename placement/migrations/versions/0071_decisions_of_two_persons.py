"""the answer of a second person to a decision is stored only in its request"""

import sqlalchemy as sa
from alembic import context, op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

KINDS_BEFORE = ("account", "keys", "leave", "rule", "unit", "address", "legal_hold", "lifting")
ANSWER = ("second_at", "second_by", "second_text")
LIKE, REASON = "first.reason.decision_refused", "decision_withdrawn"
"""The existing first rule about a reason, and the code of the new rule. The new rule comes directly after the existing
rule, and copies its other columns.
"""


def upgrade() -> None:
    """Moves to requests the decisions that wait for a second person and the answers already given, if the broken rules
    of the decision can be read.

    The answer to a decision whose content was erased, or whose key is missing, stays in the decision.
    """
    with op.batch_alter_table("secondpersonrequest") as requests:
        requests.add_column(sa.Column("text", sa.Text(), nullable=True))
    _allow((*KINDS_BEFORE, "decision"))
    for row in _read("SELECT * FROM decision WHERE kind = 'override'"):
        waits = row["status"] == "waiting_for_second"
        if waits or (row["second_by"] is not None and _breaks_a_rule(row)):
            _move(row, "asked" if waits else "refused" if row["status"] == "refused" else "granted")
    for like in _read(f"SELECT * FROM datedrule WHERE id = '{LIKE}'"):  # noqa: S608 - our own name
        _make_room(like["place"], 1)
        copied = ", ".join(name for name in like if name not in {"id", "code", "place", "seal"})
        insert = sa.text(
            f"INSERT INTO datedrule (id, code, place, {copied})"  # noqa: S608 - names of columns
            f" SELECT :id, :code, :place, {copied} FROM datedrule WHERE id = :like"
        )
        named = {"id": f"first.reason.{REASON}", "code": REASON, "place": like["place"] + 1, "like": LIKE}
        op.execute(insert.bindparams(**named))
        context.config.attributes["changed_rows"].add("datedrule")


def downgrade() -> None:
    """Puts the answers back into the decisions."""
    for like in _read(f"SELECT * FROM datedrule WHERE id = '{LIKE}'"):  # noqa: S608 - our own name
        op.execute(sa.text("DELETE FROM datedrule WHERE kind = 'reason' AND code = :code").bindparams(code=REASON))
        _make_room(like["place"], -1)
        context.config.attributes["changed_rows"].add("datedrule")
    for row in _read("SELECT * FROM secondpersonrequest WHERE kind = 'decision'"):
        if row["status"] in {"granted", "refused"}:
            text = _sealed_anew(row, ("secondpersonrequest", "text", row["id"]), ("decision", "second_text", row["about"]))
            _write(row["about"], row["settled_at"], row["settled_by"], text)
    op.execute("DELETE FROM secondpersonrequest WHERE kind = 'decision'")
    _allow(KINDS_BEFORE)
    with op.batch_alter_table("secondpersonrequest") as requests:
        requests.drop_column("text")


def _make_room(place: int, by: int) -> None:
    """Moves the first rules after this place by this number of places."""
    statement = sa.text("UPDATE datedrule SET place = place + :by WHERE kind = 'reason' AND number = 0 AND place > :place")
    op.execute(statement.bindparams(by=by, place=place))


def _move(row, status: str) -> None:
    seals, name = context.config.attributes["seals"], f"{row['id']}.second"
    is_settled = status != "asked"
    values = {
        "id": name,
        "kind": "decision",
        "status": status,
        "about": row["id"],
        "registration_id": row["registration_id"],
        "facts": seals.encrypted({}, ("secondpersonrequest", "facts", (name,))),
        "asked_by": row["decided_by"],
        "asked_at": row["decided_at"],
        "browser": seals.pseudonym("secondpersonrequest.browser", seals.named_by("decision.browser", row["browser"])),
        "settled_at": (row["second_at"] or row["decided_at"]) if is_settled else None,
        "settled_by": row["second_by"] if is_settled else None,
        "text": _sealed_anew(row, ("decision", "second_text", row["id"]), ("secondpersonrequest", "text", name)),
    }
    named = ", ".join(values)
    given = ", ".join(f":{column}" for column in values)
    op.get_bind().execute(sa.text(f"INSERT INTO secondpersonrequest ({named}) VALUES ({given})"), values)
    context.config.attributes["changed_rows"].add("secondpersonrequest")
    if is_settled:
        _write(row["id"], None, None, None)


def _write(decision: str, at, by: str | None, text: str | None) -> None:
    answer = ", ".join(f"{column} = :{column}" for column in ANSWER)
    values = dict(zip(ANSWER, (at, by, text), strict=True))
    op.get_bind().execute(sa.text(f"UPDATE decision SET {answer} WHERE id = :id"), {"id": decision, **values})
    context.config.attributes["changed_rows"].add("decision")


def _breaks_a_rule(row) -> bool:
    broken = context.config.attributes["seals"].opened(row["broken"], ("decision", "broken", (row["id"],)))
    return isinstance(broken, list) and bool(broken)


def _sealed_anew(row, was: tuple[str, str, str], becomes: tuple[str, str, str]):
    """Returns a text of the case, encrypted for another column; `None` if the text cannot be read."""
    seals = context.config.attributes["seals"]
    text = seals.opened(row[was[1]], (*was[:2], (was[2],)))
    return seals.seal(row["registration_id"], text, (*becomes[:2], (becomes[2],))) if isinstance(text, str) else None


def _allow(kinds: tuple[str, ...]) -> None:
    context.config.attributes["allow_codes"]("secondpersonrequest.kind", kinds, "secondpersonkind")


def _read(query: str):
    return op.get_bind().execute(sa.text(query)).mappings().all()
