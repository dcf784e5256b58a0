"""The overview of the country."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from litestar import Response
from pydantic import Field

from api.http import methods
from api.http.context import Acts, Output, RequestActs
from api.http.operations import get
from api.http.response_formats import FILES, FormAsked, listed
from api.http.work_kinds import Work
from api.v1.capacity import DiscrepancyOut, ShelterCount
from placement.access.permissions import Permission
from placement.capacity import overview as capacity_overview
from placement.capacity import reads as capacity_reads
from placement.core.context import Act
from placement.core.place_codes import FreeBand
from placement.solver import reads as solver_reads
from placement.solver.missing_counts import all_missing_counts
from placement.solver.shortage import Extra, Shortage


class CountryUnitOut(Output):
    unit: str
    name: str
    region: str
    scheme: str
    admits: list[str]
    open_until: date | None = Field(description="The last day of the unit or of a place that contains it; may be null.")
    beds: int
    free_now: int
    free_soon: int = Field(description="Beds that become free within 14 days, in rooms without a free bed today.")
    free_shared: int = Field(description="Free beds in rooms in which a client lives.")
    empty_rooms: int = Field(
        description="Rooms with a free bed in which nobody lives; a household can have each alone."
    )
    not_reported: int = Field(
        description="Beds in rooms that were never reported, so that nobody knows whether they are free. A first "
        "count can free this number of beds at most; no other figure includes them."
    )


class ShelterOut(ShelterCount, Output):
    beds: int
    units: list[CountryUnitOut]


class ElsewhereOut(Output):
    """The total of the units of a region and kind that you do not see by name. Small groups are merged further."""

    region: str | None = Field(description="Null: units in several regions.")
    scheme: str | None = Field(description="Null: units of several kinds.")
    free: FreeBand | None = Field(
        description="few (at most 2), some (3 to 5) or many, as half an hour to two hours ago. Null: not known yet."
    )


class CountryOut(Output):
    """The figures of the units that you see by name: the desk sees all, a coordinator those of their own regions."""

    beds: int
    free_now: int
    shelters: list[ShelterOut]
    elsewhere: list[ElsewhereOut]


class UnitHistoryOut(Output):
    unit: str
    free: list[int | None]


class ElsewhereHistoryOut(Output):
    region: str | None
    scheme: str | None
    free: list[FreeBand | None]


class HistoryOut(Output):
    days: list[date] = Field(description="For the desk the last 28 days, for a coordinator the last Sundays.")
    units: list[UnitHistoryOut]
    elsewhere: list[ElsewhereHistoryOut] = Field(description="Units that you do not see by name, as in `/capacity`.")


class ExtraOut(Output):
    unit: str
    extra: str = Field(description="room_1, room_4: a room with so many beds; high_care: one more person in high care.")
    serves: int = Field(description="The number of registrations that would get a place, and have none now.")


class MissingCountOut(Output):
    unit: str
    opens: int = Field(description="The number of waiting registrations for which a first count could open the unit.")


class ShortageOut(Output):
    waiting: int = Field(description="The number of waiting registrations that you may see.")
    never_reported: list[MissingCountOut] = Field(
        description="Units that were never reported, and that a first count could open; the most useful first. Call "
        "these shelters before you look for more places."
    )
    complete: bool = Field(description="false: it could not be computed in time.")
    extras: list[ExtraOut]


@methods.get("/capacity", summary="Read the capacity of the country", permission=Permission.COUNTRY_READ, also_as=FILES)
def read_country(acts: RequestActs, format: FormAsked = None) -> Response[CountryOut]:
    """List beds, free beds by kind, age of the count and discrepancies of each shelter and unit.

    A coordinator sees the units of their own regions. All other units are added up by region and kind, and shown in
    bands and with a delay. A CSV file or workbook contains only the units that you see by name.
    """
    return listed(acts, "capacity", country, _units, *_COLUMNS, form=format)


_COLUMNS = ("shelter", "shelter_name", "freshness", "reported_at", *CountryUnitOut.model_fields)


def _units(found: CountryOut) -> list[dict[str, object]]:
    return [
        {
            "shelter": shelter.shelter,
            "shelter_name": shelter.name,
            "freshness": shelter.freshness.value,
            "reported_at": shelter.reported_at and shelter.reported_at.isoformat(),
            **unit.model_dump(mode="json"),
        }
        for shelter in found.shelters
        for unit in shelter.units
    ]


@get("/capacity/history", summary="Read four weeks of free beds", permission=Permission.COUNTRY_READ)
def read_capacity_history(act: Act) -> HistoryOut:
    """List the free beds of each unit at the end of each day (for a coordinator: of each Sunday) in the last four
    weeks. Null for days before the first report.
    """
    found = capacity_reads.history(act)
    units = [UnitHistoryOut(unit=unit, free=list(free)) for unit, free in found.free.items()]
    groups = found.elsewhere.items()
    elsewhere = [ElsewhereHistoryOut.of(group, free=list(free)) for group, free in groups]
    return HistoryOut(days=list(found.days), units=units, elsewhere=elsewhere)


@methods.get(
    "/capacity/shortage",
    summary="Find the places that would help most",
    permission=Permission.COUNTRY_READ,
    work=Work.SLOW,
)
def read_shortage(acts: RequestActs) -> Response[ShortageOut]:
    """Compute where additional beds would help most, and how many more clients would then have a place. All figures are
    numbers of clients. A coordinator sees the units of their own regions. 503 if too many users ask at the same time.
    """
    found = ask_shortage(acts)
    return acts.read(lambda act: shortage(act, found))


@dataclass(frozen=True, slots=True)
class AskedShortage:
    """The shortage of the whole country, before it is limited to what the reader may see."""

    clients: tuple[str, ...]
    found: Shortage
    ring: Sequence[MissingCountOut]


def ask_shortage(acts: Acts) -> AskedShortage:
    """Asks the engine for the shortage of the whole country, outside any transaction. Raises `Busy`."""
    world = acts.world()
    problem = acts.run(lambda act: solver_reads.waiting_problem(act, world))
    found = acts.previews.shortage(problem)
    opened = Counter(unit for one in all_missing_counts(problem, world.uncounted).values() for unit in one.open)
    ring = [MissingCountOut(unit=unit, opens=number) for unit, number in sorted(opened.items(), key=_most_first)]
    return AskedShortage(tuple(row.id for row in problem.registrations), found, ring)


def _most_first(row: tuple[str, int]) -> tuple[int, str]:
    return -row[1], row[0]


def _most_helpful_first(extras: Sequence[Extra]) -> list[Extra]:
    """Sorts additional rooms by the number of clients whom they would place. Equal rooms keep the engine's order."""
    return sorted(extras, key=lambda row: -row.serves)


def shortage(act: Act, asked: AskedShortage) -> ShortageOut:
    """Returns the part of the shortage that this reader may see, and writes the audit event."""
    waiting, named = solver_reads.shortage_for_reader(act, asked.clients)
    return ShortageOut(
        waiting=waiting,
        complete=asked.found.complete,
        extras=[ExtraOut.of(row) for row in _most_helpful_first(asked.found.extras) if row.unit in named],
        never_reported=[row for row in asked.ring if row.unit in named],
    )


def country(act: Act) -> CountryOut:
    shelters = [_shelter(row) for row in capacity_reads.country(act)]
    return CountryOut(
        beds=sum(row.beds for row in shelters),
        free_now=sum(row.free_now for row in shelters),
        shelters=shelters,
        elsewhere=[ElsewhereOut.of(group, free=free) for group, free in capacity_reads.country_elsewhere(act)],
    )


def _shelter(row: capacity_overview.ShelterAtAGlance) -> ShelterOut:
    units = [
        CountryUnitOut.of(
            known,
            unit=known.unit.id,
            name=known.unit.name,
            region=known.location.region,
            scheme=known.unit.scheme,
            admits=known.unit.admits,
            free_shared=known.shared,
        )
        for known in row.units
    ]
    return ShelterOut.of(
        row,
        shelter=row.shelter.id,
        name=row.shelter.name,
        confirmation_asked_at=row.asked_at,
        beds=sum(unit.beds for unit in units),
        free_now=sum(unit.free_now for unit in units),
        units=units,
        discrepancies=[DiscrepancyOut.of(what, room=room) for room, what in row.discrepancies],
    )
