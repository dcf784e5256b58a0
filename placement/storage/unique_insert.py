"""An insert that does nothing if a row with the same unique value exists, so that only the first writer succeeds."""

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

from placement.storage.field_sealing import sealed_values


def insert_once(session: Session, row: SQLModel) -> bool:
    """Inserts the row. Returns false if another row has the same value in a unique column."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.flush()
    stored = (
        insert(type(row))
        .values(sealed_values(session, row))
        .on_conflict_do_nothing()
        .returning(*inspect(type(row)).primary_key)
    )
    return session.connection().execute(stored).first() is not None
