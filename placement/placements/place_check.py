"""Whether the place that is held for a client, or lived in, fits the client."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from matching import BrokenRule, Problem, UnknownRegistration, explain
from placement.capacity import place_names
from placement.core.codes import RegistrationStatus, RoomsLack, Scheme, StayStatus
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.placements.counted_beds import lost_by_count
from placement.placements.kept_places import Kept, changed_since_decided, kept_for
from placement.placements.profile_changes import broken_by_location, broken_by_profile
from placement.shelters.beds import closed_room_ids
from placement.solver.snapshot import entitlement_of, problem_where_lived, rules_on, units_beside
from placement.storage.bed_claims import claims_of_holds, claims_of_stay
from placement.tables import Bed, BedClaim, Decision, Hold, Registration, Stay, Unit

_LIVES = {RegistrationStatus.PLACED, RegistrationStatus.MOVING, RegistrationStatus.MOVE_HELD}

ROOMS = "rooms"
"""The rule that there is a bed for each person."""

SCHEME = "scheme"
"""The rule that the scheme of the unit is open to the client."""


@dataclass(frozen=True, slots=True)
class PlaceHeld:
    """Where a client lives or is awaited, or what is kept for a decision: a stay that goes on, or a hold."""

    row: Hold | Stay

    @property
    def unit_id(self) -> str:
        """An `Unreadable` where the key of the case is missing."""
        unit_id: str = self.row.unit_id
        return unit_id

    def claims(self, act: Act) -> list[BedClaim]:
        """On its beds, those that count."""
        hold_id = self.row.id if isinstance(self.row, Hold) else self.row.hold_id
        found = claims_of_holds(act.session, [hold_id]) if hold_id else claims_of_stay(act.session, self.row.id)
        return [claim for claim in found if not claim.cancelled and (claim.ends_on is None or claim.ends_on > act.day)]

    def rooms(self, act: Act) -> set[str]:
        """The ids of the rooms of these beds."""
        beds = [claim.bed_id for claim in self.claims(act)]
        return set(act.session.exec(select(Bed.room_id).where(col(Bed.id).in_(beds))))

    @property
    def is_lived_in(self) -> bool:
        return isinstance(self.row, Stay) and self.row.status is StayStatus.IN_HOUSE


def places_of(act: Act, registration: Registration) -> list[PlaceHeld]:
    """The places of a client: where the client lives, then what is kept or planned. Of one who moves there are two."""
    return [*_lived_in(act, registration), *(PlaceHeld(one.row) for one in kept_for(act, registration))]


def _lived_in(act: Act, registration: Registration) -> list[PlaceHeld]:
    if registration.status not in _LIVES:
        return []
    here = Stay.registration_id == registration.id, Stay.status == StayStatus.IN_HOUSE
    return [PlaceHeld(row) for row in act.session.exec(select(Stay).where(*here))]


def no_longer_open(act: Act, places: Iterable[tuple[Registration, Hold | Stay]]) -> dict[str, tuple[Scheme, ...]]:
    """Of these clients, each with the place where the client lives or that is kept, those to whom its scheme is not
    open today, by the id of the case: the schemes that are. Without those whose decision broke that rule: it was known
    then.
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


def broken_by_register(act: Act, kept: Iterable[Kept]) -> dict[str, set[str]]:
    """Of these places, by case, the rules that one breaks today and did not when it was decided, where the register
    says something else of it since. Those of which there are none are left out.
    """
    changed = changed_since_decided(act.session, [one for one in kept if one.is_readable])
    shut = closed_room_ids(act.session, act.day) if changed else set()
    found: dict[str, set[str]] = {}
    for one in changed:
        place, case = PlaceHeld(one.kept.row), one.kept.case
        broken = {rule.rule for rule in broken_in(act, case, place)} - {*one.kept.decision.broken}
        if not one.of_unit:
            broken &= {ROOMS}
        if not one.of_rooms and not shut & place.rooms(act):
            broken.discard(ROOMS)
        if broken:
            found[case.id] = broken
    return found


def broken_since_decided(act: Act, registration: Registration) -> set[str]:
    """The rules that the place breaks that is kept for a client who has not arrived, and did not when it was decided:
    by what the register says of it, or a rule of the day. What broke by a changed fact is stored with the case.
    """
    return _new_in(act, kept_for(act, registration))


def _new_in(act: Act, kept: Sequence[Kept]) -> set[str]:
    """Of one client."""
    by_rule = {SCHEME} if no_longer_open(act, [(one.case, one.row) for one in kept]) else set()
    return by_rule.union(*broken_by_register(act, kept).values())


def broken_where_lived(act: Act, registration: Registration) -> list[BrokenRule]:
    """The hard rules that the place of a client breaks today: of one who was taken over and lives there still all; of
    others those that broke since they came, or since it was decided where they have not come yet: by a fact, a rule of
    the day, what the shelter says of it, or its count.

    Of a client who was taken over without `rooms`: the client has a bed. Empty for all others, and where the key of the
    case is missing.
    """
    lived, kept = _lived_in(act, registration), kept_for(act, registration)
    lived_in = [(registration, one.row) for one in lived if isinstance(one.row, Stay)]
    rules = {*(registration.known("breaks") or ()), *broken_by_profile(act, lived_in).get(registration.id, ())}
    rules |= _new_in(act, kept).union(*broken_by_location(act, lived_in).values())
    if no_longer_open(act, lived_in):
        rules.add(SCHEME)
    found: dict[str, BrokenRule] = {}
    for place in (*lived, *(PlaceHeld(one.row) for one in kept)):
        taken_over = isinstance(place.row, Stay) and place.row.taken_over_on is not None
        if not (taken_over or rules) or not is_readable(place.unit_id):
            continue
        for one in broken_in(act, registration, place):
            if one.rule in rules or (taken_over and one.rule != ROOMS):
                found.setdefault(one.rule, one)
    if lost_by_count(act, kept):
        found.setdefault(ROOMS, _too_few_beds(registration))
    return list(found.values())


def broken_in(act: Act, registration: Registration, place: PlaceHeld) -> list[BrokenRule]:
    """The hard rules that a client breaks today in the rooms that the household has there; `rooms` also where a person
    has no bed.
    """
    unit, problem = problem_there(act, registration, place)
    broken = broken_by(act, problem, registration, unit)
    if without_bed(act, registration, place) and all(one.rule != ROOMS for one in broken):
        broken.append(_too_few_beds(registration))
    return broken


def _too_few_beds(registration: Registration) -> BrokenRule:
    return BrokenRule(ROOMS, {"persons": len(registration.persons), "reason": RoomsLack.TOO_FEW_BEDS.value})


def without_bed(act: Act, registration: Registration, place: PlaceHeld) -> int:
    """How many persons of the household have no bed there."""
    seated = {claim.person_id for claim in place.claims(act)}
    return sum(person.id not in seated for person in registration.persons)


def problem_there(act: Act, registration: Registration, place: PlaceHeld) -> tuple[Unit, Problem]:
    """The problem in which the client has the choice of the rooms that the household has."""
    units = units_beside(act.session, place.unit_id)
    unit = next(one for one in units if one.id == place.unit_id)
    return unit, problem_where_lived(
        act, registration, unit, units, claims=place.claims(act), own_rooms=place.rooms(act)
    )


def broken_by(act: Act, problem: Problem, registration: Registration, unit: Unit) -> list[BrokenRule]:
    """As the engine finds them; and that no scheme is open, where the problem was made as if that of the unit were."""
    try:
        explained = explain(problem, registration.id)
    except UnknownRegistration:  # its key is missing
        return []
    # a unit whose shelter has not said whom it admits is in no problem
    broken = [one for row in explained.units if row.unit == unit.id for one in row.broken]
    rules = rules_on(act.session, act.day)
    if not entitlement_of(rules, registration, registration.persons, act.day).schemes:
        broken.insert(0, BrokenRule(SCHEME, {"scheme": unit.scheme.value, "schemes": []}))
    return broken
