"""Locks and their order: two acts wait in turn, and never for each other (no deadlock).

The lock of a shelter stands for what is in its rooms: its counts, and what is given out. A registration's row stands
for what belongs to it: proposals, decisions, holds, stays. Code that needs both locks the shelter first; code that
needs several registrations locks them by id, or skips those that another transaction has locked. What was read before
a lock is read again after it. SQLite has one writer at a time, and nothing to wait for.
"""

from collections.abc import Sequence

from sqlalchemy import Select
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from placement.tables import Location, Registration, Shelter, Unit

Ids = Select[tuple[str]] | SelectOfScalar[str] | list[str]


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
    """Until the end of the transaction. On PostgreSQL by a lock in memory: one on the row would leave the transaction's
    number in it, beside that of the hold which was made in it.
    """
    if session.get_bind().dialect.name == "postgresql":
        for shelter_id in sorted(shelter_ids):
            key = func.hashtextextended(f"shelter {shelter_id}", 0)
            session.execute(select(func.pg_advisory_xact_lock(key)))
    query = select(Shelter).where(col(Shelter.id).in_(shelter_ids))
    return session.exec(query.execution_options(populate_existing=True)).all()


def lock_links(session: Session) -> None:
    """Locks what registrations are to each other, until the end of the transaction: by a lock in memory, so that no row
    of the second case has the number of the transaction that wrote the first.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("links", 0))))


def lock_invitations_to(session: Session, email: str) -> None:
    """Locks the making of invitations to this address, until the end of the transaction: of two, one ends the other."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"invitation {email}", 0))))


def lock_imports(session: Session) -> None:
    """Locks imports that are carried out, until the end of the transaction: the second sees what the first did."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("imports", 0))))


def lock_frozen_problem(session: Session, digest: str) -> None:
    """Locks the storing of this problem, until the end of the transaction: two that make the same one store it once."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"problem {digest}", 0))))


def lock_registrations(session: Session, ids: Ids, *, pass_over: bool = False) -> list[str]:
    """Locks these registrations and returns their ids; with `pass_over` only those that no other transaction has
    locked.
    """
    query = select(Registration).where(col(Registration.id).in_(ids)).order_by(Registration.id)
    query = query.with_for_update(key_share=True, skip_locked=pass_over)
    return [row.id for row in session.exec(query.execution_options(populate_existing=True))]


def lock_unread_registrations(session: Session, ids: Ids) -> list[str]:
    """Locks registrations without reading them, since some of their keys may be destroyed already. Skips locked rows,
    and returns the ids that it locked.
    """
    query = select(Registration.id).where(col(Registration.id).in_(ids)).order_by(Registration.id)
    return list(session.exec(query.with_for_update(key_share=True, skip_locked=True)))
