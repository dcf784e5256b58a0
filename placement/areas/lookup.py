"""Look-up of areas, municipalities and registrants' units with their facts on a given day."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Generic, TypeVar, cast

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from placement.areas.values import VALUES, AreaValue, MunicipalityValue, PlaceValue, RegistrantUnitValue
from placement.core.area_codes import PlaceKind
from placement.core.read_ahead import Rows, rows_of
from placement.tables import Account, PlaceEntry

AnyValue = TypeVar("AnyValue", bound=PlaceValue)
_ALWAYS = date.min
_READ = "places"
_OF_KIND = (
    select(PlaceEntry)
    .where(PlaceEntry.kind == bindparam("kind"))
    .order_by(col(PlaceEntry.code), col(PlaceEntry.number))
)
_OF_CODE = _OF_KIND.where(col(PlaceEntry.code) == bindparam("code"))
_OF_CODES = _OF_KIND.where(col(PlaceEntry.code).in_(bindparam("codes", expanding=True)))
"""The query for the entries with certain codes. It is prepared only once, because nearly every request uses it."""


@dataclass(frozen=True, slots=True)
class Place(Generic[AnyValue]):
    """A place on a given day. `version`: the version of the newest entry about the place, also if that entry is for a
    later day. `until`: the next day on which the place ends; `None` if no end is known.
    """

    code: str
    value: AnyValue
    version: int
    since: date | None
    until: date | None
    source: str
    listed_on: date | None


def entries(session: Session, kind: PlaceKind, *codes: str) -> list[PlaceEntry]:
    """Returns every entry of this kind, sorted by code and number. `codes`: only the entries about these places. All
    entries of a kind are cached during the transaction. Call `forget` after adding an entry.
    """
    read: dict[PlaceKind, list[PlaceEntry]] = session.info.setdefault(_READ, {})
    if kind in read:
        return [one for one in read[kind] if not codes or one.code in codes]
    if len(codes) == 1:
        return list(session.exec(_OF_CODE, params={"kind": kind, "code": codes[0]}))
    if codes:
        return list(session.exec(_OF_CODES, params={"kind": kind, "codes": codes}))
    read[kind] = sorted(rows_of(session, all_of(kind)), key=lambda one: (one.code, one.number))
    return read[kind]


@cache
def all_of(kind: PlaceKind) -> Rows[PlaceEntry]:
    """Returns the query for all entries of a kind. Cached, because `rows_of` recognises rows that were read ahead by
    the identity of this object.
    """
    return Rows(PlaceEntry, col(PlaceEntry.kind) == kind)


def forget(session: Session) -> None:
    """Clears the cached entries, so that the next look-up reads them again. Called after entries were added."""
    session.info.pop(_READ, None)


def places_of_day(found: Iterable[PlaceEntry], day: date) -> dict[str, Place[PlaceValue]]:
    """Returns by code the places that began by this day, even if they have ended. `found`: entries of a kind."""
    about: dict[str, list[PlaceEntry]] = defaultdict(list)
    for entry in found:
        about[entry.code].append(entry)
    places = {code: _place(rows, day) for code, rows in about.items()}
    return {code: place for code, place in places.items() if place is not None}


def areas(session: Session, day: date) -> dict[str, Place[AreaValue]]:
    """Returns, by code, the areas that have not ended on this day."""
    return cast("dict[str, Place[AreaValue]]", _standing(session, PlaceKind.AREA, day))


def municipalities(session: Session, day: date) -> dict[str, Place[MunicipalityValue]]:
    return cast("dict[str, Place[MunicipalityValue]]", _standing(session, PlaceKind.MUNICIPALITY, day))


def registrant_units(session: Session, day: date) -> dict[str, Place[RegistrantUnitValue]]:
    return cast("dict[str, Place[RegistrantUnitValue]]", _standing(session, PlaceKind.REGISTRANT_UNIT, day))


def names(session: Session, kind: PlaceKind, day: date, *codes: str) -> dict[str, str]:
    """Returns the names of places by code. Places that have ended are included. `codes`: only these places."""
    return {found: place.value.name for found, place in places_of_day(entries(session, kind, *codes), day).items()}


def areas_for(known: Mapping[str, Place[AreaValue]], municipality: str, age: int) -> list[str]:
    """Returns the areas for this municipality and age. There is exactly one if the areas are defined correctly."""
    return [
        code
        for code, place in known.items()
        if municipality in place.value.municipalities
        and (place.value.age_from is None or age >= place.value.age_from)
        and (place.value.age_until is None or age < place.value.age_until)
    ]


def reach_of(known: Mapping[str, Place[AreaValue]], given: Collection[str], organisation: str | None) -> frozenset[str]:
    """Returns the areas whose cases a coordinator sees.

    - If an admin gave the account no areas: all areas that the coordinator's organisation coordinates.
    - If an admin gave the account areas: only those of them that the organisation coordinates.
    - An area without an organisation: the accounts to which it was given see its cases.
    """
    return frozenset(
        code
        for code, place in known.items()
        if (organisation in place.value.coordinated_by and (not given or code in given))
        or (not place.value.coordinated_by and code in given)
    )


def coordinators(session: Session, accounts: Iterable[Account], area: str, day: date) -> list[Account]:
    """Returns the accounts, among these, that see the cases of this area on this day."""
    known = {code: place for code, place in areas(session, day).items() if code == area}
    return [one for one in accounts if reach_of(known, one.regions, one.organisation_id)]


def _standing(session: Session, kind: PlaceKind, day: date) -> dict[str, Place[PlaceValue]]:
    found = places_of_day(entries(session, kind), day)
    return {code: place for code, place in found.items() if not place.value.ended}


def _place(rows: Sequence[PlaceEntry], day: date) -> Place[PlaceValue] | None:
    in_turn = sorted(rows, key=lambda row: (row.valid_from or _ALWAYS, row.number))
    until_now = [row for row in in_turn if (row.valid_from or _ALWAYS) <= day]
    if not until_now:
        return None
    facts: dict[str, object] = {}
    for row in until_now:
        facts |= row.facts
    ends = (row.valid_from for row in in_turn[len(until_now) :] if row.facts.get("ended"))
    newest = until_now[-1]
    return Place(
        code=newest.code,
        value=_read(newest.kind, json.dumps(facts)),
        version=max(row.number for row in rows),
        since=in_turn[0].valid_from,
        until=next(ends, None),
        source=newest.source,
        listed_on=newest.listed_on,
    )


@lru_cache(maxsize=2000)
def _read(kind: PlaceKind, facts: str) -> PlaceValue:
    """Returns the model of stored facts. The result is cached, because the model is immutable."""
    return VALUES[kind].model_validate_json(facts)
