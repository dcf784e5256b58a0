"""`python -m bench.measure SIZE SEED SECONDS CHARACTER`: measures a problem in this process, and prints JSON.

All seconds are processor time of this process, also those of the engine's time limit. So other work on the machine adds
little.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from statistics import median
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from bench.adversarial import KINDS
from bench.characters import generated
from bench.generator import SIZES, size_for
from bench.model import solved
from bench.whole import highs_whole
from matching import (
    Problem,
    Progress,
    Solution,
    advise,
    alternatives,
    bottlenecks,
    check,
    degraded,
    explain_all,
    match,
    read_problem,
    ways_out,
    write_problem,
)

WHOLE = {"tiny", "national", "national-empty"}  # sizes that are solved as a whole, with all functions measured
WHOLE_MODEL_SECONDS = 60.0
TIMES = 3  # calls of each function for these sizes, of which the median is returned
Row = dict[str, Any]


def measure(name: str, seed: int, seconds: float, character: str) -> Row:
    """Returns the figures of a problem. `seconds`: the time limit for a large problem."""
    data = given(name, seed, character)
    match(generated(SIZES["tiny"], 0, character))  # triggers imports, so that they are not measured
    problem, reading = timed(lambda: read_problem(data))
    row: Row = {"size": name, "character": character, "seed": seed, "registrations": len(problem.registrations)}
    row |= {"units": len(problem.units), "megabytes": len(data) / 1e6, "read_s": reading}
    return row | (asked(problem) if name in WHOLE else searched(problem, reading, seconds))


def given(name: str, seed: int, character: str) -> bytes:
    """Returns a problem as JSON. `name`: a size, a number of registrations, or an adversarial kind."""
    if name in KINDS:
        make, size = KINDS[name]
        return write_problem(make(size))
    return write_problem(generated(SIZES[name] if name in SIZES else size_for(int(name)), seed, character))


def asked(problem: Problem) -> Row:
    """Returns the figures of a problem that is solved as a whole: the seconds of each function of the engine, of the
    one-page model in CP-SAT, and of HiGHS.
    """
    solution, solving = often(lambda: match(problem))
    (status, objective), slow = often(lambda: solved(problem, WHOLE_MODEL_SECONDS))
    assert check(problem, solution).ok  # noqa: S101 - a benchmark of wrong answers is meaningless
    assert status != "OPTIMAL" or objective == solution.objective  # noqa: S101 - both prove the same optimum
    name = problem.registrations[len(problem.registrations) // 2].id
    return gap(problem, solution) | {
        "match_s": solving,
        "model_s": slow,
        "highs_whole_s": often(lambda: highs_whole(problem, WHOLE_MODEL_SECONDS))[1],
        "alternatives_s": often(lambda: alternatives(problem, name))[1],
        "bottlenecks_s": often(lambda: bottlenecks(problem))[1],
        "ways_out_s": often(lambda: ways_out(problem, name))[1],
        "advice_s": often(lambda: advise(problem, name, time_limit=60.0))[1],
        "explain_all_s": often(lambda: explain_all(problem))[1],
    }


def searched(problem: Problem, reading: float, seconds: float) -> Row:
    """Returns the figures of a large problem. `course`: the gap over time, in seconds since the reading of the file
    began.
    """
    course: list[tuple[float, int, int | None]] = []
    started = time.process_time()

    def watch(now: Progress) -> None:
        course.append((reading + time.process_time() - started, now.objective, now.bound))

    limit = max(seconds - reading, 0.1)
    clock = SimpleNamespace(monotonic=time.process_time)
    no_wall = patch("matching.limit.Limit.seconds", lambda _: None)  # a solver's clock includes other work
    with patch("matching.limit.time", clock), patch("matching.clock.time", clock), no_wall:
        solution, solving = timed(lambda: match(problem, time_limit=limit, watch=watch))
    peak = peak_mb()
    assert check(problem, solution).ok  # noqa: S101 - a benchmark of wrong answers is meaningless
    row = gap(problem, solution) | {"match_s": solving, "over_%": 100 * max(0.0, solving / limit - 1)}
    row |= {"limit_s": seconds, "peak_mb": peak, "first_s": course[0][0] if course else solving}
    room = max(1, row["room"])
    row["course"] = [[round(at, 2), 100 * ((limit or row["bound"]) - won) / room] for at, won, limit in course]
    return row


def gap(problem: Problem, solution: Solution) -> Row:
    """Returns the gap between the solution and the bound, in points and as a share of the *room*. The room is the
    proven bound minus the points of the simple method.
    """
    assert solution.bound is not None, solution.why  # noqa: S101 - without a bound there is no measurement
    room = solution.bound - degraded(problem, "the simple answer").objective
    row = {"optimal": int(solution.status == "optimal"), "bound": solution.bound, "room": room, "peak_mb": peak_mb()}
    points = solution.bound - solution.objective
    return row | {"gap_points": points, "left_%": 100 * points / max(1, room)}


def often(act: Callable[[], Any], times: int = TIMES) -> tuple[Any, float]:
    """Returns the result of the first call, and the median of the seconds of all calls."""
    runs = [timed(act) for _ in range(times)]
    return runs[0][0], median(seconds for _, seconds in runs)


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    started = time.process_time()
    return act(), time.process_time() - started


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4])))
