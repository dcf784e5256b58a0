"""Searches for missing clients: who was informed, when to look for the client again, and how the search ends."""

from dataclasses import dataclass

from sqlmodel import select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity import place_names
from placement.core.codes import RegistrationStatus, StayStatus, Urgency
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, existing
from placement.core.reason_codes import LEFT_UNKNOWN, Step
from placement.core.request_codes import RequestKind
from placement.core.whereabouts_codes import Informed, Lost, SearchEnd
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.reasons import reason_for
from placement.lifecycles.machine import carry_out
from placement.lifecycles.moves import RegistrationMove
from placement.outbox.announcements import announce_search_ended
from placement.placements.holds import arrivals
from placement.placements.holds.handover_notes import told_of
from placement.placements.moves.household_beds import give_bed
from placement.placements.stays import same_bed, stays
from placement.placements.stays.place_fit import ROOMS, places_of
from placement.placements.stays.stay_clock import began_on
from placement.registrations import request_rows
from placement.registrations.case_rows import require_readable
from placement.registrations.registrations import close_with
from placement.registrations.searches import (
    change_search,
    end_search,
    is_for_minor,
    next_look,
    not_yet_informed,
)
from placement.second_person.persons import require_another, require_second_person
from placement.storage.locks import lock_shelter_of_unit
from placement.tables import Hold, Registration, Request, Search, Stay, StopAsked, WhoKnows

SAFE_ELSEWHERE = "safe_elsewhere"
"""The reason of a closed case if the client was found and wants no place."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A search in the form that pages show. `number`: the position of the search among the searches of the
    registration, from 1. `lacking`: groups of which nobody has been informed yet. `place`: the name of the place that
    the client left or did not reach.
    """

    number: int
    search: Search
    is_minor: bool
    lacking: tuple[tuple[Informed, ...], ...]
    unit: str | None
    place: str | None
    road_telephone: str | None
    """The telephone number for the journey, if the client did not arrive."""
    is_bed_free: bool
    """True if the client could return to the bed that was left."""
    clock: tuple[int, int] | None
    """The day of the stay's clock on which the client left, and the number of days until the limit."""


@needs(Permission.WHEREABOUTS_READ)
def searches_of(act: Act, registration_id: str) -> tuple[Registration, list[Whereabouts]]:
    """Returns a registration and its searches, earliest first."""
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id)
    require_readable(registration)
    audit_log.write(act, Event.WHEREABOUTS_READ, registration=registration.id, found=len(registration.searches))
    return registration, shown_of(act, registration)


def shown_of(act: Act, registration: Registration) -> list[Whereabouts]:
    """Returns the searches of a registration. Writes no audit event, because the caller has just read or changed the
    registration.
    """
    return [_shown(act, registration, number, one) for number, one in enumerate(registration.searches, start=1)]


@needs(Permission.WHEREABOUTS_RECORD)
def inform(act: Act, registration_id: str, number: int, who: Informed, text: str | None = None) -> Registration:
    """Records that `who`, such as the police, was informed, with a note. Sets the next time at which to look for the
    client. The task remains.
    """
    registration, search = _open_search(act, registration_id, number)
    known = WhoKnows(who=who, at=act.at, by=act.actor.id, text=(text or "").strip() or None)
    change_search(registration, search, informed=[*search.informed, known], look_at=next_look(act, search))
    audit_log.write(act, Event.CLIENT_INFORMED, registration=registration.id, subject=search.id, kind=who.value)
    return registration


@needs(Permission.WHEREABOUTS_RECORD)
def look_again(act: Act, registration_id: str, number: int) -> Registration:
    """Records that looking for the client had no result. Sets the next time at which to look for the client."""
    registration, search = _open_search(act, registration_id, number)
    change_search(registration, search, look_at=next_look(act, search))
    audit_log.write(act, Event.CLIENT_LOOKED_FOR, registration=registration.id, subject=search.id)
    return registration


@needs(Permission.WHEREABOUTS_RECORD)
def come_back(act: Act, registration_id: str, number: int) -> Registration:
    """Records that the client returned. If the former bed is free and fits, the stay continues there; otherwise a place
    is sought for tonight. If only some persons were missing, each person who returns gets a free bed in the household's
    rooms.
    """
    _lock_place(act, registration_id, number)
    registration, search = _open_search(act, registration_id, number)
    search = _end(act, registration, search, SearchEnd.RETURNED)
    stay = act.session.get_one(Stay, search.stay)
    if registration.status is not RegistrationStatus.MISSING:
        _seat_again(act, registration)
    elif not (
        _has_bed(act, registration)
        or _expected(act, registration, search, stay)
        or _back_in_bed(act, registration, search, stay)
    ):
        _seek(act, registration)
    announce_search_ended(act, stay, search.said_at)
    return registration


@needs(Permission.WHEREABOUTS_RECORD)
def find(act: Act, registration_id: str, number: int, where: str | None, *, wants_place: bool | None) -> Registration:
    """Records the place (`where`) in which the client was found. `wants_place` is required if the client has no place.
    If it is true, a place is sought. If it is false, the case is closed; for a minor, a second person must first agree.
    """
    registration, search = _open_search(act, registration_id, number)
    said = (where or "").strip()
    if not said:
        raise Invalid.at("where", "where_missing")
    if registration.status is not RegistrationStatus.MISSING:
        _end_and_announce(act, registration, search, SearchEnd.FOUND, said)
        return registration
    if wants_place is None:
        raise Invalid.at("wants_place", "wants_place_missing")
    if not wants_place:
        _stop(act, registration, search, _asked(act, SearchEnd.FOUND, SAFE_ELSEWHERE, said))
        return registration
    _end_and_announce(act, registration, search, SearchEnd.FOUND, said)
    if not _has_bed(act, registration):
        _seek(act, registration)
    return registration


@needs(Permission.WHEREABOUTS_CLOSE)
def stop(act: Act, registration_id: str, number: int, reason: str | None, text: str | None = None) -> Registration:
    """Ends the search for a coded reason, and closes the case if the client has no place. For a minor, it requests the
    agreement of a second person, and the search continues until that person agrees.
    """
    registration, search = _open_search(act, registration_id, number)
    coded = reason_for(act, Step.MISSING, reason, text)
    _stop(act, registration, search, _asked(act, SearchEnd.CLOSED, coded.code, (text or "").strip() or None))
    return registration


@needs(Permission.WHEREABOUTS_ANSWER)
def answer_stop(act: Act, registration_id: str, number: int, *, granted: bool) -> Registration:
    """Grants or refuses a request to end the search for a minor. Only a second person can grant it. After a refusal the
    search continues; a refusal is possible even if the requester has left the organisation.
    """
    registration, search = _open_search(act, registration_id, number)
    asked = search.stop_asked
    if asked is None:
        raise Conflict("search_end_not_asked")
    if granted:
        require_second_person(act, asked.by, asked, Permission.WHEREABOUTS_CLOSE)
        _finish(act, registration, search, asked)
    else:
        require_another(act, asked.by, asked)
        change_search(registration, search, stop_asked=None)
        audit_log.write(act, Event.SEARCH_CLOSING_REFUSED, registration=registration.id, subject=search.id)
    return registration


def _open_search(act: Act, registration_id: str, number: int) -> tuple[Registration, Search]:
    """Returns the locked case and its search. Raises `NotFound` if there is no such search, and `Conflict` if the
    search has ended.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    require_readable(registration)
    search = existing(dict(enumerate(registration.searches, start=1)).get(number))
    if search.end is not None:
        raise Conflict("search_ended", end=search.end.value)
    return registration, search


def _lock_place(act: Act, registration_id: str, number: int) -> None:
    """Locks the shelters of the bed that was left and of the household's places. Called before the case is locked,
    because every act on beds locks shelters before cases.
    """
    known = scoped_queries.registration_of(act.session, act.actor, registration_id)
    search = dict(enumerate(known.known("searches") or (), start=1)).get(number)
    places = [act.session.get_one(Stay, search.stay), *(one.row for one in places_of(act, known))] if search else []
    lock_shelter_of_unit(act.session, *(one.unit_id for one in places if is_readable(one.unit_id)))


def _end(act: Act, registration: Registration, search: Search, end: SearchEnd, where: str | None = None) -> Search:
    ended = end_search(act, registration, search, end, where)
    audit_log.write(act, Event.SEARCH_ENDED, registration=registration.id, subject=search.id, kind=end.value)
    return ended


def _end_and_announce(
    act: Act, registration: Registration, search: Search, end: SearchEnd, where: str | None = None
) -> None:
    _end(act, registration, search, end, where)
    announce_search_ended(act, act.session.get_one(Stay, search.stay), search.said_at)


def _asked(act: Act, end: SearchEnd, reason: str, text: str | None) -> StopAsked:
    return StopAsked(by=act.actor.id, at=act.at, browser=act.actor.browser, end=end, reason=reason, text=text)


def _stop(act: Act, registration: Registration, search: Search, asked: StopAsked) -> None:
    if not is_for_minor(search):
        _finish(act, registration, search, asked)
        return
    if search.stop_asked is not None:
        raise Conflict("search_end_asked")
    change_search(registration, search, stop_asked=asked)
    what = {"subject": search.id, "reason": asked.reason}
    audit_log.write(act, Event.SEARCH_CLOSING_ASKED, registration=registration.id, **what)


def _finish(act: Act, registration: Registration, search: Search, asked: StopAsked) -> None:
    """Ends the search. Closes the case if the client has no place and nobody else of the household is missing."""
    _end_and_announce(act, registration, search, asked.end, asked.text)
    if registration.status is not RegistrationStatus.MISSING or registration.open_searches:
        return
    lives = _lived_in(act, registration)
    if lives is not None:
        stays.end_stay(act, lives, LEFT_UNKNOWN)
    close_with(act, registration, asked.reason, RegistrationMove.STOP_SEARCH)


def _lived_in(act: Act, registration: Registration) -> Stay | None:
    """Returns the stay in the old place, if the client went missing on the way to another place; otherwise `None`."""
    here = Stay.registration_id == registration.id, Stay.status == StayStatus.IN_HOUSE
    return act.session.exec(select(Stay).where(*here)).first()


def _has_bed(act: Act, registration: Registration) -> bool:
    """Records that the client lives in a place that the client never left. Returns whether such a place exists."""
    if _lived_in(act, registration) is None:
        return False
    carry_out(act, registration, RegistrationMove.COME_BACK)
    request_rows.as_before(registration)
    return True


def _expected(act: Act, registration: Registration, search: Search, stay: Stay) -> bool:
    """Records the late arrival of a client who went missing on the way, if the unit has a bed and still fits. Returns
    whether the arrival was recorded.
    """
    said_at = stays.missed_at(stay)
    if search.lost is Lost.LEFT or stay.hold_id is None or said_at is None or same_bed.was_sent_back(act, stay):
        return False
    held = scoped_queries.hold_of(act.session, act.actor, stay.hold_id, lock=True)
    try:
        beds = arrivals.rooms_again(act, held, registration)
    except Conflict:
        return False
    carry_out(act, registration, arrivals.expected_when_missing(act, registration, said_at))
    arrivals.expect_again(act, held, stay, beds)
    stays.arrive(act, held.id)
    return True


def _back_in_bed(act: Act, registration: Registration, search: Search, left: Stay) -> bool:
    if search.lost is not Lost.LEFT or same_bed.go_on_in(act, registration, left) is None:
        return False
    carry_out(act, registration, RegistrationMove.COME_BACK)
    return True


def _seek(act: Act, registration: Registration) -> None:
    """Adds a request for a place tonight."""
    earlier = registration.requests or [request_rows.first_of(act, registration)]
    made = Request(kind=RequestKind.RETURN, made_at=act.at, made_by=act.actor.id)
    registration.requests = [*earlier, made]
    registration.urgency, registration.waits_since = Urgency.TONIGHT, act.at
    registration.needed_from, registration.needed_by, registration.place_lost_at = None, act.day, act.at
    carry_out(act, registration, RegistrationMove.SEEK_ANEW)


def _seat_again(act: Act, registration: Registration) -> None:
    """Gives a free bed to each person without a bed. If there are too few beds, stores that the rule
    `rooms` is broken.
    """
    for place in places_of(act, registration):
        if give_bed(act, registration, place):
            registration.breaks = sorted({*registration.breaks, ROOMS})


def _shown(act: Act, registration: Registration, number: int, search: Search) -> Whereabouts:
    stay = act.session.get_one(Stay, search.stay)
    unit = stay.unit_id if is_readable(stay.unit_id) else None
    is_open = search.end is None
    return Whereabouts(
        number=number,
        search=search,
        is_minor=is_for_minor(search),
        lacking=tuple(not_yet_informed(registration, search)) if is_open else (),
        unit=unit,
        place=place_names.places(act.session, [unit])[unit] if unit else None,
        road_telephone=_road_telephone(act, stay) if is_open and search.lost is not Lost.LEFT else None,
        is_bed_free=is_open and search.lost is Lost.LEFT and same_bed.is_free_again(act, registration, stay),
        clock=_clock(act, stay),
    )


def _road_telephone(act: Act, stay: Stay) -> str | None:
    held = act.session.get(Hold, stay.hold_id) if stay.hold_id else None
    return told_of(held).road_telephone if held else None


def _clock(act: Act, stay: Stay) -> tuple[int, int] | None:
    if stay.arrived_at is None or not is_readable(stay.starts_on, stay.limit_on):
        return None
    began = began_on(act.session, [stay])[stay.id]
    return ((stay.ended_on or act.day) - began).days + 1, (stay.limit_on - began).days
