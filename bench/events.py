"""A comparison of two ways to place the members of an event: all by one plan, or each member after another. The events
are random with fixed seeds. No database is needed.

    python -m bench.events 200
    python -m bench.events seconds

These commands write the two tables of docs/guide/events.md, in about four minutes each. Seconds are processor time.
"""

import random
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from msgspec.structs import replace

from bench.generator import Size, problem
from matching import PROBLEM_FORMAT, Fixed, Person, Problem, Room, Solution, Together, match
from placement.core.plan_codes import PlanKind
from placement.solver.common_plan import CommonPlan, PlanQuestion, as_plan, places_in, plans, without
from placement.solver.plan_ways_out import PlanWayOut, way_out_for_all

COUNTRY = Size(registrations=40, beds=70, locations=16, units_per_location=1.7, occupied=0.35, spread=2.5)
FEW = 3  # groups are formed until at most so many members are left
LARGE = {34: 2, 150: 10}
"""The numbers of households in the large events, each with the allowed seconds. Another 25 clients already wait."""
TIMED = 20
PAGE = Path(__file__).parents[1] / "docs/guide/events.md"
LIMIT = 3.2
"""The seconds that the engine may use for a question. The service has the same limit, to answer within five seconds."""


def event(seed: int, number: int | None = None) -> tuple[PlanQuestion, Sequence[str]]:
    """Returns a question for a plan, and a random order of its members. `number`: the number of members, in a large
    country. By default there are a few members.

    The members are some of the waiting clients of a random country. Most members are alone and have the same gender;
    some belong together. A hotel has rooms for at most a third of the members.
    """
    size = COUNTRY._replace(registrations=25 + number, beds=120 + number, locations=60) if number else COUNTRY
    country = problem(size, seed)
    r = random.Random(seed)  # noqa: S311 - no secret
    members = r.sample([row.id for row in country.registrations], number or r.randint(8, 20))
    gender, urgency = r.choice(["female", "male"]), r.choice([1, 2])
    rows = []
    for row in country.registrations:
        if row.id not in members:
            rows.append(row)
            continue
        persons = row.persons if r.random() < 0.3 else (Person(gender, r.randint(18, 50)),)  # noqa: PLR2004 - a share
        rows.append(replace(row, persons=persons, urgency=urgency, waiting_days=0, needs=(), room_needs=()))
    groups, alone = [], list(members)
    while len(alone) > FEW and r.random() < 0.8:  # noqa: PLR2004 - a share
        together = sorted(alone.pop() for _ in range(r.randint(2, 3)))
        groups.append(
            Together(f"G{len(groups)}", tuple(together), r.choice(["unit", "location", "region"]), must=False)
        )
    hotel = r.choice([unit.id for unit in country.units if gender in unit.admits] or [country.units[0].id])
    rooms = [Room(f"hotel {one}", hotel, 2, 2, country.as_of) for one in range(r.randint(0, len(members) // FEW))]
    asked = replace(
        country,
        format=PROBLEM_FORMAT,
        registrations=tuple(rows),
        rooms=(*country.rooms, *rooms),
        together=tuple(groups),
    )
    house = {unit.id: unit.location for unit in asked.units}
    return PlanQuestion(asked.checked(), frozenset(members), house), members


def placed_singly(asked: PlanQuestion, order: Sequence[str]) -> Solution:
    """Returns the solution if the members are registered in this order, each placed before the next member is known."""
    places: dict[str, str] = {}
    for number, one in enumerate(order, start=1):
        unit = places_in(match(_known(asked, order[number:], places))).get(one)
        if unit is not None:
            places[one] = unit
    return match(_known(asked, (), places))


def _known(asked: PlanQuestion, later: Sequence[str], places: dict[str, str]) -> Problem:
    fixed = tuple(Fixed(one, unit) for one, unit in sorted(places.items()))
    return replace(without(asked.problem, later), fixed=fixed)


class Compared(NamedTuple):
    """The results of both ways. `lead`: the points of the plan minus the points of placing the members singly."""

    lead: int
    plan: CommonPlan
    singly: CommonPlan


def compared(seed: int) -> Compared:
    asked, order = event(seed)
    plan, singly = plans(asked, match)[PlanKind.WHOLE], placed_singly(asked, order)
    now = places_in(match(without(asked.problem, asked.members)))
    other = as_plan(asked, PlanKind.WHOLE, asked.problem, singly, now)
    return Compared(plan.solution.objective - singly.objective, plan, other)


NAMES = {
    "placed": "persons with a bed",
    "apart": "groups apart",
    "longer": "others who wait longer",
    "houses": "houses",
}


def figures(number: int) -> str:
    """Returns the table that compares both ways: the mean of each figure, and the share of events in which a way is
    worse.
    """
    rows = [compared(seed) for seed in range(number)]
    lower, higher = sum(row.lead < 0 for row in rows), sum(row.lead > 0 for row in rows)
    lines = [
        f"In {number} random events, the total of the plan was lower in {lower} and higher in {higher}.\n",
        "| mean of an event | plan | in turn | plan worse | in turn worse |",
        "|---|---|---|---|---|",
    ]
    for name, words in NAMES.items():
        sign = 1 if name == "placed" else -1
        pairs = [(sign * getattr(row.plan.figures, name), sign * getattr(row.singly.figures, name)) for row in rows]
        plan, singly = (abs(sum(column)) / number for column in zip(*pairs, strict=True))
        worse, better = (100 * sum(one) / number for one in ([a < b for a, b in pairs], [a > b for a, b in pairs]))
        lines.append(f"| {words} | {plan:.2f} | {singly:.2f} | {worse:.1f} % | {better:.1f} % |")
    return "\n".join(lines) + "\n"


def planned(seed: int, number: int) -> tuple[CommonPlan, PlanWayOut]:
    """Returns what the page of a requested plan shows: the plan, its alternatives, and the way out."""
    asked, _ = event(seed, number)
    limited = partial(match, time_limit=LIMIT)
    plan = plans(asked, limited)[PlanKind.WHOLE]
    return plan, way_out_for_all(plan.problem, plan.solution, asked.members, limited)


def seconds() -> str:
    """Returns the table of the processor seconds of a plan, by number of households, beside the allowed seconds."""
    lines = ["| households | half within | 95 % within | the slowest | allowed |", "|---|---|---|---|---|"]
    for members, allowed in LARGE.items():
        took = []
        for seed in range(TIMED):
            began = time.process_time()
            planned(seed, members)
            took.append(time.process_time() - began)
        cuts = quantiles(took, n=20)
        lines.append(f"| {members} | {cuts[9]:.1f} s | {cuts[18]:.1f} s | {max(took):.1f} s | {allowed} s |")
    return "\n".join(lines) + "\n"


def with_table(page: str, what: str, table: str) -> str:
    """Returns the page with this table in place of the earlier table of the same command."""
    begin, end = f"<!-- made by: python -m bench.events {what} -->\n", "<!-- end of what is made -->\n"
    before, rest = page.split(begin)
    return f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}"


if __name__ == "__main__":
    said = sys.argv[1]
    table = seconds() if said == "seconds" else figures(int(said))
    PAGE.write_text(with_table(PAGE.read_text(), said, table))
