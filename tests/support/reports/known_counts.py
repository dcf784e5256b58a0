"""A random day of which each shelter and each care area knows its own part, counted here a second time."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from placement.core.clock import AMSTERDAM
from placement.core.codes import DecisionKind, Region
from placement.core.reason_codes import Step, reasons_for
from placement.core.request_codes import ASKED_FOR
from placement.reports.inputs import FlowRow, Rows, StayRow, UnitRow, WaitingRow
from placement.reports.sections.clocks import BLOCKERS
from placement.reports.sections.waiting_clients import CAUSES

SHELTERS, AREAS = 12, 10
ON = date(2026, 11, 24)
WHY = {
    DecisionKind.OVERRIDE: ("override_reasons", Step.OVERRIDE),
    DecisionKind.DECLINE: ("decline_reasons", Step.DECLINE),
}


@dataclass(frozen=True)
class Happened:
    """One case in the report: the counts that it is in, its area, and the shelters that know of it."""

    keys: tuple[tuple[str, ...], ...]
    area: str
    shelters: tuple[str, ...] = ()

    @property
    def readers(self):
        return (f"area:{self.area}", *(f"shelter:{one}" for one in self.shelters))


def drawn(rng, most, skew):
    """Draws a number below `most`; a greater skew makes small numbers more frequent."""
    return int(most * rng.random() ** skew)


def country(rng, skew):
    """Draws an area and a shelter; the greater the skew, the more often the same."""
    areas = [region.value for region in Region]
    return lambda: areas[drawn(rng, AREAS, skew)], lambda: f"S{drawn(rng, SHELTERS, skew):02}"


def some_week(rng, *, size=1.0, skew=1.0):
    """Yields the events of a week."""
    area, shelter = country(rng, skew)
    some = lambda most: range(rng.randint(0, max(1, round(most * size))))  # noqa: E731
    reason = lambda step: rng.choice([one.code for one in reasons_for(step)][:5])  # noqa: E731
    for _ in some(24):
        yield Happened((("registered",),), area())
    for name, most in (("arrived", 20), ("expired", 6)):
        for _ in some(most):
            yield Happened(((name,),), area(), (shelter(),))
    for name, step, group, most in (
        ("refused", Step.REFUSE, "refusal_reasons", 10),
        ("ended", Step.END, "end_reasons", 20),
    ):
        for _ in some(most):
            yield Happened(((name,), (group, reason(step))), area(), (shelter(),))
    for _ in some(30):
        kind = rng.choice((*[DecisionKind.ACCEPT] * 3, DecisionKind.OVERRIDE, DecisionKind.DECLINE))
        why = [(WHY[kind][0], reason(WHY[kind][1]))] if kind in WHY else []
        houses = () if kind is DecisionKind.DECLINE else (shelter(),)
        yield Happened((("decisions",), ("decisions", kind.value), *why), area(), houses)
    for _ in some(8):
        home = area()
        yield Happened((("moved",), ("moved", home)), home, tuple({shelter(), shelter()}))


def flow_of(happened, monday):
    counted = Counter(key for one in happened for key in one.keys)
    by = lambda group: {key[1]: count for key, count in counted.items() if key[0] == group and key[1:]}  # noqa: E731
    return FlowRow(
        monday, counted["registered",], counted["arrived",], counted["expired",], by("decisions"),
        by("override_reasons"), by("decline_reasons"), by("refusal_reasons"), by("end_reasons"), counted["moved",],
        by("moved"), _of_readers((one.readers, one.keys) for one in happened),
    )  # fmt: skip


def known_of(happened):
    """Counts, by reader, how many of each count of a week it knows to be its own."""
    found = defaultdict(Counter)
    for one in happened:
        for reader in one.readers:
            found[reader].update(("flow", *key) for key in one.keys)
    return found


def some_day(rng, *, size=1.0, skew=1.0):
    """Makes the rows of a day, and each reader's knowledge of it by its key."""
    area, shelter = country(rng, skew)
    some = lambda most: range(rng.randint(0, max(1, round(most * size))))  # noqa: E731
    happened = list(some_week(rng, size=size, skew=skew))
    causes = rng.sample(CAUSES, 4)
    waiting = sorted(WaitingRow(area(), rng.randint(1, 4), rng.randint(0, 30), rng.choice(causes)) for _ in some(30))
    stays = [(shelter(), area(), rng.randint(40, 120), rng.choice(BLOCKERS[-3:])) for _ in some(30)]
    moving = [(kind, area(), shelter()) for kind in ASKED_FOR for _ in some(9)]
    return _rows(happened, waiting, stays, moving), _known(happened, waiting, stays, moving)


def _rows(happened, waiting, stays, moving):
    unit = lambda house: UnitRow(f"{house}-U", "Unit", house, Region.AMSTERDAM.value, "cosm", (), True, False, ())  # noqa: E731
    readers = [((f"area:{area}", f"shelter:{house}"), ((kind.value,),)) for kind, area, house in moving]
    return Rows(
        on=ON, as_of=datetime(2026, 11, 24, 7, tzinfo=AMSTERDAM), late=False, shelters=(), extras=(),
        units=tuple(unit(f"S{number:02}") for number in range(SHELTERS)), waiting=tuple(waiting),
        flow=flow_of(happened, ON - timedelta(days=8)),
        stays=tuple(sorted(StayRow(f"{house}-U", area, day, 90, 1, why) for house, area, day, why in stays)),
        spans=(), left=(), before=(), moving=dict(Counter(kind.value for kind, _, _ in moving)),
        moving_of_readers=_of_readers(readers),
    )  # fmt: skip


def _of_readers(known):
    found = defaultdict(Counter)
    for readers, keys in known:
        for reader in readers:
            found[reader].update("/".join(key) for key in keys)
    return {reader: dict(counts) for reader, counts in found.items()}


def _known(happened, waiting, stays, moving):
    found = known_of(happened)
    for row in waiting:
        parts = (("urgency", str(row.urgency)), ("cause", row.cause), ("region", row.region))
        found[f"area:{row.region}"].update([("waiting", "total"), *(("waiting", *part) for part in parts)])
    for house, area, day, why in stays:
        for reader in (f"area:{area}", f"shelter:{house}"):
            if day >= 90:
                found[reader].update([("clocks", "past"), ("clocks", "past", area), ("clocks", "blocker", why)])
            elif day >= 60:
                found[reader].update([("clocks", "near"), ("clocks", "near", area)])
    for kind, area, house in moving:
        for reader in (f"area:{area}", f"shelter:{house}"):
            found[reader].update([("moving", "total"), ("moving", kind.value)])
    return found
