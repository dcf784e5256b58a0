"""`python -m bench.measure SIZE SEED SECONDS`: one generated problem, in this process; JSON on standard output."""

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.generator import SIZES, generate, size_for
from bench.naive import naive
from bench.rivals import first_come, value_first
from matching import Problem, Progress, alternatives, bottlenecks, check, explain, match, read_problem

WHOLE = {"tiny", "national"}  # sizes at which every question is asked, and the naive model solved
NAIVE_SECONDS = 60.0


def measure(name: str, seed: int, seconds: float) -> dict[str, Any]:
    data = generate(SIZES[name] if name in SIZES else size_for(int(name)), seed)
    match(read_problem(generate(SIZES["tiny"], 0)))  # imports, so that they are not measured
    problem, reading = timed(lambda: read_problem(data))
    course: list[tuple[float, int, int | None]] = []
    started = time.perf_counter()

    def watch(now: Progress) -> None:
        course.append((reading + time.perf_counter() - started, now.objective, now.bound))

    limit = None if name in WHOLE else max(seconds - reading, 0.1)
    solution, solving = timed(lambda: match(problem, time_limit=limit, watch=watch))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert check(problem, solution).ok  # noqa: S101 - a benchmark of wrong answers is none
    assert solution.bound is not None, solution.why  # noqa: S101 - as above
    floor = sum(placement.points for placement in first_come(problem))
    greedy = sum(placement.points for placement in value_first(problem))
    room = max(1, solution.bound - floor)
    row: dict[str, Any] = {"size": name, "seed": seed, "registrations": len(problem.registrations)}
    row |= {"units": len(problem.units), "read_s": reading, "match_s": solving, "peak_mb": peak}
    row |= {"optimal": int(solution.status == "optimal"), "left_%": 100 * (solution.bound - solution.objective) / room}
    row |= {"greedy_left_%": 100 * (solution.bound - greedy) / room}
    if name in WHOLE:
        row |= questions(problem, solving)
    else:
        proven = solution.bound
        row["first_s"] = course[0][0] if course else solving
        early = max((objective for at, objective, _ in course if at <= 5.0), default=floor)  # noqa: PLR2004 - the goal's five seconds
        row["left_5s_%"] = 100 * (proven - early) / room
        row["course"] = [[round(at, 2), 100 * ((bound or proven) - won) / room] for at, won, bound in course]
    return row


def questions(problem: Problem, solving: float) -> dict[str, Any]:
    """Of a problem that is solved whole: the other answers, and the naive model."""
    (status, _), slow = timed(lambda: naive(problem, NAIVE_SECONDS))
    name = problem.registrations[len(problem.registrations) // 2].id
    return {
        "naive_s": slow,
        "naive_optimal": int(status == "OPTIMAL"),
        "times_faster": slow / solving,
        "alternatives_s": timed(lambda: alternatives(problem, name))[1],
        "bottlenecks_s": timed(lambda: bottlenecks(problem))[1],
        "explain_s": timed(lambda: explain(problem, name))[1],
    }


def timed(act: Callable[[], Any]) -> tuple[Any, float]:
    started = time.perf_counter()
    return act(), time.perf_counter() - started


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))))
