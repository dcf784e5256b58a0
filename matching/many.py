"""The solution of many separate problems in parallel, with any executor that has `map`."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from matching.answer import match
from matching.format.problem import Problem
from matching.format.read import read_problem, read_solution, write_problem
from matching.format.solution import EngineFault, Solution, write_solution

MOST_AT_ONCE = 16  # the largest number of problems in a batch
PARTS_EACH = 4  # each process gets at least so many batches of problems, so that all end at nearly the same time


class Executor(Protocol):
    """An executor: a pool of threads, processes or machines, from `concurrent.futures`, `multiprocessing` or Ray."""

    def map(self, call: Callable[[bytes], bytes | str], problems: Iterable[bytes], /) -> Iterable[bytes | str]:
        """Returns the result of each call, in the order of the problems."""


def match_many(
    problems: Iterable[Problem],
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
    *,
    time_limit: float | None = None,
) -> list[Solution | EngineFault]:
    """Returns the result of `match` for each of the `problems`, in the same order. For a problem that fails, the list
    contains the EngineFault.

    `executor`: any pool with `map`. By default, a pool with a process for each core; a script then needs the guard `if
    __name__ == "__main__"`. `progress` receives the number of solved problems each time it rises. `time_limit`: seconds
    for each problem. Raises only what the executor raises, for example for a killed process.
    """
    data = [write_problem(problem) for problem in problems]
    solve = partial(_solve, time_limit=time_limit)
    if executor is not None:
        return _read(executor.map(solve, data), progress)
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - only this needs it
    from multiprocessing import cpu_count, get_context  # noqa: PLC0415 - as above

    each = min(MOST_AT_ONCE, len(data) // (PARTS_EACH * cpu_count()) or 1)
    with ProcessPoolExecutor(mp_context=get_context("forkserver")) as pool:  # a fork with a solver's threads could hang
        return _read(pool.map(solve, data, chunksize=each), progress)


def _solve(data: bytes, time_limit: float | None) -> bytes | str:
    """Returns the solution as bytes, or the message of the error as text. Both can be sent between machines."""
    try:
        return write_solution(match(read_problem(data), time_limit=time_limit))
    except Exception as error:  # noqa: BLE001 - a fault of one problem must not end the others
        return str(error) or type(error).__name__


def _read(answers: Iterable[bytes | str], progress: Callable[[int], None] | None) -> list[Solution | EngineFault]:
    found: list[Solution | EngineFault] = []
    for answer in answers:
        found.append(EngineFault(answer) if isinstance(answer, str) else read_solution(answer))
        if progress is not None:
            progress(len(found))
    return found
