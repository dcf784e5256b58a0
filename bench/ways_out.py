"""`python -m bench.ways_out`: measures the time of `ways_out` for a registration as a multiple of that of `match`."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Annotated, NamedTuple

import typer
from msgspec.structs import replace

from bench.generator import SIZES
from bench.generator import problem as generated
from matching import PROBLEM_FORMAT, Problem, Together, match, ways_out

TIMES = 5
GROUP = 3  # registrations in a group


class Multiples(NamedTuple):
    """The median milliseconds of `match`, and the time of `ways_out` as a multiple of it: the median and the largest
    value of all registrations.
    """

    match_ms: float
    median: float
    slowest: float


def multiples(problem: Problem, times: int = TIMES) -> Multiples:
    """Returns the multiples, in processor time. For each registration, both functions run `times` times in turns, and
    the least time of each counts.
    """
    match_ms, found = [], []
    for row in problem.registrations:
        pairs = [(_busy(partial(match, problem)), _busy(partial(ways_out, problem, row.id))) for _ in range(times)]
        of_match, of_ways_out = map(min, zip(*pairs, strict=True))
        match_ms.append(1000 * of_match)
        found.append(of_ways_out / of_match)
    return Multiples(median(match_ms), median(found), max(found))


def _busy(act: Callable[[], object]) -> float:
    """Returns the processor seconds of a call. Other work on the machine hardly affects them."""
    started = time.process_time()
    act()
    return time.process_time() - started


def grouped(problem: Problem) -> Problem:
    """Returns the problem with groups of three. Every second group must be together in a region; the others get points
    for it.
    """
    ids = sorted(row.id for row in problem.registrations)
    groups = tuple(
        Together(f"G{number}", tuple(ids[first : first + GROUP]), "region", must=number % 2 == 0)
        for number, first in enumerate(range(0, len(ids) - GROUP + 1, GROUP))
    )
    return replace(problem, format=PROBLEM_FORMAT, together=groups)


def main(size: str = "national", seeds: Annotated[int, typer.Option(help="Problems of each kind.")] = 5) -> None:
    """Measures generated problems, first without groups and then with groups."""
    typer.echo(f"{'problem':24} match ms   median  slowest")
    for kind, make in (("", lambda problem: problem), (" with groups", grouped)):
        for seed in range(1, seeds + 1):
            row = multiples(make(generated(SIZES[size], seed)))
            typer.echo(f"{f'{size} {seed}{kind}':24} {row.match_ms:8.1f} {row.median:8.1f} {row.slowest:8.1f}")


if __name__ == "__main__":
    typer.run(main)
