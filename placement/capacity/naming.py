"""Names of places for display: an id alone does not say where a client is. No address, no region."""

from sqlmodel import Session, select

from placement.tables import Location, Shelter, Unit


def place_of(session: Session, unit_id: str) -> str:
    """The names of a unit and its shelter."""
    unit = session.get_one(Unit, unit_id)
    shelter = session.get_one(Shelter, session.get_one(Location, unit.location_id).shelter_id)
    return f"{unit.name}, {shelter.name}"


def places(session: Session) -> dict[str, str]:
    """Every unit by its id, named as by `place_of`."""
    rows = session.exec(select(Unit.id, Unit.name, Shelter.name).select_from(Unit).join(Location).join(Shelter))
    return {unit: f"{name}, {shelter}" for unit, name, shelter in rows}


def shelter_of_that_id(session: Session, some_id: str) -> str | None:
    """The name of the shelter with this id; None where the id is of something else."""
    found = session.get(Shelter, some_id)
    return found.name if found else None
