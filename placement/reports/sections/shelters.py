"""Section 2. The places of every shelter and unit, and the sums of these figures for the country."""

from collections import Counter
from datetime import date

from placement.core.codes import Freshness, OutOfService, Region, Scheme
from placement.reports.inputs import Rows, UnitRow
from placement.reports.model import CountryPlaces, Discrepancies, OutOfUse, ShelterPlaces, UnitPlaces
from placement.reports.sections.free_places import days_before

_SUMMED = [name for name, field in UnitPlaces.model_fields.items() if field.annotation is int]
"""The figures of a unit that are added up to figures of the country."""


def shelters(rows: Rows) -> tuple[ShelterPlaces, ...]:
    units = [_unit(rows, unit) for unit in rows.units]
    found = []
    for row in rows.shelters:
        theirs = tuple(unit for unit in units if unit.shelter == row.shelter)
        found.append(
            ShelterPlaces(
                shelter=row.shelter,
                name=row.name,
                reported_at=row.reported_at,
                freshness=Freshness(row.freshness),
                beds=sum(unit.beds for unit in theirs),
                free=sum(unit.free for unit in theirs),
                units=theirs,
            )
        )
    return tuple(found)


def country(rows: Rows) -> CountryPlaces:
    units = [unit for shelter in shelters(rows) for unit in shelter.units]
    before = {row.on: row for row in rows.before}
    days = [before.get(day) for day in days_before(rows.on)]
    return CountryPlaces(
        shelters=len(rows.shelters),
        units=len(units),
        **{name: sum(getattr(unit, name) for unit in units) for name in _SUMMED},
        series_free=tuple(row and row.free for row in days),
        series_used=tuple(row and row.used for row in days),
    )


def _unit(rows: Rows, unit: UnitRow) -> UnitPlaces:
    rooms = unit.rooms
    counts = {
        "used": sum(room.used for room in rooms),
        "used_by_others": sum(room.others for room in rooms),
        "held": sum(room.held for room in rooms),
        "out_of_service": sum(room.out for room in rooms),
        "withheld": sum(room.withheld for room in rooms),
        "free": sum(room.free for room in rooms),
    }
    beds = sum(room.beds for room in rooms)
    before = {row.on: row.units.get(unit.unit) for row in rows.before}
    days = [before.get(day) for day in days_before(rows.on)]
    return UnitPlaces(
        unit=unit.unit,
        name=unit.name,
        shelter=unit.shelter,
        region=Region(unit.region),
        scheme=Scheme(unit.scheme),
        beds=beds,
        **counts,
        not_ready=max(0, beds - sum(counts.values())),
        out=_out_of_use(unit),
        free_rooms=sum(1 for room in rooms if room.free and room.empty),
        rooms=len(rooms),
        discrepancies=Discrepancies(
            too_many=sum(room.too_many for room in rooms),
            counted_otherwise=sum(1 for room in rooms if room.counted_otherwise),
        ),
        series_free=tuple(day and day[0] for day in days),
        series_used=tuple(day and day[1] for day in days),
        open_until=unit.open_until,
    )


def _out_of_use(unit: UnitRow) -> tuple[OutOfUse, ...]:
    beds: Counter[tuple[str, date | None]] = Counter()
    for room in unit.rooms:
        if room.out:
            beds[room.out_reason or OutOfService.OTHER.value, room.out_until] += room.out
    by_reason_and_day = sorted(beds.items(), key=lambda row: (row[0][0], row[0][1] or date.max))
    return tuple(
        OutOfUse(reason=OutOfService(reason), beds=count, until=until) for (reason, until), count in by_reason_and_day
    )
