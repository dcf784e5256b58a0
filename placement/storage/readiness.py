"""A check that requests can work with the database: it tries what they read and lock, and rolls it back at once."""

from sqlalchemy import text
from sqlmodel import Session, SQLModel

from placement.storage import client_limits

_WITHIN_SECONDS = 2.0
"""Ten times as long as a job may lock a table (assumed)."""
_WRITTEN = ("registration", "proposal", "decision", "hold", "stay")
"""Tables that requests write to, of those that a job locks (`row_order.py`)."""


def try_what_requests_need(session: Session) -> None:
    """Reads from every table and takes the locks of a write. Raises `DBAPIError` if that cannot be had in time. On
    SQLite the lock of the transaction is all that is needed.
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return
    rows = ", ".join(f'(SELECT 1 FROM "{name}" LIMIT 1)' for name in sorted(SQLModel.metadata.tables))  # noqa: S608
    with client_limits.within(connection, _WITHIN_SECONDS):
        connection.execute(text(f"SELECT {rows}"))
        connection.execute(text(f"LOCK TABLE {', '.join(_WRITTEN)} IN ROW EXCLUSIVE MODE"))
        connection.execute(text("UPDATE hold SET id = id WHERE false"))  # refused by a database that can only be read
