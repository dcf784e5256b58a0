"""The three places of a registration: the registrant's unit, the responsible municipality, and the care area."""

from collections.abc import Collection, Mapping

from placement.areas.lookup import AnyValue, Place, areas, areas_for, municipalities, names, registrant_units
from placement.areas.values import AreaValue
from placement.core.area_codes import PlaceKind
from placement.core.context import Act
from placement.core.errors import Fault
from placement.registrations.case import Case
from placement.registrations.household import age_on
from placement.tables import Registration

_KINDS = {
    "region": PlaceKind.AREA,
    "municipality": PlaceKind.MUNICIPALITY,
    "registrant_unit": PlaceKind.REGISTRANT_UNIT,
}


def settled(act: Act, case: Case, before: Registration | None) -> tuple[Case, list[Fault]]:
    """Returns the case with the codes of its places, and the faults of the places. A place can be given by name. If the
    area is missing, it is derived from the municipality and the age. `before`: the stored registration, if it is
    changed.
    There is a fault for:
    - a place that does not exist today;
    - an area that cannot be derived;
    - an area that is not the actor's.
    """
    age = _first_age(act, case, before)
    faults: list[Fault] = []
    found: dict[str, str] = {}
    if case.municipality:
        _look_up(found, "municipality", case.municipality, municipalities(act.session, act.day), faults)
    if case.registrant_unit:
        _look_up(found, "registrant_unit", case.registrant_unit, registrant_units(act.session, act.day), faults)
    gives_area = "region" in case.model_fields_set
    changes_area = gives_area and (before is None or case.region != before.region)
    works_out = not gives_area and (before is None or bool(case.municipality))
    if changes_area or works_out:
        known = areas(act.session, act.day)
        if changes_area and case.region not in known:
            faults.append(Fault("region", "area_unknown", {"found": case.region, "allowed": _names(known)}))
        elif works_out and all(fault.field != "municipality" for fault in faults):
            _work_out(found, known, age, faults)
    placed = case.model_copy(update=found)
    region = placed.region if "region" in placed.model_fields_set else before and before.region
    if not faults and region and not act.actor.covers(region):
        faults.append(Fault("region", "region_not_yours", {"allowed": names_of_areas(act, act.actor.regions)}))
    return placed, faults


def names_of(act: Act, registration: Registration) -> dict[str, str]:
    """Returns the current names of the places of a registration, by field."""
    found = {}
    for name, kind in _KINDS.items():
        code = getattr(registration, name)
        if code is not None:
            one = () if kind is PlaceKind.AREA else (code,)  # all areas: the rules of entitlement read them too
            found[name] = names(act.session, kind, act.day, *one).get(code, code)
    return found


def names_of_areas(act: Act, codes: Collection[str]) -> list[str]:
    """Returns the names of these areas, sorted, for a message."""
    known = names(act.session, PlaceKind.AREA, act.day)
    return sorted(known.get(code, code) for code in codes)


def _work_out(
    found: dict[str, str], known: Mapping[str, Place[AreaValue]], age: int | None, faults: list[Fault]
) -> None:
    municipality = found.get("municipality")
    if not municipality:
        faults.append(Fault("region", "area_missing"))
        return
    fitting = areas_for(known, municipality, age) if age is not None else []
    if len(fitting) == 1:
        found["region"] = fitting[0]
    else:
        faults.append(Fault("region", "area_does_not_follow", {"found": municipality}))


def _look_up(
    found: dict[str, str], name: str, given: str, known: Mapping[str, Place[AnyValue]], faults: list[Fault]
) -> None:
    """Stores in `found` the code of the place that the text means: a code, or a name that only one place has. If no
    place is meant, adds a fault to `faults`.
    """
    wanted = given.strip().lower()
    fitting = [code for code, place in known.items() if wanted in {code.lower(), place.value.name.lower()}]
    if len(fitting) == 1:
        found[name] = fitting[0]
    else:
        faults.append(Fault(name, "entry_unknown", {"found": given, "kind": name}))


def _first_age(act: Act, case: Case, before: Registration | None) -> int | None:
    """Returns the given age of the first person. If no persons are given, returns the stored age."""
    if case.persons:
        return case.persons[0].age
    stored = before.persons if before is not None else []
    return age_on(stored[0], act.day) if stored else None


def _names(known: Mapping[str, Place[AreaValue]]) -> list[str]:
    return sorted(place.value.name for place in known.values())
