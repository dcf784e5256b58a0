"""An attacker who kept the reports of a year: a reader, a shelter with its own counts, and one client's dates.

It shares no code with the protection. It learns on half of the clients what a clue is worth, and tries the others.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import log
from typing import Any

from placement.reports.inputs import RoomRow, Rows, UnitRow
from placement.reports.model import Kind
from placement.reports.sections.kinds import is_of
from tests.support.attacks.hits import Hits
from tests.support.attacks.report_year import Client, Year

DAY = timedelta(days=1)
FEW = 5
Kinds = frozenset[str]
Series = Mapping[date, float | None]


def value_of(published: Any) -> float | None:
    """Returns a figure as a number: the middle of a range; nothing for a figure that is not shown."""
    if published is None or published == "hidden":
        return None
    if isinstance(published, int | float):
        return float(published)
    if published.startswith("<"):
        return (int(published[1:]) - 1) / 2
    least, _, most = published.removesuffix("+").partition("\N{EN DASH}")
    return (int(least) + int(most or least)) / 2


@dataclass(frozen=True)
class Clue:
    """A figure of a candidate that must rise or fall on a day that the attacker knows."""

    series: Series
    on: date
    rises: bool

    def speaks(self) -> bool:
        """Checks whether the figure moved so: an act of a day is in the next day's report."""
        before, after = self.series.get(self.on), self.series.get(self.on + DAY)
        return before is not None and after is not None and (after > before if self.rises else after < before)


class ReportReader:
    def __init__(self, year: Year, own: str = "S01") -> None:
        self.year = year
        self.kinds = {
            unit.unit: frozenset(kind for kind in Kind if any(is_of(kind, unit, room) for room in unit.rooms))
            for unit in year.rows[max(year.rows)].units
        }
        """The public register: the kinds of each unit."""
        self._own = [client for client in year.clients if client.unit and client.unit.startswith(own)]
        self.regions = sorted({client.region for client in year.clients})

    # figures, day by day

    def waiting_in(self, region: str) -> Series:
        return {day: value_of(rows[region]["waiting"]) for day, rows in self.year.areas.items()}

    def free_of(self, kind: str) -> Series:
        def free(report: dict[str, Any]) -> Any:
            return next((row["free"] for row in report["free"]["by_kind"] if row["kind"] == kind), None)

        return {day: value_of(free(report)) for day, report in self.year.reader.items()}

    def in_use(self) -> Series:
        """Returns the beds in use in the country, less those that the shelter knows to be its own."""
        shown = {day: value_of(report["country"]["used"]) for day, report in self.year.reader.items()}
        return {
            day: None if value is None else value - sum(_lives_there(one, day) for one in self._own)
            for day, value in shown.items()
        }

    # what region, kind and day it finds

    def regions_found(self) -> tuple[Hits, Hits]:
        """Returns hits by the reports, and by the share of each region alone."""
        figures = {region: self.waiting_in(region) for region in self.regions}

        def clues(client: Client, region: Hashable) -> Iterator[Clue]:
            yield Clue(figures[str(region)], client.registered_on, rises=True)
            if client.held_on is not None:
                yield Clue(figures[str(region)], client.held_on, rises=False)

        return self._guess(self.year.clients, lambda _: self.regions, clues, lambda client: client.region)

    def kinds_found(self) -> tuple[Hits, Hits]:
        """Returns hits on the kinds of the client's unit, among those of all units; by their share of beds alone."""
        figures = {kind: self.free_of(kind) for kind in {kind for kinds in self.kinds.values() for kind in kinds}}
        placed = [client for client in self.year.clients if client.unit is not None]
        sets = sorted(set(self.kinds.values()), key=sorted)

        def clues(client: Client, kinds: Hashable) -> Iterator[Clue]:
            for kind, series in figures.items():
                within = isinstance(kinds, frozenset) and kind in kinds
                for day, rises in ((client.held_on, False), (client.ended_on, True)):
                    if day is not None and within:
                        yield Clue(series, day, rises=rises)

        return self._guess(placed, lambda _: sets, clues, lambda client: self.kinds[str(client.unit)])

    def days_found(self) -> tuple[Hits, Hits]:
        """Returns hits on the day of arrival, for an attacker who knows its week."""
        placed = [client for client in self.year.clients if client.held_on is not None and client not in self._own]
        in_use = self.in_use()

        def week(client: Client) -> list[date]:
            assert client.held_on is not None
            monday = client.held_on - timedelta(days=client.held_on.weekday())
            return [monday + number * DAY for number in range(5)]

        def clues(_: Client, day: Hashable) -> Iterator[Clue]:
            assert isinstance(day, date)
            yield Clue(in_use, day, rises=True)

        return self._guess(placed, week, clues, lambda client: client.held_on)

    def days_named(self) -> set[date]:
        """Returns the days of registration that a report names: a client has waited so many days."""
        named = set()
        for day, report in self.year.reader.items():
            for name in ("median_days", "longest_days"):
                waited = report["waiting"][name]
                if isinstance(waited, int):
                    named.add(day - timedelta(days=waited))
        return named

    def counts_named(self) -> tuple[Hits, Hits]:
        """Returns how many exact counts the changes of rounded figures name, against a third of them. A count that
        moves by few a day has just passed a limit, which half of the changes teach.
        """
        changes: list[tuple[bool, float]] = []
        for series, true in self._rounded():
            for (_, before), (day, after) in pairwise(sorted(series.items())):
                if before is not None and after is not None and before != after:
                    changes.append((after > before, true[day] - max(before, after)))
        right = 0
        for half in (0, 1):
            learned = {up: Counter(off for rises, off in changes[half::2] if rises is up) for up in (True, False)}
            right += sum(
                off == next((best for best, _ in learned[rises].most_common(1)), None)
                for rises, off in changes[1 - half :: 2]
            )
        number = len(changes)
        return Hits(number, right, right), Hits(number, number // 3, number // 3)

    def small_counts_named(self) -> tuple[Hits, Hits]:
        """Returns how many free places below five of a kind are shown as they are, against a third of them."""
        named = [
            value == true[day]
            for kind, true in self._free()
            for day, value in self.free_of(kind).items()
            if value is not None and value < FEW
        ]
        return Hits(len(named), sum(named), sum(named)), Hits(len(named), len(named) // 3, len(named) // 3)

    def _free(self) -> Iterator[tuple[Kind, Mapping[date, int]]]:
        """Yields the true free places of each kind."""
        for kind in Kind:
            yield (
                kind,
                {
                    day: sum(room.free for unit, room in _rooms(rows) if is_of(kind, unit, room))
                    for day, rows in self.year.rows.items()
                },
            )

    def _rounded(self) -> Iterator[tuple[Series, Mapping[date, int]]]:
        """Yields each figure of beds with its true count."""
        yield from ((self.free_of(kind), true) for kind, true in self._free())
        for name in ("free", "used", "others"):
            figure = {"others": "used_by_others"}.get(name, name)
            yield (
                {day: value_of(report["country"][figure]) for day, report in self.year.reader.items()},
                {day: sum(getattr(room, name) for _, room in _rooms(rows)) for day, rows in self.year.rows.items()},
            )

    # learning

    def _guess(
        self,
        clients: Sequence[Client],
        candidates: Callable[[Client], Sequence[Hashable]],
        clues: Callable[[Client, Hashable], Iterable[Clue]],
        truth: Callable[[Client], Hashable],
    ) -> tuple[Hits, Hits]:
        by_clues, by_share = Counter[int](), Counter[int]()
        for half in (0, 1):
            known, tried = clients[half::2], clients[1 - half :: 2]
            share = Counter(truth(client) for client in known)
            hers, others = _rates(known, candidates, clues, truth)
            for client in tried:
                options = candidates(client)
                prior = {one: log(share[one] + 1) for one in options}

                def worth(
                    one: Hashable, client: Client = client, prior: Mapping[Hashable, float] = prior,
                    hers: float = hers, others: float = others,
                ) -> float:  # fmt: skip
                    return prior[one] + sum(
                        log(hers / others) if clue.speaks() else log((1 - hers) / (1 - others))
                        for clue in clues(client, one)
                    )

                for found, order in (
                    (by_clues, sorted(options, key=worth, reverse=True)),
                    (by_share, sorted(options, key=lambda one: -prior[one])),
                ):
                    found[1] += truth(client) in order[:1]
                    found[5] += truth(client) in order[:2]
        return _hits(clients, by_clues), _hits(clients, by_share)


def _hits(clients: Sequence[Client], found: Counter[int]) -> Hits:
    return Hits(len(clients), found[1], found[5])


def _rates(
    known: Iterable[Client],
    candidates: Callable[[Client], Sequence[Hashable]],
    clues: Callable[[Client, Hashable], Iterable[Clue]],
    truth: Callable[[Client], Hashable],
) -> tuple[float, float]:
    """Returns how often a clue speaks for the right candidate, and for any other."""
    spoken, asked = Counter[bool](), Counter[bool]()
    for client in known:
        for one in candidates(client):
            for clue in clues(client, one):
                right = one == truth(client)
                asked[right] += 1
                spoken[right] += clue.speaks()
    hers, others = ((spoken[right] + 0.5) / (asked[right] + 1) for right in (True, False))
    return hers, others


def _rooms(rows: Rows) -> Iterator[tuple[UnitRow, RoomRow]]:
    for unit in rows.units:
        yield from ((unit, room) for room in unit.rooms)


def _lives_there(client: Client, day: date) -> bool:
    """Checks whether the client lives in its place in the morning of this day."""
    return client.held_on is not None and client.held_on < day and (client.ended_on is None or day <= client.ended_on)
