"""The rooms of a unit with the least waste for a registration, within a number of steps.

Shared beds are chosen room by room. The number of steps doubles with each needed feature.
"""

from collections.abc import Iterable, Sequence

from matching.format.problem import Registration, Unit
from matching.format.solution import RoomUse
from matching.index import Index
from matching.objective import Valuation
from matching.rooms.spaces import Space, split, usable, whole_rooms
from matching.work import Work


def cheapest_within(
    index: Index, valuation: Valuation, registration: Registration, unit: Unit, spaces: Iterable[Space], *, work: Work
) -> tuple[RoomUse, ...] | None:
    """Returns the rooms with the least waste; `None` if impossible. Raises OutOfSteps if `work` is used up."""
    rooms = usable(index, registration, spaces)
    if registration.is_private:
        whole = whole_rooms(registration, rooms)
        if not whole:
            return None
        return split(registration, min(whole, key=lambda taken: valuation.private_waste(registration, unit, taken)))
    return shared_beds(valuation, registration, unit, rooms, work, sign=1)


def shared_beds(
    valuation: Valuation, registration: Registration, unit: Unit, spaces: Sequence[Space], work: Work, *, sign: int
) -> tuple[RoomUse, ...] | None:
    """Returns the shared beds with the least waste (`sign` 1) or the most waste (`sign` -1); `None` if impossible. Of
    equal choices, returns the first by id. Raises OutOfSteps.

    Dynamic programming over the rooms. A state is the number of persons without a bed, and the room needs not yet met.
    """
    extra_room = valuation.policy.extra_room
    start = (len(registration.persons), frozenset(registration.room_needs))
    states: dict[tuple[int, frozenset[str]], tuple[int, tuple[RoomUse, ...]]] = {start: (0, ())}
    for space in spaces:
        cost = valuation.bed_cost(registration, unit, space.room)
        grown = dict(states)
        work.spend(sum(min(left, space.beds) for left, _ in states))
        for (left, missing), (waste, uses) in states.items():
            still = missing - set(space.room.features)
            for persons in range(1, min(left, space.beds) + 1):
                total = waste + sign * (persons * cost + extra_room)
                state = (left - persons, still)
                if state not in grown or total < grown[state][0]:
                    grown[state] = (total, (*uses, RoomUse(space.room.id, persons)))
        states = grown
    done = states.get((0, frozenset()))
    return None if done is None else done[1]
