"""`python -m bench.time_limit`: measures how much the engine's commands exceed their time limit, by command, size and
limit.

The time of a command is that of its whole process, from the start of Python to the written answer. Hard problems are
solved in this process instead. A command may exceed its limit by a tenth of the limit or 0.3 seconds, whichever is
more.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import typer

from bench.adversarial import KINDS
from bench.generator import SIZES, generate, size_for
from bench.measure import timed
from matching import check, match, read_problem

LIMIT = 4.0  # the time limit of the hard problems, in seconds
TIMES = 3
LIMITS = (0.2, 0.5, 1.0, 2.0, 10.0)
MATCH = ("match",)
LISTS = ("alternatives", "bottlenecks", "ways-out")  # commands for sizes that are solved whole
SOLVED_WHOLE = {"tiny", "national", "national-empty", "100"}
SHARE, SECONDS = 0.1, 0.3  # a command may exceed its limit by this share or by these seconds, whichever is more


class Over(NamedTuple):
    """The seconds by which a command exceeded its limit, for a size and limit. They are negative if it ended earlier.

    `least`: the smallest value of all seeds. It is closest to the time on an idle machine, because other work only adds
    time. `middle`: the median.
    """

    command: str
    size: str
    limit: float
    least: float
    middle: float

    @property
    def is_kept(self) -> bool:
        return self.least <= max(SHARE * self.limit, SECONDS)


def seconds_over_limit(share: float = 1.0, limit: float = LIMIT, times: int = TIMES) -> dict[str, float]:
    """Returns the median of the seconds over the limit for each adversarial kind; 0 if the answers came in time.
    `share`: the share of the full size of each problem.
    """
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


def commands_over_limit(size: str, limits: tuple[float, ...], seeds: range) -> list[Over]:
    """Measures every command that has a time limit, on problems of a size (a name, or a number of registrations)."""
    found = []
    with TemporaryDirectory() as folder:
        for command in (*MATCH, *(LISTS if size in SOLVED_WHOLE else ())):
            for limit in limits:
                over = [_seconds(command, size, seed, limit, Path(folder)) - limit for seed in seeds]
                found.append(Over(command, size, limit, min(over), median(over)))
    return found


def _seconds(command: str, size: str, seed: int, limit: float, folder: Path) -> float:
    """Returns the seconds of a command, from the start of its process to its end."""
    file = folder / f"{size}-{seed}.json"
    if not file.exists():
        file.write_bytes(generate(SIZES[size] if size in SIZES else size_for(int(size)), seed))
    rows = read_problem(file.read_bytes()).registrations
    named = [] if command in {"match", "bottlenecks"} else ["--registration", rows[len(rows) // 2].id]
    started = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "placement", command, str(file), *named, "--time-limit", str(limit)],
        capture_output=True,
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode and b"the best total is not known" not in done.stderr:
        raise RuntimeError(done.stderr.decode())
    return seconds


def main(
    sizes: Annotated[str, typer.Option(help="Names of sizes, or numbers of registrations.")] = "national 100 400 eu",
    limits: Annotated[str, typer.Option(help="Seconds.")] = " ".join(map(str, LIMITS)),
    seeds: int = 3,
    *,
    hard: Annotated[bool, typer.Option(help="The problems made to be hard, too.")] = True,
) -> None:
    """Measures how much commands exceed their limit. Prints the smallest value of all seeds and the median."""
    asked = tuple(float(limit) for limit in limits.split())
    for size in sizes.split():
        for row in commands_over_limit(size, asked, range(1, seeds + 1)):
            kept = "" if row.is_kept else "  not kept"
            what = f"{row.size:9} {row.command:13} {row.limit:5g} s"
            typer.echo(f"{what} {row.least:+.2f}, median {row.middle:+.2f}{kept}")
    if hard:
        typer.echo(f"{'kind':35} seconds over {LIMIT:g}")
        for kind, over in seconds_over_limit().items():
            typer.echo(f"{kind:35} {over:.2f}")


if __name__ == "__main__":
    typer.run(main)
