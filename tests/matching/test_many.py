"""Many problems at once: in order, the same answers by every executor, and a fault stays with its problem."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from multiprocessing.pool import ThreadPool

import pytest
from msgspec.structs import replace

from matching import EngineFault, Fixed, match, match_many, write_solution
from matching.format.solution import Seconds
from tests.support.matching.problem_parts import problem, read
from tests.support.matching.random_problems import second, small

PROBLEMS = [read(second(seed) if seed % 2 else small(seed)) for seed in range(12)]


def plain(solution):
    return write_solution(replace(solution, seconds=Seconds()))


class Here:
    """The smallest executor: one after the other, in this process."""

    def map(self, call, problems):
        return map(call, problems)


@pytest.mark.parametrize(
    "executor", [lambda: nullcontext(Here()), lambda: ThreadPoolExecutor(2), lambda: ThreadPool(2)]
)
def test_many_answers_are_those_of_each_problem_in_order(executor):
    with executor() as pool:
        found = match_many(PROBLEMS, pool)
    assert [plain(solution) for solution in found] == [plain(match(asked)) for asked in PROBLEMS]


def test_without_an_executor_processes_answer():
    done = []
    found = match_many(PROBLEMS, progress=done.append)
    assert [plain(solution) for solution in found] == [plain(match(asked)) for asked in PROBLEMS]
    assert done == list(range(1, len(PROBLEMS) + 1))


def test_a_pool_of_ones_own_is_left_open():
    with ProcessPoolExecutor(1) as pool:
        assert [found.status for found in match_many(PROBLEMS[:2], pool)] == [match(p).status for p in PROBLEMS[:2]]
        assert match_many([], pool) == []


def test_a_fault_is_returned_in_its_place():
    good = read(problem())
    wrong = replace(good, fixed=(Fixed("A1", "NOPE"),))
    first, fault, last = match_many([good, wrong, good], Here())
    assert first.status == last.status == "optimal"
    assert isinstance(fault, EngineFault)
    assert "$.fixed[0].unit" in str(fault)


def test_a_limit_is_for_each_problem():
    found = match_many(PROBLEMS, Here(), time_limit=30.0)
    assert [row.objective for row in found] == [match(asked).objective for asked in PROBLEMS]
