"""`python -m bench.lists`: processor seconds of the lists and of advice, warm."""

import time
from collections.abc import Callable
from statistics import median
from typing import Annotated, Any
from unittest.mock import patch

import typer

from bench.generator import SIZES, problem, size_for
from matching import Problem, WaysOut, advise, alternatives, bottlenecks, match
from matching.explanations import advice

TIMES = 3
Row = dict[str, float]


def measured(name: str, seed: int, times: int = TIMES) -> Row:
    """Processor seconds of each list for one problem: by name of a size, or by number of registrations."""
    asked = problem(SIZES[name] if name in SIZES else size_for(int(name)), seed)
    registration = asked.registrations[len(asked.registrations) // 2].id
    return {
        "match": _seconds(lambda: match(asked), times),
        "alternatives": _seconds(lambda: alternatives(asked, registration), times),
        "bottlenecks": _seconds(lambda: bottlenecks(asked), times),
        "advice": _seconds(lambda: _advice_without_ways_out(asked, registration), times),
    }


def _advice_without_ways_out(asked: Problem, registration: str) -> Any:
    with patch.object(advice, "ways_out_of", return_value=WaysOut(registration, 0, ())):
        return advise(asked, registration, time_limit=60.0)


def _seconds(act: Callable[[], Any], times: int) -> float:
    """The median of the processor time of this process, after one call that does not count."""
    act()
    found = []
    for _ in range(times):
        began = time.process_time()
        act()
        found.append(time.process_time() - began)
    return median(found)


def main(
    sizes: Annotated[str, typer.Option(help="Names of sizes, or numbers of registrations.")] = "national",
    seeds: int = 10,
) -> None:
    """Measures the lists: the median of the seeds, and the most."""
    for name in sizes.replace(",", " ").split():
        rows = [measured(name, seed) for seed in range(1, seeds + 1)]
        for what in rows[0]:
            seconds = [row[what] for row in rows]
            typer.echo(f"{name} {what:13} {1000 * median(seconds):8.1f} ms, at most {1000 * max(seconds):8.1f}")


if __name__ == "__main__":
    typer.run(main)
