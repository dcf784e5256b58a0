"""Current and future municipalities and areas, as rows of their sheets."""

from collections.abc import Iterator, Mapping

from sqlmodel import select

from placement.areas.lookup import Place, entries, places_of_day
from placement.areas.values import PlaceValue
from placement.core.area_codes import PlaceKind
from placement.core.context import Act
from placement.exchange.area_rows import KINDS
from placement.exchange.cell_vocabulary import plain
from placement.tables import Organisation


def area_sheets(act: Act) -> dict[str, list[Mapping[str, object]]]:
    """Returns the rows by sheet, sorted by code. An organisation appears by name, or by id if its name is ambiguous."""
    names = _names_of_organisations(act)
    return {sheet: [_row(one, names) for one in _standing(act, kind)] for sheet, kind in KINDS.items()}


def _standing(act: Act, kind: PlaceKind) -> Iterator[Place[PlaceValue]]:
    found = entries(act.session, kind)
    today = places_of_day(found, act.day)
    for code in sorted({entry.code for entry in found}):
        begins = min(entry.valid_from or act.day for entry in found if entry.code == code)
        place = today.get(code) or places_of_day(found, begins)[code]
        if not place.value.ended:
            yield place


def _row(place: Place[PlaceValue], names: Mapping[str, str]) -> dict[str, object]:
    facts = place.value.model_dump(exclude={"ended", "age_from", "age_until", "coordinated_by"})
    value = place.value.model_dump()
    until = value.get("age_until")
    return {
        "id": place.code,
        **facts,
        "min_age": value.get("age_from"),
        "max_age": None if until is None else until - 1,
        "coordinated_by": [names[one] for one in value.get("coordinated_by", ())],
        "from_on": place.since,
        "until_on": place.until,
    }


def _names_of_organisations(act: Act) -> dict[str, str]:
    known = act.session.exec(select(Organisation)).all()
    same = [plain(one.name) for one in known]
    return {one.id: one.name if same.count(plain(one.name)) == 1 else one.id for one in known}
