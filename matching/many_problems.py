"""The command `placement match --many DIR`. It writes a line of JSON for every problem in a folder."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import msgspec
import typer

import matching
from matching.progress_bar import progress_bar

PATIENCE = 2.0  # seconds before a bar is shown


def problems_in(folder: Path) -> list[Path]:
    """Returns the problems (`*.json`) in a folder, sorted by name. Raises BadParameter if the folder has no problem."""
    if not folder.is_dir():
        raise typer.BadParameter(f"{folder} is not a folder", param_hint="--many")
    files = sorted(file for file in folder.glob("*.json") if file.is_file())
    if not files:
        raise typer.BadParameter(f"{folder} has no problem (*.json)", param_hint="--many")
    return files


def answered(files: list[Path], time_limit: float | None, processes: int | None) -> Iterator[dict[str, object]]:
    """Yields a row for each file: its name, and the `solution`, the file's `faults`, or the engine's `fault`."""
    read = {file: _read(file) for file in files}
    valid = [problem for problem in read.values() if isinstance(problem, matching.Problem)]
    with progress_bar("problems", PATIENCE) as show:

        def watch(done: int) -> None:
            show(done, len(valid))

        if processes is None:
            found = matching.match_many(valid, progress=watch, time_limit=time_limit)
        else:
            with ProcessPoolExecutor(processes, mp_context=get_context("forkserver")) as pool:
                found = matching.match_many(valid, pool, watch, time_limit=time_limit)
    answers = iter(found)
    for file, problem in read.items():
        if not isinstance(problem, matching.Problem):
            yield {"file": file.name, "faults": problem}
            continue
        answer = next(answers)
        is_fault = isinstance(answer, matching.EngineFault)
        yield {"file": file.name, "fault": str(answer)} if is_fault else {"file": file.name, "solution": answer}


def written(rows: list[dict[str, object]]) -> bytes:
    """Returns the rows as JSON Lines."""
    return b"\n".join(msgspec.json.encode(row) for row in rows)


def _read(file: Path) -> matching.Problem | list[matching.Fault]:
    try:
        return matching.read_problem(file.read_bytes())
    except OSError as error:
        return [matching.Fault("$", f"cannot be read: {error.strerror}")]
    except matching.Invalid as invalid:
        return list(invalid.faults)
