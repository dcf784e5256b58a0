"""The initial areas and registrants' units of a new store. There are no initial municipalities, because the desk
imports their list. People change the areas later (`placement/area_changes/`). A change of this file does not change an
existing store.

The initial areas are the ten police units, which is *assumed*: the real areas of care coordinators differ, but no
current list was found (`docs/domain.md`, 1.3). The schemes of the Caribbean islands were not found either, so they are
unknown.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from placement.core.area_codes import PlaceKind, SchemesOfArea
from placement.core.codes import Region, Registrant
from placement.tables import PlaceEntry

BY_THE_SERVICE = "system"
_ASSUMED = "assumed: the ten police units"
_LANDS = "the parts of the Kingdom; which schemes hold there was not found"
_UNITS = "publicaties.comensha.nl, Het beeld van 2024, Verdieping III"

_NAMES = {
    Region.NOORD_NEDERLAND: "Noord-Nederland",
    Region.OOST_NEDERLAND: "Oost-Nederland",
    Region.MIDDEN_NEDERLAND: "Midden-Nederland",
    Region.NOORD_HOLLAND: "Noord-Holland",
    Region.AMSTERDAM: "Amsterdam",
    Region.DEN_HAAG: "Den Haag",
    Region.ROTTERDAM: "Rotterdam",
    Region.ZEELAND_WEST_BRABANT: "Zeeland-West-Brabant",
    Region.OOST_BRABANT: "Oost-Brabant",
    Region.LIMBURG: "Limburg",
}
_ISLANDS = {
    "bonaire": "Bonaire",
    "sint-eustatius": "Sint Eustatius",
    "saba": "Saba",
    "aruba": "Aruba",
    "curacao": "Curaçao",
    "sint-maarten": "Sint Maarten",
}
_OTHER_UNITS = {
    "landelijke-eenheid": ("Landelijke Eenheid", Registrant.NP),
    "nla-centraal": ("Nederlandse Arbeidsinspectie, centraal", Registrant.NLA),
}


def first_places(at: datetime) -> list[PlaceEntry]:
    """Returns the entries of a new store, as objects that are not stored yet."""
    return list(_rows(at))


def store_first_places(session: Session, at: datetime) -> None:
    """Stores the initial entries of each kind that has no entry yet. Safe to repeat."""
    known = set(session.exec(select(col(PlaceEntry.kind)).distinct()))
    session.add_all(row for row in first_places(at) if row.kind not in known)


def _rows(at: datetime) -> Iterator[PlaceEntry]:
    for region, name in _NAMES.items():
        yield _row(PlaceKind.AREA, region.value, _ASSUMED, at, name=name)
    for code, name in _ISLANDS.items():
        yield _row(PlaceKind.AREA, code, _LANDS, at, name=name, island=True, schemes=SchemesOfArea.UNKNOWN.value)
    for region, name in _NAMES.items():
        yield _row(PlaceKind.REGISTRANT_UNIT, region.value, _UNITS, at, name=name, registrants=[Registrant.NP.value])
    for code, (name, registrant) in _OTHER_UNITS.items():
        yield _row(PlaceKind.REGISTRANT_UNIT, code, _UNITS, at, name=name, registrants=[registrant.value])


def _row(kind: PlaceKind, code: str, source: str, at: datetime, **facts: object) -> PlaceEntry:
    return PlaceEntry(kind=kind, code=code, number=1, facts=facts, source=source, set_by=BY_THE_SERVICE, set_at=at)
