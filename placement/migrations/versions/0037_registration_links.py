"""what two registrations are to each other; what is said with a decision; every coded reason acts"""

import json

import sqlalchemy as sa
from alembic import context, op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

RULES = sa.table("datedrule", *(sa.column(name) for name in ("id", "code")), sa.column("value", sa.JSON(none_as_null=True)))
ACTS = {
    "house_mix": {"effect": "keep_apart"},
    "contra_indication": {"effect": "question_profile", "needs_text": True},
    "unreachable": {"effect": "find_client"},
}
"""What these reasons do by themselves from now on: of the first rules, which nobody asked; what a user changed stays."""
NEW, LIKE = "first.reason.wants_to_leave", "first.reason.asked_to_leave"


def upgrade() -> None:
    op.create_table(
        "registrationlink",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrationlink")),
        sqlite_with_rowid=False,
    )
    op.add_column("hold", sa.Column("told", sa.Text(), nullable=True))
    op.add_column("decision", sa.Column("client_says", sa.Text(), nullable=True))
    for code, acts in ACTS.items():
        _change(code, acts)
    _add_reason()


def downgrade() -> None:
    """What was said of two registrations is lost: an older version has no place for it."""
    op.drop_table("registrationlink")
    op.drop_column("hold", "told")
    op.drop_column("decision", "client_says")
    for code in ACTS:
        _change(code, {"effect": None, "needs_text": False})
    place = op.get_bind().execute(sa.text("SELECT place FROM datedrule WHERE id = :id"), {"id": NEW}).scalar_one_or_none()
    if place is not None:
        op.execute(sa.delete(RULES).where(RULES.c.id == NEW))
        _move(place, -1)
        _say_changed()


def _move(place: int, by: int) -> None:
    """The first rules about reasons behind this place."""
    statement = sa.text("UPDATE datedrule SET place = place + :by WHERE kind = 'reason' AND number = 0 AND place > :place")
    op.execute(statement.bindparams(by=by, place=place))


def _change(code: str, acts: dict[str, object]) -> None:
    one = RULES.c.id == f"first.reason.{code}"
    value = op.get_bind().execute(sa.select(RULES.c.value).where(one)).scalar_one_or_none()
    if value is not None:
        op.execute(sa.update(RULES).where(one).values(value=value | acts))
        _say_changed()


def _add_reason() -> None:
    """As the one that it is like, in every other column."""
    bind = op.get_bind()
    found = bind.execute(sa.text("SELECT * FROM datedrule WHERE id = :id"), {"id": LIKE}).mappings().one_or_none()
    if found is None:
        return
    _move(found["place"], 1)
    row = dict(found) | {"id": NEW, "code": "wants_to_leave", "place": found["place"] + 1, "seal": None}
    row["value"], row["words"] = (one if isinstance(one, str) else json.dumps(one) for one in (row["value"], row["words"]))
    names = ", ".join(row)
    values = ", ".join(f"CAST(:{name} AS JSON)" if name in {"value", "words"} and _is_postgresql() else f":{name}" for name in row)
    bind.execute(sa.text(f"INSERT INTO datedrule ({names}) VALUES ({values})"), row)
    _say_changed()


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _say_changed() -> None:
    context.config.attributes["changed_rows"].add("datedrule")
