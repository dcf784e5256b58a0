"""Locks, and the order in which they must be taken to prevent deadlocks.

- The lock of a shelter protects its vacancy counts and the assignment of its beds.
- The lock on a registration's row protects its proposals, decisions, holds and stays.
- Code that needs both takes the lock of the shelter first.
- Code that needs several registrations locks them in the order of their ids, or skips locked rows.
- Rows that were read before a lock must be read again after it.

SQLite has a single writer at a time, so it needs no locks.
"""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Select, bindparam, text
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.tables import Location, Registration, Shelter, Unit

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
_SHELTERS = select(Shelter).where(col(Shelter.id).in_(bindparam("ids", expanding=True)))
_SHELTERS = _SHELTERS.execution_options(populate_existing=True)
Ids = Select[tuple[str]] | SelectOfScalar[str] | list[str]


class Shared(StrEnum):
    """A resource without a row to lock. Only one transaction at a time can lock a resource (or a name within it)."""

    SHELTER = "shelter"
    LINKS = "links"  # relations of cases; a row lock would leave a trace that links the two cases
    INVITATION = "invitation"  # the invitations to an email address: a new invitation replaces older invitations
    IMPORTS = "imports"  # imports into the register of shelters
    ENTRY = "entry"  # a text of the help desk
    FIRST_ENTRIES = "first entries"  # the loading of the first help-desk texts
    PROBLEM = "problem"  # a frozen problem of the engine, stored only once


def lock_shelter(session: Session, shelter_id: str) -> Shelter | None:
    return next(iter(_lock(session, [shelter_id])), None)


def lock_shelter_of_unit(session: Session, *unit_ids: str | None) -> None:
    """Locks the shelters of these units. Ignores unknown units, which the caller reports later.

    Raises `Conflict` if the data key of a unit is missing.
    """
    units = [str(unit_id) for unit_id in unit_ids if unit_id is not None]
    of_units = select(Location.shelter_id).join(Unit).where(col(Unit.id).in_(units)).distinct()
    _lock(session, session.exec(of_units).all())


def _lock(session: Session, shelter_ids: Sequence[str]) -> Sequence[Shelter]:
    """Locks shelters until the end of the transaction, and returns them. Uses an advisory lock: with a row lock,
    PostgreSQL would store the number of the transaction in the row. That number would link the shelter to a new hold.
    """
    for shelter_id in sorted(shelter_ids):
        lock(session, Shared.SHELTER, shelter_id)
    return session.exec(_SHELTERS, params={"ids": list(shelter_ids)}).all()


def lock_registrations(session: Session, ids: Ids, *, pass_over: bool = False) -> list[str]:
    """Locks registrations and returns their ids. `pass_over`: skips those that another transaction has locked."""
    query = select(Registration).where(col(Registration.id).in_(ids)).order_by(Registration.id)
    query = query.with_for_update(key_share=True, skip_locked=pass_over)
    return [row.id for row in session.exec(query.execution_options(populate_existing=True))]


def lock_unread_registrations(session: Session, ids: Ids) -> list[str]:
    """Locks registrations without loading them, because their data keys may be destroyed. Skips locked rows."""
    query = select(Registration.id).where(col(Registration.id).in_(ids)).order_by(Registration.id)
    return list(session.exec(query.with_for_update(key_share=True, skip_locked=True)))


def lock(session: Session, shared: Shared, name: str = "") -> None:
    """Takes an advisory lock until the end of the transaction. Does nothing on SQLite, which has a single writer."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCK, {"name": f"{shared} {name}".strip()})
