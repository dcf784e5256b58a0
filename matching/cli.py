"""The six commands of the matching engine. They read a file, or standard input (`-`), and write JSON. Messages go to
standard error. Exit codes: 0 if the question was answered, 1 if the engine has a fault, 2 if the problem or the
question is invalid. `check` exits with 3 if the solution breaks a rule.
"""

import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

import matching

if not hasattr(matching, "ENGINE_VERSION"):
    sys.exit(f"{matching.__path__[0]} is a foreign package: uninstall `matching`, and install the engine again")

MOMENT = 0.15  # seconds that remain for the solver, even if starting and reading took the whole limit
PATIENCE = 2.0  # seconds without output, after which a bar shows the progress of the search

ANSWERED, OWN_FAULT, NOT_VALID, WRONG = 0, 1, 2, 3

Read = TypeVar("Read")

ProblemFile = Annotated[
    str, typer.Argument(metavar="PROBLEM", help="A placement problem (JSON), or - for standard input.")
]
ProblemOrMany = Annotated[
    str | None, typer.Argument(metavar="[PROBLEM]", help="A placement problem (JSON), or - for standard input.")
]
SolutionFile = Annotated[str, typer.Argument(metavar="SOLUTION", help="A solution (JSON), or - for standard input.")]
Output = Annotated[Path | None, typer.Option(help="Write the answer to this file instead of standard output.")]
Wanted = Annotated[str, typer.Option("--registration", metavar="ID", help="The id of an open registration.")]
Top = Annotated[int, typer.Option(min=1, help="The maximum number of rows.")]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Threads of the solver (1 if not given); of --many: processes (one for each core)."),
]
Many = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Answer each problem (*.json) of this folder with a line of JSON."),
]


def _seconds(value: float | None) -> float | None:
    if value is not None and not (value > 0 and math.isfinite(value)):
        raise typer.BadParameter("expected a number of seconds above 0")
    return value


TimeLimit = Annotated[
    float | None,
    typer.Option(callback=_seconds, metavar="SECONDS", help="Stop after these seconds with the best answer so far."),
]

ListLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        callback=_seconds,
        metavar="SECONDS",
        help="Stop after these seconds. Listed entries are exact, and the list states that it is incomplete.",
    ),
]


class _Budget:
    """A time limit that begins with the process. It includes the time for starting Python and reading the problem. If
    `context` has no start time, the limit begins now.
    """

    def __init__(self, context: typer.Context, seconds: float | None) -> None:
        self.ends = None if seconds is None else (context.obj or time.monotonic()) + seconds

    def left(self) -> float | None:
        return None if self.ends is None else max(self.ends - time.monotonic(), MOMENT)


def match(
    context: typer.Context,
    problem: ProblemOrMany = None,
    *,
    many: Many = None,
    time_limit: TimeLimit = None,
    workers: Workers = None,
    output: Output = None,
) -> None:
    """Compute the best placements for all registrations."""
    if (problem is None) == (many is None):
        raise typer.BadParameter("expected a PROBLEM, or --many with a folder of them")
    if many is not None:
        return _match_many(many, time_limit, workers, output)
    assert problem is not None  # noqa: S101 - the condition above
    budget = _Budget(context, time_limit)
    started = time.monotonic()
    read = _read(problem, matching.read_problem)
    reading = time.monotonic() - started
    with _own_faults():
        with _shown() as watch:
            solution = matching.match(read, time_limit=budget.left(), workers=workers or 1, watch=watch)
        for warning in matching.policy_warnings(read):
            typer.echo(f"warning: {warning}", err=True)
    if isinstance(solution.why, str):
        typer.echo(f"degraded: {solution.why}", err=True)
    seconds = msgspec.structs.replace(
        solution.seconds, read=round(reading, 6), total=round(solution.seconds.total + reading, 6)
    )
    _write(matching.write_solution(msgspec.structs.replace(solution, seconds=seconds)), output)
    return None


def _match_many(folder: Path, time_limit: float | None, processes: int | None, output: Path | None) -> None:
    """Answers every problem in a folder. Exits with 2 if a file is invalid, and with 1 if the engine failed."""
    from matching.many_problems import answered, problems_in, written  # noqa: PLC0415 - one command needs pools

    files = problems_in(folder)
    with _own_faults():
        rows = list(answered(files, time_limit, processes))
    _write(written(rows), output)
    for row in rows:
        if isinstance(faults := row.get("faults"), list):
            _list_faults(str(folder / str(row["file"])), faults)
        elif "fault" in row:
            typer.echo(f"{folder / str(row['file'])}: the engine failed: {row['fault']}", err=True)
    if any("faults" in row for row in rows):
        raise typer.Exit(NOT_VALID)
    if any("fault" in row for row in rows):
        raise typer.Exit(OWN_FAULT)


def check(problem: ProblemFile, solution: SolutionFile, output: Output = None) -> None:
    """List every rule that a solution breaks, and the objective of the solution. The check shares no code with the
    solver.
    """
    read, answer = _read(problem, matching.read_problem), _read(solution, matching.read_solution)
    with _own_faults():
        report = matching.check(read, answer)
    _write(matching.write_report(report), output)
    raise typer.Exit(ANSWERED if report.ok else WRONG)


def explain(problem: ProblemFile, registration: Wanted, output: Output = None) -> None:
    """List, for every unit, the hard rules that a registration would break there."""
    read = _read(problem, matching.read_problem)
    with _own_faults():
        answer = matching.explain(read, registration)
    _write(msgspec.json.encode(answer), output)


def _of_registration(name: str, summary: str) -> Callable[..., None]:
    """Returns a command that writes a list about a registration. `name`: the function that makes the list."""

    def command(
        context: typer.Context,
        problem: ProblemFile,
        *,
        registration: Wanted,
        top: Top = 5,
        time_limit: ListLimit = None,
        output: Output = None,
    ) -> None:
        make = getattr(matching, name)
        _list(make, context, problem, time_limit, output, registration_id=registration, top=top)

    command.__name__, command.__doc__ = name, summary
    return command


alternatives = _of_registration(
    "alternatives",
    "Compute what all registrations together lose if this registration goes to another unit.",
)
ways_out = _of_registration(
    "ways_out",
    "List the smallest sets of changes that open a unit to a registration, and what each costs other registrations.",
)


def bottlenecks(
    context: typer.Context,
    problem: ProblemFile,
    top: Top = 10,
    time_limit: ListLimit = None,
    output: Output = None,
) -> None:
    """List the units in which an additional room or high-care place would help most."""
    _list(matching.bottlenecks, context, problem, time_limit, output, top=top)


def _list(
    make: Callable[..., matching.Alternatives | matching.Bottlenecks | matching.WaysOut],
    context: typer.Context,
    problem: ProblemFile,
    time_limit: float | None,
    output: Path | None,
    **asked: str | int,
) -> None:
    """Writes a list about the problem. `make`: makes the list from the problem, the remaining seconds and the options
    `asked`. If the list is incomplete, adds `complete` (false) and `seconds`, the time of the whole command.
    """
    budget = _Budget(context, time_limit)
    started = time.monotonic()
    read = _read(problem, matching.read_problem)
    with _own_faults():
        answer = make(read, time_limit=budget.left(), **asked)
    written = msgspec.to_builtins(answer)
    if not answer.complete:
        typer.echo("not complete: stopped before the rest of the list was known", err=True)
        written["seconds"] = round(time.monotonic() - started, 6)
    _write(msgspec.json.encode(written), output)


def _read(name: str, reader: Callable[[bytes], Read]) -> Read:
    try:
        return reader(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())
    except OSError as error:
        typer.echo(f"{name}: cannot be read: {error.strerror}", err=True)
    except matching.Invalid as invalid:
        _list_faults(name, invalid.faults)
    raise typer.Exit(NOT_VALID)


def _list_faults(name: str, faults: Iterable[matching.Fault]) -> None:
    for fault in faults:
        typer.echo(f"{name}: {fault.path}: {fault.message}", err=True)


@contextmanager
def _own_faults() -> Iterator[None]:
    """Turns an error in the `with` block into a message and an exit code: 2 for a refused question, otherwise 1."""
    try:
        yield
    except matching.Refused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(NOT_VALID) from refused
    except Exception as error:
        typer.echo(f"the engine failed: {error}", err=True)
        raise typer.Exit(OWN_FAULT) from error


@contextmanager
def _shown() -> Iterator[Callable[[matching.Progress], None] | None]:
    """Shows the progress on a terminal after two seconds: the points of the best answer, the bound, and the gap."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - takes time to import, and only a terminal needs it
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - as above

    started = time.perf_counter()
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False)

        def watch(now: matching.Progress) -> None:
            words = f"{now.phase}: {now.objective:,} points"
            if now.bound is not None:
                words += f", at most {now.bound:,} ({(now.bound - now.objective) / max(1, now.bound):.3%} apart)"
            bar.update(task, description=words, visible=time.perf_counter() - started > PATIENCE)

        yield watch


def _write(answer: bytes, output: Path | None) -> None:
    try:
        if output is None:
            sys.stdout.buffer.write(answer + b"\n")
            sys.stdout.flush()
        else:
            output.write_bytes(answer + b"\n")
    except OSError as error:
        typer.echo(f"the answer cannot be written: {error.strerror}", err=True)
        raise typer.Exit(OWN_FAULT) from error


def main() -> None:
    """Runs a command of `placement-engine`. Time limits are counted from the start of the process."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    for command in (match, check, explain, alternatives, bottlenecks, ways_out):
        app.command(command.__name__.replace("_", "-"))(command)
    app(obj=time.monotonic() - time.process_time())
