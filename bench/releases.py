"""`python -m bench.releases`: makes releases of five synthetic years of counts, attacks them, and compares their
figures with the true counts.

The attack is that of `tests/support/releases/release_attack.py`. It is made on the releases, and on the same years with
two weaker protections. With `--pages` the tables are written into the guide.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from random import Random
from statistics import fmean
from time import perf_counter
from typing import Annotated, NamedTuple

import typer

from bench.count_years import CODES, five_years
from bench.tables import GUIDE, stamp, with_table
from placement.core.periods import PeriodKind, period_of
from placement.counts.facts import CountFacts
from placement.counts.releases.model import is_others
from placement.counts.releases.protection import Made, Wanted, protect
from placement.counts.releases.tables import TABLES, TOTAL, Codes, Key, counted, published_elsewhere
from tests.support.releases.release_attack import Learned, Seen, YearAttack, rarest
from tests.support.releases.weak_releases import floor_only, rounded_alone

NAMES = ("these releases", "floor alone", "each figure rounded alone")
"""The attacked tables: the releases, and the same years with two weaker protections."""
_QUARTERS = (0, 1, 2, 3)
Figures = Mapping[Key, int]


class Year(NamedTuple):
    """The releases of a year: the quarters, and last the whole year. `records`: the records of the year; `parts`: those
    of each quarter. `seconds`: the time for making the release of the year.
    """

    records: Sequence[CountFacts]
    parts: Sequence[Sequence[CountFacts]]
    made: Sequence[Made]
    seconds: float

    @property
    def truth(self) -> Figures:
        return self.made[-1].counts

    @property
    def values(self) -> Figures:
        return self.made[-1].release.values


def released(year: int, records: Sequence[CountFacts], codes: Codes = CODES, seed: int = 1) -> Year:
    """Makes the releases of the four quarters and of the whole year."""
    draw, made, parts = Random(seed), list[Made](), []  # noqa: S311  (a measurement)
    for quarter in period_of(PeriodKind.YEAR, date(year, 1, 1)).parts:
        parts.append([one for one in records if quarter.begins_on <= one.month <= quarter.ends_on])
        counts = counted(parts[-1])
        wanted = Wanted(PeriodKind.QUARTER, quarter.begins_on, 1, counts)
        made.append(Made(protect(wanted, made, codes, draw), counts))
    counts, begun = counted(records), perf_counter()
    wanted = Wanted(PeriodKind.YEAR, date(year, 1, 1), 1, counts, _QUARTERS)
    made.append(Made(protect(wanted, made, codes, draw), counts))
    return Year(records, parts, made, perf_counter() - begun)


def attacks(year: Year, codes: Codes = CODES) -> dict[str, Learned]:
    """Returns what an attacker learns from the releases of a year, and from each weaker protection. The attacker knows
    all facts about the person with the rarest facts.
    """
    truths = [one.counts for one in year.made]
    ours = [
        Seen(one.release.values, one.release.within, dict(one.counts), _QUARTERS if one.release.is_year else ())
        for one in year.made
    ]
    weak = [
        [*(form(truth, codes) for truth in truths[:-1]), form(truths[-1], codes, _QUARTERS)]
        for form in (floor_only, rounded_alone)
    ]
    forms = dict(zip(NAMES, (ours, *weak), strict=True))
    person = rarest(year.records, year.truth)
    quarter = next(at for at, part in enumerate(year.parts) if person in part)
    public = published_elsewhere(year.truth)
    return {name: YearAttack(seen, codes, public, person, quarter).learned() for name, seen in forms.items()}


def statements(figures: Figures, before: Figures | None) -> dict[str, object]:
    """Returns the five main statements about a year that follow from these figures."""

    def largest(name: str, number: int) -> tuple[str, ...]:
        found = [key for key in figures if len(key) == 2 and key[0] == name and not is_others(key)]  # noqa: PLR2004
        return tuple(key[1] for key in sorted(found, key=lambda key: (-figures[key], key))[:number])

    def percent(key: Key) -> float:
        return 100 * figures[key] / figures[TOTAL]

    return {
        "the three most frequent forms, in their order": largest("exploitation", 3),
        "the two reporters with most records, in their order": largest("reporter", 2),
        "the share of women": percent(("gender", "female")),
        "the three most frequent countries of origin": frozenset(largest("origin", 3)),
        "the change of the number since the year before": 100 * (figures[TOTAL] / before[TOTAL] - 1) if before else 0.0,
    }


def survives(true: object, shown: object) -> bool:
    """Checks whether a statement is equal in the true and the shown figures. Percentages may differ by one point."""
    if isinstance(true, float) and isinstance(shown, float):
        return abs(true - shown) <= 1
    return true == shown


def attack_table(found: Sequence[Mapping[str, Learned]]) -> str:
    rows = ["| | " + " | ".join(found[0]) + " |", "|---|" + "---|" * len(found[0])]
    total = {name: Learned() for name in found[0]}
    for one in found:
        for name, learned in one.items():
            total[name].add(learned)
    lines: dict[str, Callable[[Learned], str]] = {
        "counts below ten that were attacked": lambda one: f"{one.attacked:,}",
        "recovered exactly": lambda one: f"{one.exact:,}",
        "fewer than five values remain": lambda one: f"{one.narrow:,}",
        "largest probability of a true count, by a Bayesian": lambda one: f"{one.sure:.2f}",
        "largest growth of that probability by the releases": lambda one: f"{one.gain:.2f}",
        "largest share of a group that is proven to have one fact": lambda one: f"{one.share:.0%}",
        "odds of a fact of a person, changed by the own record at most": lambda one: f"{one.odds:.1f} times",
    }
    rows += [f"| {line} | " + " | ".join(map(shown, total.values())) + " |" for line, shown in lines.items()]
    return "\n".join(rows)


def loss_table(years: Sequence[Year]) -> str:
    rows = [
        "| table of a year | figures | mean error | largest | records that are in listed figures |",
        "|---|---|---|---|---|",
    ]
    for table in TABLES:
        errors, listed, whole = [], 0, 0
        for year in years:
            block = (table.dimension, "", table.inner) if table.inner else (table.dimension,)
            mine = [key for key in year.values if _block(key) == block]
            shown = [key for key in mine if not is_others(key)]
            errors += [abs(year.values[key] - year.truth[key]) for key in shown]
            listed += sum(year.truth[key] for key in shown)
            whole += sum(count for key, count in year.truth.items() if _block(key) == block)
        cells = table.name, f"{len(errors) / len(years):.0f}", f"{fmean(errors):.1f}", str(max(errors))
        rows.append(f"| {' | '.join(cells)} | {listed / whole:.0%} |")
    return "\n".join(rows)


def _block(key: Key) -> tuple[str, ...]:
    return (key[0], "", key[2]) if len(key) > 2 else key[:1]  # noqa: PLR2004  (a cell of two dimensions)


def statement_table(years: Sequence[Year]) -> str:
    kept: dict[str, int] = {}
    for at, year in enumerate(years):
        before = years[at - 1] if at else None
        true = statements(year.truth, before and before.truth)
        shown = statements(year.values, before and before.values)
        for name, value in true.items():
            kept[name] = kept.get(name, 0) + survives(value, shown[name])
    rows = [f"| {name} | {number} of {len(years)} |" for name, number in kept.items()]
    return "\n".join(["| statement | survives in |", "|---|---|", *rows])


def main(*, pages: Annotated[bool, typer.Option(help="Write the tables into docs/guide/releases.md.")] = False) -> None:
    """Makes and attacks releases of five synthetic years, and measures how much they differ from the true counts."""
    years = [released(year, records) for year, records in five_years().items()]
    seconds = max(year.seconds for year in years)
    said = stamp(f"five synthetic years; the slowest year took {seconds:.0f} s")
    text = "\n\n".join(
        [said, attack_table([attacks(year) for year in years]), loss_table(years), statement_table(years)]
    )
    typer.echo(text)
    if pages:
        page = GUIDE / "releases.md"
        page.write_text(with_table(page.read_text(), text))


if __name__ == "__main__":
    typer.run(main)
