"""Names of places for display: an id alone does not say where a client is. No address, no region."""

from collections.abc import Collection, Iterable

from sqlmodel import Session, col, select

from placement.tables import Location, Shelter, Unit

_EVERY = "names of places"


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
    rows = session.exec(query)
    return remember(session, rows) if unit_ids is None else _named(rows)


def remember(session: Session, rows: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """The names of every place, for the rest of this transaction. Rows: unit, its name, and that of its shelter."""
    session.info[_EVERY] = _named(rows)
    return dict(session.info[_EVERY])


def _named(rows: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    return {unit: f"{name}, {shelter}" for unit, name, shelter in rows}
