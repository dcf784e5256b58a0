"""The entry point of Alembic: uses the tables of the project and the connection of the caller."""

from alembic import context
from sqlmodel import SQLModel

import placement.tables  # noqa: F401  (alembic compares with every table)

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
