"""Steps that several migrations share. A migration imports nothing of the service: it gets these functions from
`Database.migrating`, as attributes with the same names.
"""

from collections.abc import Mapping, Sequence

from alembic import op
from sqlalchemy import column, text

from placement.core.errors import Misconfigured


def allow_codes(place: str, codes: Sequence[str], constraint: str) -> None:
    """Replaces the list of codes that a column (`table.column`) allows. On SQLite this replaces the table."""
    table, _, name = place.partition(".")
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(op.f(f"ck_{table}_{constraint}"), type_="check")
        changed.create_check_constraint(op.f(f"ck_{table}_{constraint}"), column(name).in_(codes))


def refuse_stored(what: str, rows: Mapping[str, str]) -> None:
    """Raises `Misconfigured` if an older version could not read some rows. `rows`: by table, the condition for such
    rows.
    """
    queries = {table: f"SELECT count(*) FROM {table} WHERE {condition}" for table, condition in rows.items()}  # noqa: S608  (constants of migrations)
    stored = {table: op.get_bind().execute(text(query)).scalar_one() for table, query in queries.items()}
    if named := ", ".join(f"{table}: {number}" for table, number in stored.items() if number):
        raise Misconfigured(f"an older version cannot read {what} ({named}). Restore a backup from before")
