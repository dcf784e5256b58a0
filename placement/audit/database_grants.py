"""The privileges of the PostgreSQL role of the service. In the audit log the role may only insert and read events.

The role owns no table, so it cannot drop the trigger that protects the log.
"""

from sqlalchemy import text
from sqlmodel import Session, SQLModel

from placement.core.errors import Misconfigured
from placement.storage import row_order

ADDED_TO_ONLY = ("auditevent", "auditindex", "audittruncation", "dailyreport")

_ROLE = text("SELECT rolsuper FROM pg_roles WHERE rolname = :role")
_MAINTAINS = text("SELECT current_setting('server_version_num')::int >= 170000")
_OWNS = text("SELECT pg_has_role(:role, tableowner, 'MEMBER') FROM pg_tables WHERE tablename = 'auditevent'")


def grant(session: Session, role: str) -> None:
    """Grants the privileges. Must be repeated after each migration, because of new tables.

    Raises `Misconfigured` on SQLite, and if the role does not exist, owns the audit log, or is a superuser.
    """
    if session.get_bind().dialect.name != "postgresql":
        raise Misconfigured("roles with rights of their own need PostgreSQL: set DATABASE_URL")
    superuser = session.execute(_ROLE, {"role": role}).scalar()
    if superuser is None:
        raise Misconfigured(f"there is no role {role}: make it first, CREATE ROLE {role} LOGIN PASSWORD '...'")
    if superuser or session.execute(_OWNS, {"role": role}).scalar():
        raise Misconfigured(f"{role} owns the log, or may do everything: choose a role that does not")
    name = session.get_bind().dialect.identifier_preparer.quote(role)
    tables = sorted({*SQLModel.metadata.tables} - set(ADDED_TO_ONLY))
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"REVOKE ALL ON {', '.join(ADDED_TO_ONLY)} FROM {name}",
        f"GRANT SELECT, INSERT ON {', '.join(ADDED_TO_ONLY)} TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(map(_quoted, tables))} TO {name}",
        f"GRANT SELECT ON alembic_version TO {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
        *(f"GRANT MAINTAIN ON {_quoted(table)} TO {name}" for table in row_order.TABLES if _can_maintain(session)),
    ):
        session.execute(text(statement))


def _can_maintain(session: Session) -> bool:
    """Checks whether PostgreSQL has the privilege `MAINTAIN` (version 17 or newer)."""
    return bool(session.execute(_MAINTAINS).scalar())


def _quoted(table: str) -> str:
    return f'"{table}"'
