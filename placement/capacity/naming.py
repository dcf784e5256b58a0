"""What people call a place: an id tells nobody at night where somebody is. No address, no region."""

from sqlmodel import Session, select

from placement.tables import Location, Shelter, Unit


def place_of(session: Session, unit_id: str) -> str:
    """A unit and its shelter, by their names."""
    unit = session.get_one(Unit, unit_id)
    shelter = session.get_one(Shelter, session.get_one(Location, unit.location_id).shelter_id)
    return f"{unit.name}, {shelter.name}"


def places(session: Session) -> dict[str, str]:
    """Every unit by its id, as `place_of` says it."""
    rows = session.exec(select(Unit.id, Unit.name, Shelter.name).select_from(Unit).join(Location).join(Shelter))
    return {unit: f"{name}, {shelter}" for unit, name, shelter in rows}


def shelter_of_that_id(session: Session, some_id: str) -> str | None:
    """The name of a shelter; none where the id is of something else."""
    found = session.get(Shelter, some_id)
    return found.name if found else None
