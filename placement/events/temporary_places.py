"""Temporary places of an event, such as a hotel for some weeks. A single form makes the shelter with its rooms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from placement.access.fresh_factor import require_fresh
from placement.access.permissions import Permission, needs
from placement.accounts.shelter_telephones import enter_first
from placement.capacity.corrections import FURTHEST_FREE
from placement.capacity.report import RoomInput
from placement.core.codes import Gender, Scheme
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.core.telephone_codes import TelephoneUse
from placement.events.events import event_of, replace_content, require_live
from placement.placements.holds import telephone_entries
from placement.placements.holds.telephone_entries import Call
from placement.registrations.case import PointInput
from placement.shelters import register
from placement.tables import Shelter

MOST_ROOMS = 200
"""The largest number of rooms of a temporary place (assumed)."""
_ADULT, _CHILD, _BOY = 18, 17, 17


@dataclass(frozen=True, slots=True)
class RoomsInput:
    """Rooms of a kind: the number of rooms, and the number of beds in each room."""

    rooms: int
    beds: int


@dataclass(frozen=True, slots=True)
class TemporaryPlace:
    """The facts of a temporary place, as a person typed them. `told_role`, `told_name`: the person at the place who
    confirmed by telephone, on the given number, that all these beds are free.
    """

    name: str
    where: str
    telephone: str
    from_on: date
    until: date
    rooms: Sequence[RoomsInput]
    told_role: str
    told_name: str
    admits: Sequence[Gender] = field(default=(Gender.FEMALE, Gender.MALE, Gender.OTHER))
    children: bool = True
    scheme: Scheme = Scheme.CRISIS


@needs(Permission.EVENT_CHANGE)
def make_place(act: Act, event_id: str, given: TemporaryPlace) -> Shelter:
    """Makes a shelter that works by telephone, with a location, a unit, its rooms and its first count.

    Until `from_on`, its beds count as beds that become free later, so that a plan can already use them. Proposals show
    the last day of the place.

    The actor needs a fresh second factor, because the telephone number is trusted at once: an acceptance by telephone
    reserves a bed. Two persons must type the address. It is shown only after another person called the place back.
    Raises `Invalid` with all wrong fields.
    """
    require_fresh(act)
    event = event_of(act, event_id, lock=True)
    require_live(event)
    _require_sense(act, given)
    provider = register.make_provider(act, given.name)
    made = register.make_shelter(act, provider.id, given.name, open_until=given.until)
    numbers = {TelephoneUse.PLACING: given.telephone}
    enter_first(act, made, numbers, is_new=True, trusted=True)
    register.change_shelter(act, made.id, made.version, {"works_by_telephone": True})
    location = register.make_location(act, made.id, given.name, PointInput(place=given.where), open_until=given.until)
    profile = _profile(given)
    unit = register.make_unit(act, location.id, given.name, given.scheme, open_until=given.until, profile=profile)
    beds = [kind.beds for kind in given.rooms for _ in range(kind.rooms)]
    rooms = [
        register.make_room(act, unit.id, str(number), count, open_until=given.until)
        for number, count in enumerate(beds, start=1)
    ]
    act.session.flush()
    free_from = given.from_on if given.from_on > act.day else None
    call = Call(TelephoneUse.PLACING, given.told_role, given.told_name)
    telephone_entries.enter_count(act, made.id, call, [RoomInput(room.id, free_from=free_from) for room in rooms])
    shelters = [*event.content.shelters, made.id]
    replace_content(act, event, event.content.model_copy(update={"shelters": shelters}))
    return made


def _profile(given: TemporaryPlace) -> Mapping[str, object]:
    """Returns the unit's profile. It admits adults of these genders, and interpreters cover every language."""
    with_children = {"children_max_age": _CHILD, "boys_max_age": _BOY} if given.children else {}
    return {
        "admits": list(given.admits),
        "min_age": _ADULT,
        "languages": ["nl", "en"],
        "interpreter_languages": ["*"],
        **with_children,
    }


def _require_sense(act: Act, given: TemporaryPlace) -> None:
    faults = []
    if not 0 < sum(kind.rooms for kind in given.rooms) <= MOST_ROOMS:
        faults.append(Fault("rooms", "too_many_rooms", {"most": MOST_ROOMS}))
    if not act.day <= given.from_on <= act.day + FURTHEST_FREE:
        furthest = act.day + FURTHEST_FREE
        faults.append(
            Fault(
                "from_on", "free_too_far_ahead", {"found": given.from_on.isoformat(), "furthest": furthest.isoformat()}
            )
        )
    if given.until < given.from_on + timedelta(days=1):
        faults.append(Fault("until", "day_not_ahead"))
    if not given.admits:
        faults.append(Fault("admits", "missing"))
    if faults:
        raise Invalid(faults)
