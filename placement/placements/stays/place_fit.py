"""The fit between a client and a place: the rules that the place, lived in or kept, breaks today."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from matching import BrokenRule, Problem, UnknownRegistration, explain
from placement.capacity import place_names
from placement.core.codes import RegistrationStatus, Scheme, StayStatus
from placement.core.context import Act
from placement.core.place_codes import RoomsLack
from placement.crypto.encrypted_columns import is_readable
from placement.placements.holds.count_conflicts import lost_by_count
from placement.placements.holds.reserved_places import ReservedPlace, changed_since_decided, kept_for
from placement.placements.stays.profile_effects import broken_by_location, broken_by_profile
from placement.registrations.searches import not_missing
from placement.shelters.beds import closed_room_ids
from placement.solver.snapshot import entitlement_of, rules_on
from placement.solver.snapshot_lodgings import Lodging, problems_where_lived, units_beside
from placement.storage.bed_claims import claims_of_holds, claims_of_stays
from placement.tables import Bed, BedClaim, Decision, Hold, Registration, Room, Stay, Unit

LIVES = frozenset({RegistrationStatus.PLACED, RegistrationStatus.MOVING, RegistrationStatus.MOVE_HELD})
"""States of a case in which the client lives in a place."""

MAY_LIVE = LIVES | {RegistrationStatus.MISSING}
"""The states in `LIVES`, and the state of a missing client, whose former place may still be kept."""

ROOMS = "rooms"
"""The rule that every person needs a bed."""

SCHEME = "scheme"
"""The rule that the unit's scheme must be open to the client."""


@dataclass(frozen=True, slots=True)
class PlaceHeld:
    """A place of a client: a stay that has not ended, or a hold."""

    row: Hold | Stay

    @property
    def unit_id(self) -> str:
        """The id of the unit; an `Unreadable` if the key of the case is missing."""
        unit_id: str = self.row.unit_id
        return unit_id

    @property
    def hold_id(self) -> str | None:
        """The id of the hold; `None` if a take-over entered the stay."""
        return self.row.id if isinstance(self.row, Hold) else self.row.hold_id

    @property
    def key(self) -> str:
        """The id by which the bed claims of this place are grouped."""
        return self.hold_id or self.row.id

    @property
    def is_taken_over(self) -> bool:
        return isinstance(self.row, Stay) and self.row.taken_over_on is not None

    def claims(self, act: Act) -> list[BedClaim]:
        """Returns the valid claims on the beds of this place."""
        return _claims(act, [self])[self.key]

    def rooms(self, act: Act) -> set[str]:
        """Returns the ids of the rooms in which the place has beds."""
        return _rooms(act, {self.key: self.claims(act)})[self.key]

    @property
    def is_lived_in(self) -> bool:
        return isinstance(self.row, Stay) and self.row.status is StayStatus.IN_HOUSE


def places_of(act: Act, registration: Registration) -> list[PlaceHeld]:
    """Returns the places of a client: first the place lived in, then the kept or planned place."""
    return [*_lived_in(act, registration), *(PlaceHeld(one.row) for one in kept_for(act, registration))]


def _lived_in(act: Act, registration: Registration) -> list[PlaceHeld]:
    if registration.status not in MAY_LIVE:
        return []
    here = Stay.registration_id == registration.id, Stay.status == StayStatus.IN_HOUSE
    return [PlaceHeld(row) for row in act.session.exec(select(Stay).where(*here))]


def _claims(act: Act, places: Collection[PlaceHeld]) -> dict[str, list[BedClaim]]:
    """Returns the valid claims on beds of each place, by `PlaceHeld.key`."""
    of_holds = claims_of_holds(act.session, {one.hold_id for one in places if one.hold_id})
    of_stays = claims_of_stays(act.session, {one.row.id for one in places if not one.hold_id})
    found: dict[str, list[BedClaim]] = {one.key: [] for one in places}
    for key, claim in (*((one.hold_id, one) for one in of_holds), *((one.stay_id, one) for one in of_stays)):
        if not claim.cancelled and (claim.ends_on is None or claim.ends_on > act.day):
            found[str(key)].append(claim)
    return found


def _rooms(act: Act, claims: Mapping[str, Sequence[BedClaim]]) -> dict[str, set[str]]:
    """Returns the ids of the rooms of these beds, by `PlaceHeld.key`."""
    beds = {claim.bed_id for there in claims.values() for claim in there}
    room_of = dict(act.session.exec(select(Bed.id, Bed.room_id).where(col(Bed.id).in_(beds))).all()) if beds else {}
    return {key: {room_of[claim.bed_id] for claim in there} for key, there in claims.items()}


def rooms_of_stays(act: Act, stays: Iterable[Stay]) -> dict[str, list[Room]]:
    """Returns, for each stay, the rooms in which the household lives or is expected. Leaves out ended stays."""
    places = {stay.id: PlaceHeld(stay) for stay in stays if stay.status is not StayStatus.ENDED}
    claims = _claims(act, list(places.values()))
    beds = {claim.bed_id for there in claims.values() for claim in there}
    room_of = dict(act.session.exec(select(Bed.id, Room).join(Room).where(col(Bed.id).in_(beds))).all())
    rooms = {key: {room_of[claim.bed_id].id: room_of[claim.bed_id] for claim in there} for key, there in claims.items()}
    return {stay: [room for _, room in sorted(rooms[place.key].items())] for stay, place in places.items()}


def no_longer_open(act: Act, places: Iterable[tuple[Registration, Hold | Stay]]) -> dict[str, tuple[Scheme, ...]]:
    """Finds clients who live or are expected in a place whose scheme is not open to them today. Returns, by case, the
    schemes that are open to the client today. Leaves out cases whose decision knowingly broke this rule.
    """
    day, schemes = act.day, place_names.schemes(act.session)
    known_places = {
        case.id: (case, row) for case, row in places if is_readable(case.content, row.unit_id) and case.persons
    }
    if not known_places:
        return {}
    rules = rules_on(act.session, day)
    found = {
        key: open_now
        for key, (case, row) in known_places.items()
        if schemes[row.unit_id] not in (open_now := entitlement_of(rules, case, case.persons, day).schemes)
    }
    rows = [known_places[key][1] for key in found]
    holds = [row.id if isinstance(row, Hold) else row.hold_id for row in rows]
    decided = select(Decision).join(Hold, col(Hold.decision_id) == Decision.id).where(col(Hold.id).in_(holds))
    known = {one.registration_id for one in act.session.exec(decided) if SCHEME in one.broken} if found else set()
    return {key: open_now for key, open_now in found.items() if key not in known}


def broken_by_register(act: Act, kept: Iterable[ReservedPlace]) -> dict[str, set[str]]:
    """Returns, by case, the rules that its kept place has broken since the decision because the register changed.
    Leaves out cases without such rules.
    """
    changed = changed_since_decided(act.session, [one for one in kept if one.is_readable])
    if not changed:
        return {}
    shut = closed_room_ids(act.session, act.day)
    lodgings = _lodgings(act, [(one.kept.case, PlaceHeld(one.kept.row)) for one in changed])
    found: dict[str, set[str]] = {}
    for one, lodging, rules in zip(changed, lodgings, _broken_in(act, lodgings), strict=True):
        broken = {rule.rule for rule in rules} - {*one.kept.decision.broken}
        if not one.of_unit:
            broken &= {ROOMS}
        if not one.of_rooms and shut.isdisjoint(lodging.own_rooms or ()):
            broken.discard(ROOMS)
        if broken:
            found[one.kept.case.id] = broken
    return found


def broken_since_decided(act: Act, registration: Registration) -> set[str]:
    """Returns the rules that the kept place has broken since the decision, because the register or a dated rule
    changed. Rules that broke because the client's facts changed are stored with the case instead.
    """
    return _new_in(act, kept_for(act, registration))


def _new_in(act: Act, kept: Sequence[ReservedPlace]) -> set[str]:
    """Returns the rules that these places have broken since their decisions. All places are kept for the
    same client.
    """
    by_rule = {SCHEME} if no_longer_open(act, [(one.case, one.row) for one in kept]) else set()
    return by_rule.union(*broken_by_register(act, kept).values())


def broken_where_lived(act: Act, registration: Registration) -> list[BrokenRule]:
    """Returns the hard rules that the client's places break today. Returns an empty list if the client has no place, or
    if the key of the case is missing.

    If the stay was taken over, returns all broken rules except `rooms`, because the client has a bed. Otherwise returns
    only rules that became broken since the arrival or, for a kept place, since the decision. The cause can be changed
    facts, a dated rule, the profile, the location or the count.
    """
    lived, kept = _lived_in(act, registration), kept_for(act, registration)
    lived_in = [(registration, one.row) for one in lived if isinstance(one.row, Stay)]
    rules = {*(registration.known("breaks") or ()), *broken_by_profile(act, lived_in).get(registration.id, ())}
    rules |= _new_in(act, kept).union(*broken_by_location(act, lived_in).values())
    if no_longer_open(act, lived_in):
        rules.add(SCHEME)
    there = [*lived, *(PlaceHeld(one.row) for one in kept)]
    asked = [place for place in there if (place.is_taken_over or rules) and is_readable(place.unit_id)]
    found: dict[str, BrokenRule] = {}
    for place, broken in zip(asked, broken_in_each(act, [(registration, place) for place in asked]), strict=True):
        for one in broken:
            if one.rule in rules or (place.is_taken_over and one.rule != ROOMS):
                found.setdefault(one.rule, one)
    if lost_by_count(act, kept):
        found.setdefault(ROOMS, _too_few_beds(registration))
    return list(found.values())


def broken_in(act: Act, registration: Registration, place: PlaceHeld) -> list[BrokenRule]:
    """Returns the hard rules that the client breaks today in the rooms of this place. Includes `rooms` if a person has
    no bed.
    """
    return broken_in_each(act, [(registration, place)])[0]


def broken_in_each(act: Act, places: Sequence[tuple[Registration, PlaceHeld]]) -> list[list[BrokenRule]]:
    """Returns the broken rules of each place, as `broken_in` does. The number of SQL statements does not grow with the
    number of places.
    """
    return _broken_in(act, _lodgings(act, places))


def broken_with(
    act: Act, registration: Registration, unit_id: str, claims: Collection[BedClaim], rooms: Collection[str]
) -> set[str]:
    """Returns the hard rules that the client would break today in these rooms with these bed claims, which may be
    unsaved.
    """
    unit, beside = units_beside(act.session, {unit_id})[unit_id]
    return {one.rule for one in _broken_in(act, [Lodging(registration, unit, beside, claims, rooms)])[0]}


def _lodgings(act: Act, places: Sequence[tuple[Registration, PlaceHeld]]) -> list[Lodging]:
    """Returns the data for a check of each place: its case, its unit, and the bed claims and rooms of the household."""
    if not places:
        return []
    claims = _claims(act, [place for _, place in places])
    rooms, beside = _rooms(act, claims), units_beside(act.session, {place.unit_id for _, place in places})
    return [
        Lodging(case, *beside[place.unit_id], claims=claims[place.key], own_rooms=rooms[place.key])
        for case, place in places
    ]


def _broken_in(act: Act, lodgings: Sequence[Lodging]) -> list[list[BrokenRule]]:
    found = []
    for lodging, problem in zip(lodgings, problems_where_lived(act, lodgings), strict=True):
        case = lodging.registration
        broken = broken_by(act, problem, case, lodging.unit)
        if _without_bed(case, lodging.claims) and all(one.rule != ROOMS for one in broken):
            broken.append(_too_few_beds(case))
        found.append(broken)
    return found


def _too_few_beds(registration: Registration) -> BrokenRule:
    return BrokenRule(ROOMS, {"persons": len(registration.persons), "reason": RoomsLack.TOO_FEW_BEDS.value})


def without_bed(act: Act, registration: Registration, place: PlaceHeld) -> int:
    """Returns the number of persons who have no bed in this place."""
    return _without_bed(registration, place.claims(act))


def _without_bed(registration: Registration, claims: Iterable[BedClaim]) -> int:
    seated = {claim.person_id for claim in claims}
    return sum(person.id not in seated for person in not_missing(registration))


def problem_there(act: Act, registration: Registration, place: PlaceHeld) -> Problem:
    """Returns a problem in which the client can choose only among the household's own rooms."""
    return problems_where_lived(act, _lodgings(act, [(registration, place)]))[0]


def broken_by(act: Act, problem: Problem, registration: Registration, unit: Unit) -> list[BrokenRule]:
    """Returns the broken rules that the engine finds. Adds `scheme` if no scheme is open to the client."""
    try:
        explained = explain(problem, registration.id)
    except UnknownRegistration:  # the key of the case is missing
        return []
    # a unit is in no problem until its shelter states whom it admits
    broken = [one for row in explained.units if row.unit == unit.id for one in row.broken]
    rules = rules_on(act.session, act.day)
    if not entitlement_of(rules, registration, registration.persons, act.day).schemes:
        broken.insert(0, BrokenRule(SCHEME, {"scheme": unit.scheme.value, "schemes": []}))
    return broken
