"""a client can be missing: a state of a registration, the stay that goes on after a return, and reasons to end a search

A case that was closed before with `left_to_unknown_destination` stays closed; for three days a person can take that end
back, as ever, and report it anew.
"""

import json

import sqlalchemy as sa
from alembic import context, op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

BEFORE = ("draft", "open", "held", "placed", "moving", "move_held", "closed")
STATES = ("draft", "open", "held", "placed", "moving", "move_held", "missing", "closed")
REASONS = ("police_search_on", "safe_elsewhere", "in_custody", "left_country", "found_deceased")
LIKE = "first.reason.procedure_pending"
"""The first rule behind which those about these reasons stand, and which they are like in every other column."""


def upgrade() -> None:
    _allow(STATES)
    op.add_column("stay", sa.Column("goes_on_from", sa.String(), nullable=True))
    bind = op.get_bind()
    found = bind.execute(sa.text("SELECT * FROM datedrule WHERE id = :id"), {"id": LIKE}).mappings().one_or_none()
    if found is None:
        return
    _move(found["place"], len(REASONS))
    value = json.dumps({"whose": "staff", "steps": ["missing"], "effect": None, "needs_text": False})
    as_json = "CAST(:{} AS JSON)" if bind.dialect.name == "postgresql" else ":{}"
    for number, code in enumerate(REASONS, start=1):
        row = dict(found) | {"id": f"first.reason.{code}", "code": code, "place": found["place"] + number, "seal": None}
        row |= {"value": value, "words": json.dumps({})}
        names = ", ".join(row)
        values = ", ".join(as_json.format(name) if name in {"value", "words"} else f":{name}" for name in row)
        bind.execute(sa.text(f"INSERT INTO datedrule ({names}) VALUES ({values})"), row)
    context.config.attributes["changed_rows"].add("datedrule")


def downgrade() -> None:
    """Refused while a client is missing: an older version would show nobody that somebody is sought."""
    bind = op.get_bind()
    missing = bind.execute(sa.text("SELECT count(*) FROM registration WHERE status = 'missing'")).scalar_one()
    if missing:
        raise context.config.attributes["refused"](f"{missing} clients are missing: end these searches first")
    like = bind.execute(sa.text("SELECT place FROM datedrule WHERE id = :id"), {"id": LIKE}).scalar_one_or_none()
    for code in REASONS:
        op.execute(sa.text("DELETE FROM datedrule WHERE kind = 'reason' AND code = :code").bindparams(code=code))
    if like is not None:
        _move(like, -len(REASONS))
        context.config.attributes["changed_rows"].add("datedrule")
    op.drop_column("stay", "goes_on_from")
    _allow(BEFORE)


def _allow(states: tuple[str, ...]) -> None:
    """Of a registration, these states only."""
    with op.batch_alter_table("registration", table_kwargs={"sqlite_with_rowid": False}) as table:
        table.drop_constraint(op.f("ck_registration_registrationstatus"), type_="check")
        table.create_check_constraint(op.f("ck_registration_registrationstatus"), sa.column("status").in_(states))


def _move(place: int, by: int) -> None:
    """The first rules about reasons behind this place."""
    statement = sa.text("UPDATE datedrule SET place = place + :by WHERE kind = 'reason' AND number = 0 AND place > :place")
    op.execute(statement.bindparams(by=by, place=place))
