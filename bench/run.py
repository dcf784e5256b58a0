"""`python -m bench.run`: runs the benchmarks, and writes JSON, charts of the gap, and with `--pages` the documents.

Each problem is measured in a process of its own, so that its peak memory is measured alone, in processor time.
The *room* is the proven bound minus the engine's own simple answer (most urgent first); a gap is a share of it.
"""

import json
import subprocess
import sys
from math import log
from pathlib import Path
from statistics import linear_regression
from typing import Annotated, Any

import typer

from bench.adversarial import KINDS
from bench.characters import CHARACTERS
from bench.picture import picture
from bench.tables import shown, written

Row = dict[str, Any]
LIMITS = {"tiny": 2.0, "national": 10.0, "eu": 60.0, "world": 180.0}


def main(
    sizes: Annotated[
        str, typer.Option(help="Of tiny, national, national-empty, eu, world, hard, or numbers of registrations.")
    ] = "national",
    seeds: int = 5,
    output: Annotated[Path, typer.Option(help="A folder for results.json and the pictures.")] = Path("build/bench"),
    limit: Annotated[float | None, typer.Option(help="Seconds for each problem, instead of the usual.")] = None,
    characters: Annotated[str, typer.Option(help="Generators.")] = " ".join(CHARACTERS),
    *,
    pages: Annotated[bool, typer.Option(help="Write the tables into the pages of docs/guide.")] = False,
) -> None:
    """Measures the engine on generated problems."""
    output.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for size in asked_for(sizes):
        seconds = LIMITS.get(size, 30.0) if limit is None else limit
        for character in ["plain"] if size in KINDS else characters.replace(",", " ").split():
            these = []
            for seed in range(1, 2 if size in KINDS else seeds + 1):
                these.append(measured(size, seed, seconds, character))
                typer.echo(f"{size} {character} {seed}: {shown(these[-1:])}", err=True)
            typer.echo(f"{size} {character}, median (worst) of {len(these)}: {shown(these)}")
            if size in {"eu", "world"}:
                (output / f"gap-{size}-{character}.svg").write_text(picture(size, [row["course"] for row in these]))
            rows += these
    (output / "results.json").write_text(json.dumps(rows, indent=1))
    for what in ("read_s", "first_s", "peak_mb"):
        if (grows := exponent(rows, what)) is not None:
            typer.echo(f"{what} grows with registrations to the power of {grows:.2f}")
    if pages:
        for page in written(rows):
            typer.echo(f"written: {page}")


def asked_for(sizes: str) -> list[str]:
    """Returns names of sizes and numbers of registrations; `hard` stands for every adversarial kind."""
    return [name for size in sizes.replace(",", " ").split() for name in (KINDS if size == "hard" else [size])]


def exponent(rows: list[Row], what: str) -> float | None:
    """Returns the exponent of the best power law in registrations (least squares of logarithms), of three sizes."""
    points = [(log(row["registrations"]), log(row[what])) for row in rows if what in row and row["size"] not in KINDS]
    return linear_regression(*zip(*points, strict=True)).slope if len({x for x, _ in points}) > 2 else None  # noqa: PLR2004


def measured(size: str, seed: int, seconds: float, character: str) -> Row:
    """Measures one problem in a process of its own."""
    command = [sys.executable, "-m", "bench.measure", size, str(seed), str(seconds), character]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own command
    row: Row = json.loads(done.stdout)
    return row


if __name__ == "__main__":
    typer.run(main)
