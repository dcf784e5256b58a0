"""Hard rule: there is a room allocation for the registration together with all others placed in the unit."""

from datetime import timedelta

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rooms.allocation import first_obstacle
from matching.rooms.alone import RoomsAlone
from matching.rules.base import Model, Narrow, Rule
from matching.rules.changes import Change, Changes, of_registration

MOST_DAYS = 7  # largest change of the day by which a place is needed


class RoomsRule(Rule):
    code = "rooms"
    imposed_by = "house"
    waived_by = "nobody"
    source = "rooms"

    def alone(self, index: Index) -> Narrow:
        return RoomsAlone(index).narrow

    def broken(self, index: Index, registration: Registration, unit: Unit) -> Facts | None:
        together = [registration, *index.fixed_in(unit.id, without=registration.id)]
        reason = first_obstacle(index, unit.id, together)
        return {"persons": len(registration.persons), "reason": reason} if reason else None

    def constrain(self, model: Model) -> None:
        for room in model.index.rooms.values():
            model.share_out(room)

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        before = index.needed_by(registration)
        days = {room.free_from for room in index.rooms_of[unit.id]}
        for day in sorted(day for day in days if before < day <= before + timedelta(days=MOST_DAYS)):
            facts: Facts = {"before": before.isoformat(), "after": day.isoformat()}
            change = Change(self.code, "needed_by", "registrant", facts)
            yield change, of_registration(index, registration, needed_by=day)
        if registration.private_room:
            change = Change(self.code, "private_room", "client", {"before": True, "after": False})
            yield change, of_registration(index, registration, private_room=False)
        for need in sorted(set(registration.room_needs)):
            others = tuple(code for code in registration.room_needs if code != need)
            yield (
                Change(self.code, "room_need", "client", {"need": need}),
                of_registration(index, registration, room_needs=others),
            )
