"""Present clients in the sheets that an import can read: a sheet of residents, and a sheet of waiting clients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from placement.core.clock import day_of
from placement.core.codes import Region, RegistrationStatus, StayStatus
from placement.crypto.encrypted_columns import is_readable
from placement.exchange.export import Values
from placement.exchange.sheets import SHEETS
from placement.storage.bed_claims import all_claims
from placement.tables import Bed, BedClaim, RegisteredPerson, Registration, Stay, Threat
from placement.tables.facts import FACTS

_WAITING = (RegistrationStatus.OPEN, RegistrationStatus.HELD, RegistrationStatus.PLACED, RegistrationStatus.MISSING)


@dataclass(frozen=True, slots=True)
class PeopleSheets:
    """The two sheets. `incomplete`: the cases whose rows are missing, or lack a danger or a value that an import
    requires. An import cannot detect a missing danger.
    """

    residents: list[Values]
    waiting: list[Values]
    incomplete: list[str]


def people_sheets(session: Session) -> PeopleSheets:
    """Returns a row for each person, in the sheet of residents or the sheet of waiting clients. A client without a
    current stay is waiting. Drafts and closed cases are left out.
    """
    cases = {one.id: one for one in session.exec(select(Registration).order_by(Registration.id))}
    in_house = select(Stay).where(Stay.status == StayStatus.IN_HOUSE).order_by(Stay.registration_id)
    lives = {stay.registration_id: stay for stay in session.exec(in_house)}
    rooms = _rooms_of(session)
    found = PeopleSheets([], [], [])
    for number, case in enumerate(cases.values(), start=1):
        stay = lives.get(case.id)
        if stay is None and case.status not in _WAITING:
            continue
        if not is_readable(case.content) or case.content is None:
            found.incomplete.append(case.id)
            continue
        of_case, persons = _of_household(case, stay), case.persons
        rows = [
            {"household": str(number), **_person(person), **(of_case if place == 0 else {})}
            for place, person in enumerate(persons)
        ]
        if stay is not None:
            for row, person in zip(rows, persons, strict=True):
                row["room"] = rooms.get((stay.id, person.id)) or rooms.get((stay.id, None))
        is_whole = is_readable(case.alias) and _put_threats(rows, sorted(case.threats, key=lambda threat: threat.id))
        (found.waiting if stay is None else found.residents).extend(rows)
        is_whole = is_whole and (stay is None or of_case["came_on"] is not None)
        if not is_whole or of_case["region"] is None or any(person.age is None for person in persons):
            found.incomplete.append(case.id)
    return found


def _of_household(case: Registration, stay: Stay | None) -> dict[str, object]:
    """Returns the facts of a case that have a column in the sheet. The region is `None` if it is no police region."""
    columns = SHEETS["waiting" if stay is None else "residents"].columns
    return {
        **{one.name: value for one in columns if one.name in FACTS and is_readable(value := getattr(case, one.name))},
        "region": Region(case.region) if case.region in set(Region) else None,
        "spoken": [language.code for language in case.languages],
        **_since(case, stay),
    }


def _since(case: Registration, stay: Stay | None) -> dict[str, object]:
    if stay is None:
        return {"waits_since": day_of(case.waits_since)}
    return {"came_on": stay.starts_on if is_readable(stay.arrived_at) else None}


def _person(person: RegisteredPerson) -> dict[str, object]:
    return {"gender": person.gender, "age": person.age, "guardian": person.guardian}


def _put_threats(rows: Sequence[dict[str, object]], threats: Sequence[Threat]) -> bool:
    """Writes at most a danger to each row. Returns true if every danger has a row and a place name."""
    named = [threat for threat in threats if threat.point.get("place")]
    for row, threat in zip(rows, named, strict=False):
        row |= {"threat": threat.point["place"], "threat_km": threat.min_km}
    return len(named) == len(threats) and len(named) <= len(rows)


def _rooms_of(session: Session) -> Mapping[tuple[str | None, str | None], str]:
    """Returns the id of the room, by stay and person. For the person `None`, returns the latest room of the stay."""
    room_of = dict(session.exec(select(Bed.id, Bed.room_id)).all())
    claims = all_claims(session, col(BedClaim.stay_id).is_not(None), ~col(BedClaim.cancelled))
    found: dict[tuple[str | None, str | None], str] = {}
    for claim in sorted(claims, key=lambda claim: (claim.starts_on, claim.id)):
        found[claim.stay_id, claim.person_id] = found[claim.stay_id, None] = room_of[claim.bed_id]
    return found
