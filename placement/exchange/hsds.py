"""The register as HSDS 3 (Human Services Data Specification, Open Referral): JSON in tabular form, read and written.

| here | HSDS |
|---|---|
| provider | `organization` |
| shelter | `organization`, whose parent the provider is |
| location | `location`: the middle of its map cell |
| unit | `service`, at its location by `service_at_location`; its languages: `language` |
| room | `service_capacity`: its beds as `maximum`, those that are free as `available` |

A value without a field in HSDS is an `attribute`, whose term names the column of the sheet (`sheets.py`). HSDS ids are
UUIDs. The service's own id, by which a place is recognised, is the attribute `id`.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID, uuid5

from placement.exchange.export import Rows, Values
from placement.exchange.grid import MOST_ROWS, Grid, Raw, unreadable
from placement.exchange.sheets import SHEETS
from placement.text.catalogue import SOURCE, translate
from placement.text.languages import spoken_names

_SPACE = UUID("9d1f1a70-5b0c-4c0e-9a53-6c1f6b0d6f4e")
_TAXONOMY = "placement"
_BETWEEN = ";"
_SAID_OTHERWISE = {
    "shelters": {"name", "provider", "provider_id"},
    "locations": {"name", "shelter", "latitude", "longitude"},
    "units": {"name", "shelter", "location", "min_age", "max_age", "languages"},
    "rooms": {"name", "shelter", "location", "unit", "beds"},
}
"""Columns that have a field in HSDS. Every other column becomes an attribute."""
_ENTITIES = {"shelters": "organization", "locations": "location", "units": "service", "rooms": "service_capacity"}

_READ = (*_ENTITIES.values(), "service_at_location", "language", "attribute", "taxonomy_term")
_MOST_ROWS = 10 * MOST_ROWS
"""The largest number of rows of a list. It is higher than in a spreadsheet, because each attribute is a row."""


TABLES = (
    "organization", "location", "service", "service_at_location", "service_capacity", "unit", "language", "attribute",
    "taxonomy", "taxonomy_term",
)  # fmt: skip
"""The tables of an export; empty tables are included."""


def write_hsds(rows: Rows, at: datetime) -> bytes:
    """Returns the rows of an export (`register_rows`) as HSDS. `at`: the time of the export."""
    return json.dumps(_Writing(at).tables(rows), ensure_ascii=False, indent=1).encode()


class _Writing:
    def __init__(self, at: datetime) -> None:
        self.at = at
        self.made: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}

    def tables(self, rows: Rows) -> Mapping[str, object]:
        free = {row["id"]: row["free"] for row in rows["capacity"]}
        ids = self._ids(rows)
        for row in rows["shelters"]:
            self._shelter(row)
        for row in rows["locations"]:
            self._location(row, ids)
        for row in rows["units"]:
            self._unit(row, ids)
        for row in rows["rooms"]:
            self._room(row, ids, free.get(row["id"], 0))
        self.made["unit"].append({"id": _uuid("unit", "bed"), "name": "bed"})
        self._terms()
        return self.made

    def _ids(self, rows: Rows) -> Mapping[tuple[str, ...], str]:
        """Returns the ids of shelters, locations and units. They can be looked up by the service's id, and by the names
        of the place and of the places that contain it.
        """
        found: dict[tuple[str, ...], str] = {}
        for sheet, above in (("shelters", ()), ("locations", ("shelter",)), ("units", ("shelter", "location"))):
            for row in rows[sheet]:
                way = tuple(row[column] for column in above)
                found[*way, row["name"]] = found[*way, row["id"]] = row["id"]
        return found

    def _shelter(self, row: Values) -> None:
        provider = _uuid("organization", row["provider_id"])
        if all(one["id"] != provider for one in self.made["organization"]):
            self._organization(provider, row["provider"], None)
            self._attribute("organization", provider, "id", row["provider_id"])
        self._organization(_uuid("organization", row["id"]), row["name"], provider)
        self._attributes("shelters", row)

    def _organization(self, uuid: str, name: str, parent: str | None) -> None:
        made = {"id": uuid, "name": name, "description": name}
        self.made["organization"].append(made | ({"parent_organization_id": parent} if parent else {}))

    def _location(self, row: Values, ids: Mapping[tuple[str, ...], str]) -> None:
        self.made["location"].append(
            {
                "id": _uuid("location", row["id"]),
                "location_type": "physical",
                "organization_id": _uuid("organization", ids[(row["shelter"],)]),
                "name": row["name"],
                "latitude": row["latitude"],
                "longitude": row["longitude"],
            }
        )
        self._attributes("locations", row)

    def _unit(self, row: Values, ids: Mapping[tuple[str, ...], str]) -> None:
        uuid = _uuid("service", row["id"])
        self.made["service"].append(
            {
                "id": uuid,
                "organization_id": _uuid("organization", ids[(row["shelter"],)]),
                "name": row["name"],
                "status": "active",
                "minimum_age": row["min_age"],
                "maximum_age": row["max_age"],
            }
        )
        place = _uuid("location", ids[row["shelter"], row["location"]])
        link = {"id": _uuid("service_at_location", row["id"]), "service_id": uuid, "location_id": place}
        self.made["service_at_location"].append(link)
        names = {code: name for name, code in spoken_names(SOURCE).items()}
        self.made["language"] += [
            {"id": _uuid("language", row["id"], code), "service_id": uuid, "name": names.get(code, code), "code": code}
            for code in row["languages"] or ()
        ]
        self._attributes("units", row)

    def _room(self, row: Values, ids: Mapping[tuple[str, ...], str], free: int) -> None:
        self.made["service_capacity"].append(
            {
                "id": _uuid("service_capacity", row["id"]),
                "service_id": _uuid("service", ids[row["shelter"], row["location"], row["unit"]]),
                "unit_id": _uuid("unit", "bed"),
                "available": free,
                "maximum": row["beds"],
                "description": row["name"],
                "updated": self.at.isoformat(timespec="milliseconds"),
            }
        )
        self._attributes("rooms", row)

    def _attributes(self, sheet: str, row: Values) -> None:
        entity = _ENTITIES[sheet]
        for column in SHEETS[sheet].columns:
            value = row.get(column.name)
            if column.name not in _SAID_OTHERWISE[sheet] and value not in (None, [], ()):
                self._attribute(entity, _uuid(entity, row["id"]), column.name, value)

    def _attribute(self, entity: str, link: str, term: str, value: object) -> None:
        self.made["attribute"].append(
            {
                "id": _uuid("attribute", link, term),
                "link_id": link,
                "link_entity": entity,
                "taxonomy_term_id": _uuid("taxonomy_term", term),
                "value": _text(value),
            }
        )

    def _terms(self) -> None:
        """Adds the taxonomy of the attributes: a term for each column of the sheets."""
        used = {one["taxonomy_term_id"] for one in self.made["attribute"]}
        terms = {column.name: column.words for name in _ENTITIES for column in SHEETS[name].columns}
        taxonomy = _uuid("taxonomy", _TAXONOMY)
        self.made["taxonomy"].append({"id": taxonomy, "name": _TAXONOMY, "description": _TAXONOMY})
        for term, words in sorted(terms.items()):
            if (uuid := _uuid("taxonomy_term", term)) in used:
                said = translate("column.help", words, SOURCE)
                made = {"id": uuid, "code": term, "name": term, "description": said, "taxonomy_id": taxonomy}
                self.made["taxonomy_term"].append(made)


def read_hsds(content: bytes) -> list[Grid]:
    """Reads HSDS in tabular form. Returns sheets like the sheets of a workbook. Raises `Invalid`."""
    try:
        read = json.loads(content)
    except (ValueError, RecursionError) as wrong:
        raise unreadable("import_hsds_broken") from wrong
    tables = {name: read.get(name, []) for name in _READ} if isinstance(read, dict) else {}
    if not any(tables.values()) or not all(_is_table(rows) for rows in tables.values()):
        raise unreadable("import_hsds_broken")
    for name, rows in tables.items():
        if len(rows) > _MOST_ROWS:
            raise unreadable("import_too_many_rows", sheet=name, most=_MOST_ROWS)
    return list(_Reading(tables).grids())


def _is_table(rows: object) -> bool:
    """Checks that the value is a list of objects whose ids are texts."""
    return isinstance(rows, list) and all(
        isinstance(row, dict)
        and all(isinstance(value, str | None) for name, value in row.items() if name == "id" or name.endswith("_id"))
        for row in rows
    )


class _Reading:
    def __init__(self, tables: Mapping[str, Any]) -> None:
        self.tables = tables
        self.spoken = _by_service(tables["language"])
        self.places = _by_service(tables["service_at_location"])
        terms = {one.get("id"): one.get("code") for one in self.tables["taxonomy_term"]}
        self.attributes: dict[object, dict[str, Raw]] = defaultdict(dict)
        for one in self.tables["attribute"]:
            self.attributes[one.get("link_id")][str(terms.get(one.get("taxonomy_term_id")))] = _raw(one.get("value"))
        self.by_id = {row.get("id"): row for name in _ENTITIES.values() for row in self.tables[name]}

    def grids(self) -> Iterator[Grid]:
        rows = {
            "shelters": self._shelters(),
            "locations": [self._location(row) for row in self.tables["location"]],
            "units": [self._unit(row) for row in self.tables["service"]],
            "rooms": [self._room(row) for row in self.tables["service_capacity"]],
        }
        for name, found in rows.items():
            columns = [column.name for column in SHEETS[name].columns]
            yield Grid(name, [columns, *([row.get(column) for column in columns] for row in found)])

    def _shelters(self) -> list[dict[str, Raw]]:
        """Returns the shelters, which are the organizations without a child organization."""
        parents = {one.get("parent_organization_id") for one in self.tables["organization"]}
        return [self._shelter(row) for row in self.tables["organization"] if row.get("id") not in parents]

    def _shelter(self, row: Mapping[str, object]) -> dict[str, Raw]:
        provider = self.by_id.get(row.get("parent_organization_id"), row)
        known = self.attributes[provider.get("id")].get("id") if provider is not row else None
        return {**self._said(row), "provider": _raw(provider.get("name")), "provider_id": known}

    def _location(self, row: Mapping[str, object]) -> dict[str, Raw]:
        point = {"latitude": _raw(row.get("latitude")), "longitude": _raw(row.get("longitude"))}
        return {**self._said(row), **point, "shelter": self._named(row.get("organization_id"))}

    def _unit(self, row: Mapping[str, object]) -> dict[str, Raw]:
        spoken = [str(one.get("code") or one.get("name")) for one in self.spoken[row.get("id")]]
        places = [one.get("location_id") for one in self.places[row.get("id")]]
        return {
            **self._said(row),
            "shelter": self._named(row.get("organization_id")),
            "location": self._named(places[0]) if len(places) == 1 else None,
            "min_age": _raw(row.get("minimum_age")),
            "max_age": _raw(row.get("maximum_age")),
            "languages": _BETWEEN.join(spoken),
        }

    def _room(self, row: Mapping[str, object]) -> dict[str, Raw]:
        unit = self.by_id.get(row.get("service_id"), {})
        return {
            **self._said(row),
            "name": _raw(row.get("description")),
            "shelter": self._named(unit.get("organization_id")),
            "unit": self._named(row.get("service_id")),
            "beds": _raw(row.get("maximum")),
        }

    def _said(self, row: Mapping[str, object]) -> dict[str, Raw]:
        return {**self.attributes[row.get("id")], "name": _raw(row.get("name"))}

    def _named(self, uuid: object) -> Raw:
        """Returns the text by which a cell names the object: its id in this service, or else its name."""
        return self.attributes[uuid].get("id") or _raw(self.by_id.get(uuid, {}).get("name"))


def _by_service(rows: Iterable[Mapping[str, object]]) -> Mapping[object, list[Mapping[str, object]]]:
    found: dict[object, list[Mapping[str, object]]] = defaultdict(list)
    for row in rows:
        found[row.get("service_id")].append(row)
    return found


def _uuid(*way: str) -> str:
    return str(uuid5(_SPACE, "/".join(way)))


def _text(value: object) -> str:
    match value:
        case list() | tuple():
            return _BETWEEN.join(_text(one) for one in value)
        case Enum():
            return str(value.value)
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _raw(value: object) -> Raw:
    """Returns a JSON value as a cell; lists and objects become empty cells."""
    return value if isinstance(value, str | int | float) else None
