"""The export of the register of shelters, its capacity, and the areas, without clients, addresses and accounts."""

import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity.newest_reports import last_confirmed
from placement.capacity.room_state import RoomState, room_states
from placement.core.clock import day_of
from placement.core.context import Act
from placement.core.geography import Cell
from placement.core.place_codes import PlaceStatus
from placement.exchange.area_sheets import area_sheets
from placement.exchange.cell_vocabulary import title
from placement.exchange.csv_write import csv_of_rows
from placement.exchange.ods_write import ods_of
from placement.exchange.profile_columns import PROFILE
from placement.exchange.register_index import AnyThing, RegisterIndex, Thing, name_of
from placement.exchange.sheets import CAPACITY, SHEETS, Sheet
from placement.exchange.template import cells_of, headings_of, written_sheet
from placement.exchange.xlsx_write import xlsx_of
from placement.shelters.beds import beds_of
from placement.shelters.register import AnyPlace
from placement.tables import Location, Provider, Room, Shelter, Unit
from placement.tables.shelter import Lifetime
from placement.text.catalogue import Language

Values = Mapping[str, Any]
"""A row of a sheet, by column."""
Rows = Mapping[str, list[Values]]
"""Rows by sheet."""


class Form(StrEnum):
    XLSX = "xlsx"
    ODS = "ods"
    CSV = "csv"
    HSDS = "hsds"


@needs(Permission.REGISTER_EXPORT)
def register_rows(act: Act) -> dict[str, list[Values]]:
    """Returns the register by sheet, sorted by id: open places, each room's capacity, and the areas. Leaves out places,
    municipalities and areas that have ended.
    """
    rows = sheets_of_register(act)
    audit_log.write(act, Event.REGISTER_EXPORTED, counts={name: len(listed) for name, listed in rows.items()})
    return rows


def sheets_of_register(act: Act) -> dict[str, list[Values]]:
    """Returns the rows of `register_rows`. The caller checks the permission and writes the audit event."""
    found = _Rows(act)
    return {
        "shelters": found.shelters(),
        "locations": found.locations(),
        "units": found.units(),
        "rooms": found.rooms(),
        "capacity": found.capacity(),
        **area_sheets(act),
    }


def written(rows: Rows, form: Form, language: Language) -> bytes:
    """Returns the rows as a file: a workbook, or a ZIP file with a CSV for each sheet. `hsds.py` writes HSDS."""
    sheets = {name: SHEETS.get(name, CAPACITY) for name in rows}
    if form is not Form.CSV:
        write = ods_of if form is Form.ODS else xlsx_of
        return write(written_sheet(sheet, rows[name], language) for name, sheet in sheets.items())
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, sheet in sheets.items():
            archive.writestr(f"{title(name, language)}.csv", csv_of_sheet(sheet, rows[name], language))
    return out.getvalue()


def csv_of_sheet(sheet: Sheet, rows: Iterable[Values], language: Language) -> str:
    return csv_of_rows(headings_of(sheet, language), (cells_of(sheet, row, language) for row in rows))


class _Rows:
    """The open places of the register as rows of sheets. A place that contains another place appears by its name. If
    the name is ambiguous, it appears by its id.
    """

    def __init__(self, act: Act) -> None:
        self.act = act
        self.index = RegisterIndex(act.session)

    def shelters(self) -> list[Values]:
        return [{**_named(one), **self._provider_of(one)} for one in self._open(Shelter)]

    def locations(self) -> list[Values]:
        return [self._location(one) for one in self._open(Location)]

    def units(self) -> list[Values]:
        return [{**_columns_of(one, "units"), **_profile(one), **self._above(one)} for one in self._open(Unit)]

    def rooms(self) -> list[Values]:
        return [{**_columns_of(one, "rooms"), "beds": self._beds(one), **self._above(one)} for one in self._open(Room)]

    def capacity(self) -> list[Values]:
        reported = last_confirmed(self.act.session)
        states = room_states(self.act.session, self.act.day)
        return [
            {
                **_named(one),
                **self._above(one),
                **_capacity(states[one.id], reported.get(self._whole(Shelter, one).id)),
            }
            for one in self._open(Room)
            if one.id in states
        ]

    def _open(self, table: type[AnyPlace]) -> Iterator[AnyPlace]:
        return (one for one in self.index.all_of(table) if one.status is not PlaceStatus.CLOSED)

    def _location(self, one: Location) -> Values:
        centre = Cell(one.cell_row, one.cell_column).centre
        point = {"latitude": centre.lat, "longitude": centre.lon, "police_unit": one.region}
        return {**_named(one), **self._above(one), **point}

    def _provider_of(self, shelter: Shelter) -> Values:
        provider = self._whole(Provider, shelter)
        return {"provider": provider.name, "provider_id": provider.id}

    def _above(self, thing: Lifetime) -> dict[str, str]:
        """Returns the names of the places that contain this place, by column."""
        wholes = [one for one in self.index.above(thing) if not isinstance(one, Provider)]
        return {type(one).__name__.lower(): self._said(one) for one in wholes}

    def _said(self, thing: Thing) -> str:
        """Returns the name of a place. If another place with the same parent has the same name, returns the id instead.
        The names of shelters must be unique in the whole register.
        """
        name = name_of(thing)
        within = [] if isinstance(thing, Shelter) else list(self.index.above(thing))[:1]
        same = self.index.named(type(thing), name, within)
        return name if [one.id for one in same] == [thing.id] else thing.id

    def _whole(self, table: type[AnyThing], thing: Thing) -> AnyThing:
        return next(one for one in self.index.above(thing) if isinstance(one, table))

    def _beds(self, room: Room) -> int:
        return len(beds_of(self.act, room)) if room.beds_wanted is None else room.beds_wanted


def _named(thing: Lifetime) -> dict[str, object]:
    """Returns the values that every place has. A closing place has its closing days instead of `open_until`."""
    days = {"closes_on", "no_new_from"} if thing.status is PlaceStatus.CLOSING else {"open_until"}
    return thing.model_dump(include={"id", "name", "opens_on", *days})


def _columns_of(thing: Lifetime, sheet: str) -> dict[str, object]:
    """Returns the values of the columns that exist both in the table of the place and in the sheet."""
    return {one.name: getattr(thing, one.name) for one in SHEETS[sheet].columns if one.name in type(thing).model_fields}


def _profile(unit: Unit) -> Values:
    """Returns the profile of a unit. If the unit has no profile yet, all values are empty."""
    return {} if unit.admits else dict.fromkeys(PROFILE)


def _capacity(state: RoomState, reported_at: datetime | None) -> Values:
    return {
        "beds": len(state.beds),
        "free": state.vacancy.free_now,
        "free_soon": state.vacancy.free_beds,
        "free_from": state.vacancy.free_from if state.vacancy.free_beds else None,
        "out": state.report.out_of_service if state.report else None,
        "reported_on": day_of(reported_at) if reported_at else None,
    }
