"""Locks and their order, which prevents deadlocks.

The lock of a shelter protects the counts and the given beds of its rooms. The lock of a registration's row protects its
proposals, decisions, holds and stays. Code that needs both locks takes the lock of the shelter first. Code that needs
several registrations locks them in the order of their ids, or skips rows that another transaction has locked. Rows that
were read before a lock are read again after it. SQLite has a single writer at a time, so nothing waits there.
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
    """A thing that no row locks. Transactions that lock it, or the same name of it, wait for each other."""

    SHELTER = "shelter"
    LINKS = "links"  # all relations: a row lock would store the transaction of the first case in the second
    INVITATION = "invitation"  # to an address: a new invitation ends others
    IMPORTS = "imports"  # a second import sees the effects of the first
    ENTRY = "entry"  # of the help desk: a second person sees the change of the first
    FIRST_ENTRIES = "first entries"  # a second transaction loads only missing entries
    PROBLEM = "problem"  # an equal problem is stored once


def lock_shelter(session: Session, shelter_id: str) -> Shelter | None:
    return next(iter(_lock(session, [shelter_id])), None)


def lock_shelter_of_unit(session: Session, *unit_ids: str | None) -> None:
    """Locks the shelters of these units. Ignores an unknown unit: the caller reports it later.

    Raises `Conflict` if the key of a unit is missing.
    """
    units = [str(unit_id) for unit_id in unit_ids if unit_id is not None]
    of_units = select(Location.shelter_id).join(Unit).where(col(Unit.id).in_(units)).distinct()
    _lock(session, session.exec(of_units).all())


def _lock(session: Session, shelter_ids: Sequence[str]) -> Sequence[Shelter]:
    """Locks shelters until the end of the transaction. On PostgreSQL an advisory lock is used. A lock on the row would
    store the transaction's number in the row; the new hold has the same number, so the two could be linked.
    """
    for shelter_id in sorted(shelter_ids):
        lock(session, Shared.SHELTER, shelter_id)
    return session.exec(_SHELTERS, params={"ids": list(shelter_ids)}).all()


def lock_registrations(session: Session, ids: Ids, *, pass_over: bool = False) -> list[str]:
    """Locks these registrations, and returns their ids. `pass_over`: true to skip registrations that another
    transaction has locked.
    """
    query = select(Registration).where(col(Registration.id).in_(ids)).order_by(Registration.id)
    query = query.with_for_update(key_share=True, skip_locked=pass_over)
    return [row.id for row in session.exec(query.execution_options(populate_existing=True))]


def lock_unread_registrations(session: Session, ids: Ids) -> list[str]:
    """Locks registrations without reading them, because some of their keys may be destroyed already. Skips rows that
    are locked, and returns the ids of the others.
    """
    query = select(Registration.id).where(col(Registration.id).in_(ids)).order_by(Registration.id)
    return list(session.exec(query.with_for_update(key_share=True, skip_locked=True)))


def lock(session: Session, shared: Shared, name: str = "") -> None:
    """Takes an advisory lock until the end of the transaction. Not needed on SQLite, which has a single writer."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_LOCK, {"name": f"{shared} {name}".strip()})
