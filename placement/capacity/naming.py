"""Names of places for display: an id alone does not say where a client is. No address, no region."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from placement.tables import Location, Shelter, Unit


def place_of(session: Session, unit_id: str) -> str:
    """The names of a unit and its shelter."""
    return places(session, [unit_id])[unit_id]


def places(session: Session, unit_ids: Collection[str] | None = None) -> dict[str, str]:
    """Units by id, named as by `place_of`: these, or every one."""
    query = select(Unit.id, Unit.name, Shelter.name).select_from(Unit).join(Location).join(Shelter)
    if unit_ids is not None:
        query = query.where(col(Unit.id).in_(unit_ids))
    return {unit: f"{name}, {shelter}" for unit, name, shelter in session.exec(query)}


def shelter_of_that_id(session: Session, some_id: str) -> str | None:
    """The name of the shelter with this id; None where the id is of something else."""
    found = session.get(Shelter, some_id)
    return found.name if found else None
