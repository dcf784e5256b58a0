"""A winter day's report, made by hand: two shelters, with everything that a report can contain."""

from datetime import UTC, date, datetime

from placement.core.codes import Freshness, OutOfService, Region, Scheme
from placement.reports.model import (
    Bottleneck,
    CameOut,
    Clocks,
    Counted,
    CountryPlaces,
    Discrepancies,
    Expected,
    Flow,
    Forecast,
    Free,
    FreeOfKind,
    Kind,
    OutOfUse,
    Quality,
    RegionPeople,
    Report,
    ShelterPlaces,
    UnitPlaces,
    Waiting,
)

DAYS = 28


def unit(number: int, beds: int, free: int) -> UnitPlaces:
    return UnitPlaces(
        unit=f"U{number:03}", name=f"Unit {number}", shelter=f"S{number // 3:02}", region=list(Region)[number % 10],
        scheme=list(Scheme)[number % 7], beds=beds, used=beds - free - 1, used_by_others=0, held=0, out_of_service=1,
        out=(OutOfUse(reason=OutOfService.REPAIR, beds=1, until=date(2026, 12, 3) if number % 2 else None),),
        withheld=0, not_ready=0, free=free, free_rooms=free, rooms=beds,
        discrepancies=Discrepancies(too_many=number % 4 == 1, counted_otherwise=0),
        series_free=tuple(None if day % 9 == number % 9 else (day * number) % (free + 2) for day in range(DAYS)),
        series_used=tuple((day * 3) % beds for day in range(DAYS)),
    )  # fmt: skip


def report(shelters: int = 2) -> Report:
    """Makes a report of so many shelters, with three units each."""
    houses = tuple(
        ShelterPlaces(
            shelter=f"S{one:02}", name=f"Opvang {one}", beds=24, free=6,
            reported_at=datetime(2026, 11, 23, 16, 5, tzinfo=UTC) if one else None,
            freshness=Freshness.FRESH if one else Freshness.NEVER,
            units=tuple(unit(number, 8, number % 5) for number in range(one * 3, one * 3 + 3)),
        )
        for one in range(shelters)
    )  # fmt: skip
    counted = lambda *pairs: tuple(Counted(code=code, count=count) for code, count in pairs)  # noqa: E731
    return Report(
        on=date(2026, 11, 24), as_of=datetime(2026, 11, 24, 6, 0, tzinfo=UTC),
        free=Free(
            free=12, yesterday=14, mean_28=11.4,
            by_kind=tuple(FreeOfKind(kind=kind, free=at + 1, yesterday=None if at == 5 else at, mean_28=at + 0.5) for at, kind in enumerate(Kind)),
        ),
        country=CountryPlaces(
            shelters=shelters, units=shelters * 3, beds=shelters * 24, used=30, used_by_others=2, held=1, out_of_service=2,
            withheld=1, not_ready=0, free=12, free_rooms=9, rooms=40,
            series_free=tuple(10 + day % 5 for day in range(DAYS)), series_used=(None,) * DAYS,
        ),
        shelters=houses,
        waiting=Waiting(
            total="23", median_days=6, longest_days=31, by_urgency=counted(("1", "<5"), ("2", "8"), ("3", "hidden")),
            by_cause=counted(("capacity", "9"), ("language", "5\u20139"), ("several", "<5")),
            bottlenecks=(Bottleneck(unit="U004", scheme=Scheme.COSM, extra="room_2", serves="6"), Bottleneck(unit="U001", scheme=Scheme.OMM, extra="high_care", serves="<5")),
            moving="7", moving_by_kind=counted(("transfer", "5\u20139"), ("onward", "<5")),
        ),
        flow=Flow(
            begins_on=date(2026, 11, 16), ends_on=date(2026, 11, 22), registered="19", arrived="14", moved="6", decisions="17",
            by_decision=counted(("accept", "12"), ("override", "<5")), override_percent="10\u201319",
            override_reasons=counted(("client_preference", "<5")), decline_reasons=(), refused="<5", refusal_reasons=counted(("no_capacity", "<5")),
            expired="<5", ended="11", end_reasons=counted(("own_housing", "7")),
        ),
        clocks=Clocks(near="9", past="6", past_by_blocker=counted(("none_named", "<5"))),
        regions=tuple(RegionPeople(region=region, waiting="<5", near="<5", past="<5") for region in Region),
        expecting=Forecast(
            days=14, stays_known=212,
            by_kind=(Expected(kind=Kind.WOMEN, known=2, likely=3.4, low=1, high=6), Expected(kind=Kind.MEN, known=0, likely=None, low=None, high=None)),
            came_out=(CameOut(expected_on=date(2026, 11, 10), kind=Kind.WOMEN, low=1, high=5, likely=2.8, happened=4),), within=1,
        ),
        quality=Quality(
            shelters_not_reported=("S00",), stale_units=("U000", "U001"), corrected_shelters=(), not_reported=1, stale=2, corrected=0, discrepancies=1,
        ),
    )  # fmt: skip
