"""Hard rule: there is a room allocation for the registration together with all others placed in the unit."""

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rooms.allocation import first_obstacle
from matching.rooms.alone import RoomsAlone
from matching.rules.base import Model, Narrow


class RoomsRule:
    code = "rooms"

    def alone(self, index: Index) -> Narrow:
        return RoomsAlone(index).narrow

    def broken(self, index: Index, registration: Registration, unit: Unit) -> Facts | None:
        together = [registration, *index.fixed_in(unit.id, without=registration.id)]
        reason = first_obstacle(index, unit.id, together)
        return {"persons": len(registration.persons), "reason": reason} if reason else None

    def constrain(self, model: Model) -> None:
        for room in model.index.rooms.values():
            model.share_out(room)
