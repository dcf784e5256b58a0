"""Tasks about clients whose place no longer fits. A person then reviews the place, or requests an onward place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache

from sqlmodel import and_, col, select

from matching import BrokenRule
from placement.capacity import place_names
from placement.core.clock import end_of
from placement.core.codes import RegistrationStatus, Scheme, Sees
from placement.core.context import Act
from placement.core.place_codes import LEAVES_BEFORE, PlaceStatus
from placement.core.read_ahead import Rows, rows_of
from placement.core.request_codes import OnwardCause
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.lookup import limit_in, stay_limit_rules
from placement.placements.holds.count_conflicts import lost_by_count
from placement.placements.holds.reserved_places import ReservedPlace
from placement.placements.proposals.presentation import OF_PAIRS
from placement.placements.stays.place_fit import (
    MAY_LIVE,
    SCHEME,
    PlaceHeld,
    broken_by_register,
    broken_in_each,
    no_longer_open,
)
from placement.placements.stays.profile_effects import broken_by_location, broken_by_profile
from placement.placements.stays.stay_clock import StayWithClock
from placement.registrations.registrations import urgency_by
from placement.storage.bed_claims import STANDING, claims_on
from placement.tables import Bed, Hold, Registration, Room, Stay
from placement.tasks.task import Task, TaskKind


def of_places(
    act: Act, known: Sequence[Registration], housed: Sequence[StayWithClock], kept: Sequence[ReservedPlace]
) -> Iterator[Task]:
    """Yields the tasks about places that no longer fit. `housed`: all current stays. `kept`: places that are kept for
    clients who have not arrived. Leaves out moving clients, because another place is already sought for them.
    """
    living = {one.stay.registration_id: one for one in housed}
    placed = {case.id: case for case in known if case.status is RegistrationStatus.PLACED and case.id in living}
    lived_in = [(case, living[case.id].stay) for case in placed.values()]
    awaited = [(one.case, one.row) for one in kept]
    not_open, profiles = no_longer_open(act, [*lived_in, *awaited]), broken_by_profile(act, lived_in)
    changed = {case for case, rules in broken_by_register(act, kept).items() if rules - _hidden(act)}
    changed |= {case.id for case, _ in awaited if case.id in not_open} | broken_by_location(act, lived_in).keys()
    changed |= lost_by_count(act, kept)
    too_long, closing = dict(_too_long(act, placed, living)), _closing(act, lived_in)
    lives = [(case, living[case.id].stay) for case in known if case.status in MAY_LIVE and case.id in living]
    by_facts = _broken_by_facts(act, [*lives, *awaited])
    for case in known:
        broken = by_facts.get(case.id, {})
        is_held = case.status is RegistrationStatus.HELD
        nowhere = not_open.get(case.id) == () or (SCHEME in broken and not broken[SCHEME].facts["schemes"])
        if broken.keys() - {SCHEME} or nowhere or (is_held and broken) or case.id in changed:
            yield Task.of_case(TaskKind.BREAKS_RULE, case)
        elif case.id in not_open:
            yield _onward(case, OnwardCause.SCHEME)
            continue
        if case.id in closing:
            yield _to_leave_by(act, case, closing[case.id])
            continue
        if profiles.get(case.id, set()) - broken.keys():
            yield _onward(case, OnwardCause.PROFILE)
        elif case.id in too_long:
            yield _onward(case, OnwardCause.CRISIS, too_long[case.id])


def _onward(case: Registration, cause: OnwardCause, since: datetime | None = None, due: datetime | None = None) -> Task:
    return Task.of_case(TaskKind.ONWARD, case, since, due, cause=cause.value)


def _to_leave_by(act: Act, case: Registration, last_day: date) -> Task:
    """Returns the task of a client whose place has a last day. The task is due at the end of that day; the fewer days
    remain, the more urgent it is.
    """
    task = _onward(case, OnwardCause.CLOSING, due=end_of(last_day))
    return replace(task, urgency=int(urgency_by(act.day, last_day)))


def _closing(act: Act, lived_in: Iterable[tuple[Registration, Stay]]) -> dict[str, date]:
    """Returns, for each case, the day by which the client must leave, if the unit or room closes or ends soon."""
    units, rooms = place_names.closing_units(act.session, act.day), _ending_rooms(act)
    found: dict[str, date] = {}
    for case, stay in lived_in:
        if is_readable(stay.unit_id):
            days = [day for day in (units.get(stay.unit_id), rooms.get(stay.id)) if day is not None]
            found |= {case.id: min(days)} if days else {}
    return found


@lru_cache(maxsize=2)
def ending_rooms(day: date) -> Rows[Room]:
    """Returns a query for the rooms whose last day is near. The query is the same object for equal days, so that a
    transaction runs the query only once.
    """
    return Rows(Room, and_(col(Room.open_until) <= day + LEAVES_BEFORE, col(Room.status) != PlaceStatus.CLOSED))


def _ending_rooms(act: Act) -> dict[str, date]:
    """Returns, for each stay, the last day of the client's room, if the room has a last day and that day is near."""
    ending = rows_of(act.session, ending_rooms(act.day))
    if not ending:
        return {}
    days = {room.id: room.open_until for room in ending if room.open_until is not None}
    beds = act.session.exec(select(Bed).where(col(Bed.room_id).in_(days))).all()
    last = {bed.id: days[bed.room_id] for bed in beds if bed.id is not None}
    found: dict[str, date] = {}
    for claim in claims_on(act.session, last.keys(), *STANDING):
        if claim.stay_id is not None:
            found[claim.stay_id] = min(last[claim.bed_id], found.get(claim.stay_id, date.max))
    return found


def _broken_by_facts(act: Act, places: Iterable[tuple[Registration, Hold | Stay]]) -> dict[str, dict[str, BrokenRule]]:
    """Returns, by case and rule, the rules that break today because a client's facts changed. Leaves out rules that the
    reader may not see. `places`: each client with a place, lived in or kept.
    """
    hidden = _hidden(act)
    breaks = [
        (case, PlaceHeld(row), rules)
        for case, row in places
        if (rules := {*(case.known("breaks") or ())} - hidden) and is_readable(row.unit_id)
    ]
    found: dict[str, dict[str, BrokenRule]] = {}
    each = broken_in_each(act, [(case, place) for case, place, _ in breaks])
    for (case, _, rules), broken in zip(breaks, each, strict=True):
        for one in broken:
            if one.rule in rules:
                found.setdefault(case.id, {}).setdefault(one.rule, one)
    return found


def _hidden(act: Act) -> frozenset[str]:
    """Returns the rules that must not be shown to this reader as broken."""
    return frozenset() if act.actor.role.sees is Sees.ALL else OF_PAIRS


def _too_long(
    act: Act, placed: Mapping[str, Registration], living: Mapping[str, StayWithClock]
) -> Iterator[tuple[str, datetime]]:
    """Yields each client who has lived in places of the same scheme for longer than allowed: the case, and the time at
    which the limit passed.
    """
    schemes = place_names.schemes(act.session)
    rules = stay_limit_rules(act.session, act.day) if placed else ()
    for key, case in placed.items():
        stays = (living[key].stay, *living[key].before)
        if not is_readable(case.content, stays[0].unit_id, stays[0].arrived_at):
            continue
        limit = limit_in(rules, case.residence_basis, schemes[stays[0].unit_id])
        begun = _came_to_scheme(stays, schemes)
        if limit is not None and begun + limit <= act.at:
            yield key, begun + limit


def _came_to_scheme(stays: Sequence[Stay], schemes: Mapping[str, Scheme]) -> datetime:
    """Returns the time of arrival at the first place of the present scheme. Moves within the scheme are ignored."""
    here = schemes[stays[0].unit_id]
    left = next((number for number, one in enumerate(stays) if schemes.get(one.unit_id) is not here), len(stays))
    came: datetime = stays[left - 1].arrived_at
    return came
