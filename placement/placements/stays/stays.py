"""Stays: arrival, reviews of the length of stay, and end."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of
from placement.core.codes import HoldStatus, MessageKind, RegistrationStatus, StayStatus, Urgency
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.core.reason_codes import BREAKS_OFF, LEFT_UNKNOWN, MOVED_ON, Reason, Step
from placement.core.request_codes import RequestStatus, WithdrawalReason
from placement.core.whereabouts_codes import Lost
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.reasons import reason_for
from placement.lifecycles.machine import carry_out, fitting, require
from placement.lifecycles.moves import RegistrationMove, StayMove
from placement.outbox.announcements import announce_arrival, announce_closing, announce_stay
from placement.placements.holds.holds import claims_of_hold, let_go, limit_of, reopen, take_case_effect
from placement.placements.holds.reserved_places import KEPT
from placement.placements.stays.disappearance import lose_client, lose_persons, search_on
from placement.placements.stays.late_entries import LONGEST, as_of
from placement.placements.stays.place_fit import broken_since_decided, broken_where_lived
from placement.placements.stays.prior_state import StatusReport, remember
from placement.registrations import requests
from placement.registrations.case_rows import require_readable
from placement.registrations.registrations import close_with
from placement.registrations.request_rows import ask_again, end_request
from placement.registrations.searches import not_missing
from placement.storage.bed_claims import claims_of_stay
from placement.tables import BedClaim, Hold, RegisteredPerson, Registration, Stay

NO_SHOW = "no_show"

REVERSIBLE_FOR = timedelta(minutes=30)
"""The time within which a no-show can be reversed."""

MARKS = (2 / 3, 5 / 6, 1)
"""Fractions of the limit at which a stay is reviewed. For three months, these are the days 60, 75 and 90."""
BLOCKED_FOR = timedelta(days=28)
"""The time after which a reported obstacle to leaving must be asked for again (assumed)."""


def confirmed(act: Act, hold_id: str) -> tuple[Hold, Stay]:
    """Returns a locked hold and its stay. Raises `Conflict` if the shelter has not accepted the client."""
    held = scoped_queries.hold_of(act.session, act.actor, hold_id, lock=True)
    stay = act.session.exec(select(Stay).where(Stay.hold_id == held.id)).first()
    if held.status is not HoldStatus.CONFIRMED or stay is None:
        raise Conflict("hold_not_confirmed", status=held.status.value)
    return held, stay


@needs(Permission.HOLD_ARRIVE)
def arrive(act: Act, hold_id: str, happened_at: datetime | None = None) -> Stay:
    """Records the arrival of a client whose hold is confirmed. The days of the stay count from this day. If the client
    arrives early, the beds are claimed from this day too. `happened_at`: the real time of a late entry.
    """
    held, stay = confirmed(act, hold_id)
    act = as_of(act, happened_at, held.answered_at)
    day = day_of(act.when)
    registration = act.session.get_one(Registration, stay.registration_id)
    left = _left_for(act, registration)
    beds = [claim.id for claim in lived_in(act, left)] if left else []
    kept = lived_in(act, stay)
    old = {"left": left and left.id, "left_claims": beds}
    before = remember(act, registration, StatusReport.ARRIVED, kept, lives=left, **old)
    stay.limit_on = limit_of(act, registration, day)
    broken_on_arrival = broken_since_decided(act, registration)
    if left is not None:
        end_stay(act, left, MOVED_ON)
    stay.arrived_at, stay.before = act.when, before
    carry_out(act, stay, StayMove.ARRIVE)
    for claim in claims_of_hold(act, held.id):
        claim.starts_on = min(claim.starts_on, day)
    carry_out(act, registration, fitting(registration, RegistrationMove.PLACE, RegistrationMove.PLACE_ANEW))
    end_request(act, registration, RequestStatus.PLACED)
    announce_arrival(act, held, stay)
    if is_readable(registration.content) and (registration.breaks or broken_on_arrival):
        registration.breaks = sorted(broken_on_arrival.union(registration.breaks))
        act.session.flush()
        broken = {one.rule for one in broken_where_lived(act, registration)}
        registration.breaks = sorted(broken.intersection(registration.breaks))
    return stay


@needs(Permission.STAY_END)
def end(
    act: Act,
    stay_id: str,
    reason: str | None,
    text: str | None = None,
    happened_at: datetime | None = None,
    *,
    persons: Collection[int] = (),
) -> Stay:
    """Ends a stay and frees its beds, today or at the real time of a late entry (`happened_at`).

    If the stay breaks off, the registration is reopened, and a place is sought for tonight. After
    `left_to_unknown_destination` the client is missing. `persons`: the numbers, from 1, of the persons who left to an
    unknown destination while the others stay; the stay then goes on.

    The reason can add an avoidance, which is valid until a user lifts it. `moved_for_safety` adds the location;
    `asked_to_leave` and `wants_to_leave` add the unit.
    """
    stay = scoped_queries.stay_of(act.session, act.actor, stay_id, lock=True)
    require(stay, StayMove.END)
    coded = reason_for(act, Step.END, reason, text)
    if coded.code == NO_SHOW:
        if stay.status is StayStatus.IN_HOUSE:
            raise Conflict("arrived_already")
        raise Invalid.at("reason", "no_show_is_asked")
    act = as_of(act, happened_at, stay.arrived_at if stay.hold_id is None else _begins(act, stay))
    case = act.session.get_one(Registration, stay.registration_id)
    left = _left_alone(case, stay, coded, persons) if persons else []
    if left:
        _free_beds_of(act, stay, left)
        lose_persons(act, case, stay, left)
        return stay
    if stay.status is StayStatus.IN_HOUSE:
        stay.before = remember(act, case, StatusReport.LEFT, lived_in(act, stay), lives=stay)
    end_with(act, stay, coded, text)
    return stay


@needs(Permission.STAY_BLOCK)
def name_blocker(
    act: Act, stay_id: str, reason: str | None, text: str | None = None, *, seen: str | None = None
) -> Stay:
    """Stores the obstacle that prevents the client from leaving at the limit. It replaces an earlier obstacle. The same
    code without text keeps the stored text. `seen`: the code that the actor's page showed (empty: no code). Raises
    `Conflict` if the code has changed since.
    """
    stay = scoped_queries.stay_of(act.session, act.actor, stay_id, lock=True)
    if stay.status is not StayStatus.IN_HOUSE:
        raise Conflict("stay_not_in_house", status=stay.status.value)
    if seen is not None and seen != (stay.blocker or ""):
        raise Conflict("blocked_otherwise", found=stay.blocker or "-")
    code = reason_for(act, Step.BLOCK, reason, text, where="blocker").code
    if text or code != stay.blocker:
        stay.blocker_text = text
    stay.blocker, stay.blocked_on = code, act.day
    audit_log.write(act, Event.STAY_BLOCKED, registration=stay.registration_id, subject=stay.id, reason=stay.blocker)
    return stay


def last_mark(stay: Stay, day: date, began_on: date | None) -> int | None:
    """Returns the last review day that this stay has reached; `None` before the first review day or the arrival.
    `began_on`: the first day of the clock. A stay of three months has the review days 60, 75 and 90; a stay of 30 days
    has 20, 25 and 30.
    """
    if began_on is None:
        return None
    limit = (stay.limit_on - began_on).days
    reached = ((stay.ended_on or day) - began_on).days
    marks = [round(limit * part) for part in MARKS]
    return max((mark for mark in marks if mark <= reached), default=None)


def asked_at_mark(stay: Stay, day: date, began_on: date) -> int | None:
    """Returns the day of the clock since which the obstacle to leaving must be asked for; `None` if this is not due.

    - If no obstacle is stored: the latest review day that the stay has reached.
    - If an obstacle is stored: the limit, or `BLOCKED_FOR` after the last report if that is later.
    """
    if stay.blocker is None:
        return last_mark(stay, day, began_on)
    again_on = asked_next_on(stay, began_on)
    return (again_on - began_on).days if again_on <= day else None


def asked_next_on(stay: Stay, began_on: date) -> date:
    """Returns the date on which the obstacle to leaving must be asked for.

    - If no obstacle is stored: the first review day.
    - If an obstacle is stored: the limit, or `BLOCKED_FOR` after the last report if that is later.
    """
    if stay.blocker is None:
        return began_on + timedelta(days=round((stay.limit_on - began_on).days * MARKS[0]))
    named_on = stay.blocked_on or stay.limit_on  # obstacles that were stored by earlier versions have no day
    later: date = max(named_on + BLOCKED_FOR, stay.limit_on)
    return later


def is_asked_again(stay: Stay, day: date, began_on: date | None) -> bool:
    if stay.status is not StayStatus.IN_HOUSE or stay.blocker is None or began_on is None:
        return False
    return asked_at_mark(stay, day, began_on) is not None


def missed_at(stay: Stay) -> datetime | None:
    """Returns the time at which the no-show was recorded. Returns `None` if there was no no-show, or if the record is
    unreadable.
    """
    said = stay.missed
    if not is_readable(said) or said is None or stay.status is not StayStatus.ENDED:
        return None
    return datetime.fromisoformat(said["at"])


def reversible_until(act: Act, stay: Stay) -> datetime | None:
    """Returns the time until which the no-show can be reversed; `None` if it cannot be reversed."""
    said_at = missed_at(stay)
    return said_at + REVERSIBLE_FOR if said_at is not None and act.at < said_at + REVERSIBLE_FOR else None


def reversible_no_shows(act: Act) -> list[str]:
    """Returns the ids of the visible holds whose no-show can be reversed now."""
    recent = col(Stay.ended_on) >= act.day - LONGEST  # late entries store the real day
    ended = act.session.exec(select(Stay.id).where(recent)).all()
    seen = scoped_queries.stays_of(act.session, act.actor, col(BedClaim.stay_id).in_(ended))
    stays = act.session.exec(seen.where(col(Stay.id).in_(ended)))
    found = [stay for stay in stays if stay.hold_id and reversible_until(act, stay) is not None]
    return [str(stay.hold_id) for stay in sorted(found, key=lambda stay: (missed_at(stay), stay.id))]


def _begins(act: Act, stay: Stay) -> datetime | None:
    """Returns the time of the arrival. Before the arrival, returns the time of the shelter's answer."""
    moment: datetime | None = stay.arrived_at or act.session.get_one(Hold, stay.hold_id).answered_at
    return moment


def _left_alone(case: Registration, stay: Stay, coded: Reason, numbers: Collection[int]) -> list[RegisteredPerson]:
    """Returns the persons with these numbers, who left while others of the household stay. Returns an empty list if
    nobody else of the household is present. Raises `Invalid` for wrong numbers, or for a reason that allows no numbers.
    Raises `Conflict` if the client does not live there.
    """
    if coded.code != LEFT_UNKNOWN:
        raise Invalid.at("persons", "persons_of_missing_only", reason=coded.code)
    require(stay, StayMove.END)
    if stay.status is not StayStatus.IN_HOUSE:
        raise Conflict("stay_not_in_house", status=stay.status.value)
    require_readable(case)
    if not set(numbers) <= set(range(1, len(case.persons) + 1)):
        raise Invalid.at("persons", "person_unknown", persons=len(case.persons))
    there = not_missing(case)
    left = [case.persons[number - 1] for number in sorted(set(numbers))]
    if any(person not in there for person in left):
        raise Conflict("person_missing_already")
    return [] if len(left) == len(there) else left


def _free_beds_of(act: Act, stay: Stay, persons: Collection[RegisteredPerson]) -> None:
    """Frees the beds of these persons. In rooms that the household shares with nobody, the beds remain claimed by the
    household.
    """
    left = {person.id for person in persons}
    for claim in lived_in(act, stay):
        if claim.person_id in left and claim.whole_room:
            claim.person_id = None
        elif claim.person_id in left:
            claim.ends_on = max(claim.starts_on, day_of(act.when))
    act.session.flush()


def end_with(
    act: Act,
    stay: Stay,
    coded: Reason,
    text: str | None = None,
    *,
    lost: Lost | None = None,
    wants_place: bool = True,
    **facts: str,
) -> None:
    """Ends a stay for this reason, with all consequences. If the client is already missing, only the stay ends, and the
    search continues. `lost`: how a client who cannot be found went missing. `wants_place`: true if the
    client still wants a place after the stay broke off. `facts`: additional facts of the audit event.
    """
    planned = stay.status is StayStatus.PLANNED
    end_stay(act, stay, coded.code, text, **facts)
    registration = act.session.get_one(Registration, stay.registration_id)
    if registration.status is RegistrationStatus.MISSING:
        return
    lost = Lost.LEFT if coded.code == LEFT_UNKNOWN else lost
    if lost is not None:
        _give_back_kept(act, registration, coded.code)
        lose_client(act, registration, stay, lost)
    elif coded.code not in BREAKS_OFF or not wants_place:
        _close_or_stay_on(act, registration, coded.code, planned=planned)
    else:
        _seek_again(act, registration, stay, coded, planned=planned)
    if coded.code in BREAKS_OFF:
        announce_stay(act, MessageKind.NO_SHOW if coded.code == NO_SHOW else MessageKind.STAY_BROKEN_OFF, stay)


def _seek_again(act: Act, registration: Registration, stay: Stay, coded: Reason, *, planned: bool) -> None:
    take_case_effect(act, registration, stay.unit_id, coded)
    if not planned:  # the client lost the bed today
        registration.urgency, registration.needed_by = Urgency.TONIGHT, act.day
        registration.place_lost_at = act.at
        ask_again(registration)
    if planned or not registration.status.is_moving:
        reopen(act, registration, why=coded.code)
    else:
        lost = fitting(registration, RegistrationMove.LOSE_PLACE, RegistrationMove.LOSE_PLACE_HELD)
        carry_out(act, registration, lost, why=coded.code)


def lived_in(act: Act, stay: Stay) -> list[BedClaim]:
    """Returns the current claims on the beds of a stay. The claim of a person who left is not current."""
    return [claim for claim in claims_of(act, stay) if claim.ends_on is None and not claim.cancelled]


def claims_of(act: Act, stay: Stay) -> list[BedClaim]:
    """Returns all claims of a stay, including cancelled and ended claims."""
    return claims_of_hold(act, stay.hold_id) if stay.hold_id else claims_of_stay(act.session, stay.id)


def end_stay(act: Act, stay: Stay, reason: str, text: str | None = None, **facts: str) -> None:
    """Ends a stay today, together with its claims on beds. If the client never arrived, cancels these claims."""
    planned = stay.status is StayStatus.PLANNED
    day = day_of(act.when)
    stay.ended_on, stay.end_reason, stay.end_text = day, reason, text
    carry_out(act, stay, StayMove.END, reason=reason, **facts)
    for claim in claims_of(act, stay) if planned else lived_in(act, stay):
        if planned:
            claim.cancelled = True
        else:
            claim.ends_on = max(claim.starts_on, day)
    act.session.flush()


def _left_for(act: Act, registration: Registration) -> Stay | None:
    """Returns the stay that a moving client ends by arriving at the next place; `None` if no next place was
    confirmed.
    """
    if registration.status is not RegistrationStatus.MOVE_HELD:
        return None
    old = select(Stay).where(Stay.registration_id == registration.id, Stay.status == StayStatus.IN_HOUSE)
    return act.session.exec(old).one()


def _close_or_stay_on(act: Act, registration: Registration, reason: str, *, planned: bool) -> None:
    """Closes the case after its stay ended for good, and releases a bed that is kept in another place. A moving client
    who did not reach the new place stays in the old place. While a person of the household is missing, the case stays
    open.
    """
    if planned and registration.status.is_moving:
        requests.stay_on(act, registration, WithdrawalReason.GIVEN_UP)
        return
    were_told = _give_back_kept(act, registration, reason)
    if registration.open_searches:
        search_on(act, registration)
        return
    if not were_told:
        announce_closing(act, registration)
    close_with(act, registration, reason)


def _give_back_kept(act: Act, registration: Registration, reason: str) -> bool:
    """Releases the bed that is kept for a moving client. Returns whether a bed was kept."""
    if registration.status is not RegistrationStatus.MOVE_HELD:
        return False
    planned_at = select(Stay.hold_id).where(Stay.registration_id == registration.id, Stay.status == StayStatus.PLANNED)
    kept = col(Hold.status).in_(KEPT) | col(Hold.id).in_(planned_at)
    held = act.session.exec(select(Hold).where(Hold.registration_id == registration.id, kept)).first()
    if held is None:
        return False
    let_go(act, held, reason)
    return True
