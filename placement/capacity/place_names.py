"""Names of places for display, because people do not recognise an id. They contain no address and no region."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from placement.core.codes import Scheme
from placement.core.place_codes import LEAVES_BEFORE, PlaceStatus
from placement.tables import Location, Provider, Shelter, Unit

_EVERY = "names of places"
_UNITS = "schemes and versions of units"
_SHELTERS = "shelters of units"
_LOCATED = "units whose location was changed"
_LAST = "last days of units"
_COLUMNS: tuple[Any, ...] = (Unit.id, Unit.name, Shelter.name, Unit.scheme, Unit.version)
_LIVES: tuple[object, ...] = tuple(
    part for one in (Unit, Location, Shelter) for part in (one.status, one.closes_on, one.open_until)
)
_OF_LOCATION: tuple[object, ...] = (Location.id, Location.version)
_HOUSE: tuple[Any, ...] = (Location.id, Location.name, Shelter.name)


def place_of(session: Session, unit_id: str) -> str:
    """Returns the names of a unit and its shelter."""
    return places(session, [unit_id])[unit_id]


def places(session: Session, unit_ids: Collection[str] | None = None) -> dict[str, str]:
    """Returns the name of each unit, in the form of `place_of`. `unit_ids`: only these units, or all if they are
    cached. `None`: all, which are cached during the transaction, because no act renames a place.
    """
    known: dict[str, str] | None = session.info.get(_EVERY)
    if known is not None:
        return known
    query = select_columns(*_COLUMNS, *_LIVES, *_OF_LOCATION).select_from(Unit).join(Location).join(Shelter)
    if unit_ids is not None:
        query = query.where(col(Unit.id).in_(unit_ids))
    rows = session.execute(query).all()
    found = _named((unit, name, shelter) for unit, name, shelter, *_ in rows)
    if unit_ids is None:
        session.info[_EVERY] = found
        session.info[_UNITS] = {unit: (scheme, version) for unit, _, _, scheme, version, *_ in rows}
        session.info[_LOCATED] = {row[0]: row[-2] for row in rows if row[-1] > 1}
        session.info[_LAST] = _days({row[0]: row[len(_COLUMNS) : -len(_OF_LOCATION)] for row in rows})
    return found


def of_avoided(session: Session, ids: Collection[str]) -> dict[str, str]:
    """Returns the names of units, locations and providers, by id, in the form of `place_of`."""
    units = places(session, ids)
    houses = select_columns(*_HOUSE).select_from(Location).join(Shelter).where(col(Location.id).in_(ids))
    providers = select(Provider.id, Provider.name).where(col(Provider.id).in_(ids))
    named = {one: units[one] for one in ids if one in units} | dict(session.exec(providers).all())
    return named | _named((location, name, shelter) for location, name, shelter in session.execute(houses))


def schemes(session: Session) -> dict[str, Scheme]:
    """Returns the scheme of every unit. Caches all units during the transaction."""
    places(session)
    return {unit: scheme for unit, (scheme, _) in session.info[_UNITS].items()}


def changed_units(session: Session) -> set[str]:
    """Returns the units whose entry in the register ever changed. Caches all units during the transaction."""
    places(session)
    return {unit for unit, (_, version) in session.info[_UNITS].items() if version > 1}


def last_days(session: Session) -> dict[str, date]:
    """Returns the last day of each unit: the earliest last day of the unit, its location and its shelter. Leaves out
    units without a last day. Caches all units during the transaction.
    """
    places(session)
    return {unit: min(day for _, day in days) for unit, days in session.info[_LAST].items()}


def open_until(session: Session, unit_id: str) -> date | None:
    """Returns the last day of a unit that is open for a limited time; otherwise `None`. It is the earliest last day of
    the unit, its location and its shelter. Ignores places that are closing.
    """
    places(session)
    days = [day for status, day in session.info[_LAST].get(unit_id, ()) if status is not PlaceStatus.CLOSING]
    return min(days, default=None)


def closing_units(session: Session, on: date) -> dict[str, date]:
    """Returns, for each unit that closes or ends soon, the day by which it must be empty. A unit is included if it, its
    location or its shelter is closing, or has a last day within `LEAVES_BEFORE`. Caches all units during the
    transaction.
    """
    places(session)
    known: dict[str, list[tuple[PlaceStatus, date]]] = session.info[_LAST]
    left = {
        unit: [day for status, day in days if status is PlaceStatus.CLOSING or day <= on + LEAVES_BEFORE]
        for unit, days in known.items()
    }
    return {unit: min(days) for unit, days in left.items() if days}


def units_of_changed_locations(session: Session) -> dict[str, str]:
    """Returns the units whose location's entry in the register ever changed, with the id of the location. Caches them
    during the transaction.
    """
    if _LOCATED not in session.info:
        query = select(Unit.id, Unit.location_id).join(Location).where(Location.version > 1)
        session.info[_LOCATED] = dict(session.exec(query).all())
    found: dict[str, str] = session.info[_LOCATED]
    return found


def shelters(session: Session) -> dict[str, str]:
    """Returns the shelter of every unit, without a query if `remember` was called in this transaction."""
    known: dict[str, str] | None = session.info.get(_SHELTERS)
    return known if known is not None else dict(session.exec(select(Unit.id, Location.shelter_id).join(Location)).all())


def read_all(session: Session) -> Sequence[tuple[Unit, Location, Shelter]]:
    """Returns every unit with its location and shelter. Caches their names during the transaction."""
    rows = session.exec(select(Unit, Location, Shelter).select_from(Unit).join(Location).join(Shelter)).all()
    remember(session, rows)
    return rows


def remember(session: Session, rows: Iterable[tuple[Unit, Location, Shelter]]) -> None:
    """Caches names and other facts of every unit during this transaction. Then the functions above need no query."""
    known = list(rows)
    session.info[_EVERY] = _named((unit.id, unit.name, shelter.name) for unit, _, shelter in known)
    session.info[_UNITS] = {unit.id: (unit.scheme, unit.version) for unit, _, _ in known}
    session.info[_LOCATED] = {unit.id: location.id for unit, location, _ in known if location.version > 1}
    session.info[_SHELTERS] = {unit.id: shelter.id for unit, _, shelter in known}
    session.info[_LAST] = _days(
        {
            parts[0].id: [said for one in parts for said in (one.status, one.closes_on, one.open_until)]
            for parts in known
        }
    )


def _days(lives: Mapping[str, Sequence[Any]]) -> dict[str, list[tuple[PlaceStatus, date]]]:
    """Returns, for each unit, the days by which the unit, its location or its shelter must be empty. Each day comes
    with the status of that place. `lives`: the status, day of closing and last day of each place.
    """
    found = {
        unit: [
            (status, day)
            for status, closes_on, open_until in zip(said[::3], said[1::3], said[2::3], strict=True)
            if (day := closes_on if status is PlaceStatus.CLOSING else open_until) is not None
            and status is not PlaceStatus.CLOSED
        ]
        for unit, said in lives.items()
    }
    return {unit: days for unit, days in found.items() if days}


def _named(rows: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    return {unit: shelter if name == shelter else f"{name}, {shelter}" for unit, name, shelter in rows}
