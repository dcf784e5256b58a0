"""An index of the register for imports. It finds places by id, or by name within the places that contain them. It
includes the places that the import makes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar, cast

from sqlmodel import Session, select

from placement.core.context import Act
from placement.core.place_codes import PlaceStatus
from placement.exchange.cell_vocabulary import plain
from placement.exchange.overview_tables import KnownPlaces
from placement.tables import Location, Provider, Room, Shelter, Unit
from placement.tables.shelter import Lifetime

Thing = Provider | Lifetime
AnyThing = TypeVar("AnyThing", bound=Thing)

TABLES: tuple[type[Thing], ...] = (Provider, Shelter, Location, Unit, Room)


def parent_id_of(thing: Thing) -> str:
    """Returns the id of the place that directly contains this place; an empty text for a provider."""
    match thing:
        case Shelter():
            return thing.provider_id
        case Location():
            return thing.shelter_id
        case Unit():
            return thing.location_id
        case Room():
            return thing.unit_id
    return ""


class RegisterIndex:
    """The index of the register. A closed place is found only by id, because another place may have its name."""

    def __init__(self, session: Session) -> None:
        self._by_id: dict[type[object], dict[str, Thing]] = {}
        self._by_name: dict[type[object], dict[str, list[Thing]]] = {}
        for table in TABLES:
            self._by_id[table], self._by_name[table] = {}, defaultdict(list)
            for thing in session.exec(select(table).order_by(table.id)):
                self.add(cast("Thing", thing))

    def add(self, thing: Thing) -> None:
        self._by_id[type(thing)][thing.id] = thing
        if not isinstance(thing, Lifetime) or thing.status is not PlaceStatus.CLOSED:
            self._by_name[type(thing)][plain(name_of(thing))].append(thing)

    def by_id(self, table: type[AnyThing], thing_id: str) -> AnyThing | None:
        found = self._by_id[table].get(thing_id)
        return found if isinstance(found, table) else None

    def named(
        self, table: type[AnyThing], said: str, within: Sequence[Thing] = (), *, exactly: bool = False
    ) -> list[AnyThing]:
        """Returns the place with this id, or else the places with this name. Unless `exactly` is true, ignores
        capitals, accents and punctuation. `within`: only places that are inside all these places, directly or
        indirectly.
        """
        by_id = self.by_id(table, said)
        like = [one for one in self._by_name[table][plain(said)] if isinstance(one, table)]
        same = [one for one in like if name_of(one) == said]
        found = [by_id] if by_id else same if same or exactly else like
        return [one for one in found if all(self._is_part(one, whole) for whole in within)]

    def all_of(self, table: type[AnyThing]) -> Iterator[AnyThing]:
        """Yields all places of this table, in order of their ids."""
        for _, thing in sorted(self._by_id[table].items()):
            if isinstance(thing, table):
                yield thing

    def _is_part(self, thing: Thing, whole: Thing) -> bool:
        return any(one.id == whole.id and type(one) is type(whole) for one in self.above(thing))

    def path_of(self, thing: Thing) -> tuple[str, ...]:
        """Returns the names of the places that contain a place, beginning with its provider."""
        return tuple(name_of(one) for one in self.above(thing))[::-1]

    def above(self, thing: Thing) -> Iterator[Thing]:
        """Yields the places that contain this place, from the nearest to its provider."""
        position = TABLES.index(type(thing))
        for table in reversed(TABLES[:position]):
            thing = self._by_id[table][parent_id_of(thing)]
            yield thing


def known_places(act: Act) -> KnownPlaces:
    """Returns the shelters and units that are not closed. Lists of a file are compared with them."""
    index = RegisterIndex(act.session)
    shelters = [one for one in index.all_of(Shelter) if one.status is not PlaceStatus.CLOSED]
    units = [one for one in index.all_of(Unit) if one.status is not PlaceStatus.CLOSED]
    return KnownPlaces(
        {plain(one.name): index.path_of(one)[0] for one in shelters},
        frozenset((plain(index.path_of(one)[1]), plain(one.name)) for one in units),
    )


def name_of(thing: Thing) -> str:
    return str(getattr(thing, "name"))  # noqa: B009 - each of the five tables has one, their base has not
