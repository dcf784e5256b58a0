"""The national country as coordinators see it: clients placed through HTTP, and a reader who polls the board.

The desk ends stays and places clients at moments that the attacker knows within five minutes, or by day. The reader has
the key of a coordinator; another has the key of the desk, and shows what a reader of every unit would find.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

from placement.core.place_codes import FreeBand
from placement.jobs import periodic
from tests.support.api.service import Caller, Service, somebody
from tests.support.attacks.hits import Hits

POLLED_EVERY = timedelta(minutes=30)
_LONGEST = timedelta(hours=4)
"""The time after a placement in which the attacker looks for its effect."""

Row = tuple[str, ...]
Seen = dict[Row, object]
"""The facts of each unit that an answer shows, or of each group of units without names."""


@dataclass(frozen=True)
class Placed:
    """A client who was placed between two moments that the attacker knows."""

    unit: str
    after: datetime
    before: datetime


@dataclass
class Board:
    service: Service
    reader: Caller
    reads_all: Caller
    draws: Random
    polls: list[tuple[datetime, Seen]] = field(default_factory=list)
    polls_of_all: list[tuple[datetime, Seen]] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)

    def __post_init__(self) -> None:
        known = self.service.desk.get("/capacity").json()
        units = [unit for shelter in known["shelters"] for unit in shelter["units"]]
        self.beds = {unit["unit"]: unit["beds"] for unit in units}
        self.group = {unit["unit"]: (unit["region"], unit["scheme"]) for unit in units}
        own = self.reader.get("/session").json()["regions"]
        self.own = {unit for unit, (region, _) in self.group.items() if region in own}

    def by_beds(self) -> list[str]:
        """Returns the units that are not the reader's own, most beds first: a public figure."""
        return sorted(self.beds.keys() - self.own, key=lambda unit: (-self.beds[unit], unit))

    # what happens

    def empty_beds(self, share: float) -> None:
        """Ends a share of the stays, so that there are free beds in most units, and nobody waits for them."""
        self.service.close_all()
        stays = self.service.desk.get("/stays?status=in_house&limit=200").json()["items"]
        for stay in sorted(stays, key=lambda one: one["id"]):
            if self.draws.random() < share:
                self.service.desk.post(f"/stays/{stay['id']}/end", {"reason": "housing_found"})

    def place(self, at_most: timedelta = timedelta(minutes=5)) -> None:
        """Places a new client; the attacker polls just before and just after. A client without a place is closed."""
        gender = self.draws.choice(["female", "female", "male"])
        persons = [{"gender": gender, "age": self.draws.choice([24, 31, 45]), "guardian": False}]
        facts = {"residence_basis": self.draws.choice(["reflection", "dutch", "dutch"]), "region": "amsterdam"}
        desk = self.service.desk
        case = desk.made("/registrations", somebody(persons=persons, **facts))["id"]
        proposal = desk.made(f"/registrations/{case}/proposals")
        units = [proposal["chosen"], *proposal["alternatives"], *proposal["others"]]
        open_units = sorted(one["unit"] for one in units if one and one["can_be_chosen"] and not one["broken"])
        if not open_units:
            desk.made(f"/registrations/{case}/close", {"reason": "found_other_place"})
            return
        unit = self.draws.choice(open_units)
        self.poll_around()
        after = self.service.moment.at
        self.service.moment.pass_by(seconds=self.draws.uniform(1, at_most.total_seconds()))
        chosen = proposal["chosen"] and proposal["chosen"]["unit"] == unit
        other = {"decision": "override", "unit": unit, "reason": "client_preference"}
        desk.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"} if chosen else other)
        self.poll_around()
        if unit not in self.own:
            self.placed.append(Placed(unit, after, self.service.moment.at))

    def pass_by(self, time: timedelta) -> None:
        """Lets time pass, with the jobs of the service and the polls of the reader."""
        until = self.service.moment.at + time
        while self.service.moment.at < until:
            self.service.moment.pass_by(seconds=min(POLLED_EVERY, until - self.service.moment.at).total_seconds())
            self.run_jobs()
            self.poll()

    def run_jobs(self) -> None:
        for job in periodic.JOBS:
            if job.name == "look_at_country":
                periodic.run(self.service.database, self.service.country.settings, job, self.service.moment.at)

    # what is read

    def poll(self) -> None:
        self.polls.append((self.service.moment.at, seen_on(self.reader.get("/capacity").json())))

    def poll_around(self) -> None:
        """Polls the board as both readers see it."""
        self.poll()
        self.polls_of_all.append((self.service.moment.at, seen_on(self.reads_all.get("/capacity").json())))

    # what the attacker makes of it

    def units_of(self, row: Row) -> set[str]:
        """Returns the units that a row can be about."""
        if row[0] == "unit":
            return {row[1]}
        return {
            unit
            for unit, (region, scheme) in self.group.items()
            if row[1] in {region, "None"} and row[2] in {scheme, "None"}
        }

    def guesses_by_polls(self, one: Placed) -> list[str]:
        """Returns the units whose row fell at once or later, the soonest first, then the others by their beds."""
        return self._fallen_in(self.polls, one, _LONGEST)

    def guesses_at_the_desk(self, one: Placed) -> list[str]:
        """Returns the same for a reader who sees every unit by name."""
        return self._fallen_in(self.polls_of_all, one, timedelta(0))

    def guesses_by_history(self, reader: Caller) -> Callable[[Placed], list[str]]:
        """Returns guesses of the units whose row fell on the day of the placement, or since the day shown before it."""
        found = reader.get("/capacity/history").json()
        rows: dict[Row, list[Any]] = {("unit", row["unit"]): row["free"] for row in found["units"]}
        rows |= {_kind_of(row): row["free"] for row in found["elsewhere"]}

        def guesses(one: Placed) -> list[str]:
            day = str(one.before.date())
            now = next((number for number, shown in enumerate(found["days"]) if shown >= day), None)
            return self._first([row for row, free in rows.items() if now and _falls(free[now - 1], free[now])])

        return guesses

    def _fallen_in(self, polls: list[tuple[datetime, Seen]], one: Placed, later: timedelta) -> list[str]:
        near = [seen for at, seen in polls if one.after <= at <= one.before + later]
        return self._first(
            [row for was, now in pairwise(near) for row in was.keys() & now.keys() if _falls(was[row], now[row])]
        )

    def _first(self, rows: list[Row]) -> list[str]:
        fallen = [unit for row in rows for unit in sorted(self.units_of(row) - self.own, key=self.by_beds().index)]
        return list(dict.fromkeys([*fallen, *self.by_beds()]))

    def hits(self, guesses: Callable[[Placed], list[str]]) -> Hits:
        order = [(one.unit, guesses(one)) for one in self.placed]
        return Hits(len(order), *(sum(unit in guessed[:most] for unit, guessed in order) for most in (1, 5)))


def seen_on(found: dict[str, Any]) -> Seen:
    """Returns the free beds by unit, or by kind and region, as a number or a band."""
    units = [unit for shelter in found["shelters"] for unit in shelter["units"]]
    seen: Seen = {("unit", unit["unit"]): unit["free_now"] for unit in units}
    return seen | {_kind_of(row): row["free"] for row in found["elsewhere"]}


def _kind_of(row: dict[str, Any]) -> Row:
    return "kind", str(row["region"]), str(row["scheme"])


def _falls(before: object, after: object) -> bool:
    if isinstance(before, int) and isinstance(after, int):
        return after < before
    bands = [*FreeBand]
    return before in bands and after in bands and bands.index(FreeBand(after)) < bands.index(FreeBand(before))
