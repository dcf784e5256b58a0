"""`python -m bench.ways_out`: how long the ways out of a registration take, as a multiple of `match` of the problem."""

from statistics import median
from typing import Annotated, NamedTuple

import typer
from msgspec.structs import replace

from bench.generator import SIZES
from bench.generator import problem as generated
from bench.measure import timed
from matching import PROBLEM_FORMAT, Problem, Together, match, ways_out

TIMES = 5
GROUP = 3  # registrations


class Multiples(NamedTuple):
    """Milliseconds of `match`, and the ways out of each registration as a multiple of it: the median, the slowest."""

    match_ms: float
    median: float
    slowest: float


def multiples(problem: Problem, times: int = TIMES) -> Multiples:
    """The least of some times of each question, in one run."""
    matching = min(timed(lambda: match(problem))[1] for _ in range(times))
    found = [
        min(timed(lambda name=row.id: ways_out(problem, name))[1] for _ in range(times)) / matching
        for row in problem.registrations
    ]
    return Multiples(1000 * matching, median(found), max(found))


def grouped(problem: Problem) -> Problem:
    """The same with groups of three: each second one must be in one region, the others would like to be."""
    ids = sorted(row.id for row in problem.registrations)
    groups = tuple(
        Together(f"G{number}", tuple(ids[first : first + GROUP]), "region", must=number % 2 == 0)
        for number, first in enumerate(range(0, len(ids) - GROUP + 1, GROUP))
    )
    return replace(problem, format=PROBLEM_FORMAT, together=groups)


def main(size: str = "national", seeds: Annotated[int, typer.Option(help="Problems of each kind.")] = 5) -> None:
    """Measures generated problems, without groups and with them."""
    typer.echo(f"{'problem':24} match ms   median  slowest")
    for kind, make in (("", lambda problem: problem), (" with groups", grouped)):
        for seed in range(1, seeds + 1):
            row = multiples(make(generated(SIZES[size], seed)))
            typer.echo(f"{f'{size} {seed}{kind}':24} {row.match_ms:8.1f} {row.median:8.1f} {row.slowest:8.1f}")


if __name__ == "__main__":
    typer.run(main)
