"""Inserts a row unless one with the same unique value is there: of several writers the first one succeeds."""

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_once(session: Session, row: SQLModel) -> bool:
    """Whether it was stored now: False where a unique column already has its value."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {column.key: getattr(row, column.key) for column in inspect(type(row)).columns}
    session.flush()
    stored = insert(type(row)).values(values).on_conflict_do_nothing().returning(*inspect(type(row)).primary_key)
    return session.connection().execute(stored).first() is not None
