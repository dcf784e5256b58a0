"""a limit of its own for living in a crisis bed: 72 hours, as the service comes with it"""

import json

import sqlalchemy as sa
from alembic import context, op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

RULES = sa.table("datedrule", sa.column("id"), sa.column("value", sa.JSON(none_as_null=True)))
NEW, LIKE = "first.stay_limit.crisis", "first.stay_limit.others"
SOURCE = "hvoquerido.nl (72-uursbedden van het ACM)"


def upgrade() -> None:
    """As the first rule about every other stay, in the columns that say nothing of the limit; behind all others. What is
    there says that it is the limit of a whole stay.
    """
    bind = op.get_bind()
    for row in _limits():
        if row["value"] is not None:
            _say(row["id"], row["value"] | {"schemes": None})
    found = bind.execute(sa.text("SELECT * FROM datedrule WHERE id = :id"), {"id": LIKE}).mappings().one_or_none()
    if found is None:
        return
    last = bind.execute(sa.text("SELECT max(place) FROM datedrule WHERE kind = 'stay_limit'")).scalar_one()
    value = _read(found["value"]) | {"days": 3, "schemes": ["crisis"]}
    row = dict(found) | {"id": NEW, "code": "crisis", "place": last + 1, "source": SOURCE, "assumed": False, "seal": None}
    row |= {"value": json.dumps(value), "words": json.dumps(_read(found["words"]))}
    names = ", ".join(row)
    as_json = "CAST(:{} AS JSON)" if bind.dialect.name == "postgresql" else ":{}"
    values = ", ".join(as_json.format(name) if name in {"value", "words"} else f":{name}" for name in row)
    bind.execute(sa.text(f"INSERT INTO datedrule ({names}) VALUES ({values})"), row)
    _say_changed()


def downgrade() -> None:
    """A limit for a scheme goes, with what was said of it: an older version would take it for that of every stay."""
    rows = _limits()
    gone = {row["code"] for row in rows if (row["value"] or {}).get("schemes")}
    for row in rows:
        if row["code"] in gone:
            op.execute(sa.delete(RULES).where(RULES.c.id == row["id"]))
        elif row["value"] is not None:
            _say(row["id"], {name: said for name, said in row["value"].items() if name != "schemes"})
    _say_changed()


def _limits():
    rows = op.get_bind().execute(sa.text("SELECT id, code, value FROM datedrule WHERE kind = 'stay_limit'")).mappings()
    return [dict(row) | {"value": _read(row["value"])} for row in rows.all()]


def _say(rule, value) -> None:
    op.execute(sa.update(RULES).where(RULES.c.id == rule).values(value=value))


def _read(said):
    return json.loads(said) if isinstance(said, str) else said


def _say_changed() -> None:
    context.config.attributes["changed_rows"].add("datedrule")
