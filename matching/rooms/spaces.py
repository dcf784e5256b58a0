"""The rooms of a unit that a registration can use."""

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from matching.format.problem import Kind, Registration, Room
from matching.format.solution import RoomUse
from matching.index import Index


class Space(NamedTuple):
    """The state of a room: the beds still free, and the kinds of the persons in it (residents or placed)."""

    room: Room
    beds: int
    kinds: frozenset[Kind]


def space_of(room: Room) -> Space:
    """Returns the state of a room before any placement."""
    return Space(room, room.free_beds, frozenset((person.gender, person.minor) for person in room.occupants))


def taken_of(space: Space, registration: Registration, persons: int) -> Space:
    """Returns the state of the room after `persons` of the registration got beds in it."""
    if registration.is_private:
        return Space(space.room, 0, space.kinds)
    return Space(space.room, space.beds - persons, space.kinds | {registration.kind})


def usable(index: Index, registration: Registration, spaces: Iterable[Space]) -> list[Space]:
    """Returns the rooms in which this registration can get a bed. Ignores `room_needs`."""
    by = index.needed_by(registration)
    ready = [space for space in spaces if space.beds and space.room.free_from <= by]
    if registration.is_private:
        return [space for space in ready if not space.kinds]
    kind = frozenset((registration.kind,))
    return [space for space in ready if space.kinds <= kind]


def whole_rooms(registration: Registration, spaces: Sequence[Space], *, needs: bool = True) -> list[tuple[Room, ...]]:
    """Returns the choices of a private registration: a room with enough beds, or two smaller rooms."""
    persons, needed = len(registration.persons), set(registration.room_needs if needs else ())
    small = [space.room for space in spaces if space.beds < persons]
    one = [(space.room,) for space in spaces if space.beds >= persons]
    two = [pair for pair in combinations(small, 2) if pair[0].free_beds + pair[1].free_beds >= persons]
    return [rooms for rooms in (*one, *two) if needed <= {code for room in rooms for code in room.features}]


def split(registration: Registration, rooms: Sequence[Room]) -> tuple[RoomUse, ...]:
    """Divides the persons of a private registration over its whole rooms."""
    left = len(registration.persons)
    uses = []
    for room in rooms:
        uses.append(RoomUse(room.id, min(left, room.free_beds)))
        left -= uses[-1].persons
    return tuple(sorted(uses, key=lambda use: use.room))
