"""`python -m bench.run`: runs the benchmarks of the engine, and writes JSON and charts of the gap. With `--pages` it
also writes the tables into the documents.

Each problem is measured in a process of its own, in processor time, so that its peak memory is measured alone.
Measurements with the same state of `matching/` are not repeated. Each seed is measured with every generator before the
next seed. `python -m bench.run --sizes eu --limits "20 60" --pages` makes the tables and pictures of large problems.

The *gap* is the bound minus the points of the solution, as a share of the *room*. The room is the proven bound minus
the points of the engine's simple method (most urgent first).
"""

import json
import subprocess
import sys
from math import log
from pathlib import Path
from statistics import linear_regression
from typing import Annotated, Any, NamedTuple

import typer

from bench.adversarial import KINDS
from bench.characters import CHARACTERS
from bench.picture import picture
from bench.tables import by_kind, shown, written

Row = dict[str, Any]
PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
LIMITS = {"tiny": 2.0, "national": 10.0, "eu": 60.0, "world": 180.0}


class Case(NamedTuple):
    """A problem to measure, and its time limit in seconds."""

    size: str
    character: str
    seed: int
    seconds: float


def main(
    sizes: Annotated[
        str, typer.Option(help="Of tiny, national, national-empty, eu, world, hard, or numbers of registrations.")
    ] = "national",
    seeds: int = 5,
    output: Annotated[Path, typer.Option(help="A folder for results.jsonl and the pictures.")] = Path("build/bench"),
    limits: Annotated[str, typer.Option(help="Seconds for each problem, instead of the usual.")] = "",
    characters: Annotated[str, typer.Option(help="Generators.")] = " ".join(CHARACTERS),
    *,
    pages: Annotated[bool, typer.Option(help="Write the tables into the pages of docs/guide.")] = False,
) -> None:
    """Measures the engine on generated problems."""
    output.mkdir(parents=True, exist_ok=True)
    known = kept(output / "results.jsonl")
    asked = [
        Case(size, character, seed, seconds)
        for seed in range(1, seeds + 1)
        for size in asked_for(sizes)
        for seconds in map(float, limits.split() or [LIMITS.get(size, 30.0)])
        for character in (["plain"] if size in KINDS else characters.replace(",", " ").split())
        if seed == 1 or size not in KINDS
    ]
    try:
        for case in asked:
            if case not in known:
                known[case] = measured(case)
                with (output / "results.jsonl").open("a") as file:
                    file.write(json.dumps({"engine": engine(), "case": case, "row": known[case]}) + "\n")
                typer.echo(f"{case.size} {case.character} {case.seed}: {shown([known[case]])}", err=True)
    finally:  # also after an interrupt
        summarize([known[case] for case in sorted(known)], output, pages=pages)


def summarize(rows: list[Row], output: Path, *, pages: bool) -> None:
    """Writes the pictures of all problems that were measured with this engine. If `pages`, also writes the tables."""
    for (size, _, character), these in by_kind(rows):
        typer.echo(f"{size} {character}, median (worst) of {len(these)}: {shown(these)}")
        if size in {"eu", "world"}:
            drawn = picture(size, [row["course"] for row in these])  # sorted by limit: the longest is drawn last
            folder, name = (PICTURES, "engine-gap") if pages and size == "eu" else (output, f"gap-{size}")
            (folder / f"{name}-{character}.svg").write_text(drawn)
    for what in ("read_s", "first_s", "peak_mb"):
        if (grows := exponent(rows, what)) is not None:
            typer.echo(f"{what} grows with registrations to the power of {grows:.2f}")
    if pages:
        for page in written(rows):
            typer.echo(f"written: {page}")


def kept(results: Path) -> dict[Case, Row]:
    """Returns the figures that an earlier run measured with the same engine."""
    lines = map(json.loads, results.read_text().splitlines()) if results.exists() else ()
    return {Case(*line["case"]): line["row"] for line in lines if line["engine"] == engine()}


def engine() -> str:
    """Returns the hash of `matching/` in the last commit."""
    command = ["/usr/bin/env", "git", "rev-parse", "HEAD:matching"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603


def asked_for(sizes: str) -> list[str]:
    """Returns the names of sizes and the numbers of registrations in `sizes`. `hard` means every adversarial kind."""
    return [name for size in sizes.replace(",", " ").split() for name in (KINDS if size == "hard" else [size])]


def exponent(rows: list[Row], what: str) -> float | None:
    """Returns the exponent with which a figure grows with the number of registrations, by least squares of logarithms.
    Returns `None` for fewer than three sizes.
    """
    points = [(log(row["registrations"]), log(row[what])) for row in rows if what in row and row["size"] not in KINDS]
    return linear_regression(*zip(*points, strict=True)).slope if len({x for x, _ in points}) > 2 else None  # noqa: PLR2004


def measured(case: Case) -> Row:
    """Measures one problem in a process of its own."""
    command = [sys.executable, "-m", "bench.measure", case.size, str(case.seed), str(case.seconds), case.character]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own command
    row: Row = json.loads(done.stdout)
    return row


if __name__ == "__main__":
    typer.run(main)
