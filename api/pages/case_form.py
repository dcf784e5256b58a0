"""The conversion of a registration into form fields, and of form fields into input for the API."""

from collections.abc import Collection, Mapping

from api.pages import form_steps
from api.pages.fact_fields import FIELDS, all_of
from api.pages.forms import Form, cases_in, day_in, number
from api.v1.registrations import AvoidedOut, PointOut, RegistrationOut
from placement.core.codes import AvoidedKind, RegistrationStatus
from placement.core.geography import places_named
from placement.registrations.case_rows import ASKED_FOR
from placement.text.languages import Language, spoken_code, spoken_names

Facts = dict[str, object]
AVOIDED = "avoided_regions"
"""The name of the checkboxes for regions to avoid."""
_OF_A_PERSON = ("age", "presumed", "adult_on", "housed_as", "guardian")
"""Fields about a person, besides the gender. If all are empty, the row is ignored."""


def facts_of(form: Form) -> Facts:
    """Converts the form into input for the API. Leaves out empty rows."""
    near = form.get("near.place")
    lat, lon = form.get("near.lat"), form.get("near.lon")
    return {
        **{name: value for field in all_of(FIELDS) for name, value in field.read(form).items() if name != "region"},
        **form.some("region"),
        **form_steps.last_day_of(form),
        "persons": [_person_of(row) for row in _begun_rows(form, "persons", _OF_A_PERSON)],
        "languages": [
            {"code": spoken_code(row.get("code", "")), "level": row.get("level", "")}
            for row in _begun_rows(form, "languages", ("code",))
        ],
        "threats": _points(form, "threats", "min_km"),
        "reach": _points(form, "reach", "max_km"),
        "near": {"place": near} if near else ({"lat": _degrees(lat), "lon": _degrees(lon)} if lat and lon else None),
        "avoided": [{"kind": AvoidedKind.REGION.value, "target": region} for region in form.all(AVOIDED)],
        **{name: cases_in(form.get(name)) for name in ("keep_apart", "stay_with")},
    }


def _begun_rows(form: Form, name: str, needed: Collection[str]) -> list[dict[str, str]]:
    """Returns each row with a filled field, so that its missing fields are reported. If the form is saved while the
    user types, returns only rows with a filled `needed` field.
    """
    rows = form.rows(name)
    return [row for row in rows if any(map(row.get, needed))] if form.get("section") else rows


def _person_of(row: Mapping[str, str]) -> Facts:
    return {
        "gender": row.get("gender", ""),
        "age": number(row["age"]) if row.get("age") else None,
        **{name: row.get(name) or None for name in ("presumed", "housed_as")},
        "adult_on": day_in(row["adult_on"]) if row.get("adult_on") else None,
        "guardian": bool(row.get("guardian")),
    }


def filled_from(one: RegistrationOut, language: Language) -> Form:
    names = {code: name for name, code in spoken_names(language).items()}
    fields = [filled for field in all_of(FIELDS) for filled in field.filled(getattr(one, field.name))]
    for number_of, person in enumerate(one.persons):
        written = person.model_dump() | {"guardian": "yes" if person.guardian else None}
        fields += [(f"persons.{number_of}.{name}", value) for name, value in written.items()]
    for number_of, spoken in enumerate(one.languages):
        fields += [
            (f"languages.{number_of}.code", names.get(spoken.code, spoken.code)),
            (f"languages.{number_of}.level", spoken.level),
        ]
    for number_of, threat in enumerate(one.threats):
        fields += [*_point(f"threats.{number_of}", threat), (f"threats.{number_of}.min_km", threat.min_km)]
    for number_of, reached in enumerate(one.reach):
        fields += [*_point(f"reach.{number_of}", reached), (f"reach.{number_of}.max_km", reached.max_km)]
    if one.near:
        fields += _point("near", one.near)
    fields += [(AVOIDED, avoided.target) for avoided in one.avoided if is_ticked(one, avoided)]
    fields += [("keep_apart", " ".join(one.keep_apart)), ("stay_with", " ".join(one.stay_with))]
    return Form((name, "" if value is None else str(value)) for name, value in fields)


def is_ticked(one: RegistrationOut, avoided: AvoidedOut) -> bool:
    """Checks whether the form shows this avoidance as a checkbox. Only a draft shows avoided regions in this way."""
    is_region = avoided.kind == AvoidedKind.REGION and avoided.reason == ASKED_FOR
    return one.status == RegistrationStatus.DRAFT and is_region


def _point(field: str, point: PointOut) -> list[tuple[str, object]]:
    """Returns the form fields of a point: its place name (if needed with the province), or else its coordinates."""
    if point.place:
        meant = places_named(point.place)
        here = (one.in_full for one in meant if (one.point.lat, one.point.lon) == (point.lat, point.lon))
        return [(f"{field}.place", next(here, point.place) if len(meant) > 1 else point.place)]
    return [(f"{field}.lat", point.lat), (f"{field}.lon", point.lon)]


def _points(form: Form, name: str, km: str) -> list[Facts]:
    """Converts the points of the form into input for the API: place names, or else coordinates."""
    found: list[Facts] = []
    for row in _begun_rows(form, name, ("place", "lat", "lon")):
        where: Facts = {"place": row["place"]} if row.get("place") else {}
        if not where:
            where = {axis: _degrees(row[axis]) for axis in ("lat", "lon") if row.get(axis)} or {"place": ""}
        found.append(where | ({km: number(row[km])} if row.get(km) else {}))
    return found


def _degrees(written: str) -> float | str:
    """Parses a number. Returns other texts unchanged, so that the API rejects them with a message."""
    try:
        return float(written)
    except ValueError:
        return written
