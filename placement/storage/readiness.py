"""The check whether requests can work with the database. It reads and locks as requests do, and rolls back at once."""

from sqlalchemy import text
from sqlmodel import Session, SQLModel

from placement.storage import client_limits

_WITHIN_SECONDS = 2.0
"""The time limit of the check: more than ten times as long as a job may lock a table (assumed)."""
_WRITTEN = ("registration", "proposal", "decision", "hold", "stay")
"""The tables that requests write to and that a job may lock (`row_order.py`)."""


def try_what_requests_need(session: Session) -> None:
    """Reads from every table, and takes the locks that a write needs. Raises `DBAPIError` if this takes too long."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return
    rows = ", ".join(f'(SELECT 1 FROM "{name}" LIMIT 1)' for name in sorted(SQLModel.metadata.tables))  # noqa: S608
    with client_limits.within(connection, _WITHIN_SECONDS):
        connection.execute(text(f"SELECT {rows}"))
        connection.execute(text(f"LOCK TABLE {', '.join(_WRITTEN)} IN ROW EXCLUSIVE MODE"))
        connection.execute(text("UPDATE hold SET id = id WHERE false"))  # fails on a read-only database
