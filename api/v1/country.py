"""The overview of the country."""

from collections import Counter
from datetime import date

from litestar import Response
from pydantic import Field

from api.http import methods
from api.http.context import Acts, Output, RequestActs
from api.http.operations import get
from api.http.response_formats import FILES, listed
from api.http.work_kinds import Work
from api.v1.capacity import DiscrepancyOut, ShelterCount
from placement.access.permissions import Permission
from placement.capacity import overview as capacity_overview
from placement.capacity import reads as capacity_reads
from placement.core.context import Act
from placement.solver import reads as solver_reads
from placement.solver.missing_counts import all_missing_counts


class CountryUnitOut(Output):
    unit: str
    name: str
    region: str
    scheme: str
    admits: list[str]
    open_until: date | None = Field(description="Its last day, or that of what it is part of; null if there is none.")
    beds: int
    free_now: int
    free_soon: int = Field(description="Beds that come free within 14 days, in rooms where none is free now.")
    free_shared: int = Field(description="Of the beds free now: those in rooms where a client lives.")
    empty_rooms: int = Field(description="Rooms free now in which nobody lives: a household can have one for itself.")
    not_reported: int = Field(
        description="Beds of which nobody knows whether they are free: their rooms were never reported. At most so "
        "many become free by a first count; no other number counts them as free."
    )


class ShelterOut(ShelterCount, Output):
    beds: int
    units: list[CountryUnitOut]


class CountryOut(Output):
    beds: int
    free_now: int
    shelters: list[ShelterOut]


class UnitHistoryOut(Output):
    unit: str
    free: list[int | None]


class HistoryOut(Output):
    days: list[date]
    units: list[UnitHistoryOut]


class ExtraOut(Output):
    unit: str
    extra: str = Field(description="room_1, room_4: a room with so many beds; high_care: one more person in high care.")
    gain: int = Field(description="Points by which the best total rises.")
    serves: int = Field(description="How many registrations would have a place that have none now.")


class MissingCountOut(Output):
    unit: str
    opens: int = Field(description="To how many waiting registrations a first count could open the unit.")


class ShortageOut(Output):
    waiting: int
    never_reported: list[MissingCountOut] = Field(
        description="Units that were never reported and that a first count could open, the most useful first: to be "
        "rung before more places are sought."
    )
    complete: bool = Field(description="false: it could not be worked out in time.")
    extras: list[ExtraOut]


@methods.get("/capacity", summary="Read the capacity of the country", permission=Permission.COUNTRY_READ, also_as=FILES)
def read_country(acts: RequestActs) -> Response[CountryOut]:
    """For each shelter and unit: beds, free beds by kind, freshness, discrepancies."""
    return listed(acts, "capacity", country, _units, "shelter", "shelter_name", "freshness", "reported_at", *_OF_UNIT)


_OF_UNIT = tuple(CountryUnitOut.model_fields)


def _units(found: CountryOut) -> list[dict[str, object]]:
    """Returns a row for each unit, with its shelter."""
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
    """For each unit: the free beds at the end of the last 28 days, today included, however long the service has run.
    Null: nothing reported yet.
    """
    found = capacity_reads.history(act)
    units = [UnitHistoryOut(unit=unit, free=list(free)) for unit, free in found.free.items()]
    return HistoryOut(days=list(found.days), units=units)


@methods.get(
    "/capacity/shortage", summary="Find what is most short", permission=Permission.COUNTRY_READ, work=Work.SLOW
)
def read_shortage(acts: RequestActs) -> Response[ShortageOut]:
    """The places at which a further place would help most, and how many more clients would then have a place.

    Counts only. 503 if too many ask.
    """
    found = ask_shortage(acts)
    return acts.read(lambda act: shortage(act, found))


def ask_shortage(acts: Acts) -> ShortageOut:
    """Returns the engine's answer, outside any transaction; `shortage` logs it. Raises `Busy`."""
    world = acts.world()
    problem = acts.run(lambda act: solver_reads.waiting_problem(act, world))
    found = acts.previews.shortage(problem)
    extras = [ExtraOut.of(row) for row in found.extras]
    opened = Counter(unit for one in all_missing_counts(problem, world.uncounted).values() for unit in one.open)
    ring = [MissingCountOut(unit=unit, opens=number) for unit, number in sorted(opened.items(), key=_most_first)]
    return ShortageOut(waiting=len(problem.registrations), never_reported=ring, complete=found.complete, extras=extras)


def _most_first(row: tuple[str, int]) -> tuple[int, str]:
    return -row[1], row[0]


def shortage(act: Act, found: ShortageOut) -> ShortageOut:
    """Returns the answer, after writing its audit event."""
    solver_reads.record_shortage(act)
    return found


def country(act: Act) -> CountryOut:
    shelters = [_shelter(row) for row in capacity_reads.country(act)]
    return CountryOut(
        beds=sum(row.beds for row in shelters), free_now=sum(row.free_now for row in shelters), shelters=shelters
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
