"""`python -m bench.time_limit`: how well the engine keeps its time limit on problems made to be hard."""

from statistics import median

import typer

from bench.adversarial import KINDS
from bench.measure import timed
from matching import check, match

LIMIT = 4.0  # seconds
TIMES = 3


def seconds_over_limit(share: float = 1.0, limit: float = LIMIT, times: int = TIMES) -> dict[str, float]:
    """For each kind, at a share of its full size, the median of the seconds over the limit; 0 is within it."""
    found = {}
    for kind, (make, size) in KINDS.items():
        problem = make(int(size * share))
        over = []
        for _ in range(times):
            solution, seconds = timed(lambda problem=problem: match(problem, time_limit=limit))
            assert check(problem, solution).ok  # noqa: S101 - a benchmark of wrong answers is meaningless
            over.append(max(0.0, seconds - limit))
        found[kind] = median(over)
    return found


if __name__ == "__main__":
    typer.echo(f"{'kind':35} seconds over {LIMIT:g}")
    for kind, over in seconds_over_limit().items():
        typer.echo(f"{kind:35} {over:.2f}")
