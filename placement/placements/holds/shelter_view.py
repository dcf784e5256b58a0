"""The data of a client that a shelter sees to answer a hold and give care: the minimum, no longer than needed."""

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
    """Room, its name, beds, persons: more beds than persons where a household has the room for itself."""
    persons: list[tuple[str, int | None, str | None]]
    """The gender by which a place was sought, and the age, or what the person is taken for where it is not known."""
    languages: list[str]
    client: FactsForShelter
    stay: str | None
    end_reason: str | None
    """Why the stay ended, if it did: also before the client arrived."""
    needed: bool
    """Whether the beds are asked for or lived in: else it contains nothing about the client, and nobody is rung."""
    told: HandoverNotes = NOTHING_TOLD
    """What was said with the decision: its free words where the case is open to the actor; the number for the road
    until the arrival, and never to a key.
    """
    offered_times: Sequence[datetime] = ()
    """Moments of arrival to choose from, until the client is there."""
    afterwards: ProvisionalStatus = NOTHING_SAID
    """Where it was asked for under a standing mandate, what the desk says of it afterwards."""
    reversible_until: datetime | None = None
    """Until when it can be taken back that the client did not come."""


def facts_of_holds(act: Act, holds: Sequence[Hold]) -> dict[str, HoldFacts]:
    """The facts of each of these holds, in as many queries as for one."""
    ids = [held.id for held in holds]
    stays = {stay.hold_id: stay for stay in act.session.exec(select(Stay).where(col(Stay.hold_id).in_(ids)))}
    needed = [held for held in holds if _is_needed(held, stays.get(held.id))]
    cases = [held.registration_id for held in needed]
    of_cases = select(Registration).where(col(Registration.id).in_(cases))
    registrations = {one.id: one for one in act.session.exec(of_cases) if is_readable(one.content)}
    needed = [held for held in needed if held.registration_id in registrations]  # else its case is a task of the desk
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
    """The cases of holds with free words that this actor opens only with a reason."""
    worded = {held.registration_id for held in holds if told_of(held) != told_of(held).without_words()}
    return case_access.closed_among(act.session, act.actor, [registrations[one] for one in worded])


def _told(act: Act, held: Hold, *, awaited: bool, opened: bool) -> HandoverNotes:
    told = told_of(held) if opened else told_of(held).without_words()
    return told if awaited and act.actor.session_id is not None else replace(told, road_telephone=None)


def _rooms(act: Act, hold_ids: Sequence[str]) -> dict[str, list[tuple[str, str, int, int]]]:
    claims = claims_of_holds(act.session, hold_ids)
    lasting = {claim.hold_id for claim in claims if claim.ends_on is None}  # of these, without the beds of who left
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
    """Whether the data is needed: for a bed that is asked for, or that the client lives in; not after that."""
    if held.status in {HoldStatus.RESERVED, HoldStatus.WAITING_FOR_SHELTER}:
        return True
    return held.status is HoldStatus.CONFIRMED and stay is not None and stay.status is not StayStatus.ENDED
