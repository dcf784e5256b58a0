"""The sentence about what a form has done. The next page shows it, with a button that reverses the act."""

from dataclasses import dataclass, field

from api.v1.capacity import RoomOut
from api.v1.decisions import DecisionOut
from api.v1.holds import HoldOut
from api.v1.stays import StayOut
from api.v1.telephone_entries import TelephoneEntriesOut, TelephoneEntryOut
from placement.core.codes import DecisionStatus, HoldStatus
from placement.core.reason_codes import BREAKS_OFF, LEFT_UNKNOWN, TAKES_UNTIL, Effect, find_reason
from placement.registrations.case_handles import handle_of

CODES = (
    "arrived",
    "left",
    "left_seeks",
    "left_missing",
    "left_partly",
    "missed",
    "confirmed",
    "refused",
    "refused_closes",
    "chosen",
    "chosen_waits",
    "rooms_changed",
    "rooms_as_shown",
    "rooms_entered",
    "agreed",
    "not_agreed",
    "reviewed",
    "entry_agreed",
    "entry_contradicted",
    "entry_settled",
    "entries_read_back",
)
_WAITS = {DecisionStatus.WAITING_FOR_DESK, DecisionStatus.WAITING_FOR_SECOND, DecisionStatus.WAITING_FOR_SHELTER}
_CLOSES_ROOMS = {Effect.CORRECT_COUNT, *TAKES_UNTIL}
_REPORTED = {"out_of_service", "used_by_others", "free_from"}


@dataclass(frozen=True, slots=True)
class Done:
    """A sentence about an act. `code`: its id in the catalogue. `back`: the address that reverses the act."""

    code: str
    facts: dict[str, str] = field(default_factory=dict)
    back: str = ""


def arrived(stay: StayOut) -> Done:
    back = f"/holds/{stay.hold}/arrival/reversal" if stay.arrival_reversible_until else ""
    rooms = ", ".join(room.name for room in stay.rooms)
    return Done("arrived", {"case": handle_of(stay.registration), "place": stay.place, "rooms": rooms}, back)


def left(stay: StayOut) -> Done:
    """Returns the sentence for a departure, with what happens to the case. If only some persons left, the stay has not
    ended.
    """
    if stay.ended_on is None:
        return Done("left_partly", {"case": handle_of(stay.registration), "place": stay.place})
    back = f"/stays/{stay.id}/end/reversal" if stay.end_reversible_until else ""
    after = {LEFT_UNKNOWN: "left_missing", **dict.fromkeys(BREAKS_OFF, "left_seeks")}
    code = after.get(stay.end_reason or "", "left")
    return Done(code, {"case": handle_of(stay.registration), "place": stay.place}, back)


def missed(hold: HoldOut) -> Done:
    back = f"/holds/{hold.id}/no-show/reversal" if hold.no_show_until else ""
    return Done("missed", {"case": handle_of(hold.registration), "place": hold.place}, back)


def answered(hold: HoldOut) -> Done:
    """Returns the sentence for a shelter's answer. For some reasons of a refusal, it also names the closed rooms."""
    reason = find_reason(hold.reason or "")
    closes = "refused_closes" if reason and reason.effect in _CLOSES_ROOMS else "refused"
    code = "confirmed" if hold.status == HoldStatus.CONFIRMED else closes
    return Done(code, {"case": handle_of(hold.registration), "place": hold.place})


def decided(made: DecisionOut) -> Done | None:
    """Returns the sentence for a decision; `None` if no place was chosen."""
    if made.place is None:
        return None
    facts = {"case": handle_of(made.registration), "place": made.place}
    return Done("chosen_waits" if made.status in _WAITS else "chosen", facts)


def desk_answered(made: DecisionOut) -> Done:
    return _of_decision(made, "not_agreed" if made.status == DecisionStatus.REFUSED else "agreed")


def reviewed(made: DecisionOut) -> Done:
    return _of_decision(made, "reviewed")


def _of_decision(made: DecisionOut, code: str) -> Done:
    return Done(code, {"case": handle_of(made.registration), "place": made.place or ""})


def entry_answered(entry: TelephoneEntryOut) -> Done:
    return Done("entry_contradicted" if entry.contradicted_at and not entry.settled_at else "entry_agreed")


def entry_settled(_: TelephoneEntryOut) -> Done:
    return Done("entry_settled")


def read_back(_: TelephoneEntriesOut) -> Done:
    return Done("entries_read_back")


def reported(before: list[RoomOut], after: list[RoomOut], code: str = "rooms_changed") -> Done:
    """Returns the sentence that names the changed rooms, or `rooms_as_shown` if no room changed. `code`: the id of the
    sentence. The sentence `rooms_changed` also names the part of the page with the full rooms.
    """
    known = {room.room: room.model_dump(include=_REPORTED) for room in before}
    changed = [room for room in after if room.model_dump(include=_REPORTED) != known.get(room.room)]
    names = ", ".join(f"{room.name} ({room.unit_name})" for room in changed)
    return Done(code, {"rooms": names}) if names else Done("rooms_as_shown")
