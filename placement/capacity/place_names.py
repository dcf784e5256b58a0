"""Names of places for display: an id alone does not say where a client is. No address, no region."""

from collections.abc import Collection, Iterable

from sqlmodel import Session, col, select

from placement.tables import Location, Shelter, Unit

_EVERY = "names of places"
_SHELTERS = "shelters of units"


def place_of(session: Session, unit_id: str) -> str:
    """The names of a unit and its shelter."""
    return places(session, [unit_id])[unit_id]


def places(session: Session, unit_ids: Collection[str] | None = None) -> dict[str, str]:
    """Units by id, named as by `place_of`: these, or every one. Where a transaction has read every one it reads none
    again: no act gives a place another name.
    """
    known: dict[str, str] | None = session.info.get(_EVERY)
    if known is not None:
        return known
    query = select(Unit.id, Unit.name, Shelter.name).select_from(Unit).join(Location).join(Shelter)
    if unit_ids is not None:
        query = query.where(col(Unit.id).in_(unit_ids))
    found = _named(session.exec(query))
    if unit_ids is None:
        session.info[_EVERY] = found
    return found


def shelters(session: Session) -> dict[str, str]:
    """By unit, the id of its shelter: of every one; as `places`, read once."""
    known: dict[str, str] | None = session.info.get(_SHELTERS)
    return known if known is not None else dict(session.exec(select(Unit.id, Location.shelter_id).join(Location)).all())


def remember(session: Session, rows: Iterable[tuple[Unit, Shelter]]) -> None:
    """Every unit with its shelter, for the rest of this transaction."""
    known = list(rows)
    session.info[_EVERY] = _named((unit.id, unit.name, shelter.name) for unit, shelter in known)
    session.info[_SHELTERS] = {unit.id: shelter.id for unit, shelter in known}


def _named(rows: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    return {unit: f"{name}, {shelter}" for unit, name, shelter in rows}
