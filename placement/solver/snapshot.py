"""The snapshot: the conversion of tables to the engine's problem, which contains ids and the needed facts, but nothing
that identifies a person. No other code does this conversion. A location becomes the centre of its cell, and half the
cell's diagonal is added to every safety distance. So the safety distance is kept, wherever in its cell the shelter is.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any

from sqlmodel import Session, col, or_, select

from matching import PROBLEM_FORMAT, Problem, problem_of
from placement.areas.lookup import areas
from placement.capacity.overview import freshness_within
from placement.capacity.room_state import RoomState, room_states
from placement.core.area_codes import SchemesOfArea
from placement.core.child_of_minor import OwnChild
from placement.core.clock import day_of
from placement.core.codes import AvoidedKind, Freshness, RegistrationStatus, Scheme
from placement.core.context import Act
from placement.core.geography import HALF_DIAGONAL_KM, Cell
from placement.core.occupant_ids import occupant_of
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.lookup import entitlement_rules
from placement.registrations import household
from placement.registrations.case_rows import first_sought_on, lacks_language, named_languages
from placement.registrations.consent_ground import is_restricted
from placement.registrations.entitlement import IN_AREA, Entitlement, Rules, applicant, entitlement
from placement.solver.missing_counts import most_free
from placement.solver.snapshot_groups import keep_apart, kept_apart, together
from placement.solver.snapshot_household import engine_household, is_taken_by
from placement.storage.bed_claims import kept_for
from placement.tables import (
    KeepApart,
    Location,
    Policy,
    RegisteredPerson,
    Registration,
    Shelter,
    Unit,
)
from placement.tables.facts import FACTS, PROFILE_FACTS
from placement.tables.shelter import Lifetime

Row = dict[str, Any]
_id = attrgetter("id")
_ENGINE = {name for name, fact in FACTS.items() if fact.engine}
_ENGINE_OF_UNIT = {name for name, fact in PROFILE_FACTS.items() if fact.engine}


@dataclass(frozen=True, slots=True)
class Snapshot:
    problem: Problem
    policy_version: int
    versions: Mapping[str, int]
    """The versions of the registrations in the problem, by id."""
    uncounted: Mapping[str, int]
    """The largest number of free beds that a first count of each uncounted room could report. These beds are
    not in the problem.
    """


def snapshot(act: Act, *, reserved: str | None = None, early: Collection[str] = ()) -> Snapshot:
    """Returns the current problem: all waiting registrations to which a scheme is open, except:
    - cases in doubt or with a missing key, because their dangers are unknown;
    - restricted cases;
    - cases that require a common language but name no language.
    `reserved`: a registration whose beds are kept for a decision; it is treated as if it still waited. `early`:
    registrations that are included although their search has not begun.

    Rooms are read before registrations. A client who has a bed at the first read, but waits at the second read, is left
    out. So the problem stays valid despite concurrent transactions. A moving client occupies the old bed until the
    arrival, as a separate occupant (`occupant_of`), and gets no other place in that unit.
    """
    session, day = act.session, act.day
    policy = session.exec(select(Policy).order_by(col(Policy.version).desc()).limit(1)).first()
    rooms = room_states(session, day, without=kept_for(session, reserved) if reserved else ())
    housed = housed_in(rooms)
    sought = col(Registration.status).in_([status for status in RegistrationStatus if status.is_sought_for])
    still = sought if reserved is None else or_(sought, Registration.id == reserved)
    open_now = select(Registration).where(still).order_by(Registration.id)
    waiting = [
        registration
        for registration in session.exec(open_now)
        if (registration.id not in housed or registration.status.is_moving)
        and is_placed(registration)
        and not is_restricted(registration)
        and (registration.id in {reserved, *early} or first_sought_on(registration, day) is None)
    ]
    registrations = registration_rows(session, waiting, day, housed=housed)
    _avoid_where_they_are(registrations, rooms)
    listed = {row["id"] for row in registrations}
    problem = {
        **_places(act, rooms, [one for one in waiting if one.id in listed], movers_of(waiting, housed)),
        "policy": policy.weights if policy else {},
        "registrations": registrations,
        "together": together(session, waiting, listed),
    }
    versions = {one.id: one.version for one in waiting if one.id in listed}
    return Snapshot(problem_of(problem), policy.version if policy else 0, versions, most_free(rooms.values()))


@dataclass(frozen=True, slots=True)
class PlacesAsked:
    """The result of `problem_of_places`. `uncounted`: as in `Snapshot`."""

    problem: Problem
    uncounted: Mapping[str, int]


def problem_of_places(
    act: Act, registration: Registration | None, asked: Sequence[Row] = (), *, without: Collection[str] = ()
) -> PlacesAsked:
    """Returns a problem with all units and rooms, in which only this registration waits. Beds that are kept for a
    decision on the registration count as free, as in a proposal. The registration is left out if no scheme is open to
    it or its key is missing. It is also left out if it requires a common language but names no language.

    `asked`: the registrations, in the engine's format, that wait if `registration` is `None`. `without`: ids of claims
    on other beds that count as free.
    """
    kept = kept_for(act.session, registration.id) if registration else ()
    rooms = room_states(act.session, act.day, without={*kept, *without})
    housed = housed_in(rooms)
    cases = [one for one in (registration,) if one and is_placed(one)]
    rows = [*asked] if registration is None else registration_rows(act.session, cases, act.day, housed=housed)
    _avoid_where_they_are(rows if registration else (), rooms)
    problem = {**_places(act, rooms, cases, movers_of(cases, housed)), "policy": {}, "registrations": rows}
    return PlacesAsked(problem_of(problem), most_free(rooms.values()))


def _places(
    act: Act, rooms: Mapping[str, RoomState], cases: Iterable[Registration], movers: Collection[str]
) -> dict[str, object]:
    """Returns the locations, units and rooms of today, as parts of a problem in which these cases wait. `movers`: the
    ids of cases that wait although they have a bed.
    """
    locations, shelters = location_rows(act.session)
    freshness = freshness_within(act, shelters)
    own_children = {child for one in cases for child in engine_household(one.persons, act.day).own_children}
    # A unit admits nobody until its shelter has a profile for it. A closed unit, or a unit in a closed place, has no
    # room.
    known = select(Unit, Location, Shelter).select_from(Unit).join(Location).join(Shelter).order_by(Unit.id)
    open_now = [place[0] for place in act.session.exec(known) if all(_takes(one, act.day) for one in place)]
    units = [unit for unit in open_now if unit.admits]
    admitting = {unit.id for unit in units}
    high_care = high_care_in_units(rooms)
    return {
        "format": PROBLEM_FORMAT,
        "as_of": act.day.isoformat(),
        "locations": locations,
        "units": [unit_row(unit, high_care, freshness[unit.location_id], own_children) for unit in units],
        "rooms": [
            room_row(state, movers)
            for state in rooms.values()
            if state.room.unit_id in admitting and not state.room.is_in_doubt
        ],
    }


def _takes(place: Lifetime, day: date) -> bool:
    """Checks whether a place can admit clients: it is open on this day, and it is not in doubt."""
    return place.exists_on(day) and not place.is_in_doubt


def is_placed(registration: Registration) -> bool:
    """Checks whether the facts of a registration are known: its key exists, and its row is not in doubt."""
    return not registration.is_in_doubt and is_readable(registration.alias, registration.content)


@dataclass(frozen=True, slots=True)
class RulesOfDay:
    """The rules of entitlement on a day. `schemes_of_area`: the schemes of areas that do not use the schemes of this
    service.
    """

    rules: Rules
    schemes_of_area: Mapping[str, SchemesOfArea] = field(default_factory=dict)


def rules_on(session: Session, day: date) -> RulesOfDay:
    schemes = {code: place.value.schemes for code, place in areas(session, day).items()}
    elsewhere = {code: one for code, one in schemes.items() if one is not SchemesOfArea.HERE}
    return RulesOfDay(entitlement_rules(session, day), elsewhere)


def entitlement_of(
    of_day: RulesOfDay, registration: Registration, persons: Iterable[RegisteredPerson], day: date
) -> Entitlement:
    """Returns the schemes that the rules open to this registration, with the legal ground. Ages are those on `day`."""
    if registration.region in of_day.schemes_of_area:
        return IN_AREA[of_day.schemes_of_area[registration.region]]
    return entitlement(
        applicant(
            registration.residence_basis,
            household.members(persons, day),
            registration.needs,
            multiple_problems=registration.multiple_problems,
            community_rights=registration.community_rights,
        ),
        of_day.rules,
    )


def location_rows(session: Session) -> tuple[list[Row], dict[str, str]]:
    """Returns two values: all locations, and the shelter of each location."""
    rows = session.exec(select(Location, Shelter.provider_id).join(Shelter).order_by(Location.id))
    located, shelters = [], {}
    for one, provider in rows:
        shelters[one.id] = one.shelter_id
        cell = Cell(one.cell_row, one.cell_column)
        located.append({"id": one.id, "provider": provider, "region": one.region.value, **centre_of(cell)})
    return located, shelters


def centre_of(cell: Cell) -> Row:
    return {"lat": cell.centre.lat, "lon": cell.centre.lon}


def unit_row(unit: Unit, high_care: Mapping[str, int], freshness: Freshness, own_children: Iterable[OwnChild]) -> Row:
    children = None
    if unit.children_max_age is not None:
        children = {"max_age": unit.children_max_age, "boys_max_age": unit.boys_max_age}
    limit = unit.high_care_limit
    return {
        "id": unit.id,
        "location": unit.location_id,
        "scheme": unit.scheme.value,
        "children": children,
        **unit.model_dump(mode="json", include=_ENGINE_OF_UNIT),
        "specialisms": [*unit.specialisms, *sorted(child.code for child in own_children if is_taken_by(child, unit))],
        "freshness": freshness.value,
        "high_care_limit": None if limit is None else max(0, limit - high_care.get(unit.id, 0)),
    }


def room_row(state: RoomState, movers: Collection[str]) -> Row:
    return {
        "id": state.room.id,
        "unit": state.room.unit_id,
        "beds": len(state.beds),
        "free_beds": state.vacancy.free_beds,
        "free_from": state.vacancy.free_from.isoformat(),
        "features": state.room.features,
        "occupants": [
            {
                "registration": occupant_of(case) if (case := occupant.registration_id) in movers else case,
                "gender": occupant.gender,
                "minor": occupant.minor,
            }
            for occupant in state.vacancy.occupants
        ],
    }


def registration_rows(
    session: Session,
    waiting: Sequence[Registration],
    day: date,
    *,
    housed: set[str],
    else_open: Scheme | None = None,
    pairs: Sequence[KeepApart] | None = None,
) -> list[Row]:
    """Returns these registrations as rows in the engine's format. `else_open`: the scheme for a registration to which
    no scheme is open; without it, such a registration is left out. `pairs`: all pairs to keep apart, if already read.
    """
    apart = keep_apart(kept_apart(session) if pairs is None else pairs, housed, movers_of(waiting, housed))
    rules = rules_on(session, day)
    rows = []
    for registration in waiting:
        persons = registration.persons
        entitled = entitlement_of(rules, registration, persons, day)
        schemes = entitled.schemes or ((else_open,) if else_open else ())
        if not schemes or (lacks_language(registration) and not else_open):
            continue
        given = engine_household(persons, day)
        avoided = [row for row in registration.avoidances if row.lifted_at is None]
        near = registration.near
        rows.append(
            {
                "id": registration.id,
                "persons": given.persons,
                "schemes": [scheme.value for scheme in schemes],
                "waiting_days": max(0, (day - day_of(registration.waits_since)).days),
                **registration.facts(_ENGINE),
                "needed_by": registration.needed_by.isoformat(),
                "needs": [*registration.needs, *sorted(child.code for child in given.own_children)],
                "private_room": registration.private_room or bool(given.own_children),
                "languages": [spoken.model_dump(mode="json") for spoken in named_languages(registration)],
                "threats": [
                    {**_point(one.point), "min_km": round(one.min_km + HALF_DIAGONAL_KM, 1)}
                    for one in sorted(registration.threats, key=_id)
                ],
                "within": [{**_point(one.point), "max_km": one.max_km} for one in sorted(registration.reach, key=_id)],
                **{
                    f"avoided_{kind.value}s": sorted({row.target for row in avoided if row.kind is kind})
                    for kind in AvoidedKind
                },
                "keep_apart": sorted(apart[registration.id]),
                "near": near and _point(near),
            }
        )
    return rows


def _point(point: Mapping[str, object]) -> Row:
    return {key: point[key] for key in ("lat", "lon")}


def movers_of(waiting: Sequence[Registration], housed: Collection[str]) -> frozenset[str]:
    """Returns the waiting registrations that have a bed at the same time, because the client moves."""
    return frozenset(one.id for one in waiting if one.id in housed)


def _avoid_where_they_are(rows: Iterable[Row], rooms: Mapping[str, RoomState]) -> None:
    """Excludes, for each registration, the units in which it already has a bed, so that no proposal contains such a
    unit.
    """
    units: dict[str, set[str]] = defaultdict(set)
    for state in rooms.values():
        for claim in state.claims:
            units[claim.registration_id].add(state.room.unit_id)
    for row in rows:
        row["avoided_units"] = sorted({*row["avoided_units"], *units[row["id"]]})


def housed_in(rooms: Mapping[str, RoomState]) -> set[str]:
    return {claim.registration_id for state in rooms.values() for claim in state.claims}


def high_care_in_units(rooms: Mapping[str, RoomState]) -> Mapping[str, int]:
    """Returns, for each unit, the number of registrations with high care that live there or are expected there."""
    states = rooms.values()
    return Counter(
        unit
        for unit, _ in {
            (one.room.unit_id, claim.registration_id) for one in states for claim in one.claims if claim.high_care
        }
    )
