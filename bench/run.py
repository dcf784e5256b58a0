"""`python -m bench.run`: runs the benchmarks, and writes a table, the same as JSON, and charts of the gap against time.

Each problem is measured in a process of its own, so that its peak memory is measured alone. The *gap* is relative:
(bound - objective) / (bound - objective of first come, first served).
"""

import json
import subprocess
import sys
from math import log
from pathlib import Path
from statistics import linear_regression, median
from typing import Annotated, Any

import typer

from bench.adversarial import KINDS
from bench.picture import picture

Row = dict[str, Any]
LIMITS = {"tiny": 2.0, "national": 10.0, "eu": 60.0, "world": 180.0}


def main(
    sizes: Annotated[
        str, typer.Option(help="Of tiny, national, national-empty, eu, world, hard, or numbers of registrations.")
    ] = "national",
    seeds: int = 5,
    output: Annotated[Path, typer.Option(help="A folder for results.json and the pictures.")] = Path("build/bench"),
    limit: Annotated[float | None, typer.Option(help="Seconds for each problem, instead of the usual.")] = None,
) -> None:
    """Measures the engine on generated problems."""
    output.mkdir(parents=True, exist_ok=True)
    rows = []
    for size in asked_for(sizes):
        seconds = LIMITS.get(size, 30.0) if limit is None else limit
        for seed in range(1, 2 if size in KINDS else seeds + 1):
            rows.append(one(size, seed, seconds))
            typer.echo(f"{size} {seed}: {shown(rows[-1])}", err=True)
        these = [row for row in rows if row["size"] == size]
        typer.echo(f"{size}, median of {len(these)}: {shown(medians(these))}")
        if size in {"eu", "world"}:
            (output / f"gap-{size}.svg").write_text(picture(size, [row["course"] for row in these]))
    (output / "results.json").write_text(json.dumps(rows, indent=1))
    for what in ("read_s", "first_s", "peak_mb"):
        if (grows := exponent(rows, what)) is not None:
            typer.echo(f"{what} grows with registrations to the power of {grows:.2f}")


def asked_for(sizes: str) -> list[str]:
    """Names of sizes and numbers of registrations; `hard` stands for every adversarial kind."""
    return [name for size in sizes.replace(",", " ").split() for name in (KINDS if size == "hard" else [size])]


def exponent(rows: list[Row], what: str) -> float | None:
    """Exponent of the best power law in registrations (least squares of logarithms); needs three sizes."""
    points = [(log(row["registrations"]), log(row[what])) for row in rows if what in row and row["size"] not in KINDS]
    return linear_regression(*zip(*points, strict=True)).slope if len({x for x, _ in points}) > 2 else None  # noqa: PLR2004


def one(size: str, seed: int, seconds: float) -> Row:
    """One problem, measured in a process of its own."""
    command = [sys.executable, "-m", "bench.measure", size, str(seed), str(seconds)]
    done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own command
    measured: Row = json.loads(done.stdout)
    return measured


def medians(rows: list[Row]) -> Row:
    names = [name for name, value in rows[0].items() if isinstance(value, int | float) and name != "seed"]
    return {name: median(row[name] for row in rows if name in row) for name in names}


def shown(row: Row) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in row.items() if isinstance(value, int | float))


if __name__ == "__main__":
    typer.run(main)
