"""Inserts a row unless one of its kind is there: what may be said once, by whoever comes first."""

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_once(session: Session, row: SQLModel) -> bool:
    """Whether it was stored now: False where a unique column already has its value."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {column.key: getattr(row, column.key) for column in inspect(type(row)).columns}
    session.flush()
    done = session.connection().execute(insert(type(row)).values(values).on_conflict_do_nothing())
    return bool(done.rowcount)
