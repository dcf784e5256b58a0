"""The client data that a shelter needs to answer a hold and give care. The shelter sees no other data of the client,
and sees this data only while it needs the data.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter

from sqlmodel import col, select

from placement.access import case_access
from placement.core.codes import HoldStatus, StayStatus
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.placements.decisions import provisional_status
from placement.placements.decisions.provisional_status import NOTHING_SAID, ProvisionalStatus
from placement.placements.holds.arrival_details import first_day, offered_times
from placement.placements.holds.handover_notes import NOTHING_TOLD, HandoverNotes, told_of
from placement.placements.stays.stays import reversible_until
from placement.registrations.household import age_on, housed_as
from placement.storage.bed_claims import claims_of_holds
from placement.tables import Bed, Hold, Registration, Room, Stay
from placement.tables.facts import FactsForShelter

_FOR_SHELTER = set(FactsForShelter.model_fields)


@dataclass(frozen=True, slots=True)
class HoldFacts:
    rooms: list[tuple[str, str, int, int]]
    """Id, name, number of beds and number of persons of each room. A room that the household does not share can have
    more beds than persons.
    """
    persons: list[tuple[str, int | None, str | None]]
    """Gender for placement, age, and presumed age group of each person. The age group is set if the age is unknown."""
    languages: list[str]
    client: FactsForShelter
    stay: str | None
    end_reason: str | None
    """The reason why the stay ended, also if it ended before the arrival."""
    needed: bool
    """True while the beds are requested or lived in. If false, the facts contain no client data and no contacts."""
    told: HandoverNotes = NOTHING_TOLD
    """Notes of the decision. They contain free text only if the actor may open the case. They contain the telephone
    number for the journey only until the arrival, and never for an API key.
    """
    offered_times: Sequence[datetime] = ()
    """Arrival times to choose from, until the client has arrived."""
    afterwards: ProvisionalStatus = NOTHING_SAID
    """The desk's later answer, if the beds were requested under a standing mandate; otherwise empty."""
    reversible_until: datetime | None = None
    """The time until which the no-show can be reversed."""


def facts_of_holds(act: Act, holds: Sequence[Hold]) -> dict[str, HoldFacts]:
    """Returns the facts of each hold, by the hold's id. The number of queries does not grow with the number of
    holds.
    """
    ids = [held.id for held in holds]
    stays = {stay.hold_id: stay for stay in act.session.exec(select(Stay).where(col(Stay.hold_id).in_(ids)))}
    needed = [held for held in holds if _is_needed(held, stays.get(held.id))]
    cases = [held.registration_id for held in needed]
    of_cases = select(Registration).where(col(Registration.id).in_(cases))
    registrations = {one.id: one for one in act.session.exec(of_cases) if is_readable(one.content)}
    needed = [held for held in needed if held.registration_id in registrations]  # the desk has a task for the others
    rooms = _rooms(act, [held.id for held in needed])
    closed = _closed(act, needed, registrations)
    afterwards = provisional_status.of_holds(act, ids)
    found = {}
    for held in holds:
        stay = stays.get(held.id)
        stay_id, end_reason = (stay.id, stay.end_reason) if stay else (None, None)
        if held not in needed:
            until = None if stay is None else reversible_until(act, stay)
            none = HoldFacts([], [], [], FactsForShelter(), stay_id, end_reason, needed=False)
            found[held.id] = replace(none, reversible_until=until, afterwards=afterwards.get(held.id, NOTHING_SAID))
            continue
        registration = registrations[held.registration_id]
        awaited = held.status is not HoldStatus.RESERVED and (stay is None or stay.status is StayStatus.PLANNED)
        found[held.id] = HoldFacts(
            rooms[held.id],
            [(housed_as(person).value, age_on(person, act.day), person.presumed) for person in registration.persons],
            [spoken.code for spoken in registration.languages],
            FactsForShelter(**registration.facts(_FOR_SHELTER)),
            stay_id,
            end_reason,
            needed=True,
            told=_told(act, held, awaited=awaited, opened=held.registration_id not in closed),
            offered_times=offered_times(act, first_day(registration, held)) if awaited else (),
            afterwards=afterwards.get(held.id, NOTHING_SAID),
        )
    return found


def _closed(act: Act, holds: Sequence[Hold], registrations: Mapping[str, Registration]) -> set[str]:
    """Returns the cases that this actor may open only with a reason. Checks only cases of holds with free text."""
    worded = {held.registration_id for held in holds if told_of(held) != told_of(held).without_words()}
    return case_access.closed_among(act.session, act.actor, [registrations[one] for one in worded])


def _told(act: Act, held: Hold, *, awaited: bool, opened: bool) -> HandoverNotes:
    told = told_of(held) if opened else told_of(held).without_words()
    return told if awaited and act.actor.session_id is not None else replace(told, road_telephone=None)


def _rooms(act: Act, hold_ids: Sequence[str]) -> dict[str, list[tuple[str, str, int, int]]]:
    claims = claims_of_holds(act.session, hold_ids)
    lasting = {claim.hold_id for claim in claims if claim.ends_on is None}  # the claim of a person who left has an end
    claims = [claim for claim in claims if claim.ends_on is None or claim.hold_id not in lasting]
    query = select(Bed, Room).join(Room).where(col(Bed.id).in_({claim.bed_id for claim in claims}))
    room_of = {bed.id: room for bed, room in act.session.exec(query)}
    names = {room.id: room.name for room in room_of.values()}
    beds = Counter((claim.hold_id, room_of[claim.bed_id].id) for claim in claims)
    persons = Counter((claim.hold_id, room_of[claim.bed_id].id) for claim in claims if claim.person_id is not None)
    found: defaultdict[str, list[tuple[str, str, int, int]]] = defaultdict(list)
    for hold_id, room in sorted(beds, key=itemgetter(1)):
        found[str(hold_id)].append((room, names[room], beds[hold_id, room], persons[hold_id, room]))
    return found


def _is_needed(held: Hold, stay: Stay | None) -> bool:
    """Checks whether the shelter still needs the client's data, because its beds are requested or lived in."""
    if held.status in {HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER}:
        return True
    return held.status is HoldStatus.CONFIRMED and stay is not None and stay.status is not StayStatus.ENDED
