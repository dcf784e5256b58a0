"""rules for citizens of the EU without rights under Community law; whom to ring in a region without schemes"""

import json

import sqlalchemy as sa
from alembic import context, op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

RULES = sa.table(
    "datedrule",
    *(sa.column(name) for name in ("id", "kind", "code", "place")),
    sa.column("value", sa.JSON(none_as_null=True)),
)
ENTRIES = sa.table("placeentry", sa.column("id"), sa.column("facts", sa.JSON))
LIKE = {
    "eu_reflection_multiple_problems": "reflection_multiple_problems",
    "eu_reflection": "reflection",
}
"""Each new rule, and the rule that is of its kind."""
GROUND = "Vc 2000, B8/3.1 (bedenktijd, ook voor EU-burgers zonder rechten uit het gemeenschapsrecht); Stcrt. 2023, 13577"
PARTNER = ("partner", "partner_telephone", "partner_does")


def upgrade() -> None:
    """Behind the rule about the reflection period, and so before those about every citizen of the EU. Entries about
    places are sealed again: an earlier way back took the partner from them.
    """
    bind = op.get_bind()
    _say_changed("placeentry")
    for row in bind.execute(sa.text("SELECT id, value FROM datedrule WHERE kind = 'entitlement'")).mappings().all():
        if (value := _read(row["value"])) is not None:
            op.execute(sa.update(RULES).where(RULES.c.id == row["id"]).values(value=value | {"community_rights": None}))
    found = bind.execute(sa.text("SELECT * FROM datedrule WHERE id LIKE 'first.entitlement.%'")).mappings().all()
    first = {row["code"]: dict(row) for row in found}
    _say_changed("datedrule")
    if not set(LIKE.values()) <= first.keys():
        return
    behind = first["reflection"]["place"]
    _shift(behind, len(LIKE))
    for place, (code, like) in enumerate(LIKE.items(), start=behind + 1):
        row = first[like]
        value = _read(row["value"]) | {"bases": ["eu"], "community_rights": "no"}
        row = row | {"id": f"first.entitlement.{code}", "code": code, "place": place, "legal_ground": GROUND, "seal": None}
        row |= {"value": json.dumps(value), "words": json.dumps(_read(row["words"]))}
        names = ", ".join(row)
        as_json = "CAST(:{} AS JSON)" if bind.dialect.name == "postgresql" else ":{}"
        values = ", ".join(as_json.format(name) if name in {"value", "words"} else f":{name}" for name in row)
        bind.execute(sa.text(f"INSERT INTO datedrule ({names}) VALUES ({values})"), row)


def downgrade() -> None:
    """A rule that asks for the fact goes, with what was said of it: an older version would take it for that of every
    citizen of the EU.
    """
    bind = op.get_bind()
    rows = bind.execute(sa.text("SELECT id, code, place, value FROM datedrule WHERE kind = 'entitlement'")).mappings().all()
    gone = {row["code"] for row in rows if (_read(row["value"]) or {}).get("community_rights")}
    for row in rows:
        value = _read(row["value"])
        if row["code"] in gone:
            op.execute(sa.delete(RULES).where(RULES.c.id == row["id"]))
        elif value is not None:
            value.pop("community_rights", None)
            op.execute(sa.update(RULES).where(RULES.c.id == row["id"]).values(value=value))
    if gone >= LIKE.keys():
        [behind] = [row["place"] for row in rows if row["id"] == "first.entitlement.eu_reflection"]
        _shift(behind, -len(LIKE))
    for row in bind.execute(sa.text("SELECT id, facts FROM placeentry WHERE kind = 'area'")).mappings().all():
        facts = _read(row["facts"])
        kept = {name: said for name, said in facts.items() if name not in PARTNER}
        if kept != facts:
            op.execute(sa.update(ENTRIES).where(ENTRIES.c.id == row["id"]).values(facts=kept))
    _say_changed("datedrule")
    _say_changed("placeentry")


def _shift(behind: int, by: int) -> None:
    """Moves the rules of entitlement behind this place by so many."""
    later = RULES.c.kind == "entitlement", RULES.c.place > behind
    op.execute(sa.update(RULES).where(*later).values(place=RULES.c.place + by))


def _read(said):
    return json.loads(said) if isinstance(said, str) else said


def _say_changed(table: str) -> None:
    context.config.attributes["changed_rows"].add(table)
