"""The order of rows that name a case, and the transactions that wrote them: PostgreSQL keeps both in its data files.

Clients who are entered house by house stand there in the order of the houses, and a row that was written together with
another says so. Once a night each such row is written anew, all in one transaction, and each table is put in the order
of its primary key, which is random. SQLite keeps no transactions, and these tables by their keys alone.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import inspect, text
from sqlmodel import Session

TABLES = (
    "registration",
    "factchange",
    "keepapart",
    "stayswith",
    "registrationlink",
    "proposal",
    "decision",
    "hold",
    "stay",
    "bedclaim",
    "message",
    "reminder",
    "tasknotice",
    "legalhold",
    "opening",
    "datakey",
    "idempotentrequest",
)
"""Those that name a case, or tell of one, in clear or as a pseudonym; each has a random or keyed name for its key."""

ELSEWHERE: Mapping[str, str] = {
    "auditevent": "only ever added to; what it says is sealed, and its number and moment are in clear anyway",
    "auditindex": "only ever added to; its key is a token",
    "auditunsealed": "there for less than a second",
}
"""Tables about cases that are not written anew, and why."""

_MAY = text(
    "SELECT CASE WHEN current_setting('server_version_num')::int >= 170000"
    " THEN has_table_privilege(oid, 'MAINTAIN') ELSE pg_has_role(relowner, 'USAGE') END"
    " FROM pg_class WHERE oid = to_regclass(:table)"
)
_log: Any = structlog.get_logger()


def mix(session: Session) -> None:
    """Writes every such row anew, in the order of its key. Nobody is served meanwhile by these tables."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return
    if kept := out_of_reach(session):
        _log.warning("rows.order_kept", tables=kept)
        return
    connection.execute(text("SET LOCAL statement_timeout = 0"))  # cut off it would begin again, all night
    connection.execute(text(f"LOCK TABLE {', '.join(map(_quoted, TABLES))} IN ACCESS EXCLUSIVE MODE"))
    for table in TABLES:
        key = inspect(connection).get_pk_constraint(table)
        column = _quoted(key["constrained_columns"][0])
        connection.execute(text(f"UPDATE {_quoted(table)} SET {column} = {column}"))  # noqa: S608  (our own names)
        connection.execute(text(f"CLUSTER {_quoted(table)} USING {_quoted(str(key['name']))}"))


def out_of_reach(session: Session) -> list[str]:
    """The tables that this role of the database may not put in order: they keep the order of entry."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return []
    return [table for table in TABLES if not connection.execute(_MAY, {"table": table}).scalar()]


def _quoted(name: str) -> str:
    return f'"{name}"'
