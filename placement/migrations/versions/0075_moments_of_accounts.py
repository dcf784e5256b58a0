"""times of sign-ins no longer stored in clear, accounts of sessions as pseudonyms, and pseudonyms of one length

Five years of a national register take about a minute, by estimate.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from alembic import context, op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

MOMENT, DAY, NUMBER, TEXT, YES = sa.DateTime(timezone=True), sa.Date(), sa.BigInteger(), sa.Text(), sa.Boolean()
PADDED = 64
LIFETIME = timedelta(hours=12)
"""The default duration of a session."""

BEFORE = {
    "webhook": ("shelter_id", "made_by"),
    "message": ("once",),
    "reminder": ("once", "subject_id"),
    "tasknotice": ("once",),
    "decision": ("browser",),
    "registration": ("region",),
    "keepapart": ("registration_id", "other_id"),
    "stayswith": ("registration_id", "other_id"),
    "secondpersonrequest": ("browser",),
    "bedclaim": ("bed_id", "hold_id", "stay_id", "registration_id", "person_id"),
    "numberchange": ("browser",),
    "telephoneentry": ("browser",),
}
"""The columns that were pseudonyms before this migration, by table."""

NEW = {
    "accountsession": ("account_id",),
    "accesstoken": ("key_id",),
    "signinchallenge": ("account_id", "subject"),
    "passkeychallenge": ("account_id",),
    "knowndevice": ("account_id",),
    "throttle": ("subject",),
}
"""The columns that become pseudonyms, by table."""

REFERENCES = {
    "accountsession": ("account_id", "account"),
    "accesstoken": ("key_id", "apikey"),
    "signinchallenge": ("account_id", "account"),
    "knowndevice": ("account_id", "account"),
}
FOUND_BY = {"accountsession": ("began_at", LIFETIME, "ends_on"), "accesstoken": ("expires_at", timedelta(), "issued_on")}
"""A column with a time for each table, the period added to it, and the new column, which stores the resulting day."""

SEALED = ("account", "accountsession", "accesstoken", "recoverycode")
"""The tables with one of the new columns under their seals."""


class Form(NamedTuple):
    """A column before and after the migration. A text column holds a value encrypted with the service's keys."""

    was: str
    of: sa.types.TypeEngine
    now: str
    becomes: sa.types.TypeEngine
    optional: bool = False

    def back(self) -> "Form":
        return Form(self.now, self.becomes, self.was, self.of, self.optional or self.becomes is YES)


FORMS = {
    "accountsession": (
        Form("began_at", MOMENT, "began_at", TEXT),
        Form("last_used_at", MOMENT, "last_used_at", TEXT),
        Form("verified_at", MOMENT, "verified_at", TEXT, optional=True),
        Form("ended_at", MOMENT, "ended_at", TEXT, optional=True),
    ),
    "accesstoken": (Form("expires_at", MOMENT, "expires_at", TEXT),),
    "passkey": (
        Form("sign_count", NUMBER, "sign_count", TEXT),
        Form("used_at", MOMENT, "used_at", TEXT, optional=True),
    ),
    "knowndevice": (Form("expires_at", MOMENT, "expires_on", DAY),),
    "apikey": (Form("last_used_at", MOMENT, "last_used_on", DAY, optional=True),),
    "recoverycode": (Form("used_at", MOMENT, "used_on", DAY, optional=True),),
    "account": (Form("totp_step", NUMBER, "has_app", YES),),
}


def upgrade() -> None:
    seals = context.config.attributes["seals"]
    for table, columns in BEFORE.items():
        _write_values(table, columns, lambda name, value: seals.pseudonym(name, seals.named_by(name, value), PADDED))
    for table, columns in NEW.items():
        _change_types(table, columns, TEXT)
        _write_values(table, columns, lambda name, value: seals.pseudonym(name, value, PADDED))
    for table, (moment, later, day) in FOUND_BY.items():
        _add_day(table, moment, later, day)
    for table, forms in FORMS.items():
        _change_forms(table, forms)
    for table, column in (("account", "signed_in_on"), ("apikey", "last_used_on")):
        _write_values(table, (column,), lambda _, on: on - timedelta(days=on.weekday()), DAY)
    context.config.attributes["changed_rows"].update(SEALED)


def downgrade() -> None:
    """Sets each time to the beginning of its stored day: the time of day is lost."""
    seals = context.config.attributes["seals"]
    for table, (_, _, day) in FOUND_BY.items():
        with op.batch_alter_table(table) as changed:
            changed.drop_index(op.f(f"ix_{table}_{day}"))
            changed.drop_column(day)
    for table, forms in FORMS.items():
        _change_forms(table, [form.back() for form in forms])
    for table, columns in NEW.items():
        _write_values(table, columns, seals.named_by)
        _change_types(table, columns, sa.String())
    for table, columns in BEFORE.items():
        _write_values(table, columns, lambda name, value: seals.pseudonym(name, seals.named_by(name, value), 1))
    context.config.attributes["changed_rows"].update(SEALED)


def _add_day(table: str, moment: str, later: timedelta, day: str) -> None:
    with op.batch_alter_table(table) as changed:
        changed.add_column(sa.Column(day, DAY, nullable=True))
    [key] = _key_of(table)
    rows = sa.table(table, sa.column(key), sa.column(moment, MOMENT), sa.column(day, DAY))
    for name, at in op.get_bind().execute(sa.select(rows.c[key], rows.c[moment])).all():
        on = context.config.attributes["seals"].day_of(at + later)
        op.execute(rows.update().where(rows.c[key] == name).values({day: on}))
    with op.batch_alter_table(table) as changed:
        changed.alter_column(day, existing_type=DAY, nullable=False)
        changed.create_index(op.f(f"ix_{table}_{day}"), [day])


def _change_forms(table: str, forms: Sequence[Form]) -> None:
    """Drops columns and adds others that hold the same values in another form."""
    key = _key_of(table)
    before = sa.table(table, *map(sa.column, key), *(sa.column(form.was, form.of) for form in forms))
    rows = op.get_bind().execute(sa.select(before)).all()
    with op.batch_alter_table(table) as changed:
        for form in forms:
            changed.drop_column(form.was)
    with op.batch_alter_table(table) as changed:
        for form in forms:
            changed.add_column(sa.Column(form.now, form.becomes, nullable=True))
    after = sa.table(table, *map(sa.column, key), *(sa.column(form.now, form.becomes) for form in forms))
    for row in rows:
        name = row[: len(key)]
        values = {form.now: _in_form(table, name, form, getattr(row, form.was)) for form in forms}
        op.execute(after.update().where(*(after.c[one] == is_ for one, is_ in zip(key, name, strict=True))).values(values))
    with op.batch_alter_table(table) as changed:
        for form in forms:
            changed.alter_column(form.now, existing_type=form.becomes, nullable=form.optional)


def _in_form(table: str, name: Sequence[object], form: Form, value: object) -> object:
    seals = context.config.attributes["seals"]
    if form.becomes is YES:
        return value is not None
    if form.of is YES:
        return 0 if value else None
    if value is None:
        return None
    if form.becomes is TEXT:
        written = seals.aware(value).isoformat() if isinstance(value, datetime) else value
        return seals.encrypted(written, (table, form.now, tuple(name)))
    if form.of is TEXT:
        opened = json.loads(seals.opened_with_ring(value, (table, form.was, tuple(name))))
        return seals.moment(opened) if form.becomes is MOMENT else opened
    return seals.day_of(value) if isinstance(value, datetime) else datetime.combine(value, time(), UTC)


def _change_types(table: str, columns: Iterable[str], kind: sa.types.TypeEngine) -> None:
    """Turns ids into pseudonyms, which refer to no row, or back."""
    with op.batch_alter_table(table) as changed:
        if table in REFERENCES:
            column, other = REFERENCES[table]
            name = op.f(f"fk_{table}_{column}")
            if kind is TEXT:
                changed.drop_constraint(name, type_="foreignkey")
            else:
                changed.create_foreign_key(name, other, [column], ["id"])
        for column in columns:
            changed.alter_column(column, type_=kind)


def _write_values(
    table: str,
    columns: Iterable[str],
    value: Callable[[str, object], object],
    kind: sa.types.TypeEngine = TEXT,
) -> None:
    """Replaces each value of these columns."""
    for column in columns:
        rows = sa.table(table, sa.column(column, kind))
        stored = rows.c[column]
        known = op.get_bind().execute(sa.select(stored).where(stored.is_not(None)).distinct()).scalars().all()
        changes = [{"was": one, "new": value(f"{table}.{column}", one)} for one in known]
        if changes:
            statement = rows.update().where(stored == sa.bindparam("was")).values({column: sa.bindparam("new")})
            op.get_bind().execute(statement, changes)


def _key_of(table: str) -> Sequence[str]:
    return sa.inspect(op.get_bind()).get_pk_constraint(table)["constrained_columns"]
