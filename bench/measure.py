"""`python -m bench.measure SIZE SEED SECONDS`: measures one problem in this process; JSON on standard output."""

import json
import resource
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from bench.adversarial import KINDS
from bench.generator import SIZES, generate, size_for
from bench.model import solved
from bench.rivals import first_come, value_first
from bench.whole import highs_whole
from matching import (
    Problem,
    Progress,
    alternatives,
    bottlenecks,
    check,
    explain_all,
    match,
    read_problem,
    write_problem,
)

WHOLE = {"tiny", "national", "national-empty"}  # sizes for which every function is measured, and the naive model solved
NAIVE_SECONDS = 60.0
TIMES = 5  # repetitions per function for these sizes; the median counts
EARLY = 5.0  # seconds: time at which an early solution is evaluated
Row = dict[str, Any]


def measure(name: str, seed: int, seconds: float) -> Row:
    data = given(name, seed)
    match(read_problem(generate(SIZES["tiny"], 0)))  # triggers imports, so that they are not measured
    problem, reading = timed(lambda: read_problem(data))
    row: Row = {"size": name, "seed": seed, "registrations": len(problem.registrations), "units": len(problem.units)}
    row |= {"megabytes": len(data) / 1e6, "read_s": reading}
    return row | (asked(problem) if name in WHOLE else searched(problem, reading, seconds))


def given(name: str, seed: int) -> bytes:
    """A problem by name of a size, number of registrations, or name of an adversarial kind."""
    if name in KINDS:
        make, size = KINDS[name]
        return write_problem(make(size))
    return generate(SIZES[name] if name in SIZES else size_for(int(name)), seed)


def asked(problem: Problem) -> Row:
    """A problem that is solved whole: every function, compared with the naive model."""
    solution, solving = often(lambda: match(problem))
    (status, objective), slow = often(lambda: solved(problem, NAIVE_SECONDS), 3)
    assert check(problem, solution).ok  # noqa: S101 - a benchmark of wrong answers is meaningless
    assert status != "OPTIMAL" or objective == solution.objective  # noqa: S101 - both prove the same optimum
    name = problem.registrations[len(problem.registrations) // 2].id
    return common(problem, solution) | {
        "match_s": solving,
        "naive_s": slow,
        "times_faster": slow / solving,
        "highs_whole_s": often(lambda: highs_whole(problem, NAIVE_SECONDS), 3)[1],
        "alternatives_s": often(lambda: alternatives(problem, name), 3)[1],
        "bottlenecks_s": often(lambda: bottlenecks(problem), 3)[1],
        "explain_all_s": often(lambda: explain_all(problem))[1],
    }


def searched(problem: Problem, reading: float, seconds: float) -> Row:
    """A large problem: from file to checked solution within the limit, and the course of the gap."""
    course: list[tuple[float, int, int | None]] = []
    started = time.perf_counter()

    def watch(now: Progress) -> None:
        course.append((reading + time.perf_counter() - started, now.objective, now.bound))

    limit = max(seconds - reading, 0.1)
    solution, solving = timed(lambda: match(problem, time_limit=limit, watch=watch))
    peak = peak_mb()
    row = common(problem, solution) | {"match_s": solving, "over_%": 100 * max(0.0, solving / limit - 1)}
    assert check(problem, solution).ok  # noqa: S101 - a benchmark of wrong answers is meaningless
    room, bound = row.pop("room"), solution.bound
    early = max((objective for at, objective, _ in course if at <= EARLY), default=0 if course else solution.objective)
    row |= {"peak_mb": peak, "first_s": course[0][0] if course else solving}
    row |= {"left_5s_%": 100 * (bound - early) / room}  # type: ignore[operator]  # `common` refused `None`
    row["course"] = [[round(at, 2), 100 * ((limit or bound) - won) / room] for at, won, limit in course]  # type: ignore[operator]
    return row


def common(problem: Problem, solution: Any) -> Row:
    """The gap of the engine and of the greedy heuristic, relative to the gap of first come, first served."""
    assert solution.bound is not None, solution.why  # noqa: S101 - without a bound there is no measurement
    floor = sum(placement.points for placement in first_come(problem))
    greedy = sum(placement.points for placement in value_first(problem))
    room = max(1, solution.bound - floor)
    left = 100 * (solution.bound - solution.objective) / room
    row = {"optimal": int(solution.status == "optimal"), "left_%": left, "room": room, "peak_mb": peak_mb()}
    return row | ({"greedy_left_%": 100 * (solution.bound - greedy) / room} if room > 1 else {})


def often(act: Callable[[], Any], times: int = TIMES) -> tuple[Any, float]:
    """The result of the first call, and the median of the seconds of all calls."""
    runs = [timed(act) for _ in range(times)]
    return runs[0][0], median(seconds for _, seconds in runs)


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return act(), time.perf_counter() - started


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
