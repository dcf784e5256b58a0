"""An insert unless a row with the same unique value exists: of several writers only the first succeeds."""

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from placement.storage.field_sealing import sealed_values


def insert_once(session: Session, row: SQLModel) -> bool:
    """Inserts the row; returns False if a unique column already has its value."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.flush()
    stored = (
        insert(type(row))
        .values(sealed_values(session, row))
        .on_conflict_do_nothing()
        .returning(*inspect(type(row)).primary_key)
    )
    return session.connection().execute(stored).first() is not None
