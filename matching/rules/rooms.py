"""Hard rule: the unit has rooms for the registration together with all others that are placed there."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from matching.format.problem import Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rooms.allocation import first_obstacle
from matching.rooms.pair_feasibility import RoomsAlone
from matching.rules.base import Model, Narrow, Rule, Sentences
from matching.rules.changes import Change, Changes, of_registration

MOST_DAYS = 7  # the largest number of days by which a change may postpone `needed_by`


class RoomsRule(Rule):
    code = "rooms"
    imposed_by = "house"
    waived_by = "nobody"
    source = "rooms"
    sentences: ClassVar[Sentences] = {
        "too_few_beds": "too few free beds for {persons}",
        "too_late": "for {persons} the rooms come free too late",
        "occupied": "for {persons} there is no room in which nobody lives",
        "gender_or_minors": "for {persons} there is no bed with people of the same gender, adult or minor",
        "room_needs": "for {persons} there is no room that has what is needed",
    }
    change_sentences: ClassVar[Sentences] = {
        "needed_by": "if the place is needed by {after} only (now {before})",
        "private_room": "if the client can do without a private room",
        "room_need": "if the client can do without {need} in the room",
    }

    def way(self, facts: Mapping[str, Any]) -> str:
        return str(facts["reason"])

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
