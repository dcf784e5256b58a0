"""The three places of a registration: the registrant's unit, the responsible municipality, and the care area."""

from collections.abc import Collection, Mapping
from typing import Any

from placement.areas.lookup import Place, areas, areas_for, municipalities, names, registrant_units
from placement.areas.values import AreaValue, PlaceValue
from placement.core.area_codes import PlaceKind
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.tables import Registration

_KINDS = {
    "region": PlaceKind.AREA,
    "municipality": PlaceKind.MUNICIPALITY,
    "registrant_unit": PlaceKind.REGISTRANT_UNIT,
}


def settled(act: Act, facts: Mapping[str, Any], age: int | None, before: Registration | None = None) -> dict[str, Any]:
    """The facts, with codes for the places that were given by name; and with the area that follows from the
    municipality and the age, where none is given. `before`: the registration that is changed.

    Raises `Invalid`, naming each place that is not there today, and the area where none follows.
    """
    found = dict(facts)
    faults: list[Fault] = []
    for name, known_on in (("municipality", municipalities), ("registrant_unit", registrant_units)):
        if found.get(name):
            _look_up(found, name, known_on(act.session, act.day), faults)
    changes_area = "region" in found and (before is None or found["region"] != before.region)
    works_out = "region" not in found and (before is None or bool(found.get("municipality")))
    if changes_area or works_out:
        known = areas(act.session, act.day)
        if changes_area and found["region"] not in known:
            faults.append(Fault("region", "area_unknown", {"found": found["region"], "allowed": _names(known)}))
        elif works_out and not faults:
            _work_out(found, known, age, faults)
    if faults:
        raise Invalid(faults)
    return found


def names_of(act: Act, registration: Registration) -> dict[str, str]:
    """By field, what the places of a registration are called today."""
    found = {}
    for name, kind in _KINDS.items():
        code = getattr(registration, name)
        if code is not None:
            one = () if kind is PlaceKind.AREA else (code,)  # all areas are read for entitlement, too
            found[name] = names(act.session, kind, act.day, *one).get(code, code)
    return found


def names_of_areas(act: Act, codes: Collection[str]) -> list[str]:
    """The names of these areas, for a message."""
    known = names(act.session, PlaceKind.AREA, act.day)
    return sorted(known.get(code, code) for code in codes)


def _work_out(
    found: dict[str, Any], known: Mapping[str, Place[AreaValue]], age: int | None, faults: list[Fault]
) -> None:
    municipality = found.get("municipality")
    if not municipality:
        faults.append(Fault("region", "missing"))
        return
    fitting = areas_for(known, municipality, age) if age is not None else []
    if len(fitting) == 1:
        found["region"] = fitting[0]
    else:
        faults.append(Fault("region", "area_does_not_follow", {"found": municipality}))


def _look_up(found: dict[str, Any], name: str, known: Mapping[str, Place[Any]], faults: list[Fault]) -> None:
    """Puts the code in place of what was given: a code, or a name that only one has."""
    given = found[name]
    wanted = str(given).strip().lower()
    fitting = [code for code, place in known.items() if wanted in {code.lower(), _name(place.value)}]
    if len(fitting) == 1:
        found[name] = fitting[0]
    else:
        faults.append(Fault(name, "entry_unknown", {"found": given, "kind": name}))


def _name(value: PlaceValue) -> str:
    return value.name.lower()


def _names(known: Mapping[str, Place[AreaValue]]) -> list[str]:
    return sorted(place.value.name for place in known.values())
