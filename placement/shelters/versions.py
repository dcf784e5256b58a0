"""The values of the register on past days. Each change of a place adds a row with all its values from then on."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from placement.access.register_queries import shelter_id_of
from placement.core.clock import day_of
from placement.core.context import SYSTEM, Act
from placement.core.place_codes import RegisterKind
from placement.outbox.announcements import announce_rooms
from placement.tables import Location, Provider, RegisterVersion, Room, Shelter, Unit
from placement.tables.shelter import Lifetime

Thing = Provider | Lifetime

KIND: Mapping[type[SQLModel], RegisterKind] = MappingProxyType(
    {
        Provider: RegisterKind.PROVIDER,
        Shelter: RegisterKind.SHELTER,
        Location: RegisterKind.LOCATION,
        Unit: RegisterKind.UNIT,
        Room: RegisterKind.ROOM,
    }
)
_NOT_KEPT = {"id", "version", "address", "seal"}


def values_of(thing: Thing) -> dict[str, object]:
    """Returns the columns of a place by name, as JSON. They never contain an address."""
    return thing.model_dump(mode="json", exclude=_NOT_KEPT)


def record(act: Act, thing: Thing) -> None:
    """Stores the present values of this place, and announces the change to the software of the shelter."""
    act.session.flush()
    _add(act, thing, act.actor.id)
    if isinstance(thing, Lifetime):
        announce_rooms(act, shelter_id_of(act.session, thing))


@contextmanager
def changing(act: Act, thing: Thing) -> Iterator[None]:
    """Stores a place's values after the `with` block. If no values were stored before, also stores the values before
    the block.
    """
    known = select(RegisterVersion.id).where(RegisterVersion.thing_id == thing.id, RegisterVersion.kind == _kind(thing))
    if act.session.exec(known.limit(1)).first() is None:
        _add(act, thing, SYSTEM.id)
    yield
    record(act, thing)


def as_of(session: Session, kind: RegisterKind, ids: Collection[str], day: date) -> dict[str, dict[str, Any]]:
    """Returns the values at the end of a day, by id. Leaves out places without stored values. Such a place was never
    changed, so its present values were also valid on that day.
    """
    query = select(RegisterVersion).where(RegisterVersion.kind == kind, col(RegisterVersion.thing_id).in_(ids))
    found: dict[str, dict[str, Any]] = {}
    for row in session.exec(query.order_by(col(RegisterVersion.id))):
        if row.thing_id not in found or day_of(row.at) <= day:
            found[row.thing_id] = row.values
    return found


def _kind(thing: Thing) -> RegisterKind:
    return KIND[type(thing)]


def _add(act: Act, thing: Thing, by: str) -> None:
    act.session.add(
        RegisterVersion(
            kind=_kind(thing), thing_id=thing.id, version=thing.version, at=act.at, by=by, values=values_of(thing)
        )
    )
    act.session.flush()
